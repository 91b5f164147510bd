"""Lists of cases: the page, and the parts that keep it fresh without moving it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from console.desk_pages import words
from console.desk_pages.offered import offered
from console.list_address import FIELDS, PARAMETERS, Column, ListAddress, read_address, view_address
from console.own_words import own_word
from console.staff import Staff
from console.visitor import Visitor
from console.way import case_address
from desk.errors import Invalid
from desk.queries.case_lists import PAGE, ListPage, ListRow, list_page, rows_named
from desk.queries.list_counts import COUNTED, counts
from desk.queries.list_questions import CaseList, ListView
from desk.queries.my_queues import my_queues
from desk.saved_views import kept_views
from models.messages.said import Said, said
from models.messages.said import words as each_word

MOST_NAMED = 200
"""Rows that one part asks for."""

NAMES: dict[str, Mapping[Any, str]] = {
    "view": words.VIEWS,
    "sort": words.SORTS,
    "status": words.STATUSES,
    "sla": words.SLA_STATES,
    "column": words.COLUMNS,
}
"""What the words of an address are called on the page, by their parameter."""


class Lists:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.database, self.definitions = staff.database, staff.definitions

    # ---- the page ----------------------------------------------------------------------------------------------------

    async def show(self, request: Request, me: Visitor) -> Response:
        """The list; with a filter that is wrong, the filters alone, and what is wrong with them."""
        fault: Invalid | None = None
        page = ListPage((), None)
        try:
            pairs = request.query_params.multi_items()
            address = read_address(pairs).of(me.identity.slug)
            for name, value in pairs:
                if value.strip() and name not in PARAMETERS:
                    raise Invalid(name[:63], said("is no filter of a list of cases"))
            if str(address) != me.here:
                # A list has one address, which can be sent to a colleague; a form's has empty fields in it.
                return Staff.after(me, str(address))
        except Invalid as error:
            address, fault = ListAddress(), _as_named(error)
        async with self.database.read() as session:
            if fault is None:
                try:
                    page = await self._page(session, me, address)
                except Invalid as error:
                    fault = _as_named(error)
            facts = await self._facts(session, me, address)
        status = 200 if fault is None else 422
        return self.staff.view(me, "desk_pages/list.html", status=status, page=page, fault=fault, **facts)

    async def _page(self, session: AsyncSession, me: Visitor, address: ListAddress) -> ListPage:
        return await list_page(
            session, self.definitions, me.identity, address.wanted, me.now, cursor=address.cursor, limit=PAGE
        )

    async def _facts(self, session: AsyncSession, me: Visitor, address: ListAddress) -> dict[str, Any]:
        choices = await offered(session, me.identity)
        organisation = me.organisation
        reasons = {reason.slug: reason.name for reason in organisation.status_reasons}
        whose = address.wanted.agent
        return {
            **row_facts(address, choices.queues, reasons),
            "choices": choices,
            "options": {
                "queue": choices.queues,
                "status": words.STATUSES,
                "reason": reasons,
                "owner": choices.agents | choices.teams,
                "priority": {word: own_word(word, me.language) for word in organisation.priorities},
                "sla": words.SLA_STATES,
                "origin": {word: own_word(word, me.language) for word in organisation.origins},
            },
            "given": {name: [str(value) for value in getattr(address.wanted, FIELDS[name])] for name in FIELDS},
            "views": await kept_views(session, me.identity),
            "view_names": words.VIEWS,
            "view_of": words.VIEWS_OF,
            "whose": None if whose in (None, me.identity.slug) else choices.agents.get(whose or "", whose),
            "sorts": words.SORTS,
            "filter_names": words.FILTERS,
            "counts": None,
            "View": ListView,
            "view_address": view_address,
        }

    # ---- parts -------------------------------------------------------------------------------------------------------

    async def rows(self, request: Request, me: Visitor) -> Response:
        """The rows of these cases (`ids`: their numbers) as they are now; of what is gone or out of sight there is none."""
        address = read_address(request.query_params.multi_items())
        numbers = _numbers(request)
        async with self.database.read() as session:
            rows = await rows_named(session, self.definitions, me.identity, address.wanted.sort, numbers, me.now)
            choices = await offered(session, me.identity)
        reasons = {reason.slug: reason.name for reason in me.organisation.status_reasons}
        return self.staff.view(me, "desk_pages/rows.html", rows=rows, **row_facts(address, choices.queues, reasons))

    async def news(self, request: Request, me: Visitor) -> Response:
        """How many cases are new on this page of the list, and how many have moved; nothing if it is as it was (`ids`: the
        numbers that the page shows, in their order)."""
        address = read_address(request.query_params.multi_items())
        shown = _numbers(request)
        async with self.database.read() as session:
            page = await self._page(session, me, address)
        new, moved = changed(shown, [row.case.number for row in page.rows])
        return self.staff.view(me, "desk_pages/news.html", address=address, new=new, moved=moved)

    async def counts(self, request: Request, me: Visitor) -> Response:
        """The views beside the list, with how many cases each has: by the same question as the list's own."""
        lists = [CaseList(view=view) for view in words.VIEWS]
        async with self.database.read() as session:
            try:
                address = read_address(request.query_params.multi_items())
                *found, here = await self._counts(session, me, [*lists, address.wanted])
            except Invalid:
                # The page itself says what is wrong.
                address, here, found = ListAddress(), 0, await self._counts(session, me, lists)
            queues = await my_queues(session, self.definitions, me.identity, me.now)
        return self.staff.view(
            me,
            "desk_pages/counts.html",
            address=address,
            counts=dict(zip(words.VIEWS, found, strict=True)),
            here=here,
            has_rows=request.query_params.get("rows") == "yes",
            most=COUNTED,
            queues=queues.items,
            view_names=words.VIEWS,
            view_address=view_address,
        )

    async def _counts(self, session: AsyncSession, me: Visitor, lists: list[CaseList]) -> list[int]:
        return await counts(session, self.definitions, me.identity, lists, me.now)


