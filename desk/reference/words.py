"""What a body says that could never be done: asked when it comes into force, so that nothing is accepted and ignored.

Words that no list of the organisation has; data steps that nobody can fill; ways that lead nowhere; settings that
count only beside another. A draft may still say such things, and what was stored before is read back all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from babel.numbers import list_currencies
from pydantic import BaseModel

from desk.reference.clauses import clause_faults
from desk.reference.phones import phone_faults
from desk.reference.process_faults import actions_of, process_faults
from desk.reference.sla_faults import sla_actions, sla_faults
from desk.reference.unknown import unknown_word
from desk.reference.unseen import unseen
from models.messages.calendars import Calendar
from models.messages.case_fields import BY_NAME
from models.messages.entitlements import ContractTerms
from models.messages.languages import normal, unknown_language
from models.messages.organisation import EMAIL, OrganisationSettings
from models.messages.processes import ProcessDefinition
from models.messages.record_creation import MAIL, MAIL_ALONE, CreationAction, CreationItem, RecordCreationRule
from models.messages.reference import AccountBody, AgentBody, ContactBody
from models.messages.routing import RoutingRuleSet
from models.messages.said import said
from models.messages.slas import SlaDefinition
from models.messages.storable import Path, line_fault
from models.messages.surveys import SurveyDefinition
from models.messages.templates import MailTemplate
from policies.phone_numbers import COUNTRIES

ENGINES_OWN = {"in-progress": "active", "cancelled": "cancelled", "merged": "cancelled"}
"""Status reasons that the engine itself gives, each with the state that it means by it."""


BY_DEFAULT: tuple[str, ...] = OrganisationSettings.model_fields["first_response_channels"].default
CURRENCIES = frozenset(list_currencies())
"""Those of ISO 4217, of today and of yesterday."""


class WrongWord(NamedTuple):
    path: Path
    rule: str


def wrong_words(body: BaseModel, organisation: OrganisationSettings) -> Iterator[WrongWord]:
    """The faults of a body under these settings; of the settings themselves, if they are the body."""
    for path, rule in _faults(body, organisation):
        yield WrongWord(path, rule)
    for path, rule in clause_faults(body, organisation):
        yield WrongWord(path, rule)
    for path, rule, _ in unseen(body):
        yield WrongWord(path, rule)
    for path, field, word in _named(body):
        words: tuple[str, ...] = getattr(organisation, BY_NAME[field].words or "")
        if word is not None and word not in words:
            yield WrongWord(path, unknown_word(word, words))


def _faults(body: BaseModel, organisation: OrganisationSettings) -> Iterator[tuple[Path, str]]:
    match body:
        case ProcessDefinition():
            yield from process_faults(body)
        case SlaDefinition():
            yield from sla_faults(body)
        case RecordCreationRule():
            yield from _of_rule(body, organisation)
        case RoutingRuleSet():
            yield from _shadowed(
                "rules", [rule.name for rule in body.rules], [rule.when is None for rule in body.rules]
            )
        case Calendar():
            for key, listed in (("holidays", body.holidays), ("changed_days", body.changed_days)):
                days = [each.date for each in listed]
                for position, day in enumerate(days):
                    if day in days[:position]:
                        yield (key, position, "date"), said("{day} is listed twice", day=day)
        case MailTemplate():
            yield from _languages(("texts",), body.texts)
            for language, text in body.texts.items():
                if len(text.subject.strip().splitlines()) > 1:
                    yield ("texts", language, "subject"), said("is one line")
                elif (rule := line_fault(text.subject)) is not None:
                    yield ("texts", language, "subject"), rule
        case SurveyDefinition():
            yield from _languages(("question",), body.question)
        case AccountBody() | ContactBody():
            yield from phone_faults(body.phones, organisation.country)
        case OrganisationSettings():
            yield from _of_organisation(body)
            yield from _languages(("pages", "words"), body.pages.words)
        case _:
            pass  # Its own model says all of it.


def _languages(path: Path, texts: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Languages by which texts are kept: each is one that there is, in its usual form."""
    for language in texts:
        known = normal(language)
        if known is None:
            yield (*path, language), unknown_language(language)
        elif known != language:
            yield (*path, language), said("is {known!r} once more", known=known)


# ---- rules -----------------------------------------------------------------------------------------------------------


def _of_rule(body: RecordCreationRule, organisation: OrganisationSettings) -> Iterator[tuple[Path, str]]:
    if body.source == MAIL:
        if body.origin is not None:
            yield (
                ("origin",),
                said("is given with a 'source' that is an activity type alone: mail opens cases of origin email"),
            )
    else:
        if body.source not in organisation.activity_types:
            yield ("source",), unknown_word(body.source, (MAIL, *organisation.activity_types))
        for field in MAIL_ALONE:
            if getattr(body, field):
                yield (field,), said("is about mail alone: an activity arrives without a case")
        for position, item in enumerate(body.items):
            if item.action is CreationAction.REOPEN:
                yield ("items", position, "action"), said("is about mail alone: an activity arrives without a case")
    if body.resolved_window_minutes is not None and not body.new_case_after_resolved:
        yield ("resolved_window_minutes",), said("counts with 'new_case_after_resolved' alone")
    always = [item.when is None and item.action is not CreationAction.REOPEN for item in body.items]
    yield from _shadowed("items", [item.name for item in body.items], always)
    for position, item in enumerate(body.items):
        if item.action is not CreationAction.OPEN_CASE:
            for field in OF_NEW_CASES:
                if getattr(item, field) is not None:
                    yield ("items", position, field), said("is given with 'action: open-case' alone")


