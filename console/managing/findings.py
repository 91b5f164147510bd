"""What a chart shows, in a sentence: the value, how it compares with the days before, and where it is highest and lowest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from console.languages import N_
from console.managing.charts import Point
from console.managing.figure_words import WORDS
from console.managing.values import Values, is_share
from models.messages.figures import FigureUnit, FigureView

Say = Callable[..., str]
"""gettext of the reader's language, which fills in what is named."""

COUNTED = (FigureUnit.CASES, FigureUnit.CONTACTS)
POINTS = (FigureUnit.PERCENT, FigureUnit.POINTS)

TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of what follows, also beyond the name in which somebody wrote them."""
FROM_THE_RIGHT = ("R", "AL", "AN")
ALONE, TOGETHER = "\u2068", "\u2069"
"""What stands between them has a direction of its own."""

NOTHING_YET = N_("There is nothing yet that it could be of in these days.")
VALUE = N_("%(title)s: %(value)s.")
SHARE = N_("%(title)s: %(value)s, which is %(part)s of %(whole)s.")
MEAN = N_("%(title)s: %(value)s on average, over %(whole)s.")
SCORE = N_("%(title)s: %(value)s, over %(whole)s.")
RANKS = N_("Half took no longer than %(median)s, nine of ten no longer than %(p90)s.")
MORE, LESS, SAME = (
    N_("That is %(apart)s more than before (%(before)s)."),
    N_("That is %(apart)s less than before (%(before)s)."),
    N_("That is as before."),
)
UP, DOWN = (
    N_("That is %(apart)s points more than before (%(before)s)."),
    N_("That is %(apart)s points less than before (%(before)s)."),
)
HIGHEST = N_("Highest: %(name)s with %(value)s.")
HIGHEST_LOWEST = N_("Highest: %(high_name)s with %(high)s; lowest: %(low_name)s with %(low)s.")


def finding(view: FigureView, points: Sequence[Point], values: Values, say: Say) -> str:
    """`points`: the groups that the chart shows, of which the extremes are told."""
    told = [_value(view, values, say), *_ranks(view, values, say), *_change(view, values, say), *_extremes(points, say)]
    return " ".join(told)


def _value(view: FigureView, values: Values, say: Say) -> str:
    if view.value is None:
        return say(NOTHING_YET)
    title, value = say(WORDS[view.name].title), values.said(view.value, view)
    if is_share(view, view):
        part = values.number(view.numerator)
        return say(SHARE, title=title, value=value, part=part, whole=values.number(view.denominator or 0))
    if view.denominator is not None:
        mean = SCORE if view.unit is FigureUnit.POINTS else MEAN
        return say(mean, title=title, value=value, whole=values.number(view.denominator))
    return say(VALUE, title=title, value=value)


def _ranks(view: FigureView, values: Values, say: Say) -> list[str]:
    if view.median is None or view.p90 is None or view.unit not in (FigureUnit.SECONDS, FigureUnit.MINUTES):
        return []
    return [say(RANKS, median=values.said(view.median, view), p90=values.said(view.p90, view))]


def _change(view: FigureView, values: Values, say: Say) -> list[str]:
    if view.change is None:
        return []
    if not view.change:
        return [say(SAME)]
    more, less = (UP, DOWN) if view.unit in POINTS else (MORE, LESS)
    apart, before = values.apart(view.change, view), values.said(view.before, view)
    return [say(more if view.change > 0 else less, apart=apart, before=before)]


def _extremes(points: Sequence[Point], say: Say) -> list[str]:
    known = [point for point in points if point.value is not None]
    if len(known) < 2:
        return []
    high = max(known, key=lambda point: point.value or 0)
    low = min(known, key=lambda point: point.value or 0)
    if high.value == low.value:
        return []
    if low.value == 0:
        return [say(HIGHEST, name=named_within(high.label), value=high.said)]
    return [
        say(
            HIGHEST_LOWEST,
            high_name=named_within(high.label),
            high=high.said,
            low_name=named_within(low.label),
            low=low.said,
        )
    ]


def named_within(label: str) -> str:
    """A name within a sentence, which keeps its order whatever the name is written in."""
    name = TURNS.sub("", label)
    turned = any(unicodedata.bidirectional(sign) in FROM_THE_RIGHT for sign in name)
    return f"{ALONE}{name}{TOGETHER}" if turned else name
