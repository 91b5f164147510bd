"""What an SLA says that could never be done: each fault at its place (domain 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from desk.reference.process_faults import set_faults
from models.messages.sla_actions import SlaStepAction
from models.messages.slas import SlaDefinition
from models.messages.storable import Path


def sla_actions(body: SlaDefinition) -> Iterator[tuple[Path, SlaStepAction]]:
    """Every action of an SLA, at its place."""
    for position, item in enumerate(body.items):
        for place, action in enumerate(item.actions):
            yield ("items", position, "actions", place), action
        for number, step in enumerate(item.escalation):
            for place, each in enumerate(step.actions):
                yield ("items", position, "escalation", number, "actions", place), each


def sla_faults(body: SlaDefinition) -> Iterator[tuple[Path, str]]:
    for path, action in sla_actions(body):
        for field, rule in set_faults(action.values):
            yield (*path, *field), rule
