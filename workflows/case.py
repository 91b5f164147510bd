"""CaseWorkflow: one run per open life of a case. It orders what happens to the case; activities write it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

with workflow.unsafe.imports_passed_through():
    from models.messages.cases import (
        RELEASE,
        CaseCommand,
        CaseSnapshot,
        CaseStart,
        CaseStatus,
        CommandInput,
        CommandResult,
        DeliveryInput,
        LapseInput,
        Outcome,
        ProblemType,
        Refusal,
        StepInput,
        StepKind,
    )
    from models.messages.incidents import StepFault
    from models.messages.names import ARRIVALS, CASE_WORKFLOW, FAULT_ERROR, OTHER_ARRIVAL, verb_name
    from models.messages.slas import Clock
    from policies.lifecycle import refuse
    from workflows.presentation import attribute_update, case_details, deadline_name, search_attributes
    from workflows.steps import Given, step

SEEN_LIMIT = 200
CLOSED = (CaseStatus.RESOLVED, CaseStatus.CANCELLED)
FIRST_PAUSE, LAST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
"""Between two tries of what a case's run does by itself and could not do: to open, to load, to judge its deadlines."""
LONGEST_TASK = timedelta(minutes=1)
"""A worker's clock that says that a step took longer than this disagrees with the server's, and is not believed."""


