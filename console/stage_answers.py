"""Answers to what a stage asks for: as its form shows them, and as a change of the case.

Scripts send those that were typed and not saved along with whatever takes their form away, such as resolving the case or a
letter after which the page is loaded anew: so that nothing that was typed is dropped on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from console.deeds import command
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, Invalid
from models.messages.api_cases import ChangeBody
from models.messages.api_process_views import ProcessView, StepItem
from models.messages.base import sentence
from models.messages.cases import CommandKind
from models.messages.said import said

YES, NO = "yes", "no"
ALONG = "answer."
"""Before the names of fields that a form carries along; scripts write it too (`answers.js`)."""


def asked(process: ProcessView) -> tuple[StepItem, ...]:
    """What the active stage asks for, while the process runs."""
    stage = next((stage for stage in process.stages if stage.active), None)
    return stage.steps if stage is not None and process.status == "active" else ()


def as_shown(step: StepItem) -> str:
    """Its value as the field of the form holds it."""
    value = step.value
    return (YES if value else NO) if isinstance(value, bool) else "" if value is None else str(value)


def changed(steps: Sequence[StepItem], typed: Mapping[str, str]) -> dict[str, Any]:
    """What was changed, by field: an emptied one is cleared, one that stays is left out."""
    found: dict[str, Any] = {}
    for step in steps:
        if step.read_only or step.field not in typed:
            continue
        now = typed[step.field].strip()
        if now != as_shown(step):
            found[step.field] = now or None
    return found


def change_of(steps: Sequence[StepItem], data: Mapping[str, str | None]) -> ChangeBody:
    """What was changed, as a change of the case. `Invalid` for text in a number; `ValidationError` for other values."""
    plain = {name: value for name, value in data.items() if not name.startswith("custom.")}
    custom = {
        name.removeprefix("custom."): _typed(steps, name, value) for name, value in data.items() if name not in plain
    }
    return ChangeBody(**plain, **({"custom": custom} if custom else {}))


async def keep(
    staff: Staff, me: Visitor, number: str, steps: Sequence[StepItem], posted: Posted, prefix: str = ""
) -> None:
    """Save the answers in the fields of a form, if any was changed. Raises as the desk and `change_of` do."""
    names = [name for name in posted.form if name.startswith(prefix)]
    data = changed(steps, {name.removeprefix(prefix): posted.text(name) for name in names})
    if data:
        body = change_of(steps, data)
        await command(staff, me, number, CommandKind.CHANGE, body, key=f"{posted.key}-answers")


async def keep_along(staff: Staff, me: Visitor, number: str, steps: Sequence[StepItem], posted: Posted) -> None:
    """As `keep`, of those that another form carries along. That form has no such field: what is refused names the question."""
    try:
        await keep(staff, me, number, steps, posted, ALONG)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _refused(steps, ".".join(map(str, first["loc"])), sentence(first)) from error
    except (Invalid, Conflict) as error:
        raise _refused(steps, error.field, error.rule) from error


def _refused(steps: Sequence[StepItem], field: str, rule: str) -> Invalid:
    label = next((step.label for step in steps if step.field == field), field)
    if not label:
        return Invalid("", said("Your answers in the process cannot be kept: {rule}.", rule=rule))
    return Invalid("", said("Your answer to {label} in the process cannot be kept: {rule}.", label=label, rule=rule))


def _typed(steps: Sequence[StepItem], field: str, value: str | None) -> Any:
    """A custom value as its step would keep it: a yes/no is no text."""
    step = next(step for step in steps if step.field == field)
    if step.kind == "yes-no" and value is not None:
        return value == YES
    if step.kind == "number" and value is not None:
        try:
            return float(value) if "." in value else int(value)
        except ValueError:
            raise Invalid(field, said("must be a number")) from None
    return value
