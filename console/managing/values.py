"""Figures as people write them: by their unit, in the reader's language."""

from __future__ import annotations

from babel.numbers import format_currency, format_decimal

from console.view import Words
from console.visitor import Visitor
from models.messages.figures import CountedCase, FigureDefinition, FigureName, FigureUnit, FigureValue
from storage.figures.registry import Figure
from storage.figures.viewing import definition

NOTHING = "\N{EN DASH}"
SECONDS_SHOWN = 60
"""A span below a minute is said in seconds."""
MEASURED = (FigureUnit.SECONDS, FigureUnit.MINUTES, FigureUnit.MONEY, FigureUnit.SCORE)
"""Units in which one case has a value of its own."""
IN_HOURS = (FigureName.FIRST_RESPONSE_BUSINESS_TIME, FigureName.RESOLUTION_BUSINESS_TIME)
"""Of working time nobody knows how many hours a day has."""


class Values:
    def __init__(self, me: Visitor) -> None:
        self.words, self.locale, self.currency = Words(me), me.language, me.organisation.currency

    def said(self, value: float | None, of: FigureDefinition) -> str:
        if value is None:
            return NOTHING
        match of.unit:
            case FigureUnit.PERCENT:
                return self.words.percent(value / 100)
            case FigureUnit.SECONDS:
                return self._span(value, in_hours=of.name in IN_HOURS)
            case FigureUnit.MINUTES:
                return self._span(value * 60, in_hours=True)
            case FigureUnit.MONEY:
                return format_currency(value, self.currency, locale=self.locale)
            case FigureUnit.SCORE:
                return format_decimal(value, format="#,##0.0#", locale=self.locale)
            case _:
                return format_decimal(round(value, 1), locale=self.locale)

    def apart(self, value: float, of: FigureDefinition) -> str:
        """How far two values are apart, without a sign. Percentages are so many points apart."""
        if of.unit is FigureUnit.PERCENT:
            return format_decimal(abs(round(value, 1)), locale=self.locale)
        return self.said(abs(value), of)

    def number(self, count: float) -> str:
        return format_decimal(count, locale=self.locale)

    def whole(self, shown: FigureValue) -> str | None:
        """`33 of 40` of a share; how many a mean is of; None of a count, which says it already."""
        return None if shown.denominator is None else format_decimal(shown.denominator, locale=self.locale)

    def adds(self, line: CountedCase, figure: Figure) -> str:
        """What one case adds: a span, an amount or a score as the figure has it, and of a share the two counts."""
        if figure.unit in MEASURED:
            value = figure.value(line.numerator, 1 if line.denominator is None else line.denominator)
            return self.said(value, definition(figure))
        counts = (line.numerator,) if line.denominator is None else (line.numerator, line.denominator)
        return " / ".join(map(self.number, counts))

    def _span(self, seconds: float, *, in_hours: bool) -> str:
        if seconds < SECONDS_SHOWN:
            return f"{round(seconds)} s"
        if not in_hours:
            return self.words.minutes(seconds / 60)
        hours, minutes = divmod(round(seconds / 60), 60)
        told = [f"{format_decimal(hours, locale=self.locale)} h"] if hours else []
        return " ".join(told + ([f"{minutes} min"] if minutes or not hours else []))


def is_share(of: FigureDefinition, shown: FigureValue) -> bool:
    """Whether it is so many of so many."""
    return shown.denominator is not None and of.unit is FigureUnit.PERCENT