@workflow.defn(name=CASE_WORKFLOW)
class CaseWorkflow:
    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        self.start = start
        self.seen = list(start.seen)
        self.snapshot: CaseSnapshot | None = None
        self.lock = asyncio.Lock()
        self.ready = False
        self.applied = 0
        self.shown: dict[str, str | datetime | None] = {}
        self.pause = FIRST_PAUSE
        self.not_before: datetime | None = None
        """Deadlines that could not be judged are not tried again before."""
        self.step_ended: tuple[datetime, datetime] | None = None
        """The run's time when the last step answered, and the worker's when it had ended."""

    @workflow.run
    async def run(self, start: CaseStart) -> None:
        await self._open_or_load()
        while True:
            if self._closed() or self._should_continue():
                await workflow.wait_condition(workflow.all_handlers_finished)
                if self._closed():
                    return
                if not self._should_continue():
                    # Reactivated, by the very command that woke this run or while it was ending.
                    continue
                again = {"release": RELEASE, "fresh": False, "seen": tuple(self.seen)}
                workflow.continue_as_new(self.start.model_copy(update=again))
            await self._wait_for_the_earliest_deadline()

    # ---- opening and loading -----------------------------------------------------------------------------------------

    async def _open_or_load(self) -> None:
        """Until the case is open. Meanwhile commands are answered: it is being opened, or it cannot be read."""
        while True:
            async with self.lock:
                await self._begin()
            self.ready = True
            if self.snapshot is not None and self.snapshot.status is not CaseStatus.OPENING:
                self.pause = FIRST_PAUSE
                return
            await workflow.sleep(self._next_pause(), summary="until it is tried again")

    async def _begin(self) -> None:
        """Open a case that is new; load one that was woken. The rows say which, whatever the start argument hopes."""
        if not self.start.fresh and self.snapshot is None:
            self._take(await self._step(StepKind.LOAD, self._step_input(), "load"))
        opened = self.snapshot is not None and self.snapshot.status is not CaseStatus.OPENING
        if not opened and (self.start.fresh or self.snapshot is not None):
            self._take(await self._step(StepKind.OPEN, self._step_input(), "open"))
        if self.snapshot is not None:
            self._show()

    async def _loaded(self) -> CaseSnapshot:
        """What the run knows of its case; read anew if it could not be read before. Raises the fault of that."""
        if self.snapshot is None:
            self._take(await self._step(StepKind.LOAD, self._step_input(), "load"))
        if self.snapshot is None:
            raise _fault(StepFault(step="load"))
        return self.snapshot

    # ---- deadlines ---------------------------------------------------------------------------------------------------

    async def _wait_for_the_earliest_deadline(self) -> None:
        """One timer for the earliest promise. It is set anew only when another deadline has become the earliest."""
        clock, not_before = self._earliest(), self.not_before
        wait = None
        if clock is not None:
            until = max(clock.due, not_before) if not_before is not None else clock.due
            wait = max((until - self._now()).total_seconds(), 0.001)
        try:
            await workflow.wait_condition(
                lambda: self._earliest() != clock or self._closed() or self._should_continue(),
                timeout=wait,
                timeout_summary=deadline_name(clock) if clock else None,
            )
        except TimeoutError:
            await self._lapse()

    async def _lapse(self) -> None:
        async with self.lock:
            snapshot, clock = self._known(), self._earliest()
            if clock is None or clock.due > workflow.now() or self._closed():
                return
            argument = LapseInput(case_id=snapshot.case_id, now=workflow.now())
            outcome = await self._step(StepKind.LAPSE, argument, deadline_name(clock))
            self._written(outcome)
            if outcome.fault is None:
                self.pause, self.not_before = FIRST_PAUSE, None
            else:
                self.not_before = workflow.now() + self._next_pause()

    def _now(self) -> datetime:
        """The server counts a timer from the end of this task, and a step that was in it may have taken long."""
        now = workflow.now()
        if self.step_ended is not None:
            answered, ended = self.step_ended
            if answered == now and timedelta(0) < ended - now < LONGEST_TASK:
                return ended
        return now

    # ---- commands and deliveries -------------------------------------------------------------------------------------

    @workflow.update(
        dynamic=True, description="One agent command, by its verb; its update id begins with the command's id"
    )
    async def command(self, verb: str, args: Sequence[RawValue]) -> CommandResult:
        command = _command(args)
        await workflow.wait_condition(lambda: self.ready)
        async with self.lock:
            snapshot = await self._loaded()
            _raise_if(self._refusal(command))
            argument = CommandInput(
                case_id=snapshot.case_id, now=workflow.now(), version=snapshot.version, command=command
            )
            outcome = await self._step(StepKind.COMMAND, argument, verb_name(command.kind))
            if outcome.fault is None and not _forged(outcome):
                self._remember(str(command.id))
            self._written(outcome)
            _raise_if(outcome.refusal)
            if outcome.fault is not None:
                raise _fault(outcome.fault)
            return CommandResult(version=self._known().version, resource=outcome.resource)

    @command.validator
    def refuse_what_the_state_forbids(self, verb: str, args: Sequence[RawValue]) -> None:
        """Decided again under the lock; here it costs no history event. A run that is still loading cannot say yet."""
        command = _command(args)
        if self.ready and not self.lock.locked():
            _raise_if(self._refusal(command))

    @workflow.signal(dynamic=True, description="The case must hear of a delivery, by what arrives")
    async def deliver(self, arrival: str, args: Sequence[RawValue]) -> None:
        delivery_id = _delivery_id(args)
        if delivery_id is None:
            return  # No sender of ours says that; whoever did must not stop the run.
        await workflow.wait_condition(lambda: self.ready and not self._opening())
        async with self.lock:
            if str(delivery_id) in self.seen:
                return
            argument = DeliveryInput(
                case_id=self.start.case_id,
                now=workflow.now(),
                version=0 if self.snapshot is None else self.snapshot.version,
                delivery_id=delivery_id,
            )
            name = arrival if arrival in ARRIVALS else OTHER_ARRIVAL
            outcome = await self._step(StepKind.DELIVER, argument, name)
            if outcome.fault is None:
                self._remember(str(delivery_id))
            self._written(outcome)

    async def _step(self, kind: StepKind, given: Given, name: str) -> Outcome:
        outcome = await step(kind, given, name, release=self.start.release)
        if outcome.ended_on is not None:
            self.step_ended = (workflow.now(), outcome.ended_on)
        return outcome

    # ---- what the run knows ------------------------------------------------------------------------------------------

    def _refusal(self, command: CaseCommand) -> Refusal | None:
        """What the run's state forbids. If the rows are ahead (a task was lost after its write) the activity decides."""
        snapshot = self.snapshot
        if snapshot is None or str(command.id) in self.seen or command.row_version > snapshot.version:
            return None
        return refuse(snapshot, command)

    def _step_input(self) -> StepInput:
        return StepInput(case_id=self.start.case_id, now=workflow.now())

    def _known(self) -> CaseSnapshot:
        if self.snapshot is None:
            raise RuntimeError("the case was used before it was loaded")
        return self.snapshot

    def _earliest(self) -> Clock | None:
        clocks = self._known().clocks
        return clocks[0] if clocks else None

    def _opening(self) -> bool:
        return self.snapshot is not None and self.snapshot.status is CaseStatus.OPENING

    def _closed(self) -> bool:
        return self._known().status in CLOSED

    def _should_continue(self) -> bool:
        # A run that has done nothing must not continue as new: it would do so for ever.
        return self.applied > 0 and workflow.info().is_continue_as_new_suggested()

    def _next_pause(self) -> timedelta:
        pause, self.pause = self.pause, min(2 * self.pause, LAST_PAUSE)
        return pause

    def _remember(self, key: str) -> None:
        self.seen = [*self.seen, key][-SEEN_LIMIT:]

    def _take(self, outcome: Outcome) -> None:
        if outcome.snapshot is not None:
            self.snapshot = outcome.snapshot

    def _written(self, outcome: Outcome) -> None:
        self._take(outcome)
        self.applied += 1
        if self.snapshot is not None:
            self._show()

    def _show(self) -> None:
        """What an admin sees in the Temporal UI: current details, and one upsert of the attributes that changed."""
        snapshot = self._known()
        workflow.set_current_details(case_details(snapshot))
        wanted = search_attributes(snapshot)
        changed = [name for name in wanted if wanted[name] != self.shown.get(name)]
        self.shown = wanted
        if changed:
            workflow.upsert_search_attributes([attribute_update(name, wanted[name]) for name in changed])


def _forged(outcome: Outcome) -> bool:
    """Whether what came under a command's id was not that command: the real one may still come."""
    return outcome.refusal is not None and outcome.refusal.type is ProblemType.NOT_SIGNED


def _command(args: Sequence[RawValue]) -> CaseCommand:
    command: CaseCommand = workflow.payload_converter().from_payload(args[0].payload, CaseCommand)
    return command


def _delivery_id(args: Sequence[RawValue]) -> UUID | None:
    try:
        return UUID(workflow.payload_converter().from_payload(args[0].payload, str))
    except (IndexError, RuntimeError, TypeError, ValueError):
        return None


def _raise_if(refusal: Refusal | None) -> None:
    """A refusal is the update's failure, never the run's; its details are the problem response's members."""
    if refusal is not None:
        raise ApplicationError(
            refusal.detail,
            refusal.model_dump(mode="json"),
            type=refusal.type,
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        )


def _fault(fault: StepFault) -> ApplicationError:
    """A fault of ours fails the update too, and never the run; its detail names the incident."""
    return ApplicationError(
        f"{fault.step}: it could not be done, by a fault of ours",
        fault.model_dump(mode="json"),
        type=FAULT_ERROR,
        non_retryable=True,
    )
