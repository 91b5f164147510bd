"""Who changed what: every change of reference data, the newest first, by kind, object, person and time."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.administering.audited import WORDS
from console.administering.kinds import BY_NAME
from console.administering.texts import label_of
from console.cursors import given_id
from console.days import begins, day_of, ends
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
        before = given_id(request.query_params.get("before"), "before")
        first, last = (day_of(asked, name) for name in ("from", "to"))
        async with self.staff.database.read() as session:
            rows = await audit.entries(
                session,
                asked["kind"] or None,
                asked["object"] or None,
                before,
                A_PAGE + 1,
                actor=asked["actor"] or None,
                since=begins(first, me.zone) if first else None,
                until=ends(last, me.zone) if last else None,
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
