"""One write of one case: its rows, loaded and locked in one transaction, and what every write ends with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from cases import incidents
from cases.attempts import FIRST, Attempt, PartFailed
from cases.facts import case_facts, load_case
from cases.snapshots import live_item, settled_snapshot
from engine.dispatch import CaseDispatcher
from engine.proof import DeskProof
from letters.composing import Letters
from models.messages.cases import CaseSnapshot, ProblemType, Refusal
from models.messages.organisation import OrganisationSettings
from models.messages.slas import KpiInstance
from models.records.base import new_id
from models.records.cases import Case, QueueItem, TimelineEntry
from models.records.reference import Agent, Entitlement, EntitlementChannel, Queue
from storage.definitions import Definitions
from storage.engines import Database


class Refused(Exception):
    """Rolls the transaction back: what was asked cannot be, and nothing of it was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


def refused(type: ProblemType, detail: str, **ways: tuple[str, ...]) -> Refused:
    return Refused(Refusal(type=type, detail=detail, **ways))


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

    @asynccontextmanager
    async def unit(self, case_id: UUID, now: datetime, attempt: Attempt = FIRST) -> AsyncIterator[CaseUnit]:
        """One transaction over the locked case; it commits when the block ends. Writes are flushed where they matter."""
        async with self.database.write() as session:
            # A hundred statements a case were half its cost: nothing is flushed just because something is read.
            session.sync_session.autoflush = False
            case = await load_case(session, case_id, lock=True)
            unit = CaseUnit(session, case, now, self, await self.definitions.organisation(session), attempt)
            yield unit
            await unit.flush()


class CaseUnit:
    def __init__(
        self,
        session: AsyncSession,
        case: Case,
        now: datetime,
        tools: CaseTools,
        organisation: OrganisationSettings,
        attempt: Attempt,
    ) -> None:
        self.session, self.case, self.now, self.tools, self.organisation = session, case, now, tools, organisation
        self.attempt = attempt
        self.told: list[dict[str, Any]] = []
        self.did_not_last: str | None = None
        """A KPI whose success this write takes back."""
        self.locked: dict[UUID, tuple[Entitlement, Sequence[EntitlementChannel]]] = {}

    async def facts(self) -> dict[str, Any]:
        return await case_facts(self.session, self.case)

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
        """Add a timeline entry; `key` makes it unique on the case."""
        entry_id = new_id()
        entry = {
            "id": entry_id,
            "case_id": self.case.id,
            "key": key,
            "at": self.now,
            "kind": kind,
            "actor_id": actor_id,
            "subject_id": subject_id,
            "text": text,
            "data": {name: value for name, value in data.items() if value is not None},
        }
        self.told.append(entry)
        return entry_id

    def tell_again(self, key: str, entry: TimelineEntry, data: dict[str, Any]) -> None:
        """What another case's timeline tells, at its own instant."""
        kept = ("at", "kind", "actor_id", "subject_id", "text")
        same = {name: getattr(entry, name) for name in kept}
        self.told.append({"id": new_id(), "case_id": self.case.id, "key": key, "data": data, **same})

    async def flush(self) -> None:
        """Send the rows that this write has changed or made so far."""
        await self.session.flush()
        if self.told:
            told, self.told = self.told, []
            await self.session.execute(insert(TimelineEntry), told)

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

    async def item(self) -> QueueItem | None:
        return await live_item(self.session, self.case)

    async def enter_queue(self, queue: Queue, *, item: QueueItem | None = None) -> None:
        """Move the case's one live queue item there: the old one ends, nobody works on the new one yet."""
        if item is not None:
            if item.queue_id == queue.id and item.worked_by is None:
                return
            await self.leave_queue(item)
        self.session.add(QueueItem(case_id=self.case.id, queue_id=queue.id, entered_on=self.now))
        self.case.queue = queue.slug
        await self.session.flush()

    async def leave_queue(self, item: QueueItem) -> None:
        await self.stop_working(item)
        item.live, item.left_on = False, self.now
        self.case.queue = None
        # The unique partial index must see the old item's end before a new item begins.
        await self.session.flush()

    async def stop_working(self, item: QueueItem) -> None:
        """Give the agent's capacity back, by the case that took it."""
        if item.worked_by is not None:
            await self.session.execute(
                update(Agent).where(Agent.id == item.worked_by, Agent.load > 0).values(load=Agent.load - 1)
            )
            item.worked_by = None

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

    async def written(self, instances: list[KpiInstance]) -> CaseSnapshot:
        """One version more, and the facts for the workflow."""
        self.case.version += 1
        self.case.modified_on = self.now
        await self.session.flush()
        return await settled_snapshot(self.session, self.case, instances)
