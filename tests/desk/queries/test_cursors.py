"""Cursors go around unharmed, and whatever else comes is refused, never raised."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import Invalid
from desk.queries.cursors import decode, encode

KEYS = st.uuids()


INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(8999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(KEYS, st.none() | INSTANTS)
def test_an_instant_goes_around(key: UUID, value: datetime | None) -> None:
    assert decode(encode("due", value, key), "due", datetime) == (value, key)


@given(KEYS, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=63))
def test_a_word_goes_around(key: UUID, value: str) -> None:
    assert decode(encode("priority", value, key), "priority", str) == (value, key)


@pytest.mark.parametrize("value", ["a\0b", "\ud800", 7, 10**400, True, 1.5, [], {}])
def test_what_no_database_can_be_asked_for_is_refused(value: object) -> None:
    cursor = urlsafe_b64encode(json.dumps(["number", value, "0" * 32]).encode()).decode().rstrip("=")
    with pytest.raises(Invalid):
        decode(cursor, "number", str)


@pytest.mark.parametrize(
    "instant",
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2031-01-01T00:00:00", "2031-13-01", "", "now"],
)
def test_an_instant_that_is_none_is_refused(instant: str) -> None:
    with pytest.raises(Invalid):
        decode(encode("created", instant, UUID(int=0)), "created", datetime)


@given(KEYS)
def test_a_cursor_belongs_to_its_order_and_type(key: UUID) -> None:
    cursor = encode("number", "CAS-1", key)
    with pytest.raises(Invalid):
        decode(cursor, "created", str)
    with pytest.raises(Invalid):
        decode(cursor, "number", datetime)


@given(st.text(max_size=700))
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode(cursor, "number", str)
