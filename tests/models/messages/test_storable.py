"""What can be stored, value by value, and that asking costs nothing however large the number pretends to be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages.storable import DEEPEST, LARGEST, Unstorable, check, fault, number


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("a\x00b", "NUL"),
        ("\ud800", "surrogate"),
        ("a\udfffb", "surrogate"),
        (2**63, "holds a number"),
        (-(2**63) - 1, "holds a number"),
        (float("nan"), "finite"),
        (float("-inf"), "finite"),
        (Decimal("NaN"), "finite"),
        (Decimal("1E+1000000"), "below"),
        (Decimal("0E+1000000"), "below"),
        (Decimal("1E-1000000"), "decimal places"),
        (Decimal("1" * 41), "below"),
        (datetime(2031, 1, 1), "time zone"),  # noqa: DTZ001 - naive on purpose
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), "years"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=12))), "years"),
        (date.max, "years"),
        (date(1899, 12, 31), "years"),
        (timedelta.max, "hundred years"),
    ],
)
def test_what_no_row_can_hold(value: object, rule: str) -> None:
    assert rule in (fault(value) or "")
    with pytest.raises(Unstorable) as caught:
        check({"custom": [{"x": value}]})
    assert caught.value.field == "custom[0].x"


@pytest.mark.parametrize(
    "value",
    [
        *("", "Ünïcödé", "😀", None, True, False, 2**63 - 1, -(2**63), 1.5, 5e-324),
        *(Decimal("0.0001"), Decimal("-999999999999.9999"), datetime(2031, 1, 1, tzinfo=UTC), date(1900, 1, 1)),
        *(timedelta(days=3660), [], {}),
    ],
)
def test_what_every_row_can_hold(value: object) -> None:
    assert fault(value) is None
    check({"x": value})


def test_depth_and_size_have_bounds() -> None:
    check(nested(DEEPEST))
    with pytest.raises(Unstorable, match="nested deeper"):
        check(nested(DEEPEST + 1))
    check({"x": "a" * (LARGEST - 10)})
    with pytest.raises(Unstorable, match="characters"):
        check({"x": ["a" * (LARGEST // 2)] * 2})


def test_a_key_is_a_text_as_well() -> None:
    with pytest.raises(Unstorable, match="surrogate"):
        check({"a": {"\ud800": 1}})


@given(st.text(), st.booleans())
def test_a_text_can_be_stored_exactly_if_it_can_be_written_as_utf_8(text: str, nul: bool) -> None:
    text += "\x00" if nul else ""
    try:
        text.encode()
        possible = "\x00" not in text
    except UnicodeEncodeError:
        possible = False
    assert (fault(text) is None) is possible


@given(
    st.one_of(
        st.decimals(), st.floats(), st.integers(), st.from_regex(r"-?[0-9]{1,5}(\.[0-9]{1,5})?[eE][+-]?[0-9]{1,9}")
    )
)
def test_a_number_is_refused_or_exact(value: Any) -> None:
    try:
        exact = number(value)
    except ValueError:
        return
    assert exact == Decimal(str(value).strip())
    assert abs(exact) <= 2**53
    assert float(exact) == pytest.approx(float(str(value)))
