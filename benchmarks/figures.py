"""What a run finds out: ratios, which have budgets, and lines, which are only printed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ratio:
    """A figure compared with its baseline of the same run. Ratios and counts have budgets; an absolute time has none."""

    name: str
    what: str
    value: float
    budget: float
    at_least: bool = True
    """Whether the budget is the least (of a rate) or the most (of a latency, of memory, of events)."""
    samples: tuple[float, ...] = ()
    """The value of each round."""

    @property
    def met(self) -> bool:
        return self.value >= self.budget if self.at_least else self.value <= self.budget

    @property
    def limit(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.budget:g}"


@dataclass(frozen=True)
class Line:
    """An absolute figure of this machine on this day. `aim` is what the design wishes; nothing checks it."""

    what: str
    value: str
    aim: str = ""


@dataclass
class Spending:
    """Processor time for a number of the same thing, in seconds."""

    count: int = 0
    house: float = 0.0
    temporal: float = 0.0

    def add(self, count: int, house: float, temporal: float) -> None:
        self.count += count
        self.house += house
        self.temporal += temporal

    def line(self, what: str) -> Line:
        house, temporal = (milliseconds(seconds / max(self.count, 1)) for seconds in (self.house, self.temporal))
        return Line(f"processor time, {what}", f"house {house}, Temporal {temporal}")


@dataclass(frozen=True)
class Step:
    """A step of the scenario, and what it added to the case's history."""

    name: str
    events: int


@dataclass
class BenchReport:
    machine: str
    conditions: str
    ratios: list[Ratio] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def missed(self) -> list[Ratio]:
        return [ratio for ratio in self.ratios if not ratio.met]


def median_ratio(
    name: str, what: str, values: Sequence[float], bases: Sequence[float], budget: float, *, at_least: bool = True
) -> Ratio:
    """The value of each round divided by the baseline of the same round, so that a slow minute of the machine slows both."""
    samples = tuple(value / base for value, base in zip(values, bases, strict=True))
    return Ratio(name, what, statistics.median(samples), budget, at_least, samples)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def rate(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} a second"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