OF_NEW_CASES = tuple(name for name in CreationItem.model_fields if name not in ("name", "when", "action"))


def _shadowed(field: str, called: Sequence[str], always: Sequence[bool]) -> Iterator[tuple[Path, str]]:
    """The first match wins: what stands below one that always matches is never asked."""
    if any(always):
        first = always.index(True)
        for position in range(first + 1, len(called)):
            yield (field, position), said("is never asked: {called!r} above it always matches", called=called[first])


# ---- the organisation ------------------------------------------------------------------------------------------------


def _of_organisation(body: OrganisationSettings) -> Iterator[tuple[Path, str]]:
    if body.country is not None and body.country not in COUNTRIES:
        yield ("country",), unknown_word(body.country, tuple(sorted(COUNTRIES)))
    if body.currency not in CURRENCIES:
        yield ("currency",), said("{currency!r} is no currency of ISO 4217, such as EUR", currency=body.currency)
    reasons = tuple(reason.slug for reason in body.status_reasons)
    for position, reason in enumerate(body.status_reasons):
        means = ENGINES_OWN.get(reason.slug)
        if means is not None and reason.status != means:
            yield (
                ("status_reasons", position, "status"),
                said("the engine itself means {means!r} by {reason!r}", means=means, reason=reason.slug),
            )
        if reason.pauses and reason.status != "active":
            yield ("status_reasons", position, "pauses"), said("only a reason of active cases can pause their clocks")
        for place, following in enumerate(reason.next or ()):
            if following not in reasons:
                yield ("status_reasons", position, "next", place), unknown_word(following, reasons)
    if normal(body.language) is None:
        yield ("language",), unknown_language(body.language)
    if not any(reason.status == "resolved" for reason in body.status_reasons):
        yield ("status_reasons",), said("a case needs a reason with 'status: resolved' to be resolved with")
    for field in ("origins", "priorities", "case_types", "activity_types", "skills"):
        yield from _twice((field,), getattr(body, field))
    yield from _twice(("status_reasons",), [reason.slug for reason in body.status_reasons])
    yield from _twice(("activity_details",), [kind.slug for kind in body.activity_details])
    for position, kind in enumerate(body.activity_details):
        if kind.slug not in body.activity_types:
            yield ("activity_details", position, "slug"), unknown_word(kind.slug, body.activity_types)
    needed_words = {"origins": ("email",), "priorities": ("normal",), "status_reasons": tuple(ENGINES_OWN)}
    for field, needed_here in needed_words.items():
        for needed in needed_here:
            if needed not in (reasons if field == "status_reasons" else getattr(body, field)):
                yield (field,), said("{needed!r} is needed by the engine itself", needed=needed)
    # Those that are there by default need no activity type of their name.
    channels = (EMAIL, *body.activity_types)
    for position, channel in enumerate(body.first_response_channels):
        if channel not in (*channels, *BY_DEFAULT):
            yield ("first_response_channels", position), unknown_word(channel, channels)
    contacts = tuple(dict.fromkeys((*body.origins, *body.activity_types)))
    for channel in body.contact_costs:
        if channel not in contacts:
            yield ("contact_costs", channel), unknown_word(channel, contacts)
    for field in ("article_url", "case_url"):
        pattern = getattr(body, field)
        if pattern is not None and "{number}" not in pattern:
            yield (field,), said("needs the placeholder {number}: without it every address is the same")
        elif pattern is not None and not pattern.lower().startswith(("https://", "http://")):
            yield (field,), said("begins with https:// or http://: it is a link in a mail")


def _twice(path: Path, words: Sequence[str]) -> Iterator[tuple[Path, str]]:
    for position, word in enumerate(words):
        if word in words[:position]:
            yield (*path, position), said("{word!r} is listed twice", word=word)


# ---- words of the organisation's lists -------------------------------------------------------------------------------


def _named(body: Any) -> Iterator[tuple[Path, str, str | None]]:
    match body:
        case RecordCreationRule():
            yield ("origin",), "origin", body.origin
            for position, item in enumerate(body.items):
                yield ("items", position, "priority"), "priority", item.priority
                yield ("items", position, "case_type"), "case_type", item.case_type
        case AgentBody():
            for skill in body.skills:
                yield ("skills", skill), "skills", skill
        case RoutingRuleSet():
            for position, rule in enumerate(body.rules):
                for skill in rule.skills:
                    yield ("rules", position, "skills", skill), "skills", skill
        case SlaDefinition():
            for path, action in sla_actions(body):
                yield (*path, "value"), "priority", action.value
                yield from _given(path, action.values)
        case ContractTerms():
            for position, channel in enumerate(body.channels):
                yield ("channels", position, "origin"), "origin", channel.origin
        case ProcessDefinition():
            for stage, each in enumerate(body.stages):
                for position, step in enumerate(each.steps):
                    field = BY_NAME.get(step.field)
                    if field is not None and field.words is not None:
                        for place, choice in enumerate(step.choices):
                            yield ("stages", stage, "steps", position, "choices", place), field.name, choice
            for path, done in actions_of(body):
                yield from _given(path, done.values)
        case _:
            pass  # It names no word of the organisation's lists.


def _given(path: Path, values: Mapping[str, object]) -> Iterator[tuple[Path, str, str]]:
    """The words that an action sets."""
    for name, value in values.items():
        known = BY_NAME.get(name)
        if known is not None and known.words is not None and isinstance(value, str):
            yield (*path, "values", name), name, value
