"""Commands that were asked and are not decided yet: their rows, sending them, and taking up those that were left behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import literal, select, update
from temporalio.client import WorkflowUpdateFailedError

from cases.snapshots import standing_of
from engine.commands import GO_ON_FOR, CommandSender, Decided, NotAnswered, Receiver
from models.messages.api_cases import BODIES
from models.messages.base import sentence
from models.messages.cases import CaseCommand, CaseSnapshot, CaseStatus, CommandResult, ProblemType, Refusal
from models.messages.incidents import StepFault
from models.messages.said import of_field
from models.records.cases import Case
from models.records.commands import Command
from policies.lifecycle import refuse
from storage.engines import Database

LEFT_BEHIND = timedelta(minutes=1)
"""As long as a caller's process pursues a command: older ones, nobody does any more."""
A_SWEEP = 64
CONCURRENCY = 16
SWEEP_PATIENCE = timedelta(seconds=5)
"""For one command. One whose case is busy for longer stays under way there, and its row tells the next sweep."""

FAILED = "failed"
"""The state of a command that a fault of ours set aside; its incident is tried again."""
BESIDE_THE_BODY = {"if_version", "target_id", "cancel_open_activities", "stage"}

log = structlog.get_logger(__name__)


def pending_row(command: CaseCommand, case_id: UUID, body: dict[str, Any]) -> Command:
    """The row of a command that is about to be sent, from which `command_of` makes it again."""
    return Command(
        id=command.id,
        case_id=case_id,
        actor_id=command.actor_id,
        key=command.key,
        kind=command.kind.value,
        body=body,
        body_hash=command.body_hash,
        state="pending",
        result=command.model_dump(mode="json", include=BESIDE_THE_BODY, exclude_defaults=True),
        applied_on=None,
        applied_version=None,
    )


def command_of(row: Command) -> CaseCommand:
    """The command as its caller sent it, without signature. ValidationError if this release knows no such command."""
    beside = {name: value for name, value in (row.result or {}).items() if name in BESIDE_THE_BODY}
    plain = {"id": row.id, "kind": row.kind, "actor_id": row.actor_id, "key": row.key, "body_hash": row.body_hash}
    return CaseCommand.model_validate(plain | beside)


def decided_by(row: Command, version: int) -> Decided | None:
    """What a row says of its command; None while it is pending. `version`: the case's, if the row names none."""
    result = row.result or {}
    match row.state:
        case "pending":
            return None
        case "refused":
            return Refusal.model_validate(result)
        case "failed":
            return StepFault(step=result.get("step", row.kind), incident=result.get("incident"))
        case "done":
            return CommandResult(version=result.get("version", version), resource=result.get("resource"))
        case other:
            raise ValueError(f"command {row.id}: unknown state {other!r}")


def receiver_of(case: Case, snapshot: CaseSnapshot) -> Receiver:
    return Receiver(case.id, case.number, case.origin, case.version, wake=snapshot.status is not CaseStatus.ACTIVE)


