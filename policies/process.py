"""Business process flows decided (domain 7): gates, branches and the ways between stages.

Every function takes the definition of the version that the instance began with. `values` maps a step's field (`title`,
`custom.root_cause`) to what the case holds now; `facts` are those of `policies.conditions` (`case.priority`).
Finishing a process does not resolve the case, and resolving the case does not finish the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.messages.base import Message
from models.messages.case_fields import BY_NAME, FieldKind, WrongValue
from models.messages.cases import CommandKind, ProblemType, Refusal
from models.messages.processes import (
    DataStep,
    DataValue,
    ProcessDefinition,
    ProcessState,
    ProcessStatus,
    Stage,
    StepKind,
)
from models.messages.storable import is_blank, number, text_fault
from policies.conditions import evaluate

TEXT_LIMIT = 4000
"""Characters of a text step that fills a custom field."""
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class StepView(Message):
    """A data step as shown. `missing`: it is required and would block the way on from its stage."""

    field: str
    label: str
    kind: StepKind
    required: bool
    read_only: bool
    choices: tuple[str, ...]
    value: DataValue
    filled: bool
    missing: bool


class StageView(Message):
    """A stage as the process bar shows it. `reached`: on the path that was taken, the active stage included."""

    slug: str
    name: str
    category: str | None
    reached: bool
    active: bool
    last: bool
    steps: tuple[StepView, ...]


# ---- an instance's life ----------------------------------------------------------------------------------------------


def begin(definition: ProcessDefinition, version: int, now: datetime) -> ProcessState:
    """A new instance, on the definition's first stage."""
    first = definition.stages[0].slug
    return ProcessState(definition=definition.slug, version=version, stage=first, path=(first,), stage_entered_on=now)


def switch(
    current: ProcessState | None,
    definition: ProcessDefinition,
    version: int,
    parked: ProcessState | None,
    now: datetime,
) -> ProcessState | Refusal:
    """The instance to be shown from now on: the parked one of that definition as it was left, else a new one."""
    if current is not None and current.definition == definition.slug:
        return Refusal(type=ProblemType.STAGE_FORBIDDEN, detail=f"The case follows {definition.name!r} already.")
    return parked if parked is not None else begin(definition, version, now)


def next_stage(
    definition: ProcessDefinition,
    state: ProcessState,
    values: Mapping[str, DataValue],
    facts: Mapping[str, Any],
    now: datetime,
) -> ProcessState | Refusal:
    """One stage on, if the active stage's gate is open.

    Branches see `values` too, so that a step that was filled by this very command counts.
    """
    stage = _active_stage(definition, state)
    if refusal := _refuse_inactive(state) or _gate(stage, values):
        return refusal
    following = _following(definition, stage, {**facts, **{f"case.{field}": value for field, value in values.items()}})
    if following is None:
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=f"{stage.name!r} is the last stage; finish the process.",
            allowed=(CommandKind.PROCESS_FINISH.value,),
        )
    return _moved(state, (*state.path, following), now)


def previous(definition: ProcessDefinition, state: ProcessState, now: datetime) -> ProcessState | Refusal:
    """Back to the stage before on the path that was taken, which need not be the one before in the list."""
    if refusal := _refuse_inactive(state):
        return refusal
    if len(state.path) < 2:
        stage = _active_stage(definition, state)
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=f"{stage.name!r} is the first stage.",
            allowed=(CommandKind.STAGE_NEXT.value,),
        )
    return _moved(state, state.path[:-1], now)


def set_active(state: ProcessState, stage: str, now: datetime) -> ProcessState | Refusal:
    """Back to any stage of the path; forward only `next_stage` leads. To the active stage: nothing changes."""
    if refusal := _refuse_inactive(state):
        return refusal
    if stage == state.stage:
        return state
    if stage not in state.path:
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=f"Stage {stage!r} is not an earlier stage of this case.",
            allowed=state.path[:-1],
        )
    return _moved(state, state.path[: state.path.index(stage) + 1], now)


def finish(
    definition: ProcessDefinition, state: ProcessState, values: Mapping[str, DataValue]
) -> ProcessState | Refusal:
    """Finish the process: only from a last stage, and only if its gate is open."""
    if refusal := _refuse_inactive(state):
        return refusal
    stage = _active_stage(definition, state)
    if not _is_last(definition, stage):
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=f"{stage.name!r} is not the last stage.",
            allowed=(CommandKind.STAGE_NEXT.value,),
        )
    return _gate(stage, values) or state.model_copy(update={"status": ProcessStatus.FINISHED})


def abandon(state: ProcessState) -> ProcessState | Refusal:
    """Abandon the process, from any stage, whether its gate is open or not."""
    return _refuse_inactive(state) or state.model_copy(update={"status": ProcessStatus.ABANDONED})


def reactivate(state: ProcessState, now: datetime) -> ProcessState | Refusal:
    """A finished or abandoned instance goes on from where it stood; the time in its stage begins anew."""
    if state.status is ProcessStatus.ACTIVE:
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN, detail="The process is running; there is nothing to reactivate."
        )
    return state.model_copy(update={"status": ProcessStatus.ACTIVE, "stage_entered_on": now})


