"""The organisation file as checked messages: `load` says everything that can be said of a file without a database."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.yaml import Document, parse
from models.messages.base import Message
from models.messages.entitlements import EntitlementDefinition
from models.messages.faults import faults
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.messages.reference import (
    AccountBody,
    AgentBody,
    ArticleBody,
    ContactBody,
    MailboxEntry,
    ProductBody,
    QueueBody,
    SubjectBody,
    TeamBody,
)
from models.messages.storable import Path, Unstorable, check
from storage.definitions import MODELS, DefinitionKind

M = TypeVar("M", bound=Message)

SETTINGS = "organisation"

SECTIONS: dict[str, tuple[str, type[Message]]] = {
    "agents": ("agent", AgentBody),
    "teams": ("team", TeamBody),
    "mailboxes": ("mailbox", MailboxEntry),
    "queues": ("queue", QueueBody),
    "accounts": ("account", AccountBody),
    "contacts": ("contact", ContactBody),
    "subjects": ("subject", SubjectBody),
    "products": ("product", ProductBody),
    **{
        key: (kind, MODELS[kind])
        for key, kind in {
            "calendars": DefinitionKind.CALENDAR,
            "kpis": DefinitionKind.KPI,
            "templates": DefinitionKind.TEMPLATE,
            "slas": DefinitionKind.SLA,
            "processes": DefinitionKind.PROCESS,
        }.items()
    },
    "entitlements": ("entitlement", EntitlementDefinition),
    "routing_rule_sets": (DefinitionKind.ROUTING_RULE_SET, MODELS[DefinitionKind.ROUTING_RULE_SET]),
    "record_creation_rules": (DefinitionKind.RECORD_CREATION_RULE, MODELS[DefinitionKind.RECORD_CREATION_RULE]),
    "articles": ("article", ArticleBody),
}
"""The file's lists, in the order in which they are applied: what is named comes before what names it."""

TODAY = "today"
NOMINAL_DAY = date(2000, 1, 1)
"""Stands in for the day of the first apply while a file is checked."""

