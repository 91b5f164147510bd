"""A form that somebody has filled, as the values of a definition: read by the shapes of its model, and mended by its buttons."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile

from console.administering import condition_rows
from console.administering.clauses import ALL, ANY, WRITTEN, group_of, value_of
from console.administering.shapes import How, Shape
from console.staff import Posted
from desk.organisation.faults import OrganisationErrors
from desk.organisation.writing import written
from desk.organisation.yaml import parse
from models.messages.holiday_files import holidays_in
from models.messages.pages import LARGEST_LOGO, TOO_LARGE
from models.messages.said import said, template
from models.messages.storable import Path

MOST_ROWS = 200
"""Of one list or condition: beyond it a definition is written, not clicked."""
_HOURS = re.compile(r"\s*(\d{1,2}:\d\d)\s*(?:-|\N{EN DASH}|\N{EM DASH})\s*(\d{1,2}:\d\d)\s*(\+?)\s*")
OF_LINE = template("line {line}: {message}")
AGAIN = "-again"
"""After a word that is given twice: it must not swallow what stands under the first."""
HOLIDAYS_TOO = "+"
"""After an interval of working time: it is worked on holidays as well."""


class Unread(str):
    """What was typed where it could not be read; it stays in the form as it is."""

    __slots__ = ()


@dataclass
class Filled:
    """`faults`: what could not even be read. The model says the rest."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[Path, str]] = field(default_factory=list)


def filled(shapes: tuple[Shape, ...], posted: Posted) -> Filled:
    """The values of the form, in the order of the shapes, and what its pressed button asks for done to them."""
    reading = _Reading(posted)
    values = reading.group(shapes, "", ())
    return Filled(values, reading.faults)


