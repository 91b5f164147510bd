"""Incidents as operators see them: what could not be done, trying it again after the repair, or letting it be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.incidents import command_key
from cases.pending import Pursuit, command_of, receiver_of
from cases.snapshots import standing_of
from desk import audit
from desk.errors import Conflict, NotFound
from desk.identity import Identity
from desk.refusals import EngineUnavailable, Faulted, error_of
from engine.articles import ArticleTeller
from engine.commands import NotAnswered
from engine.contracts import ContractTeller
from engine.dispatch import CaseDispatcher, ToTell
from models.messages.cases import CommandResult, Refusal
from models.messages.incidents import IncidentState, IncidentView, StepFault
from models.messages.mailflow import DeliveryKind
from models.messages.said import said, word
from models.records.articles import Article
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Command, Delivery, Incident
from models.records.reference import Entitlement
from storage.engines import Database

_NAMED = (
    select(Incident, Case.number, Entitlement.slug, Article.number)
    .outerjoin(Case, Case.id == Incident.case_id)
    .outerjoin(Entitlement, Entitlement.id == Incident.entitlement_id)
    .outerjoin(Article, Article.id == Incident.article_id)
)

ANSWER_WITHIN = 5.0
"""Seconds in which the case is expected to have tried again; after that its answer is still to come."""
LOOK_EVERY = 0.05


async def incidents(
    session: AsyncSession, state: IncidentState | None, number: str | None, cursor: UUID | None, limit: int
) -> list[IncidentView]:
    """The newest first; `cursor` is the id of the last one of the page before."""
    found = _NAMED.order_by(Incident.id.desc())
    if state is not None:
        found = found.where(Incident.state == state.value)
    if number is not None:
        found = found.where(Case.number == number)
    if cursor is not None:
        found = found.where(Incident.id < cursor)
    return [_view(*row) for row in (await session.execute(found.limit(limit))).all()]


async def incident(session: AsyncSession, id: UUID) -> IncidentView:
    """Raises NotFound."""
    found = (await session.execute(_NAMED.where(Incident.id == id))).one_or_none()
    if found is None:
        raise NotFound("incident", id)
    return _view(*found)


class IncidentDesk:
    """Has cases try again, or let be, what had been set aside: only a case's own run writes its rows."""

    def __init__(self, database: Database, pursuit: Pursuit, dispatcher: CaseDispatcher) -> None:
        self.database, self.pursuit, self.dispatcher = database, pursuit, dispatcher

    async def retry(self, id: UUID, identity: Identity, now: datetime) -> IncidentView:
        """Try it again, and say how it stands then. Raises NotFound, Conflict if it has ended, the refusal of a command,
        `Faulted` if it failed again, or EngineUnavailable."""
        row, case = await self._asked(id, identity, now, "retry")
        if case is None:
            await self._look_again(row)
        elif row.subject_id is not None and row.key == command_key(row.subject_id):
            await self._send_again(row, row.subject_id)
        else:
            await self._tell(row, case, DeliveryKind.RETRY)
        after = await self.view(id)
        if after.state is IncidentState.OPEN and after.count > row.count:
            raise Faulted(StepFault(step=row.step, incident=row.id))
        return after

    async def dismiss(self, id: UUID, identity: Identity, now: datetime) -> IncidentView:
        """Let it be. Raises NotFound, Conflict if it has ended, or EngineUnavailable."""
        row, case = await self._asked(id, identity, now, "dismiss")
        if case is not None:
            await self._tell(row, case, DeliveryKind.DISMISS)
        return await self.view(id)

    async def view(self, id: UUID) -> IncidentView:
        async with self.database.read() as session:
            return await incident(session, id)

    async def _asked(self, id: UUID, identity: Identity, now: datetime, action: str) -> tuple[Incident, Case | None]:
        """The incident and its case, if it is open and of one; who asked for what stands in the audit then. That of a contract
        or an article is dismissed here: it has no rows that its run alone writes."""
        async with self.database.write() as session:
            row, case = await _open(session, id)
            audit.record(session, now, identity.slug, "incident", str(id), action, {})
            if case is None:
                row.retries += action == "retry"
                if action == "dismiss":
                    row.state, row.ended_on = IncidentState.DISMISSED.value, now
        return row, case

    async def _look_again(self, row: Incident) -> None:
        """Have the run of the contract or the article look at its dates, and wait for what it finds."""
        client = self.dispatcher.client
        async with self.database.read() as session:
            if row.article_id is not None:
                article = await session.get_one(Article, row.article_id)
                told = ArticleTeller(client).tell(article.id, article.number)
            else:
                contract = await session.get_one(Entitlement, row.entitlement_id)
                told = ContractTeller(client).tell(contract.id, contract.slug)
        if not await told:
            raise EngineUnavailable

        async def has_looked() -> bool:
            now = await self.view(row.id)
            return now.state is not IncidentState.OPEN or now.count > row.count

        await _until(has_looked)

    async def _send_again(self, row: Incident, command_id: UUID) -> None:
        async with self.database.read() as session:
            command = command_of(await session.get_one(Command, command_id))
            case = await session.get_one(Case, row.case_id)
            receiver = receiver_of(case, await standing_of(session, case))
        try:
            # Within a run the engine keeps what an update answered: each try needs an id of its own.
            decided = await self.pursuit.pursue(command, receiver, attempt=row.count)
        except NotAnswered as error:
            raise EngineUnavailable from error
        match decided:
            case Refusal():
                raise error_of(decided, case.version)
            case StepFault():
                raise Faulted(decided)
            case CommandResult():
                pass

    async def _tell(self, row: Incident, case: Case, kind: DeliveryKind) -> None:
        async with self.database.write() as session:
            delivery = await session.scalar(
                select(Delivery).where(
                    Delivery.case_id == case.id, Delivery.kind == kind, Delivery.subject_id == row.id
                )
            )
            if delivery is None:
                delivery = Delivery(id=new_id(), case_id=case.id, number=case.number, kind=kind, subject_id=row.id)
                session.add(delivery)
            delivery.done, delivery.outcome = False, None
        told = await self.dispatcher.tell(ToTell(case.id, case.number, case.origin, delivery.id, kind))
        if not told:
            raise EngineUnavailable
        await self._heard(delivery.id)

    async def _heard(self, delivery_id: UUID) -> None:
        """Until the case has heard, or for as long as somebody waits for an answer."""

        async def has_heard() -> bool:
            async with self.database.read() as session:
                return (await session.get_one(Delivery, delivery_id)).done

        await _until(has_heard)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + ANSWER_WITHIN
    while loop.time() < end:
        if await holds():
            return
        await asyncio.sleep(LOOK_EVERY)


async def _open(session: AsyncSession, id: UUID) -> tuple[Incident, Case | None]:
    found = select(Incident, Case).outerjoin(Case, Case.id == Incident.case_id).where(Incident.id == id)
    named = (await session.execute(found)).one_or_none()
    if named is None:
        raise NotFound("incident", id)
    row, case = named[0], named[1]
    if row.state != IncidentState.OPEN:
        raise Conflict("incident-ended", said("the incident is {state} already", state=word(row.state)))
    return row, case


def _view(row: Incident, number: str | None, entitlement: str | None, article: str | None) -> IncidentView:
    return IncidentView(
        id=row.id,
        case=number,
        entitlement=entitlement,
        article=article,
        step=row.step,
        subject_id=row.subject_id,
        error=row.error,
        place=row.place,
        state=IncidentState(row.state),
        count=row.count,
        retries=row.retries,
        first_on=row.first_on,
        last_on=row.last_on,
        ended_on=row.ended_on,
    )
