"""Commands on a case: from a request to the update on its workflow, once a key, whatever dies in between."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import structlog
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from cases.snapshots import standing_of
from desk.errors import Invalid
from desk.identity import Identity
from desk.queries.visibility import visible_case
from desk.recipients import refuse_suppressed
from desk.refusals import EngineUnavailable, KeyReused, error_of
from engine.dispatch import start_options
from models.messages.api_case_views import Operation
from models.messages.api_cases import BODIES, stored
from models.messages.base import Message
from models.messages.cases import (
    RELEASE,
    CaseCommand,
    CaseSnapshot,
    CaseStart,
    CaseStatus,
    CommandKind,
    CommandResult,
    Refusal,
)
from models.messages.names import CASE_WORKFLOW, case_workflow_id, verb_name
from models.records.cases import Case, Command
from policies.lifecycle import refuse
from storage.engines import Database

COMMANDS = UUID("5c0a1d3e-7b52-5f0e-9a34-3f2b6f0c8d11")
"""The namespace of command ids: agent and key make the same id, in every process."""

ANSWER_WITHIN = 5.0
"""Seconds that a caller waits; then they get the operation's address (design, "API")."""
GO_ON_FOR = timedelta(seconds=60)
"""How long a command is pursued after that. Its row stays pending; the same key takes it up again."""
LONGEST_PAUSE = 1.0
"""Seconds between two tries."""
MAX_KEY = 200

# A run that closed, or is closing, while the command was on its way: the next try wakes the case under the same id.
_GONE = frozenset(
    {
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.ABORTED,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.ALREADY_EXISTS,
        # "workflow is closing": its last task is under way; update-with-start reports it without trying again.
        RPCStatusCode.RESOURCE_EXHAUSTED,
    }
)

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
class _Target:
    case_id: UUID
    number: str
    origin: str
    version: int
    wake: bool
    """Whether there may be no run: then the update starts one."""

    def sent(self, command: CaseCommand) -> CaseCommand:
        return command.model_copy(update={"row_version": self.version})


@dataclass(frozen=True, slots=True)
class _Pursuit:
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
        raise Invalid("Idempotency-Key", f"1 to {MAX_KEY} printable ASCII characters")
    return key


