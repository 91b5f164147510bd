"""From pydantic's errors to sentences that name the field as the document does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from models.messages.base import WrongAt, sentence
from models.messages.said import said
from models.messages.storable import Path, path_text

_NAMED = re.compile(r"'([a-z][a-z0-9_]*)'")
"""A field, as sentences name it."""
GROUP, CLAUSE = "ConditionGroup", "Clause"
EITHER = {"bool_type", "string_type"}
"""Both are told of a value that may be either, and number or list besides."""


def faults(error: ValidationError, raw: object) -> list[tuple[Path, str]]:
    """See `faults_of`."""
    return faults_of(error.errors(include_url=False, include_input=False), raw)


def faults_of(errors: Iterable[Mapping[str, Any]], raw: object) -> list[tuple[Path, str]]:
    """Of pydantic's errors, one (path, sentence) for each wrong field of `raw`.

    Pydantic reports every member of a union; here a path is told once, and of a condition only the member is told that
    the writer meant: a group if there is 'all' or 'any', else a clause.
    """
    found: dict[Path, str] = {}
    told: dict[Path, set[str]] = {}
    for each in errors:
        path: Path = ()
        value = raw
        meant = True
        for part in each["loc"]:
            inside = _inside(value, part)
            if inside is not None:
                path, value = (*path, part), inside[0]
            elif (member := _member(part)) is not None:
                group = isinstance(value, Mapping) and bool(value.keys() & {"all", "any"})
                meant = meant and group == (member == GROUP)
        if each["type"] == "missing" and each["loc"]:
            path = (*path, each["loc"][-1])
        if not meant:
            continue
        for within, rule in _places(each):
            place = _placed(value, path, within)
            found.setdefault(place, rule)
            told.setdefault(place, set()).add(each["type"])
    for path, types in told.items():
        if types >= EITHER:
            found[path] = (
                said("must be yes or no, a number or a text, or a list of them")
                if "tuple_type" in types
                else said("must be yes or no, a number or a text")
            )
    # A list counts only its sound elements: that too few are left says nothing new.
    short = {path for path in found if any(other != path and other[: len(path)] == path for other in found)}
    return [(path, rule) for path, rule in found.items() if path not in short]


def pointed(path: Path, rule: str, raw: object) -> Path:
    """Where a rule between two fields of an object is to be shown: at the first of them that it names and that is given. Any
    other place stays as it is."""
    value = raw
    for part in path:
        inside = _inside(value, part)
        if inside is None:
            return path
        value = inside[0]
    if not isinstance(value, Mapping):
        return path
    named = (name for name in _NAMED.findall(rule) if name in value)
    return (*path, *([first] if (first := next(named, None)) is not None else ()))


def _places(error: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """What an object says of itself, each at the place within it where the rule was broken; without a word of that, here."""
    raised = error.get("ctx", {}).get("error")
    if not isinstance(raised, WrongAt):
        return [((), sentence(error))]
    return [(raised.place, sentence(error)), *raised.further]


def _placed(value: object, path: Path, within: Path) -> Path:
    """The path as far as the document has it, and one part more."""
    for part in within:
        inside, path = _inside(value, part), (*path, part)
        if inside is None:
            break
        value = inside[0]
    return path


def _member(part: str | int) -> str | None:
    """Which kind of condition a part of pydantic's location stands for: `Clause`, `function-after[..., Clause]`."""
    return next((name for name in (GROUP, CLAUSE) if str(part).rstrip("]").endswith(name)), None)


def _inside(value: object, part: str | int) -> tuple[object] | None:
    if isinstance(value, Mapping) and part in value:
        return (value[part],)
    if isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
        return (value[part],)
    return None


def first_of(error: ValidationError, raw: object) -> tuple[str, str]:
    """The first wrong field, as `items[1].fail_after`, and the rule that it breaks."""
    path, rule = faults(error, raw)[0]
    return path_text(path), rule