_LENGTH = re.compile(r"\+\s*(\d{1,4})\s*(day|week|month|year)s?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of a list: its kind and slug, the path in the file, the message, and the values as written."""

    kind: str
    slug: str
    path: Path
    body: Message
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrganisationFile:
    """A whole file, whose every message holds for itself. `errors` turns later findings into lines of it."""

    filename: str
    document: Document
    settings: OrganisationSettings | None
    entries: tuple[Entry, ...]

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def having(self, model: type[M]) -> Iterable[tuple[Entry, M]]:
        """The entries whose message is of this model, with it."""
        return ((entry, entry.body) for entry in self.entries if isinstance(entry.body, model))

    def fault(self, path: Path, message: str) -> FileFault:
        return FileFault(self.document.line(path), path, message)

    def errors(self, found: Iterable[FileFault]) -> OrganisationErrors:
        return OrganisationErrors(self.filename, found)


def load(text: str, filename: str) -> OrganisationFile:
    """Check a file by the API's own models; `OrganisationErrors` tells every fault with its line."""
    document = parse(text, filename)
    if not isinstance(document.value, dict):
        raise OrganisationErrors(filename, [FileFault(1, (), "an organisation file is a mapping of lists")])
    found: list[FileFault] = []
    settings: OrganisationSettings | None = None
    entries: list[Entry] = []
    for key, value in document.value.items():
        if key == SETTINGS:
            settings = _settings(document, value, found)
        elif key in SECTIONS:
            entries += _section(document, key, value, found)
        else:
            known = ", ".join((SETTINGS, *SECTIONS))
            found.append(FileFault(document.line((key,)), (key,), f"there is no such list; known: {known}"))
    order = {kind: position for position, (kind, _) in enumerate(SECTIONS.values())}
    entries.sort(key=lambda entry: order[entry.kind])
    file = OrganisationFile(filename, document, settings, tuple(entries))
    found += _rivals(file)
    if found:
        raise OrganisationErrors(filename, found)
    return file


def dated(raw: Mapping[str, Any], today: date) -> dict[str, Any]:
    """An entitlement's values with real dates: `start: today`, and `end: +1 year`, which ends the day before its date.

    `ValueError` for a length that is none.
    """
    values = dict(raw)
    if values.get("start") == TODAY:
        values["start"] = today
    end = values.get("end")
    if isinstance(end, str) and end.lstrip().startswith("+"):
        length = _LENGTH.fullmatch(end.strip())
        if length is None:
            raise ValueError(f"{end!r} is no length; write for example '+1 year', '+6 months', '+90 days'")
        start = values.get("start")
        start = date.fromisoformat(start) if isinstance(start, str) else start
        if isinstance(start, date):
            values["end"] = _later(start, int(length[1]), length[2]) - timedelta(days=1)
    return values


def _later(start: date, amount: int, unit: str) -> date:
    if unit in ("day", "week"):
        return start + timedelta(days=amount * (7 if unit == "week" else 1))
    months = start.year * 12 + start.month - 1 + amount * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if year > date.max.year:
        raise ValueError(f"'+{amount} {unit}' leads beyond the calendar")
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _settings(document: Document, value: Any, found: list[FileFault]) -> OrganisationSettings | None:
    body = _checked(document, OrganisationSettings, value, (SETTINGS,), found)
    if isinstance(body, OrganisationSettings):
        if body.slug == SETTINGS:
            return body
        found.append(FileFault(document.line((SETTINGS, "slug")), (SETTINGS, "slug"), f"is always {SETTINGS!r}"))
    return None


def _section(document: Document, key: str, value: Any, found: list[FileFault]) -> list[Entry]:
    if value is None:
        return []
    if not isinstance(value, list):
        found.append(FileFault(document.line((key,)), (key,), "must be a list"))
        return []
    kind, model = SECTIONS[key]
    entries: list[Entry] = []
    first: dict[str, int] = {}
    for position, raw in enumerate(value):
        path: Path = (key, position)
        body = _checked(document, model, raw, path, found)
        if body is None:
            continue
        slug = getattr(body, "slug", None)
        if not isinstance(slug, str):
            found.append(FileFault(document.line(path), (*path, "slug"), "this field is required"))
        elif slug in first:
            message = f"{slug!r} stands twice, first on line {first[slug]}"
            found.append(FileFault(document.line((*path, "slug")), (*path, "slug"), message))
        else:
            first[slug] = document.line(path)
            entries.append(Entry(kind, slug, path, body, raw))
    return entries


def _checked(document: Document, model: type[Message], raw: Any, path: Path, found: list[FileFault]) -> Message | None:
    values = raw
    if not isinstance(raw, dict):
        found.append(FileFault(document.line(path), path, "must be a mapping"))
        return None
    try:
        if model is EntitlementDefinition:
            values = dated(raw, NOMINAL_DAY)
    except ValueError as error:
        found.append(FileFault(document.line((*path, "end")), (*path, "end"), str(error)))
        return None
    try:
        check(values)
    except Unstorable as error:
        found.append(FileFault(document.line((*path, *error.path)), (*path, *error.path), error.rule))
        return None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for inner, message in faults(error, values):
            found.append(FileFault(document.line((*path, *inner)), (*path, *inner), message))
        return None


def _rivals(file: OrganisationFile) -> Iterable[FileFault]:
    """Entries of which only one can be in force: applied twice, such a file would never come to rest."""
    for entry in file.of(DefinitionKind.ROUTING_RULE_SET)[1:]:
        yield file.fault((*entry.path, "slug"), "only one routing rule set can be active (domain 5.1)")
    rule_of: dict[str, str] = {}
    for entry, rule in file.having(RecordCreationRule):
        if rule.queue in rule_of:
            message = f"the rule {rule_of[rule.queue]!r} already watches this queue (domain 6.1)"
            yield file.fault((*entry.path, "queue"), message)
        rule_of.setdefault(rule.queue, entry.slug)
    mailbox_of: dict[str, str] = {}
    for entry, mailbox in file.having(MailboxEntry):
        for field, address in _addresses(mailbox):
            if address in mailbox_of:
                yield file.fault(
                    (*entry.path, *field), f"{address!r} is an address of the mailbox {mailbox_of[address]!r}"
                )
            mailbox_of.setdefault(address, entry.slug)
    default_of: dict[tuple[str | None, str | None], str] = {}
    for entry, contract in file.having(EntitlementDefinition):
        customer = contract.account, contract.contact
        if contract.default and customer in default_of:
            message = f"{default_of[customer]!r} is already this customer's default (domain 3.5)"
            yield file.fault((*entry.path, "default"), message)
        if contract.default:
            default_of.setdefault(customer, entry.slug)


def _addresses(mailbox: MailboxEntry) -> Iterable[tuple[Path, str]]:
    yield ("address",), mailbox.address
    for position, alias in enumerate(mailbox.addresses):
        yield ("addresses", position, "address"), alias.address
