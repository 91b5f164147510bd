"""Keyset cursors: where a page ended, as opaque text, so that rows inserted meanwhile shift no page."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import UTC, datetime
from uuid import UUID

from desk.errors import Invalid
from models.messages.said import said
from models.messages.storable import instant_fault

Value = datetime | str | None
MAX_CURSOR = 600
"""Characters; a longer one is none of ours."""


def encode(order: str, value: Value, key: UUID) -> str:
    """The cursor of a row: the list's order that it belongs to, the row's value in that order, and its key."""
    plain = value.isoformat() if isinstance(value, datetime) else value
    return urlsafe_b64encode(json.dumps([order, plain, key.hex], separators=(",", ":")).encode()).decode().rstrip("=")


def wrong() -> Invalid:
    """What a cursor is answered with that this list has not given."""
    return Invalid("cursor", said("this cursor does not belong to this list; begin again without it"))


def decode(cursor: str, order: str, kind: type[datetime] | type[str]) -> tuple[Value, UUID]:
    """The value and key that `encode` put in. `Invalid` if the cursor is damaged, belongs to another order, or holds
    what no database can be asked for."""
    if len(cursor) > MAX_CURSOR:
        raise wrong()
    try:
        named, plain, key = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if named != order or (plain is not None and type(plain) is not str):
            raise wrong()
        value: Value = plain
        if isinstance(plain, str) and kind is datetime:
            value = datetime.fromisoformat(plain)
            if value.tzinfo is None or instant_fault(value) is not None:
                raise wrong()
            value = value.astimezone(UTC)
        elif isinstance(plain, str) and b"\x00" in plain.encode():  # which raises of half a surrogate pair
            raise wrong()
        return value, UUID(hex=key)
    except (ValueError, TypeError, AttributeError, OverflowError, Base64Error, RecursionError):
        raise wrong() from None
