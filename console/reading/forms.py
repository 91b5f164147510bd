"""A form as it is shown: its values, and of each field what is wrong with it; the summary above leads to the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from desk.errors import Conflict, Invalid
from models.messages.faults import faults


@dataclass(slots=True)
class Form:
    """`key` names the form when it is shown once more, so that it still counts once."""

    values: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    key: str | None = None

    def refused(self, error: Invalid | Conflict, fields: Sequence[str]) -> None:
        """A refusal of the desk, beside the field that it names, or above all of them."""
        named = _field_of(error, fields)
        self.wrong[named] = error.rule if named or not error.field else error.detail


def checked(model: type[BaseModel], raw: Mapping[str, Any], form: Form) -> bool:
    """Whether the values are a message of this kind; all that is wrong with them is put into the form."""
    try:
        model.model_validate(raw)
    except ValidationError as error:
        for path, rule in faults(error, raw):
            form.wrong.setdefault(str(path[0]) if path else "", rule)
    return not form.wrong


def lines(typed: str) -> list[str]:
    """What stands in the lines of a field of several values."""
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _field_of(error: Invalid | Conflict, fields: Sequence[str]) -> str:
    path = error.path if isinstance(error, Invalid) else ()
    named = str(path[0]) if path else error.field.partition("[")[0].partition(".")[0]
    return named if named in fields else ""
