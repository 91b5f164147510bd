"""One action on many cases, in pieces: each case gets a command of its own, once, however often a piece is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cases.customers import add_left_behind
from cases.incidents import of_deliveries
from cases.merging import RETIRED
from cases.pending import Pursuit, decided_by, pending_row, receiver_of
from cases.snapshots import standing_of
from engine.commands import Decided, NotAnswered, Receiver
from engine.failpoints import failpoint
from models.messages.api_cases import BODIES
from models.messages.cases import (
    CaseCommand,
    CaseStatus,
    CommandKind,
    CommandResult,
    ProblemType,
    Refusal,
)
from models.messages.incidents import StepFault
from models.messages.mailflow import DeliveryKind
from models.messages.operations import ItemState, OperationProgress, OperationState
from models.messages.said import said
from models.records.cases import Case
from models.records.commands import Command
from models.records.operations import BulkItem, BulkOperation
from policies.lifecycle import refuse
from storage.engines import Database
from storage.repositories.families import asked_by

A_ROUND = 24
"""Cases whose results are written at once: as many a repetition asks again, to be told what had been decided."""
SIDE_BY_SIDE = 8
"""As few as leave room for what agents ask meanwhile."""
A_PIECE = 20.0
"""Seconds; then the run is told how far it is."""
MERGED_WITHIN = 10.0
LOOK_EVERY = 0.05

Beat = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Result:
    state: ItemState
    body: dict[str, Any]


def item_command(operation_id: UUID, number: str) -> UUID:
    """The id of the command that an operation sends for one case: a repetition sends the same."""
    return uuid5(operation_id, number)


class Operations:
    def __init__(self, database: Database, pursuit: Pursuit) -> None:
        self.database, self.pursuit = database, pursuit

    async def work(self, operation_id: UUID, beat: Beat) -> OperationProgress:
        """Go on with the operation for a while. `beat` is told after each round how many cases are decided.

        Raises `NotAnswered` while the engine is away; what was decided before is written.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + A_PIECE
        while True:
            operation, items = await self._next(operation_id)
            if operation is None:
                return OperationProgress(total=0, decided=0, ended=True)
            if operation.state == OperationState.CANCELLING or not items:
                await self._end(operation)
                return await self._progress(operation)
            limit = asyncio.Semaphore(SIDE_BY_SIDE)

            async def one(item: BulkItem, of: BulkOperation = operation, limit: asyncio.Semaphore = limit) -> _Result:
                async with limit:
                    return await self._one(of, item)

            results = await asyncio.gather(*map(one, items), return_exceptions=True)
            failpoint("operation.sent")
            await self._write(items, results)
            failpoint("operation.written")
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            progress = await self._progress(operation)
            beat(progress.decided)
            if loop.time() > ends:
                return progress

    # ---- rows --------------------------------------------------------------------------------------------------------

    async def _next(self, operation_id: UUID) -> tuple[BulkOperation | None, list[BulkItem]]:
        async with self.database.read() as session:
            operation = await session.get(BulkOperation, operation_id)
            if operation is None or operation.state not in (OperationState.PENDING, OperationState.CANCELLING):
                return operation, []
            found = await session.scalars(
                select(BulkItem)
                .where(BulkItem.operation_id == operation_id, BulkItem.state == ItemState.PENDING)
                .order_by(BulkItem.position)
                .limit(A_ROUND)
            )
            items = list(found)
        if not items and operation.action == CommandKind.FOLLOW_CUSTOMER:
            async with self.database.write() as session:
                items = await add_left_behind(session, operation_id, A_ROUND)
        return operation, items

    async def _write(self, items: list[BulkItem], results: list[_Result | BaseException]) -> None:
        async with self.database.write() as session:
            for item, result in zip(items, results, strict=True):
                if isinstance(result, _Result):
                    await session.execute(
                        update(BulkItem)
                        .where(
                            BulkItem.operation_id == item.operation_id,
                            BulkItem.position == item.position,
                            BulkItem.state == ItemState.PENDING,
                        )
                        .values(state=result.state.value, result=result.body)
                    )

    async def _end(self, operation: BulkOperation) -> None:
        """Nothing is left, or nothing more is wanted."""
        cancelled = operation.state == OperationState.CANCELLING
        async with self.database.write() as session:
            if cancelled:
                await session.execute(
                    update(BulkItem)
                    .where(BulkItem.operation_id == operation.id, BulkItem.state == ItemState.PENDING)
                    .values(state=ItemState.CANCELLED.value)
                )
            await session.execute(
                update(BulkOperation)
                .where(BulkOperation.id == operation.id, BulkOperation.state == operation.state)
                .where(BulkOperation.state.in_((OperationState.PENDING, OperationState.CANCELLING)))
                .values(
                    state=(OperationState.CANCELLED if cancelled else OperationState.DONE).value,
                    ended_on=datetime.now(UTC),  # for operators, as all that is said of long work
                )
            )

    async def _progress(self, operation: BulkOperation) -> OperationProgress:
        async with self.database.read() as session:
            state, total = (
                await session.execute(
                    select(BulkOperation.state, BulkOperation.total).where(BulkOperation.id == operation.id)
                )
            ).one()
            left = await session.scalar(
                select(func.count())
                .select_from(BulkItem)
                .where(BulkItem.operation_id == operation.id, BulkItem.state == ItemState.PENDING)
            )
        ended = state in (OperationState.DONE, OperationState.CANCELLED)
        return OperationProgress(total=total, decided=total - (left or 0), ended=ended)

    # ---- one case ----------------------------------------------------------------------------------------------------

    async def _one(self, operation: BulkOperation, item: BulkItem) -> _Result:
        kind = CommandKind(operation.action)
        merging = kind is CommandKind.MERGE
        command = CaseCommand(
            id=item_command(operation.id, item.number),
            kind=kind,
            actor_id=operation.actor_id,
            key=f"operation/{operation.id}",
            body_hash=operation.body_hash,
            target_id=None if merging else operation.target_id,
            cancel_open_activities=bool(operation.body.get("cancel_open_activities", False)),
        )
        content = {"losers": [item.number]} if merging else operation.body
        case_id = operation.target_id if merging else item.case_id
        assert case_id is not None  # noqa: S101 - items without a case are never pending
        prepared = await self._prepare(case_id, command, content)
        try:
            decided = await self.pursuit.pursue(command, prepared) if isinstance(prepared, Receiver) else prepared
        except NotAnswered:
            if not await self.pursuit.sender.answers():
                raise
            detail = said("The case did not answer in time; what was asked may still be done.")
            return _Result(ItemState.FAILED, {"detail": detail})
        if merging and isinstance(decided, CommandResult):
            decided = await self._merged(command.id, item.number, decided)
        return _result(decided)

    async def _prepare(self, case_id: UUID, command: CaseCommand, content: dict[str, Any]) -> Receiver | Decided:
        """What became of it before; or a refusal; or the row of its body, so that the case can do it."""
        needs_row = command.kind in BODIES
        async with self.database.write() if needs_row else self.database.read() as session:
            case = await session.get_one(Case, case_id)
            known = await session.get(Command, command.id)
            decided = None if known is None else decided_by(known, case.version)
            if decided is not None:
                return decided
            standing = await standing_of(session, case)
            under_way = known is not None and standing.status is CaseStatus.ACTIVE
            refusal = None if under_way else refuse(standing, command)
            if refusal is None and known is None and needs_row:
                session.add(pending_row(command, case.id, content))
            receiver = receiver_of(case, standing)
        if refusal is not None and known is not None:
            await self.pursuit.record_refusal(command.id, refusal)
        return refusal or receiver

    async def _merged(self, command_id: UUID, number: str, decided: CommandResult) -> Decided:
        """Whether the loser has gone up in the survivor, which has taken over what it had: they decide last."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + MERGED_WITHIN
        while loop.time() < ends:
            async with self.database.read() as session:
                asked = await asked_by(session, command_id)
                incidents = await of_deliveries(session, asked)
            if incidents:
                return StepFault(step=CommandKind.MERGE.value, incident=next(iter(incidents.values())))
            if all(each.done for each in asked):
                if all(each.outcome == RETIRED for each in asked if each.kind == DeliveryKind.GO_UP):
                    return decided
                return Refusal(
                    type=ProblemType.MERGE_FORBIDDEN,
                    detail=said("{number} had changed, and stays as it is.", number=number),
                )
            await asyncio.sleep(LOOK_EVERY)
        return decided


def _result(decided: Decided) -> _Result:
    match decided:
        case CommandResult():
            return _Result(ItemState.DONE, {"version": decided.version})
        case Refusal():
            return _Result(ItemState.REFUSED, decided.model_dump(mode="json", exclude_defaults=True))
        case StepFault():
            return _Result(ItemState.FAILED, decided.model_dump(mode="json", exclude_none=True))


async def counts(session: AsyncSession, operation_id: UUID) -> dict[ItemState, int]:
    """How many cases of the operation are in which state."""
    rows = await session.execute(
        select(BulkItem.state, func.count()).where(BulkItem.operation_id == operation_id).group_by(BulkItem.state)
    )
    found = dict.fromkeys(ItemState, 0)
    return found | {ItemState(state): count for state, count in rows}
