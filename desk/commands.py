"""Commands on a case: from a request to a row, and from what the case decided to an answer, once a key."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

import structlog
from sqlalchemy import Uuid, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cases.pending import Pursuit, decided_by, pending_row, receiver_of
from cases.snapshots import AROUND, Around, snapshot
from desk.claims import Claims
from desk.errors import DeskError, Invalid
from desk.identity import Identity
from desk.queries.allowed import really_allowed
from desk.queries.visibility import visible_row
from desk.recipients import refuse_suppressed
from desk.refusals import EngineUnavailable, Faulted, KeyReused, error_of
from engine.commands import CommandSender, NotAnswered, Receiver
from models.messages.api_cases import BODIES, stored
from models.messages.api_operations import Operation
from models.messages.base import Message
from models.messages.cases import CaseCommand, CaseStatus, CommandKind, CommandResult, ProblemType, Refusal
from models.messages.incidents import StepFault
from models.messages.said import said
from models.records.base import looked_for, table_of, values_of
from models.records.cases import Case
from models.records.commands import Command
from policies.lifecycle import refuse
from storage.definitions import Definitions
from storage.engines import Database

COMMANDS = UUID("5c0a1d3e-7b52-5f0e-9a34-3f2b6f0c8d11")
"""The namespace of command ids: agent and key make the same id, in every process."""

ANSWER_WITHIN = 5.0
"""Seconds that a caller waits; then they get the operation's address (design, "API")."""
MAX_KEY = 200

ASKED = (
    select(Case, Command, *AROUND)
    .outerjoin(Command, Command.id == bindparam("command", type_=Uuid()))
    .where(Case.number == looked_for("number"))
)
"""A case, what became of a command before, and all that decides whether it may be sent."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What became of a command. `version` None: it is under way, ask for the operation of this id."""

    number: str
    command_id: UUID
    version: int | None
    resource: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _UnderWay:
    command: CaseCommand
    number: str
    task: asyncio.Task[CommandAnswer]


def command_id(agent_id: UUID, key: str) -> UUID:
    return uuid5(COMMANDS, f"{agent_id}/{key}")


def checked_key(key: str | None) -> str:
    """The caller's key, or one of the server's making. `Invalid` unless it has 1 to 200 printable ASCII characters."""
    if key is None:
        return uuid4().hex
    if not 1 <= len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise Invalid("Idempotency-Key", said("1 to {max_key} printable ASCII characters", max_key=MAX_KEY))
    return key


