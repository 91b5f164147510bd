"""Where a page of a list ended, as its address says it."""

from __future__ import annotations

from uuid import UUID

from desk.errors import Invalid
from models.messages.said import said


def given_id(typed: str | None, name: str = "cursor") -> UUID | None:
    """The id of the last one of the page before; None: the first page. `Invalid` if it is none."""
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise Invalid(name, said("this cursor does not belong to this list; begin again without it")) from None
