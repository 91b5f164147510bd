"""Values of records and definitions as people read them: by the labels of their fields, and none of it as programs write it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from console.administering.reading import clause_value
from console.administering.shapes import REFERS, How, Shape, shapes
from console.administering.texts import label_of
from console.comparing import OPS
from console.labels import label_of_path
from console.languages import N_, translations
from console.sayings import INSTANT
from console.view import Words
from console.visitor import Visitor
from desk.organisation.differences import Apart
from desk.queries.names import Names
from models.messages.reference import Role

LONGEST = 70
"""Characters of a value that a line shows; the whole of a longer one is unfolded."""
YES, NO, NOTHING = N_("yes"), N_("no"), N_("nothing")
A_PICTURE = N_("a picture")
ODD = "\N{REPLACEMENT CHARACTER}"
GLUES = {"all": N_("and"), "any": N_("or")}
ANY_OF_THESE = N_("any of these")
STATES = {
    "draft": N_("Draft"),
    "approved": N_("Approved"),
    "published": N_("Published"),
    "archived": N_("Archived"),
    "active": N_("Active"),
    "inactive": N_("Inactive"),
    "waiting": N_("Waiting"),
    "expired": N_("Expired"),
    "cancelled": N_("Cancelled"),
}
"""Of definitions, articles and contracts, which are no fields of theirs."""
_PART = re.compile(r"([^.\[]+)(?:\[([^\]]*)\])?\.?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def beside(name: str) -> Shape:
    """A field that no form asks for, such as whose a token is: it may name a record all the same."""
    choices = tuple(role.value for role in Role) if name == "role" else tuple(STATES)
    return Shape(name, How.LINE, label_of_path(name), refers=REFERS.get(name), choices=choices)


@dataclass(frozen=True, slots=True)
class Value:
    """`whole`: where `short` is only the beginning of it."""

    short: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A value that differs. `old` and `new` None: it is a secret. `new` None: it is no change, but what is known."""

    label: str
    old: Value | None = None
    new: Value | None = None


class Readable:
    """`model`: what checks the values, for the labels and the choices of its fields; without it their names have to do.
    `names`: of what the values name by slugs."""

    def __init__(self, me: Visitor, model: type[BaseModel] | None = None, names: Names | None = None) -> None:
        self.names: Names = names or {}
        self.text, self.words = translations(me.language, "administering").gettext, Words(me)
        self.shapes: Sequence[Shape] = shapes(model) if model is not None else ()

    def lines(self, found: Iterable[Apart]) -> list[Line]:
        return [self._line(each) for each in found]

    def known(self, name: str, value: Any) -> Line:
        label, shape = self._place(name)
        return Line(label, self._cut(self._said(value, shape)))

    def _line(self, each: Apart) -> Line:
        label, shape = self._place(each.path)
        if each.secret:
            return Line(label)
        which = each.path.rpartition(".")[2]
        old, new = (self._said(value, shape, GLUES.get(which)) for value in (each.old, each.new))
        return Line(label, self._cut(old), self._cut(new))

    def _place(self, path: str) -> tuple[str, Shape | None]:
        """`Promises First response, Fail after` of `items[First response].fail_after`, and the last field that is known."""
        labels: list[str] = []
        known, shape = self.shapes, None
        for name, within in _PART.findall(path):
            if name in GLUES and shape is not None and shape.how is How.CONDITION:
                labels[-1] += f" ({self.text(ANY_OF_THESE)})" if name == "any" else ""
                continue
            shape = next((one for one in known if one.name == name), None) or beside(name)
            known = shape.parts
            labels.append(f"{self.text(shape.label)} {within}".rstrip())
        return ", ".join(labels) or path, shape

    def _said(self, value: Any, shape: Shape | None = None, glue: str | None = None) -> str:
        match value:
            case _ if value in (None, "", [], {}):
                return self.text(NOTHING)
            case bool():
                return self.text(YES if value else NO)
            case str() if shape is not None and shape.how is How.PICTURE:
                return self.text(A_PICTURE)
            case Mapping():
                return self._mapping(value, shape)
            case list() | tuple():
                told = [self._said(each, shape) for each in value]
                several = any(isinstance(each, Mapping) for each in value)
                return (f" {self.text(glue)} " if glue else "; " if several else ", ").join(told)
            case str() if shape is not None and value in self.names.get(shape.refers or "", {}):
                return self.names[shape.refers or ""][value]
            case str() if shape is not None and value in shape.choices:
                return self.text(label_of(value))
            case str() if shape is None and value in STATES:
                return self.text(STATES[value])
            case str() if INSTANT.fullmatch(value):
                return self.words.full(datetime.fromisoformat(value))
            case str() if _DAY.fullmatch(value):
                return self.words.date_of(date.fromisoformat(value))
            case int() | float():
                return self.words.number(value)
            case _:
                return "".join(each if each.isprintable() or each == "\n" else ODD for each in str(value))

    def _mapping(self, value: Mapping[str, Any], shape: Shape | None) -> str:
        if "field" in value and value.keys() <= {"field", "op", "value", "time_zone"}:
            op = self.text(OPS.get(value.get("op", "eq"), str(value.get("op"))))
            field = self.text(label_of_path(str(value["field"])))
            wanted = clause_value(str(value["field"]), value.get("value"), self.names)
            return " ".join(each for each in (field, op, wanted) if each)
        if value.keys() <= GLUES.keys():
            groups = (self._said(within, None, GLUES[which]) for which, within in value.items() if within)
            return f"({', '.join(groups)})"
        if value.keys() == {"from", "to"}:
            return f"{value['from']}-{value['to']}"
        return ", ".join(self._parts(value, shape.parts if shape is not None else ()))

    def _parts(self, value: Mapping[str, Any], known: Sequence[Shape]) -> Iterator[str]:
        for name, each in value.items():
            shape = next((one for one in known if one.name == name), None)
            if each in (None, "", [], {}) or (shape is not None and each == shape.default):
                continue
            label = self.text(shape.label if shape is not None else label_of_path(str(name)))
            yield f"{label}: {self._said(each, shape)}"

    @staticmethod
    def _cut(whole: str) -> Value:
        first = whole.partition("\n")[0]
        short = first if len(first) <= LONGEST else f"{first[:LONGEST].rstrip()} \N{HORIZONTAL ELLIPSIS}"
        return Value(short) if short == whole else Value(short, whole)
