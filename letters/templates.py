"""Templates of the organisation: in which language, with what facts, and rendered (email promise 13)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from letters.words import personal_name, your_message
from models.messages.languages import wider
from models.messages.mail_facts import SenderProof
from models.messages.organisation import OrganisationSettings
from models.messages.templates import MailTemplate, TemplateText
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Contact
from policies.zones import zone

COMPILED_TEMPLATES = 200

Facts = dict[str, dict[str, str]]


class CannotRender(ValueError):
    """What a template says cannot be said of this case; the text of the error is for people."""


class Rendered(NamedTuple):
    subject: str
    text: str
    html: str | None


class Templates:
    """Renders; compiling takes longer than rendering, and a template's text changes once in months."""

    def __init__(self) -> None:
        self._plain = lru_cache(maxsize=COMPILED_TEMPLATES)(_environment(escaped=False).from_string)
        self._rich = lru_cache(maxsize=COMPILED_TEMPLATES)(_environment(escaped=True).from_string)

    def render(self, text: TemplateText, facts: Facts) -> Rendered:
        try:
            return Rendered(
                self._plain(text.subject).render(facts),
                self._plain(text.body).render(facts).rstrip(),
                None if text.html is None else self._rich(text.html).render(facts),
            )
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise CannotRender(f"the template cannot be rendered: {error}") from None


def _environment(*, escaped: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=escaped, keep_trailing_newline=True)


def in_language(template: MailTemplate, wanted: str | None, fallback: str) -> tuple[str, TemplateText]:
    """The reader's language, a wider one (`de` for `de-AT`), the organisation's, and whatever there is; with its name."""
    for language in (*wider(wanted or fallback), *wider(fallback)):
        if language in template.texts:
            return language, template.texts[language]
    return next(iter(template.texts.items()))


def case_facts(
    case: Case,
    title: str,
    contact: Contact | None,
    owner: str,
    queue: str | None,
    organisation: OrganisationSettings,
    *,
    link: bool = False,
) -> Facts:
    """What every template may speak of. `title`: the case's, or what stands for it where it is a stranger's text."""
    return {
        "case": {
            "number": case.number,
            "title": title,
            "link": link_to(case, organisation) if link else "",
            "customer_link": "",
        },
        "contact": {"name": contact.name if contact and is_verified(contact) else ""},
        "owner": {"name": owner},
        "queue": {"name": queue or organisation.name},
        "organisation": {"name": organisation.name},
    }


def mail_facts(mail: EmailMessage, contact: Contact | None, language: str, *, verified: bool) -> Facts:
    """What an answer to a mail may speak of besides, in words of its own language. Promise 13: nothing that an unverified
    sender wrote. What a form brings may be a stranger's, whomever it names."""
    proven = verified or mail.sender_proof == SenderProof.PROVEN
    return {
        "contact": {"name": contact.name if contact and verified else mail.sender},
        "mail": {
            "subject": mail.subject if verified else your_message(language),
            "sender_name": personal_name(mail.sender_name or "") if proven else "",
        },
    }


def is_verified(contact: Contact | None) -> bool:
    """A contact without slug was made from a mail: nobody has vouched for what it calls itself."""
    return contact is not None and contact.slug is not None


def link_to(case: Case, organisation: OrganisationSettings) -> str:
    """Where people of the house open the case; empty without the organisation's `case_url`."""
    return (organisation.case_url or "").replace("{number}", case.number)


def shown_in(instant: datetime, key: str) -> str:
    """`2026-03-02 09:15 CET`, by the clock of a zone."""
    return f"{instant.astimezone(zone(key)):%Y-%m-%d %H:%M %Z}"