def body_hash(number: str, kind: str, body: dict[str, Any]) -> str:
    """SHA-256 over case, kind and canonical body, in hex."""
    canonical = json.dumps([number, kind, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class CaseDesk:
    """Sends commands to cases. One for the process: it pursues those that take longer than their callers wait."""

    def __init__(self, database: Database, sender: CommandSender, definitions: Definitions | None = None) -> None:
        self.database, self.sender, self.definitions = database, sender, definitions or Definitions()
        self.pursuit = Pursuit(database, sender)
        self.claims = Claims()
        self._under_way: dict[UUID, _UnderWay] = {}

    async def command(
        self,
        identity: Identity,
        number: str,
        kind: CommandKind,
        body: Message | None = None,
        *,
        key: str | None = None,
        if_version: int | None = None,
        target_id: UUID | None = None,
        stage: str | None = None,
    ) -> CommandAnswer:
        """Have the case do it, once: the same key again gives the same answer.

        `body` is of the model that `BODIES` names for the kind, if it names one. Raises the refusal as a `DeskError`:
        404 unknown case, 409 state, 412 `if_version`, 422 body or a key of another request, 503 engine.
        """
        key = checked_key(key)
        content = {} if body is None else stored(body)
        named = {"target": target_id and str(target_id), "stage": stage}
        hashed = content | {name: value for name, value in named.items() if value is not None}
        command = CaseCommand(
            id=command_id(identity.agent_id, key),
            kind=kind,
            actor_id=identity.agent_id,
            key=key,
            body_hash=body_hash(number, kind, hashed),
            if_version=if_version,
            target_id=target_id,
            cancel_open_activities=bool(content.get("cancel_open_activities", False)),
            stage=stage,
        )
        try:
            prepared = await self._prepare(identity, number, command, None if body is None else content)
        except IntegrityError:
            # The same key at the same moment: the other one's row is there now.
            prepared = await self._prepare(identity, number, command, None if body is None else content)
        if isinstance(prepared, CommandAnswer):
            return prepared
        return await self._within(command, prepared)

    async def close(self) -> None:
        """Let go of what callers no longer wait for: the run does it all the same, or housekeeping takes up its row."""
        tasks = [each.task for each in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def under_way(self, identity: Identity, command_id: UUID) -> Operation | None:
        """A command of this agent that this process pursues: one without content has no row until it is applied."""
        known = self._under_way.get(command_id)
        if known is None or known.command.actor_id != identity.agent_id:
            return None
        return Operation(id=command_id, kind=known.command.kind.value, state="pending", case=known.number)

    # ---- before sending ----------------------------------------------------------------------------------------------

    async def _prepare(
        self, identity: Identity, number: str, command: CaseCommand, content: dict[str, Any] | None
    ) -> CommandAnswer | Receiver:
        """Answer from the row, refuse, or write the row: a command that the state forbids now starts no run."""
        async with self.database.read() if content is None else self.database.write() as session:
            row = await visible_row(session, identity, ASKED, number, command=command.id)
            case, known, standing = row[0], row[1], snapshot(row[0], Around._make(row[2:]))
            if known is not None and (answer := await self._answer_of(session, known, command, case)):
                return answer
            # A pending command may be under way in the run, which alone decides; a closed case has no run to decide.
            asked = known is not None and standing.status is CaseStatus.ACTIVE
            refusal = None if asked else refuse(standing, command)
            if refusal is None and known is None:
                await refuse_suppressed(session, case, command.kind, content)
            if refusal is None and known is None and content is not None:
                await session.execute(insert(table_of(Command)), values_of(pending_row(command, case.id, content)))
            refused = None if refusal is None else await self._error_of(session, refusal, case)
        if refusal is not None and known is not None:
            await self.pursuit.record_refusal(command.id, refusal)
        if refused is not None:
            raise refused
        return receiver_of(case, standing)

    # ---- sending -----------------------------------------------------------------------------------------------------

    async def _within(self, command: CaseCommand, to: Receiver) -> CommandAnswer:
        known = self._under_way.get(command.id)
        if known is None:
            task = asyncio.create_task(self._pursue(command, to))
            self._under_way[command.id] = _UnderWay(command, to.number, task)
            task.add_done_callback(lambda done: self._ended(command, done))
        else:
            task = known.task
        await asyncio.wait({task}, timeout=ANSWER_WITHIN)
        if task.done():
            return task.result()
        if not await self.sender.answers():
            raise EngineUnavailable
        return CommandAnswer(to.number, command.id, None)

    def _ended(self, command: CaseCommand, task: asyncio.Task[CommandAnswer]) -> None:
        self._under_way.pop(command.id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("command ended", id=str(command.id), kind=command.kind.value, error=type(error).__name__)

    async def _pursue(self, command: CaseCommand, to: Receiver) -> CommandAnswer:
        began = asyncio.get_running_loop().time()
        try:
            decided = await self.pursuit.pursue(command, to)
        except NotAnswered as error:
            raise EngineUnavailable from error
        if isinstance(decided, CommandResult):
            return CommandAnswer(to.number, command.id, decided.version, decided.resource)
        if isinstance(decided, StepFault):
            raise Faulted(decided)
        if command.kind not in BODIES and asyncio.get_running_loop().time() - began > ANSWER_WITHIN:
            await self._remember_refusal(command, to.case_id, decided)
        async with self.database.read() as session:
            refused = await self._error_of(session, decided, await session.get_one(Case, to.case_id))
        raise refused

    # ---- what was decided --------------------------------------------------------------------------------------------

    async def _error_of(self, session: AsyncSession, refusal: Refusal, case: Case) -> DeskError:
        """The refusal, with the ways on that are open now: it was decided without the rows that some of them need."""
        allowed = await really_allowed(session, self.definitions, case.id, refusal.allowed)
        return error_of(refusal.model_copy(update={"allowed": allowed}), case.version)

    async def _answer_of(
        self, session: AsyncSession, known: Command, command: CaseCommand, case: Case
    ) -> CommandAnswer | None:
        """What a row says of this key: the answer, None if pending. Raises the refusal, or `KeyReused`."""
        if known.body_hash != command.body_hash:
            raise KeyReused
        decided = decided_by(known, case.version)
        match decided:
            case None:
                return None
            case Refusal():
                raise await self._error_of(session, decided, case)
            case StepFault():
                raise Faulted(decided)
            case CommandResult():
                return CommandAnswer(case.number, command.id, decided.version, decided.resource, replayed=True)

    async def _remember_refusal(self, command: CaseCommand, case_id: UUID, refusal: Refusal) -> None:
        """Of a command that has no row of its own: one that nobody waits for any more needs a row to be read."""
        if refusal.type is ProblemType.NOT_SIGNED:
            return
        async with self.database.write() as session:
            if await session.get(Command, command.id) is None:
                row = pending_row(command, case_id, {})
                row.state, row.result = "refused", refusal.model_dump(mode="json")
                session.add(row)
