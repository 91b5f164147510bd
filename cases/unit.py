"""One write of one case: its rows, loaded and locked in one transaction, and what every write ends with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Uuid, bindparam, update
from sqlalchemy.ext.asyncio import AsyncSession

from cases import incidents
from cases.attempts import FIRST, Attempt, PartFailed
from cases.changes import FieldChanges
from cases.facts import WholeCase, case_facts, load_case
from cases.opener import NewCase, insert_case
from cases.queue_news import queues_to_tell
from cases.rows import Rows
from cases.snapshots import REMINDER_OF_CASE, Around, kpi_instances, snapshot
from engine.dispatch import CaseDispatcher, ToTell
from engine.proof import DeskProof
from engine.queues import QueueTeller
from letters.composing import Letters
from models.messages.cases import CaseSnapshot, CaseStatus, ProblemType, Refusal
from models.messages.families import FamilyRun
from models.messages.mailflow import DeliveryKind
from models.messages.organisation import OrganisationSettings
from models.messages.said import of_field
from models.messages.slas import KpiInstance
from models.messages.telling import with_hows
from models.records.base import Record, new_id, table_of
from models.records.cases import Case, QueueItem
from models.records.commands import Command, Delivery
from models.records.reference import Agent, Entitlement, EntitlementChannel
from models.records.timeline import TimelineEntry
from storage.definitions import Definitions
from storage.engines import Database
from storage.kept import named

_agents = table_of(Agent).c
FREED = (
    update(table_of(Agent))
    .where(_agents.id == bindparam("agent", type_=Uuid()), _agents.load > 0)
    .values(load=_agents.load - 1)
)
"""An agent has a case less to work on."""


class Refused(Exception):
    """Rolls the transaction back: what was asked cannot be, and nothing of it was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


def refused(
    type: ProblemType, detail: str, *, field: str = "", allowed: tuple[str, ...] = (), missing: tuple[str, ...] = ()
) -> Refused:
    """`field`: of the command's body, by its path, if the refusal is about one; `detail` is said after it."""
    return Refused(Refusal(type=type, detail=of_field(field, detail), field=field, allowed=allowed, missing=missing))


T = TypeVar("T")


def granted(decision: T | Refusal) -> T:
    """What a policy decided, unless it refused."""
    if isinstance(decision, Refusal):
        raise Refused(decision)
    return decision


class ReadModelSkew(RuntimeError):
    """The row's version is not the one that the workflow knows: retried on purpose, and an alert if it stays."""


@dataclass(frozen=True)
class CaseTools:
    """What the case activities share; made once by the bootstrap."""

    database: Database
    definitions: Definitions
    letters: Letters
    dispatcher: CaseDispatcher
    proof: DeskProof
    queues: QueueTeller

    @asynccontextmanager
    async def unit(
        self, case_id: UUID, now: datetime, attempt: Attempt = FIRST, *, command_id: UUID | None = None
    ) -> AsyncIterator[CaseUnit]:
        """One transaction over the locked case; what it writes is sent, and committed, when the block ends."""
        async with self.database.write() as session:
            rows = Rows(session)
            whole, command = await load_case(session, case_id, command_id)
            organisation = await self.definitions.organisation(session)
            unit = CaseUnit(session, rows, whole, command, now, self, organisation, attempt)
            yield unit
            unit.tell_rest()
            await rows.flush()
            to_tell = await unit.queues_to_tell() if unit.stirred else ()
            # All is sent: a session without rows finds that out for nothing.
            session.expunge_all()
        self.queues.tell_soon(to_tell)

    async def tell_onward(self, unit: CaseUnit) -> None:
        """After the commit: what is not told now, housekeeping tells in a few seconds."""
        if unit.family is not None:
            await self.dispatcher.order_family(unit.family)
            return
        await asyncio.gather(*map(self.dispatcher.tell, unit.onward))


@dataclass(frozen=True, slots=True)
class Because:
    """What a write follows: the kind of a command, of this case or of another one that has this follow, and who gave it; or
    what arrived."""

    cause: str | None = None
    actor_id: UUID | None = None


