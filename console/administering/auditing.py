"""Who changed what: every change of reference data, the newest first, by kind, object, person and time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.administering.audited import WORDS
from console.administering.kinds import BY_NAME
from console.administering.naming import names_of_changes
from console.administering.readable import Line, Readable
from console.administering.texts import label_of
from console.cursors import given_id
from console.days import PeriodInvalid, begins, ends, period_of
from console.labels import HOUSE
from console.languages import translations
from console.staff import Staff
from console.visitor import Visitor
from desk.audit import KINDS
from desk.organisation.differences import apart
from desk.queries.audited import audited
from desk.queries.names import Names

A_PAGE = 50
ASKED = ("kind", "object", "actor", "from", "to")
MOST_LINES = 12
"""Of one change; the rest is counted."""


class Auditing:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        asked = {name: request.query_params.get(name, "").strip()[:80] for name in ASKED}
        house = {self._called(me, words): actor for actor, words in HOUSE.items()}
        actor = house.get(asked["actor"], asked["actor"])
        before, wrong = given_id(request.query_params.get("before"), "before"), None
        try:
            first, last = period_of(asked)
        except PeriodInvalid as error:
            first, last, wrong = None, None, error.wrong
        async with self.staff.database.read() as session:
            rows = await audited(
                session,
                asked["kind"] or None,
                asked["object"] or None,
                before,
                A_PAGE + 1,
                actor=actor or None,
                since=begins(first, me.zone) if first else None,
                until=ends(last, me.zone) if last else None,
            )
            names = await names_of_changes(session, self.staff, rows)
        more = None
        if len(rows) > A_PAGE:
            given = {name: value for name, value in asked.items() if value}
            more = "?" + urlencode(given | {"before": str(rows[A_PAGE - 1].id)})
        entries = [(row, changes(me, row.kind, row.changes, names)) for row in rows[:A_PAGE]]
        asked["actor"] = next((words for words, each in house.items() if each == actor), actor)
        facts: dict[str, Any] = {
            "entries": entries,
            "asked": asked,
            "actors": tuple(house),
            "more": more,
            "sorts": BY_NAME,
            "names": names,
        }
        facts["wrong"] = wrong
        facts |= {"kinds": self._kinds(me), "words": label_of, "most": MOST_LINES, **WORDS}
        return self.staff.view(me, "administering/audit.html", status=422 if wrong else 200, **facts)

    def _kinds(self, me: Visitor) -> list[tuple[str, str]]:
        """All that there can be entries of, by the words of the reader's language, in their order."""
        words = {kind: self._called(me, BY_NAME[kind].one if kind in BY_NAME else label_of(kind)) for kind in KINDS}
        return sorted(words.items(), key=lambda each: each[1].casefold())

    @staticmethod
    def _called(me: Visitor, words: str) -> str:
        return translations(me.language, "administering").gettext(words)


def changes(me: Visitor, kind: str, found: dict[str, list[Any]], names: Names) -> list[Line]:
    """Each value that differs; of what is no pair what is known."""
    readable = Readable(me, BY_NAME[kind].model if kind in BY_NAME else None, names)
    pairs = {name: pair for name, pair in found.items() if len(pair) == 2}
    differing = apart({name: old for name, (old, _) in pairs.items()}, {name: new for name, (_, new) in pairs.items()})
    return readable.lines(differing) + [
        readable.known(name, value) for name, value in found.items() if name not in pairs
    ]
