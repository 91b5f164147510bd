"""Which other records a body names, and where: one list for the API, for activation and for organisation files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.reference.clauses import STAGE, asked_records
from desk.reference.process_faults import actions_of
from desk.reference.sla_faults import sla_actions
from models.messages.articles import ArticleBody
from models.messages.assignment import AssignmentRule
from models.messages.case_fields import BY_NAME
from models.messages.contract_templates import EntitlementTemplate
from models.messages.entitlements import ContractTerms, EntitlementDefinition
from models.messages.figures import FigureReport
from models.messages.notices import team_of
from models.messages.organisation import OrganisationSettings
from models.messages.process_actions import ProcessAction
from models.messages.processes import ProcessDefinition
from models.messages.products import ProductBody
from models.messages.record_creation import RecordCreationRule
from models.messages.reference import (
    AccountBody,
    AgentBody,
    ContactBody,
    MailboxSettings,
    QueueBody,
    SubjectBody,
    TeamBody,
)
from models.messages.routing import RoutingRuleSet
from models.messages.said import said, word
from models.messages.sla_actions import SlaStepAction
from models.messages.slas import SlaDefinition
from models.messages.storable import Path, path_text
from models.messages.surveys import SurveyDefinition
from models.messages.work_hours import ALWAYS
from models.records import reference as tables
from models.records.articles import Article
from models.records.base import keyed
from storage.definitions import DefinitionKind

TABLES: dict[str, Any] = {
    "agent": tables.Agent,
    "team": tables.Team,
    "queue": tables.Queue,
    "account": tables.Account,
    "contact": tables.Contact,
    "product": tables.Product,
    "subject": tables.Subject,
    "mailbox": tables.Mailbox,
    "entitlement": tables.Entitlement,
    "article": Article,
}


class Reference(NamedTuple):
    """A record named in a body: the field, the kind of record and its slug."""

    path: Path
    kind: str
    slug: str


def references(body: BaseModel) -> Iterator[Reference]:
    """Everything that a body names, in its conditions too; fields that are left empty name nothing."""
    for path, kind, slug in (*_named(body), *asked_records(body)):
        if slug is not None:
            yield Reference(path, kind, slug)


def _named(body: BaseModel) -> Iterator[tuple[Path, str, str | None]]:
    match body:
        case AgentBody():
            yield ("calendar",), DefinitionKind.CALENDAR, body.calendar
        case TeamBody():
            yield from _each("members", "agent", body.members)
        case QueueBody():
            yield ("owner",), "agent", body.owner
            yield from _each("members", "agent", body.members)
            yield from _each("teams", "team", body.teams)
            yield ("mailbox",), "mailbox", body.mailbox
            yield ("default_of_agent",), "agent", body.default_of_agent
            yield ("default_of_team",), "team", body.default_of_team
        case AccountBody():
            yield ("parent",), "account", body.parent
        case ContactBody():
            yield ("account",), "account", body.account
        case ProductBody():
            yield ("family",), "product", body.family
            yield from _each("products", "product", body.products)
        case SubjectBody():
            yield ("parent",), "subject", body.parent
        case MailboxSettings():
            yield ("queue",), "queue", body.queue
            for position, alias in enumerate(body.addresses):
                yield ("addresses", position, "queue"), "queue", alias.queue
        case ArticleBody():
            yield ("subject",), "subject", body.subject
            yield from _each("products", "product", body.products)
        case EntitlementDefinition():
            yield ("account",), "account", body.account
            yield ("contact",), "contact", body.contact
            yield from _each("contacts", "contact", body.contacts)
            yield from _of_terms(body)
        case EntitlementTemplate():
            yield from _of_terms(body)
        case OrganisationSettings():
            yield ("figures_calendar",), DefinitionKind.CALENDAR, _calendar(body.figures_calendar)
            yield ("default_sla",), DefinitionKind.SLA, body.default_sla
            yield ("default_process",), DefinitionKind.PROCESS, body.default_process
            for position, notice in enumerate(body.notices):
                yield ("notices", position, "to"), "team", team_of(notice.to)
                yield ("notices", position, "template"), DefinitionKind.TEMPLATE, notice.template
            for field in ("digest_template", "invitation_template", "reset_template"):
                yield (field,), DefinitionKind.TEMPLATE, getattr(body, field)
        case SlaDefinition():
            yield from _of_sla(body)
        case RoutingRuleSet():
            for position, rule in enumerate(body.rules):
                yield ("rules", position, "queue"), "queue", rule.queue
                yield ("rules", position, "agent"), "agent", rule.agent
                yield ("rules", position, "team"), "team", rule.team
                yield ("rules", position, "sla"), DefinitionKind.SLA, rule.sla
        case AssignmentRule():
            yield ("queue",), "queue", body.queue
            if body.overflow is not None:
                yield ("overflow", "out_of_hours"), DefinitionKind.CALENDAR, body.overflow.out_of_hours
                for place, slug in enumerate(body.overflow.to):
                    yield ("overflow", "to", place), "queue", slug
        case FigureReport():
            yield ("queue",), "queue", body.queue
        case ProcessDefinition():
            yield from _of_process(body)
        case SurveyDefinition():
            yield ("template",), DefinitionKind.TEMPLATE, body.template
            for position, asked in enumerate(body.rules):
                yield ("rules", position, "notify"), "team", team_of(asked.notify)
                yield ("rules", position, "template"), DefinitionKind.TEMPLATE, asked.template
        case RecordCreationRule():
            yield ("queue",), "queue", body.queue
            yield ("auto_reply_template",), DefinitionKind.TEMPLATE, body.auto_reply_template
            yield ("owner",), "agent", body.owner
            for position, item in enumerate(body.items):
                yield ("items", position, "subject"), "subject", item.subject
                yield ("items", position, "product"), "product", item.product
                yield ("items", position, "sla"), DefinitionKind.SLA, item.sla
        case _:
            pass  # It names nothing.


def _of_sla(body: SlaDefinition) -> Iterator[tuple[Path, str, str | None]]:
    yield ("calendar",), DefinitionKind.CALENDAR, _calendar(body.calendar)
    for position, item in enumerate(body.items):
        yield ("items", position, "kpi"), DefinitionKind.KPI, item.kpi
        yield ("items", position, "business_hours"), DefinitionKind.CALENDAR, _calendar(item.business_hours)
    for path, action in sla_actions(body):
        yield from _of_action(path, action)


def _of_action(path: Path, action: ProcessAction | SlaStepAction) -> Iterator[tuple[Path, str, str | None]]:
    yield (*path, "template"), DefinitionKind.TEMPLATE, action.template
    yield (*path, "to"), "team", team_of(action.to)
    yield (*path, "agent"), "agent", action.agent
    yield (*path, "team"), "team", action.team
    yield (*path, "queue"), "queue", action.queue
    yield (*path, "sla"), DefinitionKind.SLA, action.sla
    for name, value in action.values.items():
        field = BY_NAME.get(name)
        if field is not None and field.record is not None and isinstance(value, str):
            yield (*path, "values", name), field.record, value


def _of_terms(body: ContractTerms) -> Iterator[tuple[Path, str, str | None]]:
    yield ("owner",), "agent", body.owner
    yield ("sla",), DefinitionKind.SLA, body.sla
    yield from _each("products", "product", body.products)
    for position, warning in enumerate(body.warnings):
        yield ("warnings", position, "to"), "team", team_of(warning.to)
        yield ("warnings", position, "template"), DefinitionKind.TEMPLATE, warning.template


def _of_process(body: ProcessDefinition) -> Iterator[tuple[Path, str, str | None]]:
    """A step that lets people choose among records offers only such as there are."""
    for stage, each in enumerate(body.stages):
        for position, step in enumerate(each.steps):
            field = BY_NAME.get(step.field)
            if field is not None and field.step and field.record is not None:
                for place, choice in enumerate(step.choices):
                    yield ("stages", stage, "steps", position, "choices", place), field.record, choice
    for path, action in actions_of(body):
        yield from _of_action(path, action)


def _calendar(slug: str | None) -> str | None:
    return None if slug == ALWAYS else slug


def _each(field: str, kind: str, slugs: Iterable[str]) -> Iterator[tuple[Path, str, str]]:
    for position, slug in enumerate(slugs):
        yield (field, position), kind, slug


class Names:
    """Looks records up by slug or id, remembering what it found for the length of one edit."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._found: dict[tuple[str, str], UUID] = {}
        self._expected: set[tuple[str, str]] = set()

    def expect(self, kind: str, slug: str) -> None:
        """Let `check` pass a record that this same transaction is about to make (queue and mailbox name each other)."""
        self._expected.add((kind, slug))

    async def find(self, kind: str, key: str) -> UUID | None:
        """The id of an active record or a definition's active version; articles and contracts count in any state."""
        if (known := self._found.get((kind, key))) is not None:
            return known
        if kind == STAGE:
            return await self._stage(key)
        if kind in TABLES:
            table = TABLES[kind]
            wanted = select(table.id).where(keyed(table, key))
            if hasattr(table, "active"):
                wanted = wanted.where(table.active)
        else:
            table = tables.DefinitionRecord
            wanted = select(table.id).where(table.kind == kind, table.slug == key, table.status == "active")
        found: UUID | None = await self._session.scalar(wanted)
        if found is not None:
            self._found[kind, key] = found
        return found

    async def _stage(self, slug: str) -> UUID | None:
        """The id of an active process that has such a stage."""
        active = select(tables.DefinitionRecord).where(
            tables.DefinitionRecord.kind == DefinitionKind.PROCESS, tables.DefinitionRecord.status == "active"
        )
        for row in await self._session.scalars(active):
            if any(stage["slug"] == slug for stage in row.body["stages"]):
                return row.id
        return None

    async def require(self, kind: str, key: str | None, field: str) -> UUID | None:
        """The id behind a field that may be empty; `Invalid` if it names nothing."""
        if key is None:
            return None
        found = await self.find(kind, key)
        if found is None:
            raise Invalid(field, said("there is no active {kind} {key!r}", kind=word(kind), key=key))
        return found

    async def check(self, body: BaseModel) -> None:
        """`Invalid` on the first field that names nothing."""
        for reference in references(body):
            if (reference.kind, reference.slug) not in self._expected:
                await self.require(reference.kind, reference.slug, path_text(reference.path))

    async def out_of_use(self, old: Iterable[Reference], new: Iterable[Reference]) -> list[tuple[str, str, UUID]]:
        """Of records that a field named before and still does, those that are there and cannot be named anew, with
        their kind, slug and id."""
        found: list[tuple[str, str, UUID]] = []
        before = {(path[0], kind, slug) for path, kind, slug in old}
        for _, kind, slug in before & {(path[0], kind, slug) for path, kind, slug in new}:
            if kind in TABLES and await self.find(kind, slug) is None:
                id = await self._session.scalar(select(TABLES[kind].id).where(keyed(TABLES[kind], slug)))
                found += [(kind, slug, id)] if id is not None else []
        return found

    @contextmanager
    def keeping(self, kind: str, key: str | None, id: UUID | None) -> Iterator[None]:
        """While one record is changed that still names what it named, and may be out of use by now. None: it names another."""
        if key is None or id is None:
            yield
            return
        self._found[kind, key] = id
        try:
            yield
        finally:
            self.forget(kind, key)

    def forget(self, kind: str, key: str) -> None:
        self._found.pop((kind, key), None)


async def slugs_of(session: AsyncSession, kind: str, ids: Iterable[UUID | None]) -> dict[UUID | None, str | None]:
    """Slugs by id, the id itself for a record without one; None stays None."""
    table = TABLES[kind]
    wanted = {id for id in ids if id is not None}
    found: dict[UUID | None, str | None] = {None: None}
    if wanted:
        rows = await session.execute(select(table.id, table.slug).where(table.id.in_(wanted)))
        found.update((id, slug or str(id)) for id, slug in rows)
    return found
