"""All that the page of a case shows, read in one transaction by the sight of whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.case_pages.entries import Entry, entries_of
from console.staff import Staff
from console.stage_answers import asked
from console.visitor import Visitor
from desk.agent_notices import has_unread_notice, read_notices
from desk.queries.cases import CaseFilter, CaseRow, list_cases, visible_row_and_view
from desk.queries.countdowns import Countdown, countdowns
from desk.queries.names import Names, names_in_entries, names_of
from desk.queries.processes import process_view
from desk.queries.promises import sla_view
from desk.queries.timeline import timeline
from desk.readings import Seen, mark_seen, seen_of
from desk.services import workflow_link
from models.messages.api_case_views import CaseLine, CaseView, KpiView, TimelineItem
from models.messages.api_process_views import ProcessView, StageItem, StepItem
from models.messages.cases import CaseStatus, CommandKind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

NEWEST = 30
"""Entries of the timeline that a page brings along; the older ones come on request, so that long cases open like short ones."""
MOST_OTHERS = 5
"""Other open cases of the customer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`row`: the case itself, for whoever asks for more of it."""

    row: CaseRow
    case: CaseView
    process: ProcessView
    entries: tuple[Entry, ...]
    """Newest first."""
    older: str | None
    """The cursor of the entries before."""
    people: dict[str, str]
    """Names of agents by their slugs."""
    mine: bool
    seen: Seen | None = None
    noticed: bool = False
    """There is a notice of it that the visitor has not read."""
    due: tuple[Countdown, ...] = ()
    promises: tuple[KpiView, ...] = ()
    others: tuple[CaseLine, ...] = ()
    queue: str | None = None
    """Name of the queue."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Names of status reasons by their slugs."""

    @property
    def new(self) -> int:
        """How many entries came since the visitor's last look."""
        return sum(entry.new for entry in self.entries)

    @property
    def reason(self) -> str:
        return self.reasons.get(self.case.status_reason, self.case.status_reason)

    @property
    def stage(self) -> StageItem | None:
        return next((stage for stage in self.process.stages if stage.active), None)

    @property
    def steps(self) -> tuple[StepItem, ...]:
        """What the active stage asks for, while the process runs."""
        return asked(self.process)

    @property
    def in_last_stage(self) -> bool:
        """The process can be finished from here, and there is no way on."""
        return self.allows(CommandKind.PROCESS_FINISH) and not self.allows(CommandKind.STAGE_NEXT)

    def allows(self, verb: str) -> bool:
        return verb in self.case.allowed


async def shown(staff: Staff, me: Visitor, number: str) -> Shown:
    """What forms need to know of the case. `NotFound` also for one that may not be known of."""
    async with staff.database.read() as session:
        return await shown_in(session, staff, me, number)


async def shown_in(session: AsyncSession, staff: Staff, me: Visitor, number: str) -> Shown:
    """As `shown`, in a session in which more is asked."""
    link = workflow_link(staff.house, number)
    case, view = await visible_row_and_view(session, staff.definitions, me.identity, number, link)
    page = await timeline(session, me.identity, case, staff.definitions, limit=NEWEST)
    seen = await seen_of(session, me.identity, case)
    slugs = {item.actor for item in page.items} | {view.worked_by}
    slugs |= {item.activity.owner for item in page.items if item.activity is not None}
    process = await process_view(session, case, staff.definitions, me.identity)
    return Shown(
        row=case,
        case=view,
        process=process,
        due=(await countdowns(session, staff.definitions, [case.id], me.now)).get(case.id, ()),
        promises=(await sla_view(session, case)).items,
        entries=entries_of(
            page.items, seen, me.identity.slug, await names_for(session, staff, me, process, page.items)
        ),
        older=page.next,
        people=await names_of(session, "agent", slugs),
        seen=seen,
        noticed=await has_unread_notice(session, me.identity, case.id),
        mine=view.worked_by == me.identity.slug,
        others=await _others(session, staff, me, view),
        queue=(await names_of(session, "queue", (view.queue,))).get(view.queue or ""),
        reasons={each.slug: each.name for each in me.organisation.status_reasons},
    )


async def names_for(
    session: AsyncSession, staff: Staff, me: Visitor, process: ProcessView, items: Sequence[TimelineItem]
) -> Names:
    """What the entries name, with stages of the case's process and reasons of the organisation."""
    stages = {stage.slug: stage.name for stage in process.stages}
    reasons = {each.slug: each.name for each in me.organisation.status_reasons}
    known = {"was": stages, "stage": stages, "status_reason": reasons}
    return {**await names_in_entries(session, staff.definitions, items), **known}


async def _others(session: AsyncSession, staff: Staff, me: Visitor, view: CaseView) -> tuple[CaseLine, ...]:
    customer = view.customer.account or view.customer.contact
    if customer is None or customer.slug is None:
        return ()
    theirs = CaseFilter(customer=customer.slug, status=(CaseStatus.OPENING, CaseStatus.ACTIVE))
    found = await list_cases(session, staff.definitions, me.identity, theirs, limit=MOST_OTHERS + 1)
    return tuple(line for line in found.items if line.number != view.number)[:MOST_OTHERS]


async def opened(staff: Staff, me: Visitor, found: Shown) -> None:
    """The page is about to be read: opening it is reading it."""
    newest, seen = next((each.item for each in found.entries), None), found.seen
    behind = newest and (seen is None or seen.unread or (newest.at, newest.id) > (seen.until, seen.entry))
    if behind or found.noticed:
        async with staff.database.write() as session:
            if newest and behind:
                await mark_seen(session, me.identity, found.case.id, newest.at, newest.id)
            await read_notices(session, me.identity, me.now, case_id=found.case.id)
