"""What the desk says of a refusal or of a decision, in the reader's language; the API says the same in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from babel.numbers import format_decimal

from console.comparing import OPS
from console.labels import label_of_path
from console.languages import N_, desks, texts, translations
from models.messages.said import AT_PATH, OF_FIELD, Listed, Said

PLAINLY: dict[str, str] = {
    "send If-Match with the ETag of the version that you are changing": N_(
        "Please open this page anew and change it again: it does not say what you have seen."
    ),
    "this object is at version {version} now; read it again before changing it": N_(
        "Somebody has changed this meanwhile. Please open it anew, and change it again."
    ),
    "The case is at version {version}, not {if_version}; read it again.": N_(
        "Somebody has changed the case meanwhile. Please open it anew."
    ),
    "the workflow engine does not answer; send the request again with the same Idempotency-Key": N_(
        "The engine behind the pages does not answer. What you asked is kept; please send it again in a moment."
    ),
    "{last} is before 'from', {first}": N_("The last day, {last}, is before the first one, {first}."),
    "The case is merged into another one: `merged_into` names it.": N_("The case was merged into another one."),
    "Close them, or resolve with cancel_open_activities.": N_(
        "Complete them first, or tick that open activities are cancelled."
    ),
    "{still_open} open activities; confirm with cancel_open_activities.": N_(
        "Open activities: {still_open}. Please tick that they are cancelled."
    ),
    "{count} open activity on child cases, which are closed too; confirm with cancel_open_activities.": N_(
        "One activity is open on child cases, which are closed too. Please tick that open activities are cancelled."
    ),
    "{count} open activities on child cases, which are closed too; confirm with cancel_open_activities.": N_(
        "{count} activities are open on child cases, which are closed too. Please tick that open activities are cancelled."
    ),
    "on the suppression list, so that no mail is sent there: {found}; a manager lifts it with DELETE"
    " /api/v1/suppressions/{first}": N_(
        "On the suppression list, so that no mail is sent there: {found}. A manager lifts it under Operations, Addresses"
        " without mail."
    ),
    "{queue!r} is none of your queues; GET /me/queues lists them": N_("{queue!r} is none of your queues"),
    "The entitlement {entitlement!r} is restricted, and {why}. Name another entitlement, or null to open the case"
    " without one, or open it with 'decrement': false, which counts on none.": N_(
        "The contract {entitlement!r} is restricted, and {why}. Choose another contract, or open the case without one."
    ),
    "The case would take a term of the entitlement {entitlement!r}, but {why}. Name another entitlement, or null to go on "
    "without one.": N_(
        "The case would take a term of the contract {entitlement!r}, but {why}. Choose another contract, or none."
    ),
    "'link' needs the organisation's 'article_url'.": N_(
        "A link needs the address of articles, which the organisation's settings do not have yet."
    ),
    "a link needs the organisation's 'article_url'": N_(
        "A link needs the address of articles, which the organisation's settings do not have yet."
    ),
    "Mail is taken in, but the IMAP server does not let it be flagged or moved: last_error says why; correct the folder or "
    "its rights, or set `after` in the mailbox's `imap`.": N_(
        "Mail is taken in, but the mail server does not let it be flagged or moved, for the reason below. Correct the folder"
        " or its rights, or choose in the mailbox's settings what becomes of mail that was taken in."
    ),
    "Letters wait, because the SMTP server does not take them: last_error says why; correct the mailbox's `smtp`. They leave "
    "by themselves once it works.": N_(
        "Letters wait, because the server for outgoing mail does not take them, for the reason given by the mailbox. Check "
        "its address and port in the mailbox's settings. Letters leave by themselves once it works."
    ),
    "Letters wait, because the SMTP server refuses this mailbox: last_error has its words. Correct the login, the right to "
    "send as its address, or wait for the quota; a changed mailbox is tried at once, else one letter at least every five "
    "minutes.": N_(
        "Letters wait, because the server for outgoing mail refuses this mailbox. Correct its login or the right to send as "
        "its address, or wait for the quota. A changed mailbox is tried at once, else one letter at least every five minutes."
    ),
    "Nobody has read it for five minutes: see that a worker runs and polls `mail-in`, and that Temporal answers (GET /healthz)"
    "; to activate it once more starts what is missing.": N_(
        "Nobody has read it for five minutes. See under Workers that one runs which reads mail, and start the reader of the "
        "mailbox."
    ),
    "The IMAP server cannot be reached, or does not do what it should: last_error says why; correct the mailbox's `imap`. It "
    "is tried again at least once a minute.": N_(
        "The server for incoming mail cannot be reached, or does not do what it should. Check that it runs, and its address "
        "and port in the mailbox's settings. It is tried again by itself, at least once a minute."
    ),
    "one of 'end' and 'further_terms' is needed": N_("Please give a later last day, further terms, or both."),
    "Close it, or resolve with cancel_open_activities.": N_(
        "Complete it first, or tick that open activities are cancelled."
    ),
    "this field is required": N_("Please fill this in."),
    "is blank": N_("Please fill this in."),
    "must not be empty": N_("Please fill this in."),
    "'customer_view' and 'help' need the 'address' at which customers reach the pages": N_(
        "The customers' own view and the help need the address at which customers reach the pages."
    ),
    "unknown field {field!r}; known: {fields}, case.custom.*, activity.fields.*": N_(
        "There is no field {field!r}. Choose one of those that are offered."
    ),
}
"""What the desk says in the words of its API, as people say it: by template."""


Written = Callable[[datetime], str]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
"""An instant as the desk writes it in a sentence."""
OF_FIELDS = (OF_FIELD, "{field} {op}", "{field} {op} {wanted}", "{field} in {time_zone}")
"""Sentences that name a field; a clause of a condition may name one with its time zone, which is a sentence itself."""
OF_MAIL = "{action}: {reason}"
OTHERWISE = {"hold": N_("hold back")}
"""What becomes of a mail, by words that a case has for something else."""
NAME_FIELDS = ("applicable_from",)
"""Places that hold the name of a field."""


def in_words(
    language: str,
    sentence: str,
    values: Mapping[str, Any] | None = None,
    *,
    instant: Written | None = None,
    room: str | None = None,
) -> str:
    """The sentence as `language` has it; English where it has no words for it. `values`: of a text of the pages' own.
    `instant`: how the reader has instants written; without it they stay as the desk gives them. `room`: of the page, whose
    words count where rooms differ."""
    text = desks(language, room).gettext
    if isinstance(sentence, Listed):
        return text(sentence.template).join(
            str(_value(language, each, instant, room)) for each in sentence.values.values()
        )
    if not isinstance(sentence, Said) or not sentence.values:
        found = text(PLAINLY.get(sentence, sentence)) if sentence else ""
        if values is None or isinstance(sentence, Said):
            return found
        return found % {
            name: in_words(language, each, instant=instant, room=room) if isinstance(each, Said) else each
            for name, each in values.items()
        }
    template = PLAINLY.get(sentence.template, sentence.template)
    if template not in texts():
        return str(sentence)  # Another release made it: nothing is filled into a text that is not ours.
    places = {name: _value(language, each, instant, room) for name, each in sentence.values.items()}
    labels = ("field",) if template in OF_FIELDS else ("path",) if template == AT_PATH else NAME_FIELDS
    if template == OF_MAIL:
        action = str(sentence.values.get("action", ""))
        places["action"] = text(OTHERWISE.get(action, action))
    if template in OF_FIELDS and "op" in places:
        op = str(sentence.values["op"])
        places["op"] = text(OPS.get(op, op))
    named = {name: sentence.values[name] for name in labels if name in sentence.values}
    places |= {
        name: labelled(language, str(field), room)
        for name, field in named.items()
        if not getattr(field, "values", None)
    }
    try:
        return text(template).format(**places)
    except (LookupError, ValueError, AttributeError):
        return str(sentence)  # The same text, and it had other places then.


def labelled(language: str, field: str, room: str | None = None) -> str:
    """What the pages call the field of a body."""
    return translations(language, room).gettext(label_of_path(field))


def _value(language: str, value: str | float, instant: Written | None, room: str | None) -> Any:
    if isinstance(value, Said):
        return in_words(language, value, instant=instant, room=room)
    if isinstance(value, str):
        return instant(datetime.fromisoformat(value)) if instant and INSTANT.fullmatch(value) else value
    return _Number(value, language)


class _Number:
    """A number in a template: as it is, or with `:,` as the language groups digits."""

    def __init__(self, value: float, language: str) -> None:
        self.value, self.language = value, language

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format_decimal(self.value, locale=self.language) if spec == "," else format(self.value, spec)
