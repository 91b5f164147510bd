"""Tables for spreadsheets: every text stays a text, and numbers are written as their reader's language has them."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest

from letters.spreadsheets import MARK, Table

NASTY = ("=1+1", "+1", "-1", "@x", "\t=1", "\n=1", "＝1", 'a, "b";\n=c')


@pytest.mark.parametrize(
    ("language", "separator", "half"), [(None, ",", "2.5"), ("en", ",", "2.5"), ("de", ";", "2,5")]
)
def test_a_table_is_read_back_as_it_was_meant(language: str | None, separator: str, half: str) -> None:
    table = Table(language)
    table.row(*NASTY)
    table.row(2.5, 3.0, 12_345, Decimal("2.50"), Decimal("-1E+3"), date(2031, 3, 30), None)
    text = table.text()
    assert text.startswith(MARK) == (separator == ";")
    texts, numbers = csv.reader(StringIO(text.removeprefix(MARK), newline=""), delimiter=separator)
    assert texts == [f"'{each}" for each in NASTY[:-1]] + [NASTY[-1]]
    assert numbers == [half, "3", "12345", half, "-1000", "2031-03-30", ""]
