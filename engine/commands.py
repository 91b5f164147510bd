"""Sending a command to its case's workflow, whatever becomes of the run on the way. Knows no rows: whoever asks has them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import Priority
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from engine.dispatch import start_options
from engine.gates import Gates
from engine.precedence import FIRST, Precedence
from engine.proof import DeskProof
from models.messages.cases import RELEASE, CaseCommand, CaseStart, CommandResult, ProblemType, Refusal
from models.messages.incidents import StepFault
from models.messages.names import CASE_WORKFLOW, FAULT_ERROR, case_workflow_id, verb_name

GO_ON_FOR = timedelta(seconds=60)
"""How long a command is pursued. Its row stays pending then; the same key, or the sweep, takes it up again."""
AT_ONCE = 8
"""Commands under way to one case. The engine refuses the eleventh, which then waits for seconds although the case is
free; two places are left to other processes of the house."""
LONGEST_PAUSE = 1.0
"""Seconds between two tries."""

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

Decided = CommandResult | Refusal | StepFault


class NotAnswered(Exception):
    """The engine did not answer, or not in time. The command may be under way; it is safe to send it again."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The case that a command is for, as its row stood when the command was about to be sent."""

    case_id: UUID
    number: str
    origin: str
    version: int
    wake: bool
    """Whether there may be no run: then the update starts one."""


class CommandSender:
    """One for the process: it keeps the commands of one case in order of arrival."""

    def __init__(self, client: Client, proof: DeskProof) -> None:
        self.client, self.proof = client, proof
        self.gates, self.precedence = Gates(AT_ONCE), Precedence(client)

    async def send(
        self,
        command: CaseCommand,
        to: Receiver,
        settled: Callable[[], Awaitable[Decided | None]],
        *,
        attempt: int = 0,
        patience: timedelta = GO_ON_FOR,
    ) -> Decided:
        """Have the case do it, signed; what it answered, or why it refused.

        The update's id is the command's, so that a command that is sent again meets the update that is under way. Within
        a run the engine keeps the result of an update: a command that is to be tried anew, because it failed by a fault,
        needs another `attempt`, which is the id's suffix. The write knows a command by its own id in any case.

        `settled` is asked each time the run was gone: what became of the command meanwhile, or that the state now forbids
        it; None has it sent again. Raises `NotAnswered` after `patience`, or if the engine is away, and
        `WorkflowUpdateFailedError` if the run failed by a fault.
        """
        name = f"{command.id}.{attempt}" if attempt else str(command.id)
        try:
            async with asyncio.timeout(patience.total_seconds()), self.gates.through(to.number):
                answer = await self._until_answered(name, command, to, settled)
                if isinstance(answer, Refusal) and answer.type is ProblemType.NOT_SIGNED:
                    # Somebody else's update took this id in the run, or one of a release that did not sign yet.
                    answer = await self._until_answered(f"{command.id}.{uuid4().hex}", command, to, settled)
                return answer
        except TimeoutError:
            raise NotAnswered from None

    async def answers(self) -> bool:
        """Whether the engine does at all."""
        try:
            return await self.client.service_client.check_health(timeout=timedelta(seconds=2))
        except RPCError:
            return False

    async def _until_answered(
        self, update_id: str, command: CaseCommand, to: Receiver, settled: Callable[[], Awaitable[Decided | None]]
    ) -> Decided:
        pause = 0.02
        sent = self.proof.sign(command.model_copy(update={"row_version": to.version}), to.case_id)
        while True:
            try:
                return await (self._wake if to.wake else self._tell)(update_id, sent, to)
            except WorkflowUpdateFailedError as error:
                said = said_by(error)
                if said is None:
                    raise
                return said
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                raise NotAnswered from None
            except WorkflowAlreadyStartedError:
                pass
            except RPCError as error:
                if error.status not in _GONE and not await self._aborted(error, to):
                    raise NotAnswered from error
            known = await settled()
            if known is not None:
                return known
            to = replace(to, wake=True)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _aborted(self, error: RPCError, to: Receiver) -> bool:
        """Whether the engine let go of the update alone: its run ended, or it had too many under way. It says of that
        what a dead engine's connection says, and after ten seconds of trying the client says no more either."""
        return error.status is RPCStatusCode.UNAVAILABLE and (to.wake or await self.answers())

    async def _tell(self, update_id: str, command: CaseCommand, to: Receiver) -> CommandResult:
        if await self.precedence.needed():
            await self.precedence.give(to.number)
        handle = self.client.get_workflow_handle(case_workflow_id(to.number))
        result: CommandResult = await handle.execute_update(
            verb_name(command.kind), command, id=update_id, result_type=CommandResult, rpc_timeout=GO_ON_FOR
        )
        return result

    async def _wake(self, update_id: str, command: CaseCommand, to: Receiver) -> CommandResult:
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            CASE_WORKFLOW,
            CaseStart(release=RELEASE, case_id=to.case_id, number=to.number),
            **start_options(to.number, to.origin),
            priority=FIRST if await self.precedence.needed() else Priority.default,
        )
        try:
            result: CommandResult = await self.client.execute_update_with_start_workflow(
                verb_name(command.kind),
                command,
                id=update_id,
                start_workflow_operation=start,
                result_type=CommandResult,
                rpc_timeout=GO_ON_FOR,
            )
            return result
        finally:
            # Its outcome is the same error or nothing of use, but left unread asyncio reports it as never retrieved.
            await asyncio.gather(start.workflow_handle(), return_exceptions=True)


def said_by(error: WorkflowUpdateFailedError) -> Refusal | StepFault | None:
    """The refusal or the fault that the run raised; None if it failed for a reason that no run of ours gives."""
    cause = error.cause
    if not isinstance(cause, ApplicationError) or not cause.details:
        return None
    try:
        return (StepFault if cause.type == FAULT_ERROR else Refusal).model_validate(cause.details[0])
    except ValueError:
        return None