# ---- data steps ------------------------------------------------------------------------------------------------------


def stage_view(
    definition: ProcessDefinition, state: ProcessState, values: Mapping[str, DataValue]
) -> tuple[StageView, ...]:
    """All stages in the definition's order, with their visible steps."""
    return tuple(
        StageView(
            slug=stage.slug,
            name=stage.name,
            category=stage.category,
            reached=stage.slug in state.path,
            active=stage.slug == state.stage,
            last=_is_last(definition, stage),
            steps=tuple(
                StepView(
                    field=step.field,
                    label=step.label,
                    kind=step.kind,
                    required=step.required,
                    read_only=step.read_only,
                    choices=step.choices,
                    value=values.get(step.field),
                    filled=_is_filled(values.get(step.field)),
                    missing=_is_missing(step, values),
                )
                for step in stage.steps
                if not step.hidden
            ),
        )
        for stage in definition.stages
    )


def check_value(step: DataStep, value: object) -> DataValue:
    """The value in the step's own type; None or blank text clears it. Raises `WrongValue` with field and rule."""
    if step.read_only:
        raise WrongValue(step.field, "is read-only here")
    if value is None or (isinstance(value, str) and is_blank(value)):
        return None
    match step.kind:
        case StepKind.TEXT:
            if not isinstance(value, str):
                raise WrongValue(step.field, "must be text")
            if (rule := text_fault(value, _longest(step.field))) is not None:
                raise WrongValue(step.field, rule)
            return value.strip()
        case StepKind.YES_NO:
            truth = value if isinstance(value, bool) else _YES_NO.get(str(value).strip().lower())
            if truth is None:
                raise WrongValue(step.field, "must be yes or no")
            return truth
        case StepKind.NUMBER:
            return _number(step, value)
        case StepKind.CHOICE:
            wanted = value.strip().casefold() if isinstance(value, str) else None
            chosen = next((choice for choice in step.choices if choice.casefold() == wanted), None)
            if chosen is None:
                raise WrongValue(step.field, f"must be one of: {', '.join(step.choices)}", step.choices)
            return chosen


def _longest(field: str) -> int:
    """Characters that the field itself can hold: what a stage asks for is no shorter than what PATCH takes."""
    known = BY_NAME.get(field)
    return known.longest if known is not None and known.kind is FieldKind.TEXT else TEXT_LIMIT


def _number(step: DataStep, value: object) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise WrongValue(step.field, "must be a number")
    try:
        exact = number(value)
    except ValueError as error:
        raise WrongValue(step.field, str(error)) from None
    return int(exact) if exact == exact.to_integral_value() else exact


# ---- gates and ways --------------------------------------------------------------------------------------------------


def _gate(stage: Stage, values: Mapping[str, DataValue]) -> Refusal | None:
    missing = [step for step in stage.steps if _is_missing(step, values)]
    if not missing:
        return None
    named = ", ".join(
        f"{step.label} ({step.field}{', must be yes' if step.kind is StepKind.YES_NO else ''})" for step in missing
    )
    return Refusal(
        type=ProblemType.DATA_STEP_MISSING,
        detail=f"Stage {stage.name!r} still needs: {named}.",
        missing=tuple(step.field for step in missing),
    )


def _is_missing(step: DataStep, values: Mapping[str, DataValue]) -> bool:
    """A hidden step never blocks; a read-only one does, since something else must fill it first."""
    if not step.required or step.hidden:
        return False
    value = values.get(step.field)
    return value is not True if step.kind is StepKind.YES_NO else not _is_filled(value)


def _is_filled(value: DataValue) -> bool:
    return value is not None and not (isinstance(value, str) and is_blank(value))


def _refuse_inactive(state: ProcessState) -> Refusal | None:
    if state.status is ProcessStatus.ACTIVE:
        return None
    return Refusal(
        type=ProblemType.PROCESS_NOT_ACTIVE,
        detail=f"The process is {state.status.value}.",
        allowed=(CommandKind.PROCESS_REACTIVATE.value, CommandKind.PROCESS_SWITCH.value),
    )


def _active_stage(definition: ProcessDefinition, state: ProcessState) -> Stage:
    for stage in definition.stages:
        if stage.slug == state.stage:
            return stage
    raise ValueError(f"stage {state.stage!r} is not of {definition.slug!r}: not the version that the instance pins")


def is_last_stage(definition: ProcessDefinition, state: ProcessState) -> bool:
    """Whether the process stands where it can be finished, and leads no further."""
    return _is_last(definition, _active_stage(definition, state))


def _is_last(definition: ProcessDefinition, stage: Stage) -> bool:
    return stage.last or stage.slug == definition.stages[-1].slug


def _following(definition: ProcessDefinition, stage: Stage, facts: Mapping[str, Any]) -> str | None:
    if _is_last(definition, stage):
        return None
    for branch in stage.branches:
        if evaluate(branch.when, facts).holds:
            return branch.to
    slugs = [each.slug for each in definition.stages]
    return stage.next or slugs[slugs.index(stage.slug) + 1]


def _moved(state: ProcessState, path: tuple[str, ...], now: datetime) -> ProcessState:
    return state.model_copy(update={"stage": path[-1], "path": path, "stage_entered_on": now})