def row_facts(address: ListAddress, queues: dict[str, str], reasons: dict[str, str]) -> dict[str, Any]:
    """What the template of a row needs beside the row."""
    query = address.query

    def leads_to(row: ListRow) -> str:
        """The case, with the list that one comes from."""
        return case_address(row.case.number, query, row.place)

    return {
        "address": address,
        "leads_to": leads_to,
        "columns": address.shown,
        "column_names": words.COLUMNS,
        "Column": Column,
        "sorted_by": words.SORTED_BY,
        "queue_names": queues,
        "reason_names": reasons,
        "status_names": words.STATUSES,
        "sla_names": words.SLA_STATES,
    }


def changed(shown: tuple[str, ...], now: list[str]) -> tuple[int, int]:
    """How many of the page are new, and how many stand elsewhere: those that left, and those that must move for the rest to
    stand in the new order."""
    new = [number for number in now if number not in shown]
    stay = [number for number in now if number in shown]
    was = {number: position for position, number in enumerate(shown)}
    return len(new), len(shown) - _longest_rising([was[number] for number in stay])


def _longest_rising(positions: list[int]) -> int:
    """The length of the longest run of rising positions, not necessarily side by side."""
    ends: list[int] = []
    for position in positions:
        at = next((index for index, end in enumerate(ends) if end >= position), len(ends))
        ends[at : at + 1] = [position]
    return len(ends)


def _numbers(request: Request) -> tuple[str, ...]:
    given = [number for value in request.query_params.getlist("ids") for number in value.split(",") if number]
    if len(given) > MOST_NAMED:
        raise Invalid("ids", said("at most {most_named}", most_named=MOST_NAMED))
    return tuple(dict.fromkeys(given))


def _as_named(error: Invalid) -> Invalid:
    """A wrong word of an address, with what could stand there as the page calls it."""
    names, rule = NAMES.get(error.field), error.rule
    if names is None or not isinstance(rule, Said) or not rule.template.startswith("one of: "):
        return error
    return Invalid(error.field, said("one of: {words}", words=each_word(names.values())))
