"""Texts that are given by mistake or to deceive: names and letters of which nothing can be seen, and names that make the line on
which they are shown say something else.

Asked when something is written, and not of what is stored: a mail of former times may have given it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from models.messages.base import ONE_LINE, ONE_LINE_OF_A_LETTER
from models.messages.conditions import Clause
from models.messages.said import said
from models.messages.storable import Path, is_blank, line_fault

BLANK = said("is blank")
LINES = frozenset({ONE_LINE, ONE_LINE_OF_A_LETTER})


def unseen(body: BaseModel) -> Iterator[tuple[Path, str, str]]:
    """Where a text that is not empty shows nothing, and where one of a single line would break or turn what is around it;
    with the rule and the text. A condition may ask for blanks."""
    yield from _within(body, (), on_a_line=False)


def _within(value: Any, path: Path, *, on_a_line: bool) -> Iterator[tuple[Path, str, str]]:
    match value:
        case str():
            if value and is_blank(value):
                yield path, BLANK, value
            elif on_a_line and (rule := line_fault(value)) is not None:
                yield path, rule, value
        case Clause():
            pass
        case BaseModel():
            for name in type(value).model_fields:
                lined = name in _lines_of(type(value))
                yield from _within(getattr(value, name), (*path, name), on_a_line=lined)
        case tuple() | list():
            for position, each in enumerate(value):
                yield from _within(each, (*path, position), on_a_line=on_a_line)
        case dict():
            for name, each in value.items():
                yield from _within(each, (*path, name), on_a_line=on_a_line)
        case _:
            pass  # No text.


@cache
def _lines_of(model: type[BaseModel]) -> frozenset[str]:
    """The fields whose texts are declared to be one line."""
    return frozenset(
        name for name, info in model.model_fields.items() if _is_a_line(info.metadata) or _is_a_line([info.annotation])
    )


def _is_a_line(parts: Any) -> bool:
    """Whether an annotation holds the pattern of one line, also within a list, a mapping, or beside nothing."""
    return any(
        getattr(part, "pattern", None) in LINES
        or _is_a_line(getattr(part, "__metadata__", ()))
        or _is_a_line(get_args(part))
        for part in parts
        if not isinstance(part, str)
    )