def body_hash(number: str, kind: str, body: dict[str, Any]) -> str:
    """SHA-256 over case, kind and canonical body, in hex."""
    canonical = json.dumps([number, kind, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class CaseDesk:
    """Sends commands to cases. One for the process: it pursues those that take longer than their callers wait."""

    def __init__(self, database: Database, client: Client) -> None:
        self.database, self.client = database, client
        self._under_way: dict[UUID, _Pursuit] = {}

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

    def under_way(self, identity: Identity, command_id: UUID) -> Operation | None:
        """A command of this agent that this process pursues: one without content has no row until it is applied."""
        pursuit = self._under_way.get(command_id)
        if pursuit is None or pursuit.command.actor_id != identity.agent_id:
            return None
        return Operation(id=command_id, kind=pursuit.command.kind.value, state="pending", case=pursuit.number)

    # ---- before sending ----------------------------------------------------------------------------------------------

    async def _prepare(
        self, identity: Identity, number: str, command: CaseCommand, content: dict[str, Any] | None
    ) -> CommandAnswer | _Target:
        """Answer from the row, refuse, or write the row: a command that the state forbids now starts no run."""
        async with self.database.read() if content is None else self.database.write() as session:
            case = await visible_case(session, identity, number)
            known = await session.get(Command, command.id)
            if known is not None and (answer := _answer_of(known, command, case)):
                return answer
            snapshot = await standing_of(session, case)
            # A pending command may be under way in the run, which alone decides; a closed case has no run to decide.
            asked = known is not None and snapshot.status is CaseStatus.ACTIVE
            refusal = None if asked else refuse(snapshot, command)
            if refusal is None and known is None:
                await refuse_suppressed(session, case, command.kind, content)
            if refusal is None and known is None and content is not None:
                session.add(_row(command, case.id, content))
                await session.flush()
        if refusal is not None:
            if known is not None:
                await self._record_refusal(command, case.id, refusal)
            raise error_of(refusal, snapshot.version)
        return _target(case, snapshot)

    # ---- sending -----------------------------------------------------------------------------------------------------

    async def _within(self, command: CaseCommand, target: _Target) -> CommandAnswer:
        pursuit = self._under_way.get(command.id)
        if pursuit is None:
            task = asyncio.create_task(self._pursue(command, target))
            self._under_way[command.id] = _Pursuit(command, target.number, task)
            task.add_done_callback(lambda done: self._ended(command, done))
        else:
            task = pursuit.task
        await asyncio.wait({task}, timeout=ANSWER_WITHIN)
        if task.done():
            return task.result()
        if not await self._engine_answers():
            raise EngineUnavailable
        return CommandAnswer(target.number, command.id, None)

    def _ended(self, command: CaseCommand, task: asyncio.Task[CommandAnswer]) -> None:
        self._under_way.pop(command.id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("command ended", id=str(command.id), kind=command.kind.value, error=type(error).__name__)

    async def _engine_answers(self) -> bool:
        try:
            return await self.client.service_client.check_health(timeout=timedelta(seconds=2))
        except RPCError:
            return False

    async def _pursue(self, command: CaseCommand, target: _Target) -> CommandAnswer:
        began, pause = asyncio.get_running_loop().time(), 0.02
        while asyncio.get_running_loop().time() - began < GO_ON_FOR.total_seconds():
            try:
                result = await (self._wake(command, target) if target.wake else self._tell(command, target))
                return CommandAnswer(target.number, command.id, result.version, result.resource)
            except WorkflowUpdateFailedError as error:
                refusal = refusal_in(error)
                if refusal is None:
                    raise
                if (done := await self._done(command, target)) is not None:
                    return done
                # The validator's refusals are in no row yet; one that nobody waits for any more needs a row to be read.
                if command.kind in BODIES or asyncio.get_running_loop().time() - began > ANSWER_WITHIN:
                    await self._record_refusal(command, target.case_id, refusal)
                raise error_of(refusal, await self._version(target.case_id)) from None
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                raise EngineUnavailable from None
            except WorkflowAlreadyStartedError:
                pass
            except RPCError as error:
                if error.status not in _GONE and not (target.wake and error.status is RPCStatusCode.UNAVAILABLE):
                    raise EngineUnavailable from error
            settled = await self._settled_meanwhile(command, target)
            if settled is not None:
                return settled
            target = replace(target, wake=True)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise EngineUnavailable

    async def _tell(self, command: CaseCommand, target: _Target) -> CommandResult:
        handle = self.client.get_workflow_handle(case_workflow_id(target.number))
        result: CommandResult = await handle.execute_update(
            verb_name(command.kind),
            target.sent(command),
            id=str(command.id),
            result_type=CommandResult,
            rpc_timeout=GO_ON_FOR,
        )
        return result

    async def _wake(self, command: CaseCommand, target: _Target) -> CommandResult:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            CASE_WORKFLOW,
            CaseStart(release=RELEASE, case_id=target.case_id, number=target.number),
            **start_options(target.number, target.origin),
        )
        try:
            result: CommandResult = await self.client.execute_update_with_start_workflow(
                verb_name(command.kind),
                target.sent(command),
                id=str(command.id),
                start_workflow_operation=start,
                result_type=CommandResult,
                rpc_timeout=GO_ON_FOR,
            )
            return result
        finally:
            # Its outcome is the same error or nothing of use, but left unread asyncio reports it as never retrieved.
            await asyncio.gather(start.workflow_handle(), return_exceptions=True)

    async def _settled_meanwhile(self, command: CaseCommand, target: _Target) -> CommandAnswer | None:
        """The run was gone: perhaps it did the command before, perhaps the case now forbids it. None: send again."""
        async with self.database.read() as session:
            case = await session.get_one(Case, target.case_id)
            known = await session.get(Command, command.id)
            if known is not None and (answer := _answer_of(known, command, case)):
                return replace(answer, replayed=False)
            refusal = refuse(await standing_of(session, case), command)
        if refusal is None:
            return None
        if known is not None:
            await self._record_refusal(command, case.id, refusal)
        raise error_of(refusal, case.version)

    async def _done(self, command: CaseCommand, target: _Target) -> CommandAnswer | None:
        """The run refused, but perhaps because it did the command before: in a task that was lost after the write."""
        async with self.database.read() as session:
            known = await session.get(Command, command.id)
            if known is None or known.state != "done":
                return None
            case = await session.get_one(Case, target.case_id)
            answer = _answer_of(known, command, case)
            return None if answer is None else replace(answer, replayed=False)

    async def _version(self, case_id: UUID) -> int:
        async with self.database.read() as session:
            return (await session.get_one(Case, case_id)).version

    async def _record_refusal(self, command: CaseCommand, case_id: UUID, refusal: Refusal) -> None:
        """Unless it was decided already: the run may have been quicker."""
        result = refusal.model_dump(mode="json")
        async with self.database.write() as session:
            if await session.get(Command, command.id) is None:
                session.add(_row(command, case_id, {}, state="refused", result=result))
                return
            await session.execute(
                update(Command)
                .where(Command.id == command.id, Command.state == "pending")
                .values(state="refused", result=result)
            )


def refusal_in(error: WorkflowUpdateFailedError) -> Refusal | None:
    """The refusal that the run raised; None if it failed for another reason, which is a fault."""
    cause = error.cause
    if not isinstance(cause, ApplicationError) or not cause.details:
        return None
    try:
        return Refusal.model_validate(cause.details[0])
    except ValueError:
        return None


def _answer_of(known: Command, command: CaseCommand, case: Case) -> CommandAnswer | None:
    """What a row says of this key: the answer, None if pending. Raises the refusal, or `KeyReused`."""
    if known.body_hash != command.body_hash:
        raise KeyReused
    if known.state == "pending":
        return None
    result = known.result or {}
    if known.state == "refused":
        raise error_of(Refusal.model_validate(result), case.version)
    return CommandAnswer(case.number, command.id, result.get("version", case.version), result.get("resource"), True)


def _row(
    command: CaseCommand,
    case_id: UUID,
    body: dict[str, Any],
    *,
    state: str = "pending",
    result: dict[str, Any] | None = None,
) -> Command:
    return Command(
        id=command.id,
        case_id=case_id,
        actor_id=command.actor_id,
        key=command.key,
        kind=command.kind.value,
        body=body,
        body_hash=command.body_hash,
        state=state,
        result=result,
        applied_on=None,
        applied_version=None,
    )


def _target(case: Case, snapshot: CaseSnapshot) -> _Target:
    return _Target(
        case.id, case.number, case.origin, version=case.version, wake=snapshot.status is not CaseStatus.ACTIVE
    )
