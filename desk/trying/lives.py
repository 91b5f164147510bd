"""The lives of past cases, write by write, and the calendars of those days: what a promise would have seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.changes import Changes
from cases.facts import facts_of
from desk.errors import Invalid
from desk.trying.past import RecordsThen, rewound
from models.messages.calendars import Calendar
from models.messages.kpi import SlaTerms
from models.messages.organisation import OrganisationSettings
from models.messages.reading_back import read_back
from models.messages.said import said
from models.messages.slas import KpiDefinition, Pin, SlaDefinition
from models.records.reference import DefinitionRecord
from models.records.timeline import TimelineEntry
from storage.definitions import DefinitionKind, Definitions


class Told(NamedTuple):
    """An entry of a timeline that says what was changed."""

    at: datetime
    changes: Changes


class Moment(NamedTuple):
    """A case as one write left it."""

    at: datetime
    case: Any
    facts: Mapping[str, Any]


async def told_of(session: AsyncSession, cases: set[UUID]) -> dict[UUID, list[Told]]:
    """What was changed of these cases, in the order in which it was written. A case of which no change is noted is left out."""
    columns = (TimelineEntry.case_id, TimelineEntry.at, TimelineEntry.changes)
    wanted = select(*columns).where(TimelineEntry.case_id.in_(cases), TimelineEntry.changes.is_not(None))
    found: defaultdict[UUID, list[Told]] = defaultdict(list)
    for case_id, at, changes in await session.execute(wanted.order_by(TimelineEntry.id)):
        found[case_id].append(Told(at, changes))
    return found


def life(case: Mapping[str, Any], told: Sequence[Told], then: RecordsThen, mail: Any) -> Iterator[Moment]:
    """The case after each of its writes, the first of which opened it. `case`: its row of today.

    What one write tells has one instant, and is judged once. `modified_on` and the stage's beginning are told by the
    instants themselves.
    """
    states, state = [], dict(case)
    for each in reversed(told):
        states.append(state)
        state = vars(rewound(state, [each.changes]))
    states.reverse()
    entered: datetime | None = None
    stage: str | None = state["stage"]
    for at, group in groupby(zip(told, states, strict=True), key=lambda pair: pair[0].at):
        *_, (_, last) = group
        standing = rewound({**last, "modified_on": at}, ())
        if standing.stage != stage:
            stage, entered = standing.stage, at
        named = {kind: then.named(standing, kind, at) for kind in ("account", "contact", "entitlement")}
        facts = facts_of(standing, owner=then.owner(standing), mail=mail, **named)
        yield Moment(at, standing, {**facts, "case.stage_entered_on": entered if standing.stage else None})


class TermsThen:
    """By which terms an SLA would have been judged at an instant: each calendar in the version that was in force then.

    KPIs, the reasons that pause and the organisation's switches are those of today.
    """

    def __init__(self, pin: Pin, sla: SlaDefinition, organisation: OrganisationSettings) -> None:
        self.pin, self.sla, self.organisation = pin, sla, organisation
        self._calendars: dict[Pin, Calendar] = {}
        self._since: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
        self._kpis: dict[str, KpiDefinition] = {}
        self._made = lru_cache(maxsize=64)(self._make)

    async def begin(self, session: AsyncSession, definitions: Definitions) -> None:
        """Read every version of the calendars that the SLA names, and the KPIs. `Invalid` for one that there is not: a draft
        may name it still."""
        named = {self.sla.calendar_of(item) for item in self.sla.items} - {None}
        wanted = select(DefinitionRecord).where(
            DefinitionRecord.kind == DefinitionKind.CALENDAR, DefinitionRecord.slug.in_(named)
        )
        for row in await session.scalars(wanted.order_by(DefinitionRecord.version)):
            self._calendars[Pin(slug=row.slug, version=row.version)] = read_back(Calendar, row.body)
            since = self._since[row.slug]
            if row.activated_on is not None:
                since.append((row.activated_on, row.version))
        for since in self._since.values():
            since.sort()
        active = (await definitions.active(session, DefinitionKind.KPI))[DefinitionKind.KPI]
        self._kpis = {slug: each.body for slug, each in active.items() if isinstance(each.body, KpiDefinition)}
        for position, item in enumerate(self.sla.items):
            calendar = self.sla.calendar_of(item)
            if calendar is not None and calendar not in self._since:
                field = f"items[{position}].business_hours" if calendar == item.business_hours else "calendar"
                raise Invalid(field, said("there is no calendar {calendar!r}", calendar=calendar))
            if item.kpi not in self._kpis:
                raise Invalid(f"items[{position}].kpi", said("there is no active KPI {kpi!r}", kpi=item.kpi))

    def at(self, instant: datetime, *, applies: bool) -> SlaTerms:
        """`applies`: whether the case then had the SLA that this one is tried in place of."""
        versions = tuple(sorted((slug, self._version(slug, instant)) for slug in self._since))
        return self._made(versions, applies)

    def _version(self, slug: str, instant: datetime) -> int:
        since = self._since[slug]
        if not since:  # never in force: a draft, which is what a draft counts by
            return max(pin.version for pin in self._calendars if pin.slug == slug)
        return next((version for at, version in reversed(since) if at <= instant), since[0][1])

    def _make(self, versions: tuple[tuple[str, int], ...], applies: bool) -> SlaTerms:
        return SlaTerms(
            in_force=self.pin if applies else None,
            slas={self.pin: self.sla},
            calendars=self._calendars,
            calendar_versions=dict(versions),
            kpis=self._kpis,
            pause_reasons=frozenset(reason.slug for reason in self.organisation.status_reasons if reason.pauses),
            recalculate_on_terminal=self.organisation.recalculate_sla_on_terminal,
            reinstate_on_reactivation=self.organisation.reinstate_sla_on_reactivation,
        )
