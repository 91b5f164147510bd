"""A form as a page draws it: each field with its name, what stands in it and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from console.administering.clauses import WRITTEN, group_of, said
from console.administering.condition_rows import Line, drawn, sent
from console.administering.filling import OF_LINE, Unread
from console.administering.shapes import How, Shape
from desk.organisation.writing import brief
from models.messages.said import of_field
from models.messages.said import said as sentence
from models.messages.storable import Path, path_text
from models.messages.work_hours import ALWAYS

MOST_CONTROLS = 320
"""Of one form: what has more of them is written as text."""
TITLES = (
    "name",
    "label",
    "slug",
    "address",
    "date",
    "to",
    "after",
    "queue",
    "agent",
    "team",
    "template",
    "sla",
    "value",
)
"""What an element of a list is called by."""
LINES_OF_TEXT = (How.LINE, How.SCALAR)
SHOWN_OPEN = 2
"""Elements of a list that stand open; of a longer one each is folded under its name."""


@dataclass
class Control:
    """`id` is where a fault leads. `value`: text, yes or no, or words; of a condition what its rows cannot say."""

    shape: Shape
    name: str
    value: Any = ""
    fault: str = ""
    parts: list[Control] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    which: str = ""
    lines: list[Line] = field(default_factory=list)
    """Of a condition."""
    hinted: bool = True
    """Of the elements of a list, and of the days of a week, the first one alone has hints: they say the same of all."""
    pairs: list[Pair] = field(default_factory=list)
    offered: bool = False
    """Everything that it can name is offered to choose from, by its name."""

    @property
    def example(self) -> str:
        """Beside a list of names an example would be the slug of something that is not in it."""
        return "" if self.offered else self.shape.example

    @property
    def id(self) -> str:
        return f"f-{self.name}"

    @property
    def how(self) -> str:
        """A line of which somebody has made several, in a file, is a text here: browsers take the ends of lines out of a line."""
        several = self.shape.how in LINES_OF_TEXT and "\n" in str(self.value)
        return How.TEXT.value if several else self.shape.how.value

    @property
    def hint(self) -> str:
        return self.shape.hint if self.hinted else ""

    @property
    def height(self) -> int:
        """Lines of a text area."""
        return min(30, max(2, str(self.value).count("\n") + 1))

    def every(self) -> Iterator[Control]:
        yield self
        for part in self.parts:
            yield from part.every()
        inside = [item.parts for item in self.items] + [pair.parts for pair in self.pairs]
        for part in (part for parts in inside for part in parts):
            yield from part.every()

    @property
    def faults(self) -> Iterator[tuple[str, str]]:
        """Its own, and those of its lines: where each leads, and the rule."""
        if self.fault:
            yield self.id, self.fault
        for line in (line for outer in self.lines for line in outer.every()):
            if line.fault:
                yield line.id, line.fault


@dataclass
class Pair:
    """A word, and the control of its value."""

    name: str
    key: str
    parts: list[Control]


@dataclass
class Item:
    """An element of a list. `title`: its name, as far as it has one; `key`: the word under which it stands; `word`: what its
    deciding field says, which is still to be translated."""

    name: str
    title: str
    parts: list[Control]
    key: str | None = None
    word: str = ""
    open: bool = True

    @property
    def is_faulty(self) -> bool:
        return any(any(control.faults) for part in self.parts for control in part.every())


class Told(NamedTuple):
    """A fault above a form. `within`: the lists that the field stands in, each by its label and the element's name, outermost
    first; `label`: of the field itself, empty if the last element says all. `id`: of the field, where there is one."""

    id: str
    within: tuple[tuple[str, str], ...]
    label: str
    rule: str


def _told(control: Control, within: tuple[tuple[str, str], ...]) -> Iterator[Told]:
    label = control.shape.label
    for id, rule in control.faults:
        yield Told(id, within, label, rule)
    for part in control.parts:
        yield from _told(part, within)
    for number, item in enumerate(control.items, 1):
        name = item.key or item.title or str(number)
        for part in item.parts:
            yield from _told(part, (*within, (label, name)))
    for number, pair in enumerate(control.pairs, 1):
        for part in pair.parts:
            for id, rule in part.faults:
                yield Told(id, (*within, (label, pair.key or str(number))), "", rule)


class Drawing:
    """Draws values by shapes. `faults`: by path, as the model names it."""

    def __init__(self, faults: Sequence[tuple[Path, str]] = ()) -> None:
        self.faults: dict[Path, str] = {}
        for path, rule in faults:
            self.faults.setdefault(path, rule)
        self.placed: dict[Path, str] = {}

    def form(self, shapes: Sequence[Shape], values: Mapping[str, Any]) -> list[Control]:
        return self._parts(shapes, values, "", ())

    def summary(self, controls: Sequence[Control]) -> list[Told]:
        """Each fault with the way to its field; what belongs to none has no id."""
        found = [each for control in controls for each in _told(control, ())]
        rest = [Told("", (), path_text(path), rule) for path, rule in self.faults.items() if path not in self.placed]
        return found + rest

    def _parts(self, shapes: Sequence[Shape], values: Mapping[str, Any], prefix: str, path: Path) -> list[Control]:
        """Those that are asked for by what the deciding field says, and those that say something or are wrong all the same."""
        chosen = next((str(values.get(shape.name) or "") for shape in shapes if shape.decides), "")
        return [
            self._control(shape, values, prefix, path)
            for shape in shapes
            if not shape.only_with
            or chosen in shape.only_with
            or values.get(shape.name)
            or (*path, shape.name) in self.faults
        ]

    def _control(self, shape: Shape, values: Mapping[str, Any], prefix: str, path: Path) -> Control:
        value = values.get(shape.name, shape.default)
        name, path = f"{prefix}{shape.name}", (*path, shape.name)
        control = Control(shape, name)
        match shape.how:
            case How.GROUP:
                inner = _values(shape, value)
                control.value = value is not None
                control.parts = self._parts(shape.parts, inner, f"{name}.", path)
                for part in [part for part in control.parts if part.shape.how is How.HOURS][1:]:
                    part.hinted = False
            case How.LIST | How.KEYED:
                control.items = self._items(shape, value, name, path)
            case How.PAIRS:
                control.pairs = self._pairs(shape, value, name, path)
            case How.CONDITION:
                self._condition(control, value, path)
            case How.YES_NO:
                control.value = value is True
            case How.CHOICES:
                control.value = value if isinstance(value, list | tuple) else []
            case _:
                control.value = _text(shape, value)
        whole = shape.how not in (How.GROUP, How.LIST, How.KEYED, How.PAIRS)
        control.fault = self._fault(path, whole=whole, lines=shape.how is How.LINES)
        return control

    def _items(self, shape: Shape, value: Any, name: str, path: Path) -> list[Item]:
        if isinstance(value, Mapping):
            pairs: list[tuple[str | int, Any]] = list(value.items())
        else:
            pairs = list(enumerate(value)) if isinstance(value, list | tuple) else []
        found = []
        for at, (key, inner) in enumerate(pairs):
            inner = _values(shape, inner)
            parts = self._parts(shape.parts, inner, f"{name}.{at}.", (*path, key))
            for control in (each for part in parts for each in part.every()):
                control.hinted = at == 0 and control.hinted
            title = next((str(inner[each]) for each in TITLES if inner.get(each)), "")
            word = next((str(inner.get(part.name) or "") for part in shape.parts if part.decides), "")
            item = Item(f"{name}.{at}", title, parts, key if isinstance(key, str) else None, word)
            item.open = len(pairs) <= SHOWN_OPEN or item.is_faulty or not (title or word)
            if fault := self._fault((*path, key), whole=False):
                parts[0].fault = parts[0].fault or fault
                item.open = True
            found.append(item)
        return found

    def _pairs(self, shape: Shape, value: Any, name: str, path: Path) -> list[Pair]:
        """And a free one."""
        given = list(value.items()) if isinstance(value, Mapping) else []
        found = []
        for at, (key, each) in enumerate([*given, ("", None)]):
            (inner,) = shape.parts
            control = self._control(inner, {inner.name: each}, f"{name}.{at}.", ())
            control.fault = self._fault((*path, key), whole=True) if at < len(given) else ""
            found.append(Pair(f"{name}.{at}", str(key), [control]))
        return found

    def _condition(self, control: Control, value: Any, path: Path) -> None:
        group = None if isinstance(value, Unread) else group_of(value)
        if group is None:
            control.which, control.value = WRITTEN, value if isinstance(value, Unread) else brief(value)
        else:
            control.which = group.which
            control.lines = drawn(group, control.name, path, lambda at, whole: self._fault(at, whole=whole))

    def _fault(self, path: Path, *, whole: bool, lines: bool = False) -> str:
        """`whole`: a fault within it is shown at it, with the way there."""
        for told, rule in self.faults.items():
            if told not in self.placed and (told == path or (whole and told[: len(path)] == path)):
                self.placed[told] = rule
                return _with_place(told[len(path) :], rule, lines=lines)
        return ""


def _with_place(within: Path, rule: str, *, lines: bool) -> str:
    """`lines`: each element is a line of its own. Of what lies deeper in a text, the way there."""
    match within:
        case ():
            return rule
        case (int(at),):
            return sentence(OF_LINE, line=at + 1, message=rule) if lines else rule
        case _:
            return of_field(path_text(within), rule)


def _text(shape: Shape, value: Any) -> str:
    if isinstance(value, Unread):
        return str(value)
    if value is None:
        return ""
    if shape.how is How.YAML:
        return "" if not value else brief(value)
    if shape.how is How.SCALAR:
        return said(value)
    if shape.how is How.LINES and isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    if shape.how is How.HOURS and isinstance(value, list | tuple):
        return ", ".join(
            f"{each.get('from')}-{each.get('to')}{'+' if each.get('on_holidays') else ''}"
            for each in value
            if isinstance(each, Mapping)
        )
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _values(shape: Shape, value: Any) -> Mapping[str, Any]:
    """Of a group, as its parts have them; hours around the clock are those of every day."""
    if value == ALWAYS:
        return {part.name: [{"from": "00:00", "to": "24:00"}] for part in shape.parts if part.how is How.HOURS}
    return value if isinstance(value, Mapping) else {}


def count(controls: Sequence[Control]) -> int:
    """How many fields a browser sends of them, and boxes that are not ticked."""
    return sum(len(sent(control.lines)) or 1 for top in controls for control in top.every())


def as_sent(controls: Sequence[Control]) -> list[tuple[str, str]]:
    """What a browser sends of a form that nobody has touched."""
    found: list[tuple[str, str]] = []
    for control in controls:
        name = control.name
        match control.shape.how:
            case How.GROUP:
                found += [(f"{name}.here", "yes")] if control.value and control.shape.may_lack else []
                found += as_sent(control.parts)
            case How.LIST | How.KEYED:
                for item in control.items:
                    found += [(f"{item.name}.here", "yes")]
                    found += [(f"{item.name}.=", item.key)] if item.key is not None else []
                    found += as_sent(item.parts)
            case How.CONDITION:
                found.append((f"{name}.is", control.which))
                found += [(f"{name}.written", str(control.value))] if control.which == WRITTEN else []
                found += sent(control.lines)
            case How.PAIRS:
                for pair in control.pairs:
                    found += [(f"{pair.name}.=", pair.key), *as_sent(pair.parts)]
            case How.YES_NO:
                found += [(name, "yes")] if control.value else []
            case How.CHOICES:
                found += [(name, each) for each in control.shape.choices if each in control.value]
            case How.SECRET:
                pass
            case _:
                found.append((name, str(control.value)))
    return found
