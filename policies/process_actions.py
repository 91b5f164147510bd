"""Which actions of a process follow from one change of an instance, each under a key of its own (domain 7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from models.messages.process_actions import ProcessAction, ProcessEvent
from models.messages.processes import ProcessDefinition, ProcessState, ProcessStatus


class DueAction(NamedTuple):
    """`key`: instance, ordinal of the change, event, position of the stage, position of the action. It names an action
    for ever: the version that the instance pins never changes."""

    key: str
    event: ProcessEvent
    stage: str
    action: ProcessAction


def due_actions(
    instance: UUID, definition: ProcessDefinition, before: ProcessState | None, after: ProcessState
) -> tuple[DueAction, ...]:
    """In the order in which they are done: the old stage is left before the new one is entered."""
    return tuple(
        DueAction(f"{instance}/{after.moves}/{event}/{_position(definition, stage)}/{position}", event, stage, action)
        for event, stage in _events(before, after)
        for position, action in enumerate(_actions(definition, event, stage))
    )


def action_of(definition: ProcessDefinition, key: str) -> DueAction:
    """The action of a key. Raises LookupError for one that the definition does not have."""
    try:
        _, _, event, stage, position = key.split("/")
        slug = definition.stages[int(stage)].slug
        return DueAction(
            key,
            ProcessEvent(event),
            slug,
            _actions(definition, ProcessEvent(event), slug)[int(position)],
        )
    except (ValueError, IndexError):
        raise LookupError(f"process {definition.slug!r} has no action {key!r}") from None


def _events(before: ProcessState | None, after: ProcessState) -> Iterator[tuple[ProcessEvent, str]]:
    if before is None:
        yield ProcessEvent.APPLIED, after.stage
        yield ProcessEvent.ENTRY, after.stage
    elif before.stage != after.stage:
        yield ProcessEvent.EXIT, before.stage
        yield ProcessEvent.ENTRY, after.stage
    elif before.status is ProcessStatus.ACTIVE and after.status is ProcessStatus.FINISHED:
        yield ProcessEvent.EXIT, after.stage
        yield ProcessEvent.FINISHED, after.stage
    elif before.status is ProcessStatus.ACTIVE and after.status is ProcessStatus.ABANDONED:
        yield ProcessEvent.ABANDONED, after.stage


def _actions(definition: ProcessDefinition, event: ProcessEvent, stage: str) -> tuple[ProcessAction, ...]:
    here = next(each for each in definition.stages if each.slug == stage)
    match event:
        case ProcessEvent.APPLIED:
            return definition.on_applied
        case ProcessEvent.ENTRY:
            return here.on_entry
        case ProcessEvent.EXIT:
            return here.on_exit
        case ProcessEvent.FINISHED:
            return definition.on_finished
        case ProcessEvent.ABANDONED:
            return definition.on_abandoned


def _position(definition: ProcessDefinition, stage: str) -> int:
    return next(position for position, each in enumerate(definition.stages) if each.slug == stage)
