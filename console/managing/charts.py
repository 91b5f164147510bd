"""The geometry of charts, which templates draw as SVG: sideways in percent of the width, so that nothing is scaled and letters
keep their size; upwards in pixels.

Charts work without scripts. Whoever cannot see them reads the same values in the table below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

HEIGHT, HEAD, FOOT = 240, 34, 26
"""Of the whole chart, and what is left above and below the plot for words."""
PLOT = HEIGHT - HEAD - FOOT
MOST_SERIES, MOST_BARS = 6, 12
STEPS = (1, 2, 2.5, 5, 10)
SPANS = (1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000)
"""Seconds at which a scale of time may be divided."""
LABELS = 7
"""Words below the plot, so that they do not overlap on a phone."""
APART = 14
"""Pixels between the names of two lines."""


@dataclass(frozen=True, slots=True)
class Point:
    """`value` None: there is none, which is no zero. `label`: its day, week or month, or its group."""

    label: str
    value: float | None
    said: str
    address: str


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A column (`width` and `height`), or a point of a line, at its middle."""

    point: Point
    x: float
    y: float
    width: float = 0
    height: float = 0


@dataclass(frozen=True, slots=True)
class Stroke:
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Line:
    """One series: `place` is which (from 0), `name_y` where its name stands, at the right."""

    place: int
    name: str
    name_y: float
    marks: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns of one series, or lines of up to six, over time."""

    height: int
    columns: tuple[Mark, ...]
    lines: tuple[Line, ...]
    scale: tuple[Tick, ...]
    below: tuple[Tick, ...]

    @property
    def margin(self) -> int:
        """Pixels for the words of the scale, at the left."""
        return 10 + round(6.6 * max(len(tick.words) for tick in self.scale))


@dataclass(frozen=True, slots=True)
class Bar:
    """One group of a figure, from the left or from where zero is: `x` and `width` in percent."""

    point: Point
    x: float
    width: float


def over_time(series: Sequence[Series], said: Callable[[float], str], *, columns: bool, spans: bool = False) -> Chart:
    """`said`: a value of the scale in words; `spans`: values are seconds."""
    values = [point.value for each in series for point in each.points if point.value is not None]
    lowest, highest, step = scale_of(min([0.0, *values]), max([0.0, *values]), spans=spans)
    places = len(series[0].points) if series else 0

    def y(value: float) -> float:
        return round(HEAD + PLOT * (highest - value) / (highest - lowest), 1)

    def x(place: int) -> float:
        return round(100 * (place + 0.5) / places, 2)

    steps = [lowest + step * number for number in range(round((highest - lowest) / step) + 1)]
    drawn = () if columns else tuple(_line(place, each, x, y) for place, each in enumerate(series[:MOST_SERIES]))
    return Chart(
        HEIGHT,
        tuple(_columns(series[0], x, y)) if columns and series else (),
        _named_apart(drawn),
        tuple(Tick(y(value), said(value)) for value in steps),
        tuple(_below(series[0].points if series else (), x)),
    )


def scale_of(lowest: float, highest: float, *, spans: bool = False) -> tuple[float, float, float]:
    """Round ends of a scale that has both values, and the step between its lines."""
    if highest == lowest:
        return lowest, lowest + 1, 1
    rough = (highest - lowest) / 3
    if spans:
        step = next((float(span) for span in SPANS if span >= rough), 864_000.0 * ceil(rough / 864_000))
    else:
        power = 10.0 ** floor(log10(rough))
        step = next(each * power for each in STEPS if each * power >= rough * 0.999)
    return floor(lowest / step) * step, ceil(highest / step) * step, step


def bars(points: Sequence[Point]) -> tuple[Bar, ...]:
    """The first of these groups as bars on one scale."""
    values = [point.value for point in points if point.value is not None]
    lowest, highest = min([0.0, *values]), max([0.0, *values])
    whole = (highest - lowest) or 1.0
    made = []
    for point in points[:MOST_BARS]:
        value = point.value or 0.0
        begin = 100 * (min(value, 0.0) - lowest) / whole
        made.append(Bar(point, round(begin, 2), round(100 * abs(value) / whole, 2)))
    return tuple(made)


def _columns(series: Series, x: Callable[[int], float], y: Callable[[float], float]) -> list[Mark]:
    width = round(70 / max(len(series.points), 1), 2)
    made = []
    for place, point in enumerate(series.points):
        top, bottom = sorted((y(point.value or 0.0), y(0)))
        made.append(Mark(point, round(x(place) - width / 2, 2), top, width, round(bottom - top, 1)))
    return made


def _line(place: int, series: Series, x: Callable[[int], float], y: Callable[[float], float]) -> Line:
    marks = tuple(
        Mark(point, x(number), y(point.value)) for number, point in enumerate(series.points) if point.value is not None
    )
    strokes = []
    for number, (left, right) in enumerate(zip(series.points, series.points[1:], strict=False)):
        if left.value is not None and right.value is not None:
            strokes.append(Stroke(x(number), y(left.value), x(number + 1), y(right.value)))
    return Line(place, series.name, (marks[-1].y if marks else y(0)) - 9, marks, tuple(strokes))


def _named_apart(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """So that no name stands on another one: the lowest stays, those above give way."""
    placed: dict[int, float] = {}
    below = float(HEIGHT)
    for line in sorted(lines, key=lambda each: -each.name_y):
        below = placed[line.place] = min(line.name_y, below - APART)
    return tuple(Line(each.place, each.name, round(placed[each.place], 1), each.marks, each.strokes) for each in lines)


def _below(points: Sequence[Point], x: Callable[[int], float]) -> list[Tick]:
    """As many as fit, as far apart from each other, from the first one on."""
    stride = ceil(len(points) / LABELS)
    return [Tick(x(place), points[place].label) for place in range(0, len(points), max(stride, 1))]
