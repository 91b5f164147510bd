"""CaseWorkflow: one run per open life of a case. It orders what happens to the case; activities write it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

with workflow.unsafe.imports_passed_through():
    from activities.case import CaseActivities
    from models.messages.cases import (
        CaseCommand,
        CaseSnapshot,
        CaseStart,
        CaseStatus,
        CommandInput,
        CommandResult,
        DeliveryInput,
        LapseInput,
        Refusal,
        StepInput,
    )
    from models.messages.names import CASE_WORKFLOW, COMMAND_UPDATE, DELIVER_SIGNAL
    from models.messages.slas import Clock
    from policies.lifecycle import refuse
    from workflows.presentation import attribute_update, case_details, search_attributes
    from workflows.steps import step

SEEN_LIMIT = 200
CLOSED = (CaseStatus.RESOLVED, CaseStatus.CANCELLED)


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

    @workflow.run
    async def run(self, start: CaseStart) -> None:
        await self._open_or_load()
        self.ready = True
        while True:
            if self._closed() or self._should_continue():
                await workflow.wait_condition(workflow.all_handlers_finished)
                if self._closed():
                    return
                if not self._should_continue():
                    # Reactivated, by the very command that woke this run or while it was ending.
                    continue
                workflow.continue_as_new(self.start.model_copy(update={"fresh": False, "seen": tuple(self.seen)}))
            await self._wait_for_the_earliest_deadline()

    async def _open_or_load(self) -> None:
        """Open a case that is new; load one that was woken. The rows say which, whatever the start argument hopes."""
        if not self.start.fresh:
            self._now_is(await step(CaseActivities.load_case, self._step_input(), "Load the case"))
        if self.snapshot is not None and self.snapshot.status is not CaseStatus.OPENING:
            self._show()
            return
        summary = "Open: entitlement, SLA, routing, process, acknowledgement"
        self._now_is(await step(CaseActivities.open_case, self._step_input(), summary))
        self._show()

    async def _wait_for_the_earliest_deadline(self) -> None:
        """One timer for the earliest promise. It is set anew only when another deadline has become the earliest."""
        clock = self._earliest()
        wait = max((clock.due - workflow.now()).total_seconds(), 0.001) if clock else None
        try:
            await workflow.wait_condition(
                lambda: self._earliest() != clock or self._closed() or self._should_continue(),
                timeout=wait,
                timeout_summary=f"{clock.kpi}: {clock.kind}" if clock else None,
            )
        except TimeoutError:
            await self._lapse()

    async def _lapse(self) -> None:
        async with self.lock:
            snapshot, clock = self._known(), self._earliest()
            if clock is None or clock.due > workflow.now() or self._closed():
                return
            argument = LapseInput(case_id=snapshot.case_id, now=workflow.now())
            self._written(await step(CaseActivities.lapse_clocks, argument, f"{clock.kpi}: {clock.kind}"))

    @workflow.update(name=COMMAND_UPDATE, description="One agent command; its update id is the command's id")
    async def command(self, command: CaseCommand) -> CommandResult:
        await workflow.wait_condition(lambda: self.ready)
        async with self.lock:
            snapshot = self._known()
            _raise_if(self._refusal(command))
            argument = CommandInput(
                case_id=snapshot.case_id, now=workflow.now(), version=snapshot.version, command=command
            )
            outcome = await step(CaseActivities.apply_command, argument, str(command.kind))
            self._remember(str(command.id))
            self._written(outcome.snapshot)
            _raise_if(outcome.refusal)
            return CommandResult(version=outcome.snapshot.version, resource=outcome.resource)

    @command.validator
    def refuse_what_the_state_forbids(self, command: CaseCommand) -> None:
        """Decided again under the lock; here it costs no history event. A run that is still loading cannot say yet."""
        if self.ready and not self.lock.locked():
            _raise_if(self._refusal(command))

    @workflow.signal(name=DELIVER_SIGNAL, description="The case must hear of a delivery: a mail, or a failed sending")
    async def deliver(self, delivery_id: str) -> None:
        await workflow.wait_condition(lambda: self.ready)
        async with self.lock:
            if delivery_id in self.seen:
                return
            snapshot = self._known()
            argument = DeliveryInput(
                case_id=snapshot.case_id,
                now=workflow.now(),
                version=snapshot.version,
                delivery_id=UUID(delivery_id),
            )
            delivered = await step(CaseActivities.apply_delivery, argument, "Mail for the case")
            self._remember(delivery_id)
            self._written(delivered)

    def _refusal(self, command: CaseCommand) -> Refusal | None:
        """What the run's state forbids. If the rows are ahead (a task was lost after its write) the activity decides."""
        snapshot = self._known()
        if str(command.id) in self.seen or command.row_version > snapshot.version:
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

    def _closed(self) -> bool:
        return self._known().status in CLOSED

    def _should_continue(self) -> bool:
        # A run that has done nothing must not continue as new: it would do so for ever.
        return self.applied > 0 and workflow.info().is_continue_as_new_suggested()

    def _remember(self, key: str) -> None:
        self.seen = [*self.seen, key][-SEEN_LIMIT:]

    def _now_is(self, snapshot: CaseSnapshot) -> None:
        self.snapshot = snapshot

    def _written(self, snapshot: CaseSnapshot) -> None:
        self._now_is(snapshot)
        self.applied += 1
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