class CaseUnit:
    def __init__(
        self,
        session: AsyncSession,
        rows: Rows,
        whole: WholeCase,
        command: Command | None,
        now: datetime,
        tools: CaseTools,
        organisation: OrganisationSettings,
        attempt: Attempt,
    ) -> None:
        self.session, self.rows, self.case, self.now = session, rows, whole.case, now
        self.tools, self.organisation, self.attempt = tools, organisation, attempt
        self.command = command
        """The row of the command that the write is about, if it has one."""
        self.item, self.process, self.open_activities = whole.item, whole.process, whole.open_activities
        self.next_reminder, self.reminders_moved = whole.next_reminder, False
        """When the first activity is due; whether this write has changed which one that is."""
        self.is_opening = whole.case.status == CaseStatus.OPENING
        """Whether this write began with a case that has no rows yet beside its own: nothing needs to be looked for."""
        self.actor_id: UUID | None = None
        """Who acts, if it is an agent: nobody is told of their own acts."""
        self.because = Because()
        self.status_known = whole.case.status
        self.owner_known = (whole.case.owner_id, whole.case.owner_team_id)
        """Whose the case was before this write, or whose it becomes without being given to them."""
        self.openings_chosen = whole.openings_chosen
        self.item_known = whole.item.id if whole.item is not None else None
        self._instances: list[KpiInstance] | None = [] if self.is_opening else None
        self.changed = True
        """Whether the write has changed anything; if not, it makes no version and no entry of the timeline."""
        self.did_not_last: str | None = None
        """The role of the KPIs whose success this write takes back."""
        self.sla_choices = 0
        """How often this write has chosen an SLA: the opening does, and so may each rule that follows."""
        self._changes = FieldChanges(whole.case)
        self._told: TimelineEntry | None = None
        self.stirred = False
        """Whether a queue that assigns by itself may have something to do now: for the item, or with an agent's capacity."""
        self.freed: set[UUID] = set()
        """Agents who work on a case less."""
        self.locked: dict[UUID, tuple[Entitlement, Sequence[EntitlementChannel]]] = {}
        self.onward: list[ToTell] = []
        """What other cases must hear of as soon as this is committed."""
        self.family: FamilyRun | None = None
        """The run that tells them, if they are several and somebody waits until all have heard."""

    async def facts(self) -> dict[str, Any]:
        return await case_facts(self.session, self.case, self.process)

    def tell(
        self,
        key: str,
        kind: str,
        *,
        actor_id: UUID | None = None,
        subject_id: UUID | None = None,
        text: str | None = None,
        **data: Any,
    ) -> UUID:
        """Add a timeline entry; `key` makes it unique on the case. What the case has become since the last one stands on it."""
        entry = TimelineEntry(
            id=new_id(),
            case_id=self.case.id,
            key=key,
            at=self.now,
            kind=kind,
            actor_id=actor_id,
            subject_id=subject_id,
            text=text,
            data=with_hows({name: value for name, value in data.items() if value is not None}),
            changes=self._changes.taken(),
        )
        self.rows.add(entry)
        self._told = entry
        return entry.id

    def tell_rest(self) -> None:
        """What has changed since the last entry, such as the deadlines that follow from it, stands on that one as well."""
        rest = self._changes.taken()
        if rest is None:
            return
        if self._told is None:
            self.tell(f"changed/{self.case.version}", "changed")
        if self._told is not None:
            before = self._told.changes or {}
            first = {name: [before.get(name, change)[0], change[1]] for name, change in rest.items()}
            self._told.changes = {**before, **first}

    def tell_again(self, key: str, entry: TimelineEntry, data: dict[str, Any]) -> None:
        """What another case's timeline tells, at its own instant."""
        kept = ("at", "kind", "actor_id", "subject_id", "text")
        same = {name: getattr(entry, name) for name in kept}
        self.rows.add(TimelineEntry(id=new_id(), case_id=self.case.id, key=key, data=data, changes=None, **same))

    def add(self, row: Record) -> None:
        """A row that this write makes; it is sent with the others."""
        self.rows.add(row)

    def must_hear(self, case: Case, kind: DeliveryKind, subject_id: UUID) -> None:
        """Another case must hear of this; it is told after the commit, and again until it has heard."""
        made = Delivery(id=new_id(), case_id=case.id, number=case.number, kind=kind, subject_id=subject_id)
        self.session.add(made)
        self.onward.append(ToTell(case.id, case.number, case.origin, made.id, kind))

    async def opens(self, new: NewCase) -> Case:
        """A new case because of this one, in the same transaction; its run is started after the commit."""
        made, delivery = await insert_case(self.session, new, self.now, prefix=self.organisation.case_prefix)
        self.onward.append(ToTell(made.id, made.number, made.origin, delivery.id, DeliveryKind.OPEN))
        return made

    async def flush(self) -> None:
        """Send the rows that this write has changed or made so far, for statements that look for them."""
        await self.rows.flush()

    # ---- parts that a write can do without ---------------------------------------------------------------------------

    async def part(self, key: str, step: str, work: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """Do a part of the write that the rest can do without; left out, it is an incident, and `otherwise` stands for it."""
        if self.attempt.careful:
            await self.flush()  # what was changed before is not this part's
        failure = self.attempt.without.get(key)
        if failure is not None:
            await self.set_aside(key, step, failure)
            return otherwise
        try:
            done = await work()
            if self.attempt.careful:
                await self.flush()
        except (Refused, PartFailed):
            raise
        except Exception as error:
            raise PartFailed(key, error) from error
        return done

    async def set_aside(self, key: str, step: str, error: Exception, subject_id: UUID | None = None) -> UUID:
        """Note an incident of this case, and say so on its timeline; the id of the incident."""
        noted = await incidents.note(self.session, self.case, self.now, key, step, error, subject_id)
        self.tell(f"incident/{key}/{noted.count}", "incident", subject_id=noted.id, step=step, error=noted.error)
        return noted.id

    # ---- queue item --------------------------------------------------------------------------------------------------

    async def enter_queue(self, id: UUID, slug: str) -> None:
        """Move the case's one live queue item there: the old one ends, nobody works on the new one yet."""
        if self.item is not None:
            if self.item.queue_id == id and self.item.worked_by is None:
                return
            await self.leave_queue(self.item)
        self.item = QueueItem(
            id=new_id(),
            case_id=self.case.id,
            queue_id=id,
            worked_by=None,
            live=True,
            entered_on=self.now,
            released_by=None,
            overflowed_from=None,
        )
        self.add(self.item)
        self.case.queue = slug
        self.stirred = True

    def works(self, item: QueueItem, agent_id: UUID) -> None:
        """The agent, whose capacity was taken, works on the item from now on."""
        item.worked_by, item.picked_on, item.released_by = agent_id, self.now, None

    async def leave_queue(self, item: QueueItem) -> None:
        await self.stop_working(item)
        item.live, item.left_on = False, self.now
        self.item, self.case.queue = None, None

    async def queues_to_tell(self) -> tuple[str, ...]:
        """Those that assign by themselves, and may now have something to do."""
        return await queues_to_tell(self.session, self.tools.definitions, self.case.queue, self.freed)

    async def stop_working(self, item: QueueItem) -> None:
        """Give the agent's capacity back, by the case that took it."""
        if item.worked_by is not None:
            await self.session.execute(FREED, {"agent": item.worked_by})
            self.freed.add(item.worked_by)
            item.worked_by = None
            self.stirred = True

    # ---- promises ----------------------------------------------------------------------------------------------------

    async def instances(self) -> list[KpiInstance]:
        """The KPI instances of the case as this write has left them so far, read once."""
        if self._instances is None:
            self._instances = await kpi_instances(self.session, self.case)
        return self._instances

    def promise(self, standing: list[KpiInstance]) -> None:
        """What the instances have become."""
        self._instances = standing

    # ---- the end of every write ---------------------------------------------------------------------------------------

    def is_as_known(self, version: int) -> bool:
        """Whether the run knows the row as it is; False if the row is ahead, and then the row is right.

        A workflow task that is lost after its local activity wrote (the worker died, or the server had news for the run)
        starts again from the history, which knows nothing of that write; and an update that was in it may come after
        other signals, or never again. A row that is behind would be a lost commit: `ReadModelSkew`.
        """
        if self.case.version < version:
            raise ReadModelSkew(f"{self.case.number}: the row is at version {self.case.version}, the run at {version}")
        return self.case.version == version

    async def written(self) -> CaseSnapshot:
        """One version more, and the facts for the workflow."""
        self.case.version += 1
        self.case.modified_on = self.now
        return await self.snapshot()

    async def snapshot(self) -> CaseSnapshot:
        """The case as this write has left it so far."""
        owner = await named(self.session, Agent, self.case.owner_id)
        if self.reminders_moved:
            await self.flush()
            self.next_reminder = await self.session.scalar(REMINDER_OF_CASE, {"case": self.case.id})
        around = Around(
            self.open_activities,
            self.item.worked_by if self.item else None,
            self.process.state if self.process else None,
            owner.slug if owner else None,
            self.next_reminder,
        )
        return snapshot(self.case, around, await self.instances())
