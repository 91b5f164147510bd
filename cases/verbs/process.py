"""The business process flow of a case: data steps and moves between stages (domain 7)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from cases import fields
from cases.process_actions import run_actions
from cases.unit import CaseUnit, Refused, granted, refused
from models.messages.api_cases import StageBody, SwitchBody
from models.messages.case_fields import WrongValue
from models.messages.cases import CaseCommand, ProblemType, Refusal
from models.messages.processes import MOST_INSTANCES, DataValue, ProcessDefinition, ProcessState, ProcessStatus
from models.messages.reference import Role
from models.messages.said import said, whole
from models.records.base import new_id
from models.records.processes import ProcessInstance
from models.records.reference import Agent, Queue
from policies import process
from policies.process_choice import applies, may_use
from policies.process_steps import check_value
from storage.definitions import DefinitionKind, Versioned


async def current(unit: CaseUnit, actor_id: UUID) -> tuple[ProcessInstance, ProcessDefinition, ProcessState]:
    """The instance that is shown, to somebody who may work in it."""
    row = unit.process
    if row is None:
        raise refused(ProblemType.NO_PROCESS, said("The case follows no process."), allowed=("process-switch",))
    definition = await _pinned(unit, row)
    await _check_roles(unit, definition, actor_id)
    return row, definition, ProcessState.model_validate(row.state)


async def _pinned(unit: CaseUnit, row: ProcessInstance) -> ProcessDefinition:
    return await unit.tools.definitions.pinned(
        unit.session, DefinitionKind.PROCESS, row.definition, row.version, ProcessDefinition
    )


async def _check_roles(unit: CaseUnit, definition: ProcessDefinition, actor_id: UUID) -> None:
    """Everybody who can send a command works cases; only a process that names roles has to ask."""
    if definition.roles:
        roles = await unit.session.scalar(select(Agent.roles).where(Agent.id == actor_id)) or ()
        _raise(may_use(definition, tuple(Role(role) for role in roles)))


def _raise(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal)


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
                said("not a data step of stage {stage!r}.", stage=stage.slug),
                field=f"data.{field}",
                allowed=tuple(steps),
            )
        try:
            values[field] = check_value(step, given)
        except WrongValue as error:
            raise refused(
                ProblemType.INVALID,
                whole(error.rule),
                field=f"data.{error.field}",
                allowed=error.allowed,
            ) from None
    await fields.fill(unit, values)


async def next_stage(unit: CaseUnit, command: CaseCommand, body: StageBody) -> None:
    row, definition, state = await current(unit, command.actor_id)
    await fill(unit, definition, state, body.data)
    after = process.next_stage(definition, state, fields.values(unit.case), await unit.facts(), unit.now)
    await _move(unit, command, row, definition, state, granted(after))


async def previous_stage(unit: CaseUnit, command: CaseCommand, body: StageBody) -> None:
    row, definition, state = await current(unit, command.actor_id)
    await fill(unit, definition, state, body.data)
    await _move(unit, command, row, definition, state, granted(process.previous(definition, state, unit.now)))


async def set_active(unit: CaseUnit, command: CaseCommand) -> None:
    row, definition, state = await current(unit, command.actor_id)
    await _move(
        unit, command, row, definition, state, granted(process.set_active(state, command.stage or "", unit.now))
    )


async def _move(
    unit: CaseUnit,
    command: CaseCommand,
    row: ProcessInstance,
    definition: ProcessDefinition,
    before: ProcessState,
    after: ProcessState,
) -> None:
    store(unit, row, after)
    unit.tell(f"command/{command.id}", "stage", actor_id=command.actor_id, was=before.stage, stage=after.stage)
    await run_actions(unit, row, definition, before, after)


async def finish(unit: CaseUnit, command: CaseCommand, body: StageBody) -> None:
    row, definition, state = await current(unit, command.actor_id)
    await fill(unit, definition, state, body.data)
    after = granted(process.finish(definition, state, fields.values(unit.case), unit.now))
    store(unit, row, after)
    unit.tell(f"command/{command.id}", "process-finished", actor_id=command.actor_id, process=definition.slug)
    await run_actions(unit, row, definition, state, after)


async def abandon(unit: CaseUnit, command: CaseCommand) -> None:
    row, definition, state = await current(unit, command.actor_id)
    after = granted(process.abandon(state, unit.now))
    store(unit, row, after)
    unit.tell(f"command/{command.id}", "process-abandoned", actor_id=command.actor_id, process=definition.slug)
    await run_actions(unit, row, definition, state, after)


async def reactivate(unit: CaseUnit, command: CaseCommand) -> None:
    row, definition, state = await current(unit, command.actor_id)
    store(unit, row, granted(process.reactivate(state, unit.now)))
    unit.tell(f"command/{command.id}", "process-reactivated", actor_id=command.actor_id, process=definition.slug)


async def switch(unit: CaseUnit, command: CaseCommand, body: SwitchBody) -> None:
    """Park the instance that is shown, and show the other one: as it was parked, or begun now. What a case has begun it
    may go back to, whatever has become of the definition and of the case since."""
    rows = list(await unit.session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == unit.case.id)))
    shown = next((row for row in rows if row.current), None)
    parked = next((row for row in rows if row.definition == body.process), None)
    wanted = await _wanted(unit, body.process, begun=parked is not None)
    definition = await _pinned(unit, parked) if parked is not None else _body(wanted)
    await _check_roles(unit, definition, command.actor_id)
    after = granted(
        process.switch(
            ProcessState.model_validate(shown.state) if shown else None,
            definition,
            wanted.version if wanted else 0,
            ProcessState.model_validate(parked.state) if parked else None,
            unit.now,
        )
    )
    if parked is None:
        private = await unit.session.scalars(select(Queue.slug).where(Queue.private))
        _raise(applies(definition, await unit.facts(), frozenset(private)))
        if len(rows) >= MOST_INSTANCES:
            raise refused(
                ProblemType.STAGE_FORBIDDEN,
                said(
                    "The case has begun {count} processes already, and can go on with one of them alone.",
                    count=MOST_INSTANCES,
                ),
                allowed=tuple(row.definition for row in rows),
            )
    if shown is not None:
        shown.current = False
        await unit.flush()  # only one may be shown
    unit.tell(f"command/{command.id}", "process-switched", actor_id=command.actor_id, process=body.process)
    if parked is not None:
        parked.current, unit.process = True, parked
        unit.case.stage = after.stage
    elif wanted is not None:
        await begin(unit, wanted, after)


async def _wanted(unit: CaseUnit, slug: str, *, begun: bool) -> Versioned | None:
    """The definition in force; None where there is none, and the case does not need one."""
    known = (await unit.tools.definitions.active(unit.session, DefinitionKind.PROCESS))[DefinitionKind.PROCESS]
    if slug not in known and not begun:
        raise refused(
            ProblemType.NOT_FOUND,
            said("there is no active process {slug!r}.", slug=slug),
            field="process",
            allowed=tuple(known),
        )
    return known.get(slug)


def _body(versioned: Versioned | None) -> ProcessDefinition:
    if versioned is None or not isinstance(versioned.body, ProcessDefinition):
        raise TypeError("a process was asked for")
    return versioned.body


async def begin(unit: CaseUnit, definition: Versioned, state: ProcessState) -> None:
    """The case follows the process from now on."""
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
    await run_actions(unit, unit.process, _body(definition), None, state)
