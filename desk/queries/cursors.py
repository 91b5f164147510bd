"""Keyset cursors: where a page ended, as opaque text, so that rows inserted meanwhile shift no page."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import datetime
from uuid import UUID

from desk.errors import Invalid

Value = datetime | int | str | None
MAX_CURSOR = 600
"""Characters; a longer one is none of ours."""


def encode(order: str, value: Value, key: UUID) -> str:
    """The cursor of a row: the list's order that it belongs to, the row's value in that order, and its key."""
    plain = value.isoformat() if isinstance(value, datetime) else value
    return urlsafe_b64encode(json.dumps([order, plain, key.hex], separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, order: str, kind: type[datetime] | type[int] | type[str]) -> tuple[Value, UUID]:
    """The value and key that `encode` put in. `Invalid` if the cursor is damaged or belongs to another order."""
    wrong = Invalid("cursor", "this cursor does not belong to this list; begin again without it")
    if len(cursor) > MAX_CURSOR:
        raise wrong
    try:
        named, plain, key = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if named != order:
            raise wrong
        value: Value = plain
        if plain is not None and kind is datetime:
            value = datetime.fromisoformat(plain)
            if value.tzinfo is None:
                raise wrong
        elif plain is not None and (type(plain) is not kind):
            raise wrong
        if isinstance(value, str) and "\x00" in value:
            raise wrong
        return value, UUID(hex=key)
    except (ValueError, TypeError, AttributeError, Base64Error, RecursionError):
        raise wrong from None
