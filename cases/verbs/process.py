"""The business process flow of a case: data steps and moves between stages (domain 7)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from cases import fields
from cases.unit import CaseUnit, granted, refused
from models.messages.api_cases import StageBody, SwitchBody
from models.messages.case_fields import WrongValue
from models.messages.cases import CaseCommand, ProblemType
from models.messages.processes import DataValue, ProcessDefinition, ProcessState, ProcessStatus
from models.records.base import new_id
from models.records.cases import ProcessInstance
from policies import process
from policies.process import check_value
from storage.definitions import DefinitionKind, Versioned


async def current(unit: CaseUnit) -> tuple[ProcessInstance, ProcessDefinition, ProcessState]:
    row = unit.process
    if row is None:
        raise refused(ProblemType.NO_PROCESS, "The case follows no process.", allowed=("process-switch",))
    definition = await unit.tools.definitions.pinned(
        unit.session, DefinitionKind.PROCESS, row.definition, row.version, ProcessDefinition
    )
    return row, definition, ProcessState.model_validate(row.state)


def store(unit: CaseUnit, row: ProcessInstance, state: ProcessState) -> None:
    row.state = state.model_dump(mode="json")
    row.ended_on = None if state.status is ProcessStatus.ACTIVE else unit.now
    unit.case.stage = state.stage


async def fill(
    unit: CaseUnit, definition: ProcessDefinition, state: ProcessState, data: Mapping[str, DataValue]
) -> None:
    """Write data steps of the active stage into the case; a field that the stage does not ask for is refused."""
    stage = next(stage for stage in definition.stages if stage.slug == state.stage)
    steps = {step.field: step for step in stage.steps}
    values: dict[str, DataValue] = {}
    for field, given in data.items():
        step = steps.get(field)
        if step is None:
            raise refused(
                ProblemType.INVALID,
                f"data.{field}: not a data step of stage {stage.slug!r}.",
                field=f"data.{field}",
                allowed=tuple(steps),
            )
        try:
            values[field] = check_value(step, given)
        except WrongValue as error:
            raise refused(
                ProblemType.INVALID, f"data.{error}.", field=f"data.{error.field}", allowed=error.allowed
            ) from None
    await fields.fill(unit, values)


async def next_stage(unit: CaseUnit, command: CaseCommand, body: StageBody) -> None:
    row, definition, state = await current(unit)
    await fill(unit, definition, state, body.data)
    after = granted(process.next_stage(definition, state, fields.values(unit.case), await unit.facts(), unit.now))
    store(unit, row, after)
    unit.tell(f"command/{command.id}", "stage", actor_id=command.actor_id, was=state.stage, stage=after.stage)


async def previous_stage(unit: CaseUnit, command: CaseCommand, body: StageBody) -> None:
    row, definition, state = await current(unit)
    await fill(unit, definition, state, body.data)
    after = granted(process.previous(definition, state, unit.now))
    store(unit, row, after)
    unit.tell(f"command/{command.id}", "stage", actor_id=command.actor_id, was=state.stage, stage=after.stage)


async def set_active(unit: CaseUnit, command: CaseCommand) -> None:
    row, _, state = await current(unit)
    after = granted(process.set_active(state, command.stage or "", unit.now))
    store(unit, row, after)
    unit.tell(f"command/{command.id}", "stage", actor_id=command.actor_id, was=state.stage, stage=after.stage)


async def finish(unit: CaseUnit, command: CaseCommand, body: StageBody) -> None:
    row, definition, state = await current(unit)
    await fill(unit, definition, state, body.data)
    store(unit, row, granted(process.finish(definition, state, fields.values(unit.case))))
    unit.tell(f"command/{command.id}", "process-finished", actor_id=command.actor_id, process=definition.slug)


async def abandon(unit: CaseUnit, command: CaseCommand) -> None:
    row, definition, state = await current(unit)
    store(unit, row, granted(process.abandon(state)))
    unit.tell(f"command/{command.id}", "process-abandoned", actor_id=command.actor_id, process=definition.slug)


async def reactivate(unit: CaseUnit, command: CaseCommand) -> None:
    row, definition, state = await current(unit)
    store(unit, row, granted(process.reactivate(state, unit.now)))
    unit.tell(f"command/{command.id}", "process-reactivated", actor_id=command.actor_id, process=definition.slug)


async def switch(unit: CaseUnit, command: CaseCommand, body: SwitchBody) -> None:
    """Park the instance that is shown, and show the other one: as it was parked, or begun now."""
    known = await unit.tools.definitions.active(unit.session, DefinitionKind.PROCESS)
    wanted = known[DefinitionKind.PROCESS].get(body.process)
    if wanted is None or not isinstance(wanted.body, ProcessDefinition):
        raise refused(
            ProblemType.NOT_FOUND,
            f"process: there is no active process {body.process!r}.",
            field="process",
            allowed=tuple(known[DefinitionKind.PROCESS]),
        )
    rows = list(await unit.session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == unit.case.id)))
    shown = next((row for row in rows if row.current), None)
    parked = next((row for row in rows if row.definition == body.process), None)
    after = granted(
        process.switch(
            ProcessState.model_validate(shown.state) if shown else None,
            wanted.body,
            wanted.version,
            ProcessState.model_validate(parked.state) if parked else None,
            unit.now,
        )
    )
    if shown is not None:
        shown.current = False
        await unit.flush()  # only one may be shown
    if parked is not None:
        parked.current, unit.process = True, parked
        store(unit, parked, after)
    else:
        begin(unit, wanted, after)
    unit.tell(f"command/{command.id}", "process-switched", actor_id=command.actor_id, process=body.process)


def begin(unit: CaseUnit, definition: Versioned, state: ProcessState) -> None:
    unit.process = ProcessInstance(
        id=new_id(),
        case_id=unit.case.id,
        definition=definition.slug,
        version=definition.version,
        current=True,
        state=state.model_dump(mode="json"),
        started_on=unit.now,
    )
    unit.add(unit.process)
    unit.case.stage = state.stage
