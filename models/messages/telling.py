"""Messages whose sentences remember how they were made (`models.messages.said`), also on the other side of a wire or of a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator, model_validator

from models.messages.base import Message
from models.messages.said import How, Said, how, said_again


def _as_said(value: object, check: ValidatorFunctionWrapHandler) -> object:
    """Pydantic makes a plain `str` of every subclass."""
    checked = check(value)
    return value if isinstance(value, Said) and checked == value else checked


Sentence = Annotated[str, WrapValidator(_as_said)]
"""A text of a message that stays what it is, if it remembers how it was made."""

HOWS = "said"
"""By which name the hows of sentences stand beside them."""


class Telling(Message):
    """A message whose sentences travel: what stands in `said` by the names of its fields tells how they were made."""

    said: dict[str, How] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _remembered(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        hows = cast("Mapping[str, Any]", given.get(HOWS) or {})
        return {**remembered(given, hows), HOWS: {**hows, **hows_of(given)}}


def hows_of(values: Mapping[str, Any]) -> dict[str, How]:
    """Of those values that remember how they were made."""
    return {name: made for name, value in values.items() if isinstance(value, str) and (made := how(value))}


def told_again(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept as JSON with `with_hows`."""
    return remembered(kept, kept.get(HOWS) or {})


def with_hows(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are kept as JSON: how their sentences were made stands beside them, if any was."""
    hows = hows_of(values)
    return {**values, HOWS: hows} if hows else dict(values)


def remembered(values: Mapping[str, Any], hows: Mapping[str, Any]) -> dict[str, Any]:
    """The values, of which sentences remember again how they were made."""
    return {
        name: said_again(value, hows[name]) if name in hows and isinstance(value, str) else value
        for name, value in values.items()
        if name != HOWS
    }
