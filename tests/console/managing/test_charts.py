"""What charts are drawn from, without any page: scales, columns, lines, bars, periods, and the words of figures."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from console.managing.charts import HEAD, HEIGHT, MOST_BARS, Point, Series, bars, over_time, scale_of
from console.managing.figure_words import BY, GROUPS, WORDS
from console.managing.findings import named_within
from console.managing.periods import Asked, asked, usual_periods
from console.sayings import in_words
from desk.errors import Invalid
from desk.queries.figure_filters import FigureFilter
from models.messages.figures import FigureBy, FigureName

TODAY = date(2031, 3, 28)


def points(*values: float | None) -> tuple[Point, ...]:
    return tuple(Point(f"d{place}", value, str(value), "/") for place, value in enumerate(values))


@pytest.mark.parametrize(
    ("lowest", "highest", "spans", "scale"),
    [
        (0, 34, False, (0, 40, 20)),
        (0, 1, False, (0, 1, 0.5)),
        (0, 100, False, (0, 100, 50)),
        (-40, 60, False, (-50, 100, 50)),
        (0, 0, False, (0, 1, 1)),
        (0, 5400, True, (0, 5400, 1800)),
        (0, 86_400 * 40, True, (0, 86_400 * 50, 864_000 * 2)),
    ],
)
def test_a_scale_is_round_and_holds_every_value(
    lowest: float, highest: float, spans: bool, scale: tuple[float, float, float]
) -> None:
    begin, end, step = scale_of(lowest, highest, spans=spans)
    assert begin <= lowest
    assert end >= highest
    assert (end - begin) / step == pytest.approx(round((end - begin) / step))
    assert (end - begin) / step <= 4
    if highest < 86_400:
        assert (begin, end, step) == scale


def test_columns_stand_on_zero_and_what_is_nothing_breaks_a_line() -> None:
    chart = over_time([Series("n", points(0, 10, 5))], str, columns=True)
    assert chart.columns[0].height == 0
    assert chart.columns[1].height == pytest.approx(2 * chart.columns[2].height)
    assert all(HEAD <= mark.y <= HEIGHT for mark in chart.columns)
    line = over_time([Series("n", points(1, None, 2, 3))], str, columns=False).lines[0]
    assert len(line.marks) == 3
    assert len(line.strokes) == 1, "no stroke leads over a day of which there is nothing"


def test_names_of_lines_and_words_below_stand_apart() -> None:
    chart = over_time(
        [Series("a", points(5, 5)), Series("b", points(5, 5)), Series("c", points(5, 5))], str, columns=False
    )
    heights = sorted(line.name_y for line in chart.lines)
    assert all(upper + 14 <= lower for upper, lower in pairwise(heights))
    chart = over_time([Series("n", points(*range(400)))], str, columns=True)
    assert len(chart.below) <= 7
    assert chart.below[0].words == "d0"


def test_bars_share_one_scale_on_both_sides_of_zero() -> None:
    found = bars(points(50, -50, None))
    assert [(bar.x, bar.width) for bar in found] == [(50, 50), (0, 50), (50, 0)]
    assert len(bars(points(*range(40)))) == MOST_BARS


def test_an_address_says_its_period_and_reads_back_alike() -> None:
    usual = asked({}, TODAY)
    assert (usual.days, usual.last, usual.fitting) == (30, TODAY, FigureBy.DAY)
    given = asked({"from": "2031-01-01", "to": "2031-03-01", "by": "queue", "priority": "high", "part": "apart"}, TODAY)
    assert given.query() == "from=2031-01-01&to=2031-03-01&by=queue&priority=high&part=apart"
    assert given.until == date(2031, 3, 2)
    assert given.fitting is FigureBy.WEEK
    for wrong in (
        {"from": "2031-02-30"},
        {"from": "2031-04-01"},
        {"by": "moon"},
        {"queue": "x" * 90},
        {"part": "half"},
    ):
        with pytest.raises(Invalid):
            asked(wrong, TODAY)
    with pytest.raises(Invalid) as both:
        asked({"from": "y", "to": "x"}, TODAY)
    assert [part.split(":")[0] for part in in_words("de", both.value.detail).split("; ")] == ["Von", "Bis"]


def test_a_group_asks_for_its_own_days_within_the_period() -> None:
    period = Asked(date(2031, 3, 5), date(2031, 3, 20), FigureBy.WEEK, FigureFilter(queue="gold"))
    week = period.among(FigureBy.WEEK, "2031-03-03")
    assert (week.first, week.last, week.given.queue) == (date(2031, 3, 5), date(2031, 3, 9), "gold")
    month = period.among(FigureBy.MONTH, "2031-03-01")
    assert (month.first, month.last) == (period.first, period.last)
    assert period.among(FigureBy.AGENT, None).given == FigureFilter(queue="gold", without=FigureBy.AGENT)
    usual = {words: (first, last) for words, first, last in usual_periods(TODAY)}
    assert all(first <= last <= TODAY for first, last in usual.values())
    assert usual["Last week"] == (date(2031, 3, 17), date(2031, 3, 23)), "Mondays and Sundays, as weeks are grouped"
    assert usual["This week"] == (date(2031, 3, 24), TODAY)


def test_every_figure_and_group_has_its_words_and_its_place() -> None:
    assert set(WORDS) == set(FigureName)
    assert sorted(name for _, names in GROUPS for name in names) == sorted(FigureName)
    assert set(BY) == set(FigureBy)


def test_a_name_turns_nothing_but_itself_in_a_sentence() -> None:
    assert [named_within(name) for name in ("Ito & Co", "Ito\u202e & Co", "Ito\u2069", "\u05e9\u05d1")] == [
        *("Ito & Co", "Ito & Co", "Ito"),
        "\u2068\u05e9\u05d1\u2069",
    ]
