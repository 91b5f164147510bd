"""Key figures: all of them at a glance, one with its chart, table and definition, and the cases behind each number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.managing.figure_page import Page, between, counted
from console.managing.figure_words import BY, GROUPS, OUTCOMES, WITHOUT, WORDS
from console.managing.periods import Asked, asked, usual_periods
from console.managing.values import Values, is_share
from console.rendering import HEADERS
from console.staff import Staff
from console.visitor import Visitor
from desk.errors import Invalid, NotFound
from desk.queries.figure_pages import figure_of, figure_sql, figure_tiles
from desk.queries.key_figures import figure_cases, figure_named
from desk.queries.names import Names, names_in_figures
from desk.queries.why_figures import figure_why
from letters.figure_table import as_csv
from models.messages.figures import PERIODS, FigureName, FigureView
from models.messages.said import joined, said
from policies.zones import local_day
from storage.sqlite import aside

PAIR = "created-and-resolved"
PAIRS = {PAIR: (FigureName.INCOMING, FigureName.RESOLVED)}
"""Figures of one page and one chart."""
CASES = 50
"""On one page."""


class Figures:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def home(self, request: Request, me: Visitor) -> Response:
        question = self._asked(request, me).unfiltered()
        async with self.staff.database.read() as session:
            tiles = await figure_tiles(session, self.staff.definitions, me.identity, question.first, question.until)
        pair = await self._views(me, PAIR, replace(question, by=question.fitting))
        page = Page(me, PAIR, replace(question, by=question.fitting), pair)
        facts: dict[str, Any] = {
            "tiles": {tile.name: tile for tile in tiles},
            "groups": GROUPS,
            "page": page,
            "question": question,
            "of_tile": lambda tile: counted(tile.denominator, question).query(),
        }
        return self.staff.view(me, "managing/figures.html", **self._around(me), **facts)

    async def show(self, request: Request, me: Visitor) -> Response:
        name, question = _named(request), self._asked(request, me)
        if question.by is None:
            question = replace(question, by=question.fitting)
        views = await self._views(me, name, question)
        sql: dict[str, tuple[str, ...]] = {}
        async with self.staff.database.read() as session:
            for view in views:
                sql[view.name] = await figure_sql(session, self.staff.definitions, view.name)
            names = await names_in_figures(session, question.given)
        page = Page(me, name, question, views)
        return self.staff.view(
            me, "managing/figure.html", **self._around(me, names), page=page, question=question, sql=sql
        )

    async def table(self, request: Request, me: Visitor) -> Response:
        """What the chart and the table show, as CSV for a spreadsheet of the reader's language."""
        name, question = _named(request), self._asked(request, me)
        views = await self._views(me, name, question)
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}-{question.first}.csv"'}
        return Response(as_csv(views, me.language).encode(), media_type="text/csv; charset=utf-8", headers=headers)

    async def cases(self, request: Request, me: Visitor) -> Response:
        name, question = _named(request), self._asked(request, me)
        if name in PAIRS:
            raise NotFound("figure", name)
        async with self.staff.database.read() as session:
            found = await figure_cases(
                session,
                self.staff.definitions,
                me.identity,
                name,
                question.first,
                question.until,
                part=question.part,
                given=question.given,
                cursor=request.query_params.get("cursor"),
                limit=CASES,
            )
            names = await names_in_figures(session, question.given, found.items)
        values = Values(me)
        facts: dict[str, Any] = {
            "name": name,
            "question": question,
            "found": found,
            "values": values,
            "figure": figure_named(name),
        }
        return self.staff.view(me, "managing/figure_cases.html", **self._around(me, names), **facts)

    async def why(self, request: Request, me: Visitor) -> Response:
        """The figure beside the same figure counted anew from the rows of its cases."""
        name, question = _named(request), self._asked(request, me)
        if name in PAIRS:
            raise NotFound("figure", name)
        async with self.staff.database.read() as session:
            with aside():
                found = await figure_why(
                    session,
                    self.staff.definitions,
                    me.identity,
                    name,
                    question.first,
                    question.until,
                    question.given,
                )
            names = await names_in_figures(session, question.given)
        whole = counted(found.denominator, question).query()
        return self.staff.view(
            me, "managing/figure_why.html", **self._around(me, names), why=found, question=question, whole=whole
        )

    async def _views(self, me: Visitor, name: str, question: Asked) -> list[FigureView]:
        if name in PAIRS and question.by not in (None, *PERIODS):
            raise Invalid("by", said("one of: {periods}", periods=joined(sorted(PERIODS))))
        async with self.staff.database.read() as session:
            return [
                await figure_of(
                    session,
                    self.staff.definitions,
                    me.identity,
                    each,
                    question.first,
                    question.until,
                    question.by,
                    question.given,
                )
                for each in PAIRS.get(name, (name,))
            ]

    def _asked(self, request: Request, me: Visitor) -> Asked:
        return asked(request.query_params, self._today(me))

    @staticmethod
    def _today(me: Visitor) -> date:
        return local_day(me.now, me.organisation.time_zone)

    def _around(self, me: Visitor, names: Names | None = None) -> dict[str, Any]:
        """`names`: of what the question and its cases have by slugs."""
        values = Values(me)
        return {
            "names": names or {},
            "outcomes": OUTCOMES,
            "without": WITHOUT,
            "periods": usual_periods(self._today(me)),
            "words": WORDS,
            "by_words": BY,
            "said": values.said,
            "apart": values.apart,
            "is_share": is_share,
            "between": lambda first, last: between(me, first, last),
        }


def _named(request: Request) -> str:
    """`NotFound` if there is no such figure."""
    name: str = request.path_params["name"]
    if name not in WORDS and name not in PAIRS:
        raise NotFound("figure", name)
    return name
