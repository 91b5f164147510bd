"""Versioned definitions: one JSON document each, validated by the message model of its kind."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import String, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.assignment import AssignmentRule
from models.messages.base import Message
from models.messages.calendars import Calendar
from models.messages.contract_templates import EntitlementTemplate
from models.messages.figures import FigureReport
from models.messages.organisation import OrganisationSettings
from models.messages.processes import ProcessDefinition
from models.messages.reading_back import read_back
from models.messages.record_creation import RecordCreationRule
from models.messages.routing import RoutingRuleSet
from models.messages.slas import KpiDefinition, SlaDefinition
from models.messages.surveys import SurveyDefinition
from models.messages.templates import MailTemplate
from models.records.reference import DefinitionRecord


class DefinitionKind(StrEnum):
    ORGANISATION = "organisation"
    CALENDAR = "calendar"
    KPI = "kpi"
    SLA = "sla"
    ROUTING_RULE_SET = "routing-rule-set"
    ASSIGNMENT_RULE = "assignment-rule"
    RECORD_CREATION_RULE = "record-creation-rule"
    PROCESS = "process"
    TEMPLATE = "template"
    ENTITLEMENT_TEMPLATE = "entitlement-template"
    SURVEY = "survey"
    FIGURE_REPORT = "figure-report"


MODELS: dict[DefinitionKind, type[Message]] = {
    DefinitionKind.ORGANISATION: OrganisationSettings,
    DefinitionKind.CALENDAR: Calendar,
    DefinitionKind.KPI: KpiDefinition,
    DefinitionKind.SLA: SlaDefinition,
    DefinitionKind.ROUTING_RULE_SET: RoutingRuleSet,
    DefinitionKind.ASSIGNMENT_RULE: AssignmentRule,
    DefinitionKind.RECORD_CREATION_RULE: RecordCreationRule,
    DefinitionKind.PROCESS: ProcessDefinition,
    DefinitionKind.TEMPLATE: MailTemplate,
    DefinitionKind.ENTITLEMENT_TEMPLATE: EntitlementTemplate,
    DefinitionKind.SURVEY: SurveyDefinition,
    DefinitionKind.FIGURE_REPORT: FigureReport,
}

M = TypeVar("M", bound=Message)

IN_FORCE = "definitions in force"
"""Where a session keeps what it found active."""
FINGERPRINT = "definitions' fingerprint"
"""Where a session keeps `ACTIVE_FINGERPRINT`, if it has read it along with something else."""


# The word and the comma as they stand: as parameters they would cost more than all the rest of the statement, because
# SQLite plans anew, each time, what may use an index of rows in one state, and SQLAlchemy writes the text anew.
IS_ACTIVE = DefinitionRecord.status == literal_column("'active'")
COMMA: Any = literal_column("','")
ACTIVE_FINGERPRINT = (
    select(func.aggregate_strings(cast(DefinitionRecord.id, String), COMMA)).where(IS_ACTIVE).scalar_subquery()
)
"""The keys of all that is active, as a column of a statement that is sent anyway, so that no further statement is needed."""
ACTIVE_KEYS = select(DefinitionRecord.id, DefinitionRecord.kind, DefinitionRecord.slug).where(IS_ACTIVE)


class Versioned:
    """A definition with the key that pins it."""

    __slots__ = ("body", "id", "slug", "version")

    def __init__(self, id: UUID, slug: str, version: int, body: Message) -> None:
        self.id, self.slug, self.version, self.body = id, slug, version, body


class Definitions:
    """Reads definitions. A version that was ever active never changes, so its parsed body is kept.

    Within one session what is active is read once: a transaction decides everything by the same definitions.
    """

    def __init__(self) -> None:
        self._parsed: dict[UUID, Versioned] = {}
        self._pinned: dict[tuple[str, str, int], Versioned] = {}
        self._latest: tuple[str | None, dict[DefinitionKind, dict[str, Versioned]]] | None = None

    def _of(self, row: DefinitionRecord) -> Versioned:
        known = self._parsed.get(row.id)
        if known is None:
            known = Versioned(row.id, row.slug, row.version, read_back(MODELS[DefinitionKind(row.kind)], row.body))
            if row.status != "draft":
                self._parsed[row.id] = self._pinned[row.kind, row.slug, row.version] = known
        return known

    async def active(self, session: AsyncSession, *kinds: DefinitionKind) -> dict[DefinitionKind, dict[str, Versioned]]:
        """All active definitions of these kinds, by slug. Bodies already parsed are not read again."""
        found: dict[DefinitionKind, dict[str, Versioned]] | None = session.info.get(IN_FORCE)
        if found is None:
            found = session.info[IN_FORCE] = await self._in_force(session)
        return {kind: found[kind] for kind in kinds}

    async def _in_force(self, session: AsyncSession) -> dict[DefinitionKind, dict[str, Versioned]]:
        if FINGERPRINT not in session.info:
            return await self._read(session)
        fingerprint = session.info[FINGERPRINT]
        if self._latest is None or self._latest[0] != fingerprint:
            self._latest = (fingerprint, await self._read(session))
        return self._latest[1]

    async def _read(self, session: AsyncSession) -> dict[DefinitionKind, dict[str, Versioned]]:
        rows = (await session.execute(ACTIVE_KEYS)).all()
        unknown = [id for id, _, _ in rows if id not in self._parsed]
        if unknown:
            for row in await session.scalars(select(DefinitionRecord).where(DefinitionRecord.id.in_(unknown))):
                self._of(row)
        found: dict[DefinitionKind, dict[str, Versioned]] = {kind: {} for kind in DefinitionKind}
        for id, kind, slug in rows:
            found[DefinitionKind(kind)][slug] = self._parsed[id]
        return found

    async def one(self, session: AsyncSession, kind: DefinitionKind, slug: str, model: type[M]) -> M | None:
        """The active version of one definition."""
        versioned = (await self.active(session, kind))[kind].get(slug)
        return None if versioned is None else _as(versioned.body, model)

    async def pinned(self, session: AsyncSession, kind: DefinitionKind, slug: str, version: int, model: type[M]) -> M:
        """A version by its number, whatever its status now: what a running instance began with."""
        known = self._pinned.get((kind, slug, version))
        if known is not None:
            return _as(known.body, model)
        row = await session.scalar(
            select(DefinitionRecord).where(
                DefinitionRecord.kind == kind, DefinitionRecord.slug == slug, DefinitionRecord.version == version
            )
        )
        if row is None:
            raise LookupError(f"{kind} {slug!r} has no version {version}")
        return _as(self._of(row).body, model)

    async def organisation(self, session: AsyncSession) -> OrganisationSettings:
        found = await self.one(session, DefinitionKind.ORGANISATION, "organisation", OrganisationSettings)
        return found or OrganisationSettings()


def _as(body: Message, model: type[M]) -> M:
    if not isinstance(body, model):
        raise TypeError(f"{type(body).__name__} where {model.__name__} was asked for")
    return body
