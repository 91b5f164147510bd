"""Which days figures are asked of, how they are grouped, and of what alone: all of it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from types import MappingProxyType
from urllib.parse import urlencode

from console.days import PeriodInvalid, before_the_first, period_of, wrong_days
from console.languages import N_
from console.words_asked import asked_word
from desk.errors import Invalid
from desk.queries.figure_filters import FigureFilter
from models.messages.figures import PERIODS, FigureBy, FigurePart
from models.messages.said import said

A_DAY = timedelta(days=1)
USUAL_DAYS = 30
BY_DAY, BY_WEEK = 45, 200
"""So many days are shown by day, so many by week, and longer periods by month, unless somebody wants it otherwise."""
LONGEST_WORD = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """The days from `first` to `last`, both included."""

    first: date
    last: date
    by: FigureBy | None = None
    given: FigureFilter = field(default_factory=FigureFilter)
    part: FigurePart = FigurePart.ALL

    @property
    def until(self) -> date:
        """The day after the last one, as the desk asks for it."""
        return self.last + A_DAY

    @property
    def days(self) -> int:
        return (self.until - self.first).days

    @property
    def fitting(self) -> FigureBy:
        """Days, weeks or months, so that a chart of this period can be read."""
        return FigureBy.DAY if self.days <= BY_DAY else FigureBy.WEEK if self.days <= BY_WEEK else FigureBy.MONTH

    def of_days(self, first: date, last: date) -> Asked:
        """The same question of other days, which decide anew whether days, weeks or months are shown."""
        return replace(self, first=first, last=last, by=None if self.by in PERIODS else self.by)

    @property
    def before(self) -> Asked:
        """The same question of the period before, which is as long."""
        return replace(self, first=self.first - self.days * A_DAY, last=self.first - A_DAY)

    def query(self, kept: Mapping[str, str] = MappingProxyType({})) -> str:
        """What stands behind the question mark, alike for the same question. `kept`: what a page knows besides."""
        told: dict[str, str] = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        if self.by is not None:
            told["by"] = self.by.value
        told |= dict(self.filters())
        if self.part is not FigurePart.ALL:
            told["part"] = self.part.value
        return urlencode(told | {name: value for name, value in kept.items() if name not in told and name != "by"})

    def filters(self) -> list[tuple[str, str]]:
        """Of what alone, each as the address says it."""
        return [(each.name, str(value)) for each in fields(FigureFilter) if (value := getattr(self.given, each.name))]

    def unfiltered(self) -> Asked:
        return replace(self, given=FigureFilter(), part=FigurePart.ALL)

    def among(self, by: FigureBy, key: str | None) -> Asked:
        """The same question of one of its groups alone."""
        if by in PERIODS and key is not None:
            first, last = days_of(by, date.fromisoformat(key))
            return replace(self, first=max(first, self.first), last=min(last, self.last), by=None)
        narrowed = {"without": by} if key is None else {by.value: key}
        return replace(self, by=None, given=replace(self.given, **narrowed))


def days_of(by: FigureBy, first: date) -> tuple[date, date]:
    """The first and the last day of the day, week or month that begins with `first`."""
    match by:
        case FigureBy.WEEK:
            return first, first + 6 * A_DAY
        case FigureBy.MONTH:
            return first, (first + 31 * A_DAY).replace(day=1) - A_DAY
        case _:
            return first, first


def asked(query: Mapping[str, str], today: date) -> Asked:
    """What the address asks; by default the last 30 days. `Invalid` names what is wrong in it."""
    first, last = _days(query, today)
    by = asked_word(FigureBy, query, "by", None)
    part = asked_word(FigurePart, query, "part", FigurePart.ALL)
    words = {each.name: query[each.name].strip() for each in fields(FigureFilter) if query.get(each.name, "").strip()}
    for name, word in words.items():
        if len(word) > LONGEST_WORD or "\x00" in word:
            raise Invalid(name, said("at most {longest_word} characters, no NUL", longest_word=LONGEST_WORD))
    without = asked_word(FigureBy, words, "without", None)
    given = FigureFilter(**{**words, "without": without})  # type: ignore[arg-type]  # words but for the last
    return Asked(first, last, by, given, part)


def _days(query: Mapping[str, str], today: date) -> tuple[date, date]:
    first, last = period_of(query)
    last = last or today
    first = first or last - (USUAL_DAYS - 1) * A_DAY
    if last < first:
        raise PeriodInvalid(wrong_days(query, {"from": before_the_first(first, last)}))
    return first, last


def usual_periods(today: date) -> list[tuple[str, date, date]]:
    """Periods that one is often asked for, each with its words, first and last day."""
    month = today.replace(day=1)
    before = (month - A_DAY).replace(day=1)
    monday = today - today.weekday() * A_DAY
    return [
        (N_("Today"), today, today),
        (N_("7 days"), today - 6 * A_DAY, today),
        (N_("30 days"), today - 29 * A_DAY, today),
        (N_("This week"), monday, today),
        (N_("Last week"), monday - 7 * A_DAY, monday - A_DAY),
        (N_("This month"), month, today),
        (N_("Last month"), before, month - A_DAY),
        (N_("90 days"), today - 89 * A_DAY, today),
        (N_("12 months"), today - 364 * A_DAY, today),
    ]
