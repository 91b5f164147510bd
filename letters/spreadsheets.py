"""Tables that people open in a spreadsheet, and programs read (CSV, RFC 4180)."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from babel.numbers import get_decimal_symbol

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", *"＝＋－＠")  # noqa: RUF001 - some take wide signs, too
"""What a spreadsheet would take for the beginning of a formula, which a stranger's title must not be."""
MARK = "\ufeff"
"""By which spreadsheets know that the letters are UTF-8."""


def as_text(value: str) -> str:
    """The text so that no spreadsheet calculates it."""
    return f"'{value}" if value.startswith(FORMULAS) else value


class Table:
    """`language`: of whoever opens it in a spreadsheet, which reads numbers as they are written there. Where the comma is the
    sign of decimals, cells are parted by semicolons, and only spreadsheets are meant; all others have what programs read."""

    def __init__(self, language: str | None = None) -> None:
        self._out = io.StringIO()
        self._decimal = "," if language is not None and get_decimal_symbol(language) == "," else "."
        if self._decimal == ",":
            self._out.write(MARK)
        self._writer = csv.writer(self._out, delimiter=";" if self._decimal == "," else ",")

    def row(self, *cells: str | int | float | Decimal | date | None) -> None:
        """Numbers are given as such, so that they can be calculated with; every text stays a text."""
        self._writer.writerow([self._cell(each) for each in cells])

    def text(self) -> str:
        return self._out.getvalue()

    def _cell(self, value: str | int | float | Decimal | date | None) -> str:
        match value:
            case None:
                return ""
            case str():
                return as_text(value)
            case date():
                return value.isoformat()
            case Decimal():
                return f"{value.normalize() + Decimal(0):f}".replace(".", self._decimal)
            case _:
                return str(int(value) if value == int(value) else value).replace(".", self._decimal)
