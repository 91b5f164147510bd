"""The organisation file as checked messages: `load` says everything that can be said of a file without a database."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from desk.organisation.contracts import LAST_DAY, dated, has_its_template, of_template
from desk.organisation.entries import Entry, OrganisationFile
from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.mending import mended
from desk.organisation.whole import faults_of_whole
from desk.organisation.yaml import Document, parse
from desk.reference.unknown import did_you_mean
from models.messages.articles import ArticleEntry
from models.messages.base import Message
from models.messages.contract_templates import EntitlementEntry
from models.messages.organisation import OrganisationSettings
from models.messages.products import ProductBody
from models.messages.reference import (
    AccountBody,
    AgentBody,
    ContactBody,
    MailboxEntry,
    QueueBody,
    SubjectBody,
    TeamBody,
)
from models.messages.said import joined, said
from models.messages.storable import Path, Unstorable, check
from storage.definitions import MODELS, DefinitionKind

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
            "surveys": DefinitionKind.SURVEY,
        }.items()
    },
    "entitlement_templates": (DefinitionKind.ENTITLEMENT_TEMPLATE, MODELS[DefinitionKind.ENTITLEMENT_TEMPLATE]),
    "entitlements": ("entitlement", EntitlementEntry),
    "routing_rule_sets": (DefinitionKind.ROUTING_RULE_SET, MODELS[DefinitionKind.ROUTING_RULE_SET]),
    "assignment_rules": (DefinitionKind.ASSIGNMENT_RULE, MODELS[DefinitionKind.ASSIGNMENT_RULE]),
    "record_creation_rules": (DefinitionKind.RECORD_CREATION_RULE, MODELS[DefinitionKind.RECORD_CREATION_RULE]),
    "articles": ("article", ArticleEntry),
    "figure_reports": (DefinitionKind.FIGURE_REPORT, MODELS[DefinitionKind.FIGURE_REPORT]),
}
"""The file's lists, in the order in which they are applied: what is named comes before what names it."""

SWITCHED = frozenset({"agent", "team", "mailbox", "queue", "account", "contact", "subject", "product"})
"""Kinds of plain records, which are in use or not."""
ACTIVE = "active"
NAMELESS = "?"
"""Begins what stands for the slug of an entry that has none, or a wrong one."""
NOMINAL_DAY = date(2000, 1, 1)
"""Stands in for the day of the first apply while a file is checked."""


def load(text: str, filename: str) -> OrganisationFile:
    """Check a file by the API's own models; `OrganisationErrors` tells every fault with its line."""
    file = read(text, filename)
    if file.faults:
        raise OrganisationErrors(filename, file.faults)
    return file


def read(text: str, filename: str) -> OrganisationFile:
    """As `load`, with what is wrong in `faults`, so that the rest can be looked at as well.

    Raises `OrganisationErrors` for what is no file of this kind at all.
    """
    document = parse(text, filename)
    if not isinstance(document.value, dict):
        rule = (
            said("an organisation file is a mapping of lists, and this one is empty")
            if document.value is None
            else said("an organisation file is a mapping of lists")
        )
        raise OrganisationErrors(filename, [FileFault(1, (), rule)])
    found: list[FileFault] = list(document.faults)
    settings: OrganisationSettings | None = None
    mended: frozenset[Path] = frozenset()
    entries: list[Entry] = []
    for key, value in document.value.items():
        if key == SETTINGS:
            settings, mended = _settings(document, value, found)
        elif key in SECTIONS:
            entries += _section(document, key, value, found)
        else:
            known = (SETTINGS, *SECTIONS)
            meant = did_you_mean(key, known) or said("; known: {known}", known=joined(known))
            found.append(FileFault(document.line((key,)), (key,), said("there is no such list{meant}", meant=meant)))
    order = {kind: position for position, (kind, _) in enumerate(SECTIONS.values())}
    entries.sort(key=lambda entry: order[entry.kind])
    file = OrganisationFile(filename, document, settings, tuple(entries))
    found += faults_of_whole(file)
    return replace(file, faults=tuple(found), mended=mended)


