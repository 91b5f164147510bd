"""Business process flows decided (domain 7): an instance's life, branches and the ways between stages.

Every function takes the definition of the version that the instance began with. `values` maps a step's field (`title`,
`custom.root_cause`) to what the case holds now; `facts` are those of `policies.conditions` (`case.priority`).
Finishing a process does not resolve the case, and resolving the case does not finish the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.messages.base import Message
from models.messages.cases import CommandKind, ProblemType, Refusal
from models.messages.processes import (
    DataValue,
    ProcessDefinition,
    ProcessState,
    ProcessStatus,
    Stage,
)
from models.messages.said import said, word
from policies.conditions import evaluate
from policies.process_steps import StepView, gate, step_views


class StageView(Message):
    """A stage as the process bar shows it. `reached`: on the path that was taken, the active stage included."""

    slug: str
    name: str
    category: str | None
    reached: bool
    active: bool
    last: bool
    guidance: str | None
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
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=said("The case follows {definition!r} already.", definition=definition.name),
        )
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
    if refusal := _refuse_inactive(state) or gate(stage, values):
        return refusal
    following = _following(definition, stage, with_values(facts, values))
    if following is None:
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=said("{stage!r} is the last stage; finish the process.", stage=stage.name),
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
            detail=said("{stage!r} is the first stage.", stage=stage.name),
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
            detail=said("Stage {stage!r} is not an earlier stage of this case.", stage=stage),
            allowed=state.path[:-1],
        )
    return _moved(state, state.path[: state.path.index(stage) + 1], now)


def finish(
    definition: ProcessDefinition, state: ProcessState, values: Mapping[str, DataValue], now: datetime
) -> ProcessState | Refusal:
    """Finish the process: only from a last stage, and only if its gate is open."""
    if refusal := _refuse_inactive(state):
        return refusal
    stage = _active_stage(definition, state)
    if not _is_last(definition, stage):
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=said("{stage!r} is not the last stage.", stage=stage.name),
            allowed=(CommandKind.STAGE_NEXT.value,),
        )
    return gate(stage, values) or _changed(state, status=ProcessStatus.FINISHED, spent=_spent(state, now))


def abandon(state: ProcessState, now: datetime) -> ProcessState | Refusal:
    """Abandon the process, from any stage, whether its gate is open or not."""
    return _refuse_inactive(state) or _changed(state, status=ProcessStatus.ABANDONED, spent=_spent(state, now))


def reactivate(state: ProcessState, now: datetime) -> ProcessState | Refusal:
    """A finished or abandoned instance goes on from where it stood; the time in its stage begins anew."""
    if state.status is ProcessStatus.ACTIVE:
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN, detail=said("The process is running; there is nothing to reactivate.")
        )
    return _changed(state, status=ProcessStatus.ACTIVE, stage_entered_on=now)


# ---- looks -----------------------------------------------------------------------------------------------------------


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
            guidance=stage.guidance,
            steps=step_views(stage, values),
        )
        for stage in definition.stages
    )


def ahead(
    definition: ProcessDefinition, state: ProcessState, values: Mapping[str, DataValue], facts: Mapping[str, Any]
) -> tuple[str, ...]:
    """The stages that would follow if nothing of the case changed but the stage: decided anew with every look."""
    found: list[str] = []
    known = with_values(facts, values)
    stage = _active_stage(definition, state)
    by_slug = {each.slug: each for each in definition.stages}
    while (following := _following(definition, stage, known)) is not None:
        found.append(following)
        stage = by_slug[following]
    return tuple(found)


def with_values(facts: Mapping[str, Any], values: Mapping[str, DataValue]) -> dict[str, Any]:
    """Facts as conditions ask for them, with what data steps hold."""
    return {**facts, **{f"case.{field}": value for field, value in values.items()}}


# ---- ways ------------------------------------------------------------------------------------------------------------


def _refuse_inactive(state: ProcessState) -> Refusal | None:
    if state.status is ProcessStatus.ACTIVE:
        return None
    return Refusal(
        type=ProblemType.PROCESS_NOT_ACTIVE,
        detail=said("The process is {status}.", status=word(state.status.value)),
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
    return _changed(state, stage=path[-1], path=path, spent=_spent(state, now), stage_entered_on=now)


def _changed(state: ProcessState, **to: Any) -> ProcessState:
    return state.model_copy(update={**to, "moves": state.moves + 1})


def _spent(state: ProcessState, now: datetime) -> dict[str, float]:
    here = max((now - state.stage_entered_on).total_seconds(), 0.0)
    return {**state.spent, state.stage: round(state.spent.get(state.stage, 0.0) + here, 3)}
