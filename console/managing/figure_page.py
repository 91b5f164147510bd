"""One figure, or two side by side: sentences, chart and table from the same groups, each leading to its cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from babel.dates import format_date, format_interval, format_skeleton

from console.languages import N_, translations
from console.managing.charts import MOST_BARS, Bar, Chart, Point, Series, bars, over_time
from console.managing.figure_words import WITHOUT, WORDS
from console.managing.findings import COUNTED, finding
from console.managing.periods import Asked
from console.managing.values import Values
from console.visitor import Visitor
from models.messages.figures import PERIODS, FigureBy, FigureGroup, FigurePart, FigureUnit, FigureValue, FigureView

TIMES = (FigureUnit.SECONDS, FigureUnit.MINUTES)
MEDIAN, P90 = N_("Half"), N_("Nine of ten")
WEEK_OF = N_("from %(day)s")
"""What lines of durations are called: half of the cases took no longer."""


def translated(me: Visitor, message: str, **named: str) -> str:
    """A text of the code in the reader's language, with what it names."""
    said: str = translations(me.language, "managing").gettext(message)
    return said % named if named else said


def between(me: Visitor, first: date, last: date) -> str:
    """A period of whole days, both included."""
    if first == last:
        return format_date(first, "long", locale=me.language)
    said: str = format_interval(first, last, "yMMMd", locale=me.language)
    return said.replace("\N{THIN SPACE}", "\N{NO-BREAK SPACE}")


def period_label(me: Visitor, by: FigureBy, first: date) -> str:
    """Short, for a chart: of a week its first day."""
    if by is FigureBy.MONTH:
        return format_skeleton("yMMM", first, locale=me.language)
    if by is FigureBy.WEEK:
        return translated(me, WEEK_OF, day=_day(me, first))
    return _day(me, first)


def _day(me: Visitor, day: date) -> str:
    return format_skeleton("MMMd", day, locale=me.language)


def counted(denominator: int | None, question: Asked) -> Asked:
    """The question for as many cases as the figure says that it is of."""
    part = FigurePart.ALL if denominator is None else FigurePart.DENOMINATOR
    return replace(question, by=None, part=part)


class Page:
    """One figure, or two side by side, as chart, sentences and table."""

    def __init__(self, me: Visitor, name: str, question: Asked, views: list[FigureView]) -> None:
        self.me, self.name, self.question, self.views = me, name, question, views
        self.values = Values(me)
        self.by = question.by or question.fitting
        self.points = {view.name: self._points(view) for view in views}

    @property
    def findings(self) -> list[str]:
        return [finding(view, self.points[view.name], self.values, self._say) for view in self.views]

    @property
    def chart(self) -> Chart | None:
        """Of periods; None where groups are shown as bars."""
        if self.by not in PERIODS:
            return None
        view = self.views[0]
        series = self._series()
        columns = len(series) == 1 and view.unit in COUNTED
        scale = 60 if view.unit is FigureUnit.MINUTES else 1
        return over_time(
            [
                Series(
                    each.name,
                    tuple(replace(p, value=None if p.value is None else p.value * scale) for p in each.points),
                )
                for each in series
            ],
            lambda value: self.values.said(value / scale, view),
            columns=columns,
            spans=view.unit in TIMES,
        )

    @property
    def bars(self) -> tuple[Bar, ...]:
        return bars(self.points[self.views[0].name])

    @property
    def hidden_bars(self) -> int:
        return max(0, len(self.points[self.views[0].name]) - MOST_BARS)

    def rows(self) -> list[tuple[str, list[tuple[FigureView, FigureGroup]]]]:
        """By label the groups of each figure."""
        groups = [list(view.groups or ()) for view in self.views]
        keys = list(dict.fromkeys(group.key for each in groups for group in each))
        by_key = [{group.key: group for group in each} for each in groups]
        return [
            (
                self.label(next(each[key] for each in by_key if key in each)),
                [(view, each[key]) for view, each in zip(self.views, by_key, strict=True) if key in each],
            )
            for key in keys
        ]

    def address(self, name: str, group: FigureGroup | None = None) -> str:
        """Of the cases that a figure, or one of its groups, counts."""
        view = next(each for each in self.views if each.name == name)
        wanted = replace(self.question, by=None) if group is None else self.question.among(self.by, group.key)
        return f"/figures/{name}/cases?{counted(view.denominator, wanted).query()}"

    def before(self, view: FigureView, shown: FigureValue) -> str | None:
        """Of the cases that a number of the period before counts. Those of a day, week or month have a line of their own."""
        of_period = isinstance(shown, FigureGroup) and self.by in PERIODS
        if view.denominator is not None or not shown.before or of_period:
            return None
        asked = replace(self.question, by=None).before
        wanted = asked.among(self.by, shown.key) if isinstance(shown, FigureGroup) else asked
        return f"/figures/{view.name}/cases?{counted(None, wanted).query()}"

    def apart(self, name: str, outcome: str) -> str:
        """Of those that stand beside a figure because of what became of them."""
        given = replace(self.question.given, outcome=outcome)
        return f"/figures/{name}/cases?{replace(self.question, by=None, given=given, part=FigurePart.APART).query()}"

    def label(self, group: FigureGroup) -> str:
        if group.name is not None:
            return group.name
        if group.key is None:
            return self._say(WITHOUT.get(self.by, WITHOUT[FigureBy.KIND]))
        if self.by in PERIODS:
            return period_label(self.me, self.by, date.fromisoformat(group.key))
        return group.key

    def _series(self) -> list[Series]:
        if len(self.views) > 1:
            return [Series(self._say(WORDS[view.name].title), self.points[view.name]) for view in self.views]
        view = self.views[0]
        if view.unit in TIMES and any(group.median is not None for group in view.groups or ()):
            return [
                Series(self._say(MEDIAN), self._points(view, "median")),
                Series(self._say(P90), self._points(view, "p90")),
            ]
        return [Series(self._say(WORDS[view.name].title), self.points[view.name])]

    def _points(self, view: FigureView, of: str = "value") -> tuple[Point, ...]:
        return tuple(
            Point(
                self.label(group),
                getattr(group, of),
                self.values.said(getattr(group, of), view),
                self.address(view.name, group),
            )
            for group in view.groups or ()
        )

    def _say(self, message: str, **named: str) -> str:
        return translated(self.me, message, **named)