def _settings(
    document: Document, value: Any, found: list[FileFault]
) -> tuple[OrganisationSettings | None, frozenset[Path]]:
    body, mended = _checked(document, OrganisationSettings, value, (SETTINGS,), found)
    if not isinstance(body, OrganisationSettings):
        return None, mended
    if body.slug != SETTINGS and ("slug",) not in mended:
        found.append(
            FileFault(
                document.line((SETTINGS, "slug")), (SETTINGS, "slug"), said("is always {settings!r}", settings=SETTINGS)
            )
        )
    return body, mended


def _section(document: Document, key: str, value: Any, found: list[FileFault]) -> list[Entry]:
    if value is None:
        return []
    if not isinstance(value, list):
        found.append(FileFault(document.line((key,)), (key,), said("must be a list")))
        return []
    kind, model = SECTIONS[key]
    entries: list[Entry] = []
    first: dict[str, int] = {}
    for position, given in enumerate(value):
        path: Path = (key, position)
        raw, active = _switch(document, kind, given, path, found)
        body, wrong = _checked(document, model, raw, path, found)
        if body is None:
            continue
        slug = getattr(body, "slug", None)
        if not slug and wrong:
            # It is told already; what the entry names is looked at all the same.
            entries.append(Entry(kind, f"{NAMELESS}{position}", path, body, raw, active, wrong))
        elif not isinstance(slug, str):
            found.append(FileFault(document.line(path), (*path, "slug"), said("this field is required")))
        elif slug in first:
            message = said("{slug!r} stands twice, first on line {first}", slug=slug, first=first[slug])
            found.append(FileFault(document.line((*path, "slug")), (*path, "slug"), message))
        else:
            first[slug] = document.line(path)
            entries.append(Entry(kind, slug, path, body, raw, active, wrong))
    return entries


def _switch(document: Document, kind: str, raw: Any, path: Path, found: list[FileFault]) -> tuple[Any, bool]:
    """`active: false` takes a plain record out of use; it is no field of the record itself."""
    if not isinstance(raw, dict) or ACTIVE not in raw or kind not in SWITCHED:
        return raw, True
    active = raw[ACTIVE]
    if not isinstance(active, bool):
        found.append(FileFault(document.line((*path, ACTIVE)), (*path, ACTIVE), said("must be true or false")))
    return {name: value for name, value in raw.items() if name != ACTIVE}, active is not False


def _checked(
    document: Document, model: type[Message], raw: Any, path: Path, found: list[FileFault]
) -> tuple[Message | None, frozenset[Path]]:
    """The message, with the places in it that are wrong; None where nothing can be made of it."""
    nothing: frozenset[Path] = frozenset()
    values = raw
    if not isinstance(raw, dict):
        found.append(FileFault(document.line(path), path, said("must be a mapping")))
        return None, nothing
    mended_ends: set[Path] = set()
    if model is EntitlementEntry:
        if not has_its_template(document.value, raw):
            fault = said("there is no entitlement template {raw!r} in this file", raw=raw["template"])
            found.append(FileFault(document.line((*path, "template")), (*path, "template"), fault))
            return None, nothing
        raw = of_template(document.value, raw)
        try:
            values = dated(raw, NOMINAL_DAY)
        except ValueError as error:
            found.append(FileFault(document.line((*path, "end")), (*path, "end"), str(error)))
            values = dated({**raw, "end": LAST_DAY}, NOMINAL_DAY)
            mended_ends.add(("end",))
    try:
        check(values)
    except Unstorable as error:
        found.append(FileFault(document.line((*path, *error.path)), (*path, *error.path), error.rule))
        return None, nothing
    try:
        return model.model_validate(values), frozenset(mended_ends)
    except ValidationError:
        made = mended(model, values)
    for inner, message in made.faults:
        found.append(
            FileFault(document.line((*path, *inner)), (*path, *inner), message + _word(values, inner, message))
        )
    # Never without a place, so that what was mended is never taken for what is right.
    return made.body, frozenset({(), *made.places, *mended_ends})


def _word(values: Any, path: Path, message: str) -> str:
    """`; did you mean 'escalate'?` of a word that is none of a fixed list."""
    if not message.startswith("must be '"):
        return ""
    for part in path:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return ""
    return did_you_mean(values, re.findall(r"'([^']+)'", message)) if isinstance(values, str) else ""


__all__ = ["SECTIONS", "SETTINGS", "Entry", "OrganisationFile", "dated", "load", "read"]
