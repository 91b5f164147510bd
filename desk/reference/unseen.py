"""Texts of which nothing can be seen: a name, a question or a letter that shows nothing is given by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from models.messages.conditions import Clause
from models.messages.said import said
from models.messages.storable import Path, is_blank

BLANK = said("is blank")


def unseen(body: BaseModel) -> Iterator[Path]:
    """Where a text that is not empty shows nothing. A condition may ask for blanks."""
    yield from _within(body, ())


def _within(value: Any, path: Path) -> Iterator[Path]:
    match value:
        case str():
            if value and is_blank(value):
                yield path
        case Clause():
            pass
        case BaseModel():
            for name in type(value).model_fields:
                yield from _within(getattr(value, name), (*path, name))
        case tuple() | list():
            for position, each in enumerate(value):
                yield from _within(each, (*path, position))
        case dict():
            for name, each in value.items():
                yield from _within(each, (*path, name))
        case _:
            pass  # No text.
