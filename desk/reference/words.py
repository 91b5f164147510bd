"""Which words of the organisation's lists, and which case fields, a body names: asked when it comes into force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

from models.messages.base import quoted
from models.messages.case_fields import BY_NAME, FieldKind, names
from models.messages.entitlements import EntitlementDefinition
from models.messages.organisation import OrganisationSettings
from models.messages.processes import DataStep, ProcessDefinition
from models.messages.record_creation import RecordCreationRule
from models.messages.slas import SlaDefinition
from models.messages.storable import Path

STEPS = names(lambda field: field.step and field.stored and field.kind is not FieldKind.CUSTOM)


class WrongWord(NamedTuple):
    path: Path
    rule: str


def wrong_words(body: BaseModel, organisation: OrganisationSettings) -> Iterator[WrongWord]:
    """What could never be done: a word that no case can have, a data step that nobody can fill."""
    if isinstance(body, ProcessDefinition):
        for stage, each in enumerate(body.stages):
            for position, step in enumerate(each.steps):
                if (rule := _step_fault(step)) is not None:
                    yield WrongWord(("stages", stage, "steps", position, "field"), rule)
    for path, field, word in _named(body):
        words: tuple[str, ...] = getattr(organisation, BY_NAME[field].words or "")
        if word is not None and word not in words:
            yield WrongWord(path, f"unknown {quoted(word)}; one of: {', '.join(words)}")


def _step_fault(step: DataStep) -> str | None:
    if step.field.startswith("custom.") or step.field in STEPS:
        return None
    return f"no stage can fill this field; one of: {', '.join(STEPS)}, custom.*"


def _named(body: Any) -> Iterator[tuple[Path, str, str | None]]:
    match body:
        case RecordCreationRule():
            for position, item in enumerate(body.items):
                yield ("items", position, "priority"), "priority", item.priority
                yield ("items", position, "case_type"), "case_type", item.case_type
        case SlaDefinition():
            for position, promise in enumerate(body.items):
                for place, action in enumerate(promise.actions):
                    yield ("items", position, "actions", place, "value"), "priority", action.value
        case EntitlementDefinition():
            for position, channel in enumerate(body.channels):
                yield ("channels", position, "origin"), "origin", channel.origin
        case ProcessDefinition():
            for stage, each in enumerate(body.stages):
                for position, step in enumerate(each.steps):
                    field = BY_NAME.get(step.field)
                    if field is not None and field.words is not None:
                        for place, choice in enumerate(step.choices):
                            yield ("stages", stage, "steps", position, "choices", place), field.name, choice
        case _:
            pass  # It names no word of the organisation's lists.
