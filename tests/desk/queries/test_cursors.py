"""Cursors go around unharmed, and whatever else comes is refused, never raised."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import Invalid
from desk.queries.cursors import decode, encode

KEYS = st.uuids()


@given(KEYS, st.none() | st.datetimes(timezones=st.just(UTC)))
def test_an_instant_goes_around(key: UUID, value: datetime | None) -> None:
    assert decode(encode("due", value, key), "due", datetime) == (value, key)


@given(KEYS, st.integers(-(2**53), 2**53))
def test_a_number_goes_around(key: UUID, value: int) -> None:
    assert decode(encode("rank", value, key), "rank", int) == (value, key)


@given(KEYS)
def test_a_cursor_belongs_to_its_order_and_type(key: UUID) -> None:
    cursor = encode("number", "CAS-1", key)
    for order, kind in (("created", str), ("number", int), ("number", datetime)):
        with pytest.raises(Invalid):
            decode(cursor, order, kind)


@given(st.text(max_size=700))
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode(cursor, "number", str)
