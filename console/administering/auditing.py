"""Who changed what: every change of reference data, the newest first, by kind, object, person and time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from console.administering.audited import WORDS
from console.administering.kinds import BY_NAME
from console.administering.texts import label_of
from console.staff import Staff
from console.visitor import Visitor
from desk import audit
from desk.organisation.differences import parted

A_PAGE = 50
ASKED = ("kind", "object", "actor", "from", "to")
MOST_LINES = 12
"""Of one change; the rest is counted."""
OTHERS = ("account", "contact", "article", "token", "session")
"""Kinds that the audit knows and that have no page here."""


class Auditing:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        asked = {name: request.query_params.get(name, "").strip()[:80] for name in ASKED}
        before = _uuid(request.query_params.get("before", ""))
        since, until = (_midnight(asked[name], me) for name in ("from", "to"))
        async with self.staff.database.read() as session:
            rows = await audit.entries(
                session,
                asked["kind"] or None,
                asked["object"] or None,
                before,
                A_PAGE + 1,
                actor=asked["actor"] or None,
                since=since,
                until=until + timedelta(days=1) if until else None,
            )
        more = None
        if len(rows) > A_PAGE:
            given = {name: value for name, value in asked.items() if value}
            more = "?" + urlencode(given | {"before": str(rows[A_PAGE - 1].id)})
        entries = [(row, changes(row.changes)) for row in rows[:A_PAGE]]
        facts: dict[str, Any] = {"entries": entries, "asked": asked, "more": more, "sorts": BY_NAME}
        facts |= {"kinds": sorted({*BY_NAME, *OTHERS}), "words": label_of, "most": MOST_LINES, **WORDS}
        return self.staff.view(me, "administering/audit.html", **facts)


def changes(found: dict[str, list[Any]]) -> list[tuple[str, ...]]:
    """Each value that differs: its path, old and new; of a secret the path alone, and of what is no pair what is known."""
    pairs = {name: pair for name, pair in found.items() if len(pair) == 2}
    lines = parted({name: old for name, (old, _) in pairs.items()}, {name: new for name, (_, new) in pairs.items()})
    return lines + [(name, json.dumps(value)) for name, value in found.items() if name not in pairs]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _midnight(text: str, me: Visitor) -> datetime | None:
    """The beginning of a day in the visitor's zone; None for what is no day."""
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=me.zone).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None
