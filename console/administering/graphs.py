"""A process as a graph: its stages below each other, the way from each to the next, and branches beside it."""

from __future__ import annotations

from dataclasses import dataclass

from console.administering.clauses import said
from console.comparing import OPS
from console.labels import label_of_path
from models.messages.conditions import Clause, ConditionGroup
from models.messages.processes import ProcessDefinition

WIDE, HIGH, APART, LEFT, TOP = 230, 46, 40, 14, 12
LANE = 22
"""Between two ways that pass stages by, each in a lane of its own to the right."""
LONGEST = 44


@dataclass(frozen=True, slots=True)
class Box:
    """A stage. `x`, `y`: its upper left corner."""

    slug: str
    name: str
    small: str
    x: int
    y: int
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Way:
    """From one stage to another. `path`: of SVG; `tip`: its arrow; `words`: the condition, at `x`, `y`."""

    path: str
    tip: str
    branch: bool
    words: tuple[tuple[str, str, str], ...]
    more: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A way in words: from where, on which condition, to where; `to` empty: the flow ends."""

    stage: str
    words: tuple[tuple[str, str, str], ...]
    to: str


@dataclass(frozen=True, slots=True)
class Graph:
    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    lines: tuple[Line, ...]
    wide: int = WIDE
    high: int = HIGH


def graph(process: ProcessDefinition) -> Graph:
    """Stages only lead forward, so each stands below those that lead to it."""
    place = {stage.slug: at for at, stage in enumerate(process.stages)}
    names = {stage.slug: stage.name for stage in process.stages}
    boxes, ways, lines = list[Box](), list[Way](), list[Line]()
    lane = 0
    for at, stage in enumerate(process.stages):
        steps = len(stage.steps)
        small = stage.category or ""
        y = TOP + at * (HIGH + APART)
        ends = stage.last or at == len(process.stages) - 1
        boxes.append(
            Box(stage.slug, _short(stage.name, 26), small or (f"{steps}" if steps else ""), LEFT, y, at == 0, ends)
        )
        onward = None if ends else stage.next or process.stages[at + 1].slug
        targets = [(branch.to, words_of(branch.when)) for branch in stage.branches]
        targets += [(onward, ())] if onward is not None else []
        for target, words in targets:
            lines.append(Line(stage.name, words, names[target]))
            straight = place[target] == at + 1 and not words
            if not straight:
                lane += 1
            ways.append(_way(at, place[target], 0 if straight else lane, words))
        if onward is None:
            lines.append(Line(stage.name, (), ""))
    longest = max((len(" ".join(way.words[0])) for way in ways if way.words), default=0)
    width = LEFT + WIDE + 30 + lane * LANE + min(longest, LONGEST) * 7
    return Graph(width, TOP * 2 + len(boxes) * (HIGH + APART) - APART, tuple(boxes), tuple(ways), tuple(lines))


def _way(start: int, end: int, lane: int, words: tuple[tuple[str, str, str], ...]) -> Way:
    if lane == 0:
        x = LEFT + WIDE // 2
        top, bottom = TOP + start * (HIGH + APART) + HIGH, TOP + end * (HIGH + APART)
        return Way(f"M{x} {top}V{bottom - 6}", _tip_down(x, bottom), False, (), 0, 0, 0)
    right, out = LEFT + WIDE, LEFT + WIDE + 10 + lane * LANE
    top, bottom = TOP + start * (HIGH + APART) + HIGH * 2 // 3, TOP + end * (HIGH + APART) + HIGH // 3
    path = f"M{right} {top}H{out - 6}Q{out} {top} {out} {top + 6}V{bottom - 6}Q{out} {bottom} {out - 6} {bottom}H{right + 6}"
    return Way(path, _tip_left(right, bottom), bool(words), words[:1], len(words) - 1, out + 6, (top + bottom) // 2)


def _tip_down(x: int, y: int) -> str:
    return f"M{x} {y}l-5 -8h10z"


def _tip_left(x: int, y: int) -> str:
    return f"M{x} {y}l8 -5v10z"


def words_of(condition: ConditionGroup) -> tuple[tuple[str, str, str], ...]:
    """Its clauses as field, comparison and value; groups within it flat, as a picture has no room for more."""
    found: list[tuple[str, str, str]] = []
    for each in (*condition.all, *condition.any):
        if isinstance(each, Clause):
            value = said(list(each.value) if isinstance(each.value, tuple) else each.value)
            found.append((label_of_path(each.field), OPS[each.op], value))
        else:
            found += words_of(each)
    return tuple(found)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
