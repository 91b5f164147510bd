"""Figures that are no key figures: how old the backlog is, what customers wrote, which articles are read, reports by mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.cursors import given_id
from console.languages import N_
from console.managing.charts import Point, bars
from console.managing.figure_page import Page, between, translated
from console.managing.figure_words import BY, WORDS
from console.managing.periods import Asked, asked, usual_periods
from console.managing.values import Values
from console.staff import Staff
from console.view import Words
from console.visitor import Visitor
from console.words_asked import asked_word
from desk.errors import Invalid
from desk.queries.article_insights import insights
from desk.queries.article_use import article_use
from desk.queries.backlog_age import GROUPS, AgeGroup, backlog_by_age, cases_of_age
from desk.queries.figure_pages import figure_of
from desk.queries.figure_reports import planned_reports
from desk.queries.named import queues_seen
from desk.queries.surveys import answers
from desk.reference.article_life import APPROVERS
from models.messages.figures import FigureName
from models.messages.said import joined, said
from models.messages.surveys import SurveyKind
from policies.zones import day_begins, local_day

AGES = "/figures/backlog-by-age"
OF_SURVEYS = (FigureName.CSAT, FigureName.NPS, FigureName.CES)
A_PAGE = 50
UP_TO, FROM_TO, OLDER = N_("less than a day"), N_("%(since)s to %(until)s days"), N_("%(since)s days and older")


class Further:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    # ---- the backlog by age ------------------------------------------------------------------------------------------

    async def ages(self, request: Request, me: Visitor) -> Response:
        queue = request.query_params.get("queue", "").strip() or None
        async with self.staff.database.read() as session:
            groups = await backlog_by_age(session, me.identity, me.now, queue)
            queues = await queues_seen(session, me.identity)
        words = Words(me)
        points = [
            Point(_age(me, group), group.cases, words.number(group.cases), _cases_of(group, queue)) for group in groups
        ]
        facts: dict[str, Any] = {"points": points, "bars": bars(points), "queue": queue, "queues": queues}
        return self.staff.view(me, "managing/ages.html", total=sum(group.cases for group in groups), **facts)

    async def aged_cases(self, request: Request, me: Visitor) -> Response:
        query = request.query_params
        group = next((each for each in GROUPS if str(each.since) == query.get("since")), None)
        if group is None:
            raise Invalid("since", said("one of: {groups}", groups=joined(str(each.since) for each in GROUPS)))
        queue = query.get("queue", "").strip() or None
        async with self.staff.database.read() as session:
            found = await cases_of_age(session, me.identity, me.now, group, queue, query.get("cursor"), A_PAGE)
        more = None if found.next is None else f"{_cases_of(group, queue)}&{urlencode({'cursor': found.next})}"
        return self.staff.view(me, "managing/aged_cases.html", cases=found.items, more=more, age=_age(me, group))

    # ---- surveys, articles, reports ----------------------------------------------------------------------------------

    async def surveys(self, request: Request, me: Visitor) -> Response:
        question, query = self._asked(request, me), request.query_params
        kind = asked_word(SurveyKind, query, "kind", None)
        commented = query.get("commented") == "yes"
        zone = me.organisation.time_zone
        async with self.staff.database.read() as session:
            found = await answers(
                session,
                me.identity,
                kind=kind,
                commented=commented,
                since=day_begins(question.first, zone),
                until=day_begins(question.until, zone),
                cursor=given_id(query.get("cursor")),
                limit=A_PAGE + 1,
            )
            views = [
                await figure_of(
                    session,
                    self.staff.definitions,
                    me.identity,
                    name,
                    question.first,
                    question.until,
                    question.fitting,
                    question.given,
                )
                for name in OF_SURVEYS
            ]
        pages = [Page(me, view.name, question, [view]) for view in views]
        kept = {"kind": str(kind)} if kind else {}
        kept |= {"commented": "yes"} if commented else {}
        more = None
        if len(found) > A_PAGE:
            more = f"/figures/surveys?{question.query({**kept, 'cursor': str(found[A_PAGE - 1].id)})}"
        facts: dict[str, Any] = {
            "answers": found[:A_PAGE],
            "kept": kept,
            "more": more,
            "kind": kind,
            "kinds": SurveyKind,
            "commented": commented,
        }
        return self.staff.view(me, "managing/surveys.html", pages=pages, **facts, **self._around(me, question))

    async def articles(self, request: Request, me: Visitor) -> Response:
        question, zone = self._asked(request, me), me.organisation.time_zone
        looked = None
        async with self.staff.database.read() as session:
            used = await article_use(session, question.first, question.last)
            if me.has(*APPROVERS):
                looked = await insights(session, day_begins(question.first, zone), day_begins(question.until, zone))
        words = Words(me)
        points = [Point(each.title, each.views, words.number(each.views), f"/articles/{each.number}") for each in used]
        facts: dict[str, Any] = {"used": used, "bars": bars(points), "looked": looked}
        return self.staff.view(me, "managing/article_use.html", **facts, **self._around(me, question))

    async def reports(self, request: Request, me: Visitor) -> Response:
        async with self.staff.database.read() as session:
            reports = await planned_reports(session, self.staff.definitions, me.now)
        return self.staff.view(
            me, "managing/reports.html", reports=reports, words=WORDS, by_words=BY, one_day=timedelta(days=1)
        )

    def _asked(self, request: Request, me: Visitor) -> Asked:
        """These pages are of everything: what their address would narrow is left out."""
        return asked(request.query_params, local_day(me.now, me.organisation.time_zone)).unfiltered()

    @staticmethod
    def _around(me: Visitor, question: Asked) -> dict[str, Any]:
        return {
            "question": question,
            "periods": usual_periods(local_day(me.now, me.organisation.time_zone)),
            "between": lambda first, last: between(me, first, last),
            "words": WORDS,
            "said": Values(me).said,
        }


def _cases_of(group: AgeGroup, queue: str | None) -> str:
    told = {"since": str(group.since)} | ({} if queue is None else {"queue": queue})
    return f"{AGES}/cases?{urlencode(told)}"


def _age(me: Visitor, group: AgeGroup) -> str:
    if group.since == 0:
        return translated(me, UP_TO)
    if group.until is None:
        return translated(me, OLDER, since=str(group.since))
    return translated(me, FROM_TO, since=str(group.since), until=str(group.until))