class Pursuit:
    """Has cases do commands. The rows say what became of a command where its run could not, and keep its refusal."""

    def __init__(self, database: Database, sender: CommandSender) -> None:
        self.database, self.sender = database, sender

    async def pursue(
        self, command: CaseCommand, to: Receiver, *, attempt: int = 0, patience: timedelta = GO_ON_FOR
    ) -> Decided:
        """Send it until it is decided. Raises as `CommandSender.send` does; the row is pending then, as it was."""
        decided = await self.sender.send(
            command,
            to,
            lambda: self._settled_meanwhile(command, to.case_id, again=attempt > 0),
            attempt=attempt,
            patience=patience,
        )
        if not isinstance(decided, Refusal):
            return decided
        if (done := await self._done(command.id)) is not None:
            return done
        # The validator's refusals are in no row yet.
        if command.kind in BODIES:
            await self.record_refusal(command.id, decided)
        return decided

    async def record_refusal(self, command_id: UUID, refusal: Refusal) -> None:
        """In its row, if that is pending still: the run may have been quicker.

        A refusal for want of a signature is none of the command that the row holds, which waits for the keys' repair.
        """
        if refusal.type is ProblemType.NOT_SIGNED:
            return
        async with self.database.write() as session:
            await session.execute(
                update(Command)
                .where(Command.id == command_id, Command.state == "pending")
                .values(state="refused", result=refusal.model_dump(mode="json"))
            )

    async def _settled_meanwhile(self, command: CaseCommand, case_id: UUID, *, again: bool) -> Decided | None:
        """The run was gone: perhaps it did the command before, perhaps the case now forbids it. None: send again.

        `again`: it is tried again after an incident, so that it failed before says nothing.
        """
        async with self.database.read() as session:
            case = await session.get_one(Case, case_id)
            known = await session.get(Command, command.id)
            decided = None if known is None else decided_by(known, case.version)
            if decided is not None and not (again and isinstance(decided, StepFault)):
                return decided
            return refuse(await standing_of(session, case), command)

    async def _done(self, command_id: UUID) -> CommandResult | None:
        """The run refused, but perhaps because it did the command before: in a task that was lost after the write."""
        async with self.database.read() as session:
            row = await session.get(Command, command_id)
            if row is None or row.state != "done":
                return None
            case = await session.get_one(Case, row.case_id)
            decided = decided_by(row, case.version)
            return decided if isinstance(decided, CommandResult) else None


class PendingCommands:
    """Takes up commands whose caller's process died, or gave up, before the case had decided them."""

    def __init__(self, pursuit: Pursuit) -> None:
        self.pursuit, self.database = pursuit, pursuit.database
        self._behind = 0
        """Rows that stayed pending in the sweeps before: the next one begins after them, so that cases that cannot decide
        now keep nobody else waiting."""

    async def sweep(self) -> int:
        """Send again what has been pending for a minute, oldest first: at most 64, 16 at once. How many were decided.

        Safe to repeat, and beside callers who still wait: a command is known by its id, wherever it was sent from.
        """
        found = await self._left_behind()
        limit = asyncio.Semaphore(CONCURRENCY)

        async def take_up(command_id: UUID) -> bool:
            async with limit:
                return await self._take_up(command_id)

        outcomes = await asyncio.gather(*map(take_up, found), return_exceptions=True)
        decided = outcomes.count(True)
        self._behind = 0 if len(found) < A_SWEEP else self._behind + len(found) - decided
        if found:
            log.info("pending commands taken up", found=len(found), decided=decided)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return decided

    async def _left_behind(self) -> list[UUID]:
        # The state as a literal: with a parameter the databases do not see that the index of pending rows will do.
        pending = Command.state == literal("pending", literal_execute=True)
        async with self.database.read() as session:
            rows = await session.scalars(
                select(Command.id)
                .where(pending, Command.recorded_at < datetime.now(UTC) - LEFT_BEHIND)
                .order_by(Command.recorded_at, Command.id)
                .offset(self._behind)
                .limit(A_SWEEP)
            )
            return list(rows)

    async def _take_up(self, command_id: UUID) -> bool:
        async with self.database.read() as session:
            row = await session.get_one(Command, command_id)
            if row.state != "pending":
                return False
            case = await session.get_one(Case, row.case_id)
            snapshot = await standing_of(session, case)
            asked = _asked(row, snapshot)
        if isinstance(asked, Refusal):
            await self.pursuit.record_refusal(command_id, asked)
            return True
        try:
            decided = await self.pursuit.pursue(asked, receiver_of(case, snapshot), patience=SWEEP_PATIENCE)
        except (NotAnswered, WorkflowUpdateFailedError) as error:
            log.warning("pending command not decided", id=str(command_id), error=type(error).__name__)
            return False
        return not isinstance(decided, Refusal) or decided.type is not ProblemType.NOT_SIGNED


def _asked(row: Command, snapshot: CaseSnapshot) -> CaseCommand | Refusal:
    """The command to send, or why there is no use in sending it."""
    try:
        command = command_of(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        return Refusal(type=ProblemType.INVALID, detail=of_field(field, sentence(first)), field=field)
    # What may be under way in a run, that run alone decides. A closed case has none, and is not woken to refuse.
    return command if snapshot.status is CaseStatus.ACTIVE else refuse(snapshot, command) or command
