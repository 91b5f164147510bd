"""A definition as people read it: only what it says beyond the defaults, conditions in words, lists in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from console.administering.clauses import said
from console.administering.shapes import How, Shape
from console.comparing import OPS
from console.labels import label_of_path
from desk.organisation.writing import brief
from desk.queries.names import Names
from desk.reference.clauses import record_of


@dataclass(frozen=True, slots=True)
class Clause:
    """What the field is called, the words of the comparison, and the value; or clauses of which `which` must hold."""

    field: str = ""
    op: str = ""
    value: str = ""
    which: str = ""
    within: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One field as it is read. `how`: text, words, yes, day, code, condition, group, parts."""

    label: str
    how: str
    value: Any = None
    facts: tuple[Fact, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """`word`: what its deciding field says, still to be translated."""

    title: str
    facts: tuple[Fact, ...] = field(default=())
    word: str = ""


TITLES = ("name", "label", "date", "after", "slug")
"""What an element of a list is headed by, the first of them that it has."""


def facts(
    shapes: Sequence[Shape],
    values: Mapping[str, Any],
    names: Names | None = None,
    *,
    skip: Sequence[str] = ("slug", "name"),
) -> tuple[Fact, ...]:
    """What the values say, but for `skip`, which stands above. `names`: of what they name by slugs."""
    known = names or {}
    return tuple(
        fact
        for shape in shapes
        if shape.name not in skip and (fact := _fact(shape, values.get(shape.name), known)) is not None
    )


def _fact(shape: Shape, value: Any, names: Names) -> Fact | None:
    if value is None or value in ([], {}, "") or (value == shape.default and not shape.required):
        return None
    match shape.how:
        case How.GROUP:
            inner = facts(shape.parts, value, names, skip=())
            return Fact(shape.label, "group", facts=inner) if inner else None
        case How.LIST:
            return Fact(shape.label, "parts", parts=tuple(_part(shape, each, names) for each in value))
        case How.KEYED:
            parts = (Part(str(key), facts(shape.parts, each, names, skip=())) for key, each in value.items())
            return Fact(shape.label, "parts", parts=tuple(parts))
        case How.CONDITION:
            return Fact(shape.label, "condition", clause(value, names))
        case How.YES_NO:
            return Fact(shape.label, "yes", value)
        case How.PICTURE:
            return Fact(shape.label, "yes", value=True)
        case How.YAML:
            return Fact(shape.label, "code", brief(value))
        case How.HOURS:
            return Fact(shape.label, "text", ", ".join(f"{each.get('from')}-{each.get('to')}" for each in value))
        case How.PAIRS:
            return Fact(shape.label, "words", [f"{key}: {said(each)}" for key, each in value.items()])
        case How.CHOICES | How.LINES:
            return Fact(shape.label, "words", [called_by(shape.refers, str(each), names) for each in value])
        case How.CHOICE:
            return Fact(shape.label, "choice", str(value))
        case How.TEXT:
            return Fact(shape.label, "long", str(value))
        case How.DAY:
            return Fact(shape.label, "day", date.fromisoformat(str(value)))
        case _:
            return Fact(shape.label, "text", called_by(shape.refers, str(value), names))


def _part(shape: Shape, values: Any, names: Names) -> Part:
    if not isinstance(values, Mapping):
        return Part(str(values))
    heading = next((name for name in TITLES if values.get(name)), "")
    decider = next((part.name for part in shape.parts if part.decides), "")
    inner = facts(shape.parts, values, names, skip=(heading, decider, "name", "label"))
    return Part(str(values.get(heading) or ""), inner, str(values.get(decider) or ""))


def called_by(kind: str | None, slug: str, names: Names) -> str:
    """The name of what a field names; the slug, where it has none."""
    return names.get(kind or "", {}).get(slug, slug)


def clause_value(field: str, value: Any, names: Names) -> str:
    """What a clause compares its field with, by its name where it names a record."""
    kind = record_of(field)
    if kind is None:
        return said(value)
    several = value if isinstance(value, list | tuple) else [value]
    return said([called_by(kind, each, names) if isinstance(each, str) else each for each in several])


def clause(condition: Any, names: Names) -> Clause:
    """A condition, or a clause of one; its field and its comparison are still to be translated."""
    if not isinstance(condition, Mapping):
        return Clause(value=str(condition))
    for which in ("all", "any"):
        if within := condition.get(which):
            return Clause(which=which, within=tuple(clause(each, names) for each in within))
    field = str(condition.get("field", ""))
    value = clause_value(field, condition.get("value"), names)
    return Clause(label_of_path(field), OPS[str(condition.get("op", "eq"))], value)