class _Reading:
    def __init__(self, posted: Posted) -> None:
        self.posted, self.names = posted, tuple(posted.form.keys())
        self.faults: list[tuple[Path, str]] = []

    def group(self, shapes: tuple[Shape, ...], prefix: str, path: Path) -> dict[str, Any]:
        """What the deciding field does not ask for says nothing, also where the form still had it."""
        chosen = next((self.posted.text(f"{prefix}{shape.name}") for shape in shapes if shape.decides), "")
        return {
            shape.name: self.value(shape, f"{prefix}{shape.name}", (*path, shape.name))
            for shape in shapes
            if (shape.how is not How.SECRET or self.posted.text(f"{prefix}{shape.name}"))
            and (not shape.only_with or chosen in shape.only_with)
        }

    def value(self, shape: Shape, name: str, path: Path) -> Any:
        text = self.posted.text(name)
        match shape.how:
            case How.YES_NO:
                return text == "yes"
            case How.CHOICES:
                return [each for each in shape.choices if each in self.posted.texts(name)]
            case How.LINES:
                lines = [line.strip() for line in "\n".join(self.posted.texts(name)).splitlines() if line.strip()]
                return lines or (None if shape.default is None else [])
            case How.WHOLE | How.NUMBER:
                return self.number(text.strip(), whole=shape.how is How.WHOLE, empty=shape.default)
            case How.HOURS:
                return self.hours(text, path)
            case How.CONDITION:
                return self.condition(name, path)
            case How.YAML:
                return self.written(text, path, shape.default)
            case How.GROUP:
                if shape.may_lack and self.posted.text(f"{name}.here") != "yes":
                    return None
                return self.group(shape.parts, f"{name}.", path)
            case How.PICTURE:
                return self.picture(text, name, path)
            case How.LIST:
                return self.several(shape, name, path)
            case How.KEYED:
                return self.keyed(shape, name, path)
            case How.PAIRS:
                return self.pairs(shape, name, path)
            case How.SCALAR:
                return value_of(text) if text.strip() else None
            case How.TEXT:
                return text or None
            case _:
                return text.strip() or (None if not isinstance(shape.default, str) else shape.default)

    def places(self, name: str) -> list[int]:
        """The numbers of a list's elements that the form has, in order."""
        found = {int(part) for each in self.names if (part := _number_after(each, f"{name}."))}
        return sorted(found)[:MOST_ROWS]

    def picture(self, kept: str, name: str, path: Path) -> str | None:
        """The file that was chosen; without one that which the form had, unless it is to go."""
        file = self.posted.form.get(f"{name}.file")
        if isinstance(file, UploadFile) and file.filename:
            content = file.file.read(LARGEST_LOGO + 1)
            if len(content) <= LARGEST_LOGO:
                return base64.b64encode(content).decode()
            self.faults.append((path, said(TOO_LARGE, count=file.size or len(content), largest_logo=LARGEST_LOGO)))
        gone = self.posted.text(f"{name}.none") == "yes"
        return None if gone else kept.strip() or None

    def several(self, shape: Shape, name: str, path: Path) -> Any:
        listed = [
            self.group(shape.parts, f"{name}.{at}.", (*path, position)) for position, at in enumerate(self.places(name))
        ]
        text = self.posted.text(name) if shape.from_file else ""
        if not text.strip():
            return listed
        try:
            return [*listed, *holidays_in(text)]
        except ValueError as error:
            self.faults.append((path, str(error)))
            return listed

    def pairs(self, shape: Shape, name: str, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        (inner,) = shape.parts
        for at in self.places(name):
            key, value = self.posted.text(f"{name}.{at}.=").strip(), f"{name}.{at}.{inner.name}"
            while key in values:
                key += AGAIN
            if key or self.posted.text(value).strip():
                values[key] = self.value(inner, value, (*path, key))
        return values

    def keyed(self, shape: Shape, name: str, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for at in self.places(name):
            key = self.posted.text(f"{name}.{at}.=").strip()
            while key in values:
                key += AGAIN
            values[key] = self.group(shape.parts, f"{name}.{at}.", (*path, key))
        return values

    def number(self, text: str, *, whole: bool, empty: Any) -> Any:
        if not text:
            return empty
        try:
            return int(text) if whole or re.fullmatch(r"[-+]?\d+", text) else float(text.replace(",", "."))
        except ValueError:
            return Unread(text)

    def hours(self, text: str, path: Path) -> Any:
        intervals = []
        for part in text.split(","):
            if not part.strip():
                continue
            match = _HOURS.fullmatch(part)
            if match is None:
                self.faults.append((path, said("write for example 09:00-12:00, 13:00-17:00")))
                return Unread(text)
            interval: dict[str, Any] = {"from": match[1].zfill(5), "to": match[2].zfill(5)}
            intervals.append(interval | ({"on_holidays": True} if match[3] == HOLIDAYS_TOO else {}))
        return intervals

    def condition(self, name: str, path: Path) -> Any:
        which, text = self.posted.text(f"{name}.is"), f"{name}.written"
        if text in self.names:
            value = self.written(self.posted.text(text), path, None)
            # Back to rows, if they can say what is written.
            if which == WRITTEN or isinstance(value, Unread) or value is None or group_of(value) is not None:
                return value
            self.faults.append((path, said("rows cannot say this: it stays as text")))
            return value
        clauses = condition_rows.read(self.posted, self.places, name)
        if which == WRITTEN:
            self.faults.append((path, said("here it is as text: change it, and save")))
            return Unread(
                written({ALL: clauses}).strip() if clauses else "all:\n  - {field: case.priority, value: high}"
            )
        # Rows under "always" are kept, so that nobody loses them by a slip.
        return {which if which in (ALL, ANY) else ALL: clauses} if clauses else None

    def written(self, text: str, path: Path, empty: Any) -> Any:
        if not text.strip():
            return empty
        try:
            document = parse(text, "")
        except OrganisationErrors as error:
            first = error.faults[0]
            self.faults.append((path, said(OF_LINE, line=first.line, message=first.message)))
            return Unread(text)
        self.faults += [(path, said(OF_LINE, line=fault.line, message=fault.message)) for fault in document.faults]
        return document.value


def _number_after(name: str, prefix: str) -> str:
    if not name.startswith(prefix):
        return ""
    number = name[len(prefix) :].partition(".")[0]
    return number if number.isascii() and number.isdecimal() and len(number) < 5 else ""


# ---- buttons -----------------------------------------------------------------------------------------------------------


def pressed(values: dict[str, Any], asked: str) -> str | None:
    """What a button of the form asks for: `add:items`, `drop:items.2`, `up:items.2`, `down:items.2`; `row:`, `group:`, `out:`
    and `show:` ask for what is done as the form is read. The name of the element that the focus is to go to; None for what is
    no such thing, and then nothing is done."""
    verb, _, place = asked.partition(":")
    if verb in ("row", "group", "show"):
        return place
    if verb == "out":
        return place.rpartition(".")[0]
    parts: list[str | int] = [int(part) if part.isdecimal() else part for part in place.split(".")]
    at = parts.pop() if verb != "add" and parts and isinstance(parts[-1], int) else None
    holder = _inside(values, parts)
    name = ".".join(map(str, parts))
    if verb == "add":
        return _added(values, parts, holder, name)
    if not isinstance(at, int) or not isinstance(holder, list | dict) or not 0 <= at < len(holder):
        return None
    keys = list(holder)
    if verb == "drop":
        holder.pop(at) if isinstance(holder, list) else holder.pop(keys[at])
        return f"{name}.{max(0, at - 1)}"
    other = at - 1 if verb == "up" else at + 1
    if isinstance(holder, list) and verb in ("up", "down") and 0 <= other < len(holder):
        holder[at], holder[other] = holder[other], holder[at]
        return f"{name}.{other}"
    return None


def _added(values: dict[str, Any], parts: list[str | int], holder: Any, name: str) -> str | None:
    if holder is None:
        above = _inside(values, parts[:-1])
        if not isinstance(above, dict) or not parts:
            return None
        return name
    if isinstance(holder, list) and len(holder) < MOST_ROWS:
        holder.append({})
        return f"{name}.{len(holder) - 1}"
    if isinstance(holder, dict):
        holder.setdefault("", {})
        return f"{name}.{list(holder).index('')}"
    return None


def _inside(values: Any, parts: list[str | int]) -> Any:
    for part in parts:
        if isinstance(values, dict) and isinstance(part, int):
            keys = list(values)
            values = values[keys[part]] if part < len(keys) else None
        elif isinstance(values, dict):
            values = values.get(str(part))
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            values = values[part]
        else:
            return None
    return values
