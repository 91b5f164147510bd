"""Knowledge articles: searched, listed, and read with their versions, their use and what may be done with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from console.cursors import given_id
from console.languages import N_
from console.rendering import HEADERS
from console.staff import Posted, Staff
from console.visitor import Visitor
from console.words_asked import asked_word, one_of
from desk.article_use import rated, searched, viewed
from desk.errors import DeskError
from desk.queries.article_cases import linked_cases
from desk.queries.article_pages import article_page, reviewers
from desk.queries.article_search import ArticleFilter, ArticleSort, Visibility, listed, search_articles
from desk.reference.article_life import APPROVERS
from desk.reference.bodies import validated
from models.messages.articles import AfterExpiry, ArticleStatus, RatingBody, ViewedBody
from models.messages.languages import normal
from models.messages.reference import CASE_ROLES, Role

WRITERS = tuple(Role)
A_PAGE = 30
FOUND = 50
STATUSES = {
    ArticleStatus.DRAFT: N_("Draft"),
    ArticleStatus.IN_REVIEW: N_("In review"),
    ArticleStatus.REJECTED: N_("Rejected"),
    ArticleStatus.APPROVED: N_("Approved"),
    ArticleStatus.SCHEDULED: N_("Scheduled"),
    ArticleStatus.PUBLISHED: N_("Published"),
    ArticleStatus.EXPIRED: N_("Expired"),
    ArticleStatus.ARCHIVED: N_("Archived"),
    ArticleStatus.DISCARDED: N_("Discarded"),
}
VERBS: dict[str, str] = {
    "change": N_("Write on"),
    "submit": N_("Mark for review"),
    "approve": N_("Approve"),
    "reject": N_("Reject"),
    "redraft": N_("Make it a draft again"),
    "discard": N_("Discard"),
    "publish": N_("Publish"),
    "unschedule": N_("Do not publish by itself"),
    "update": N_("Correct in place"),
    "versions": N_("Begin a new version"),
    "expire": N_("Expire"),
    "archive": N_("Archive"),
}
OF_APPROVERS = frozenset({"approve", "reject", "publish", "unschedule", "update", "expire", "archive"})
"""Verbs for which the role is needed; the others are every writer's."""
BADGES = {"published": "good", "rejected": "bad", "in-review": "warn", "scheduled": "warn", "approved": "warn"}


class Articles:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def list(self, request: Request, me: Visitor) -> Response:
        """By words, or by filters: of each article the version that they let through."""
        query = request.query_params
        typed = query.get("q", "").strip()
        wanted = _filter(request)
        sort = asked_word(ArticleSort, query, "sort", None)
        following: UUID | None = None
        async with self.staff.database.read() as session:
            if typed:
                found = await search_articles(session, typed, wanted, sort or ArticleSort.RELEVANCE, FOUND)
            else:
                by = sort if sort is ArticleSort.VIEWS else ArticleSort.MODIFIED
                found, following = await listed(session, wanted, by, given_id(query.get("cursor")), A_PAGE)
        kept = [(name, value) for name, value in query.multi_items() if name in FILTERS and value]
        more = None if following is None else f"/articles?{urlencode([*kept, ('cursor', str(following))])}"
        facts: dict[str, Any] = {
            "q": typed,
            "found": [each.shown for each in found],
            "more": more,
            "wanted": wanted,
            "sort": sort,
            "search": query.get("search") if typed else None,
            "statuses": STATUSES,
            "badges": BADGES,
            "mine": query.get("status", ""),
        }
        return self.staff.view(me, "reading/articles.html", **facts)

    async def look_for(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """A search is counted, so that one sees what people look for and do not find; its hits are an address of their own."""
        typed = posted.text("q").strip()
        if not typed:
            return self.staff.after(me, "/articles")
        async with self.staff.database.write() as session:
            found = await search_articles(session, typed)
            id = await searched(session, typed, len(found), me.identity.agent_id, me.now)
        return self.staff.after(me, f"/articles?{urlencode({'q': typed, 'search': id})}")

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self.page(request, me)

    async def page(
        self,
        request: Request,
        me: Visitor,
        *,
        refused: DeskError | None = None,
        verb: str = "",
        typed: dict[str, str] | None = None,
    ) -> Response:
        """`refused`: why `verb` could not be done; what was typed for it stays."""
        query = request.query_params
        async with self.staff.database.read() as session:
            article = await article_page(
                session, request.path_params["key"], query.get("language") or None, query.get("version") or None
            )
            people = await reviewers(session) if "submit" in article.allowed else []
            cases = None
            if me.has(*CASE_ROLES):
                cases = await linked_cases(session, me.identity, article.shown.root.number, None, A_PAGE)
        approves = me.has(*APPROVERS)
        may = [each for each in article.allowed if approves or each not in OF_APPROVERS]
        facts: dict[str, Any] = {
            "article": article,
            "shown": article.shown.shown,
            "working": article.working.shown,
            "may": may,
            "may_not": [each for each in article.allowed if each not in may],
            "reviewers": people,
            "cases": cases,
            "verbs": VERBS,
            "statuses": STATUSES,
            "badges": BADGES,
            "after_expiry": AfterExpiry,
            "refused": refused,
            "verb": verb,
            "typed": typed or {},
            "opened_by": {name: query[name] for name in ("search", "rank") if query.get(name)},
        }
        status = 200 if refused is None else refused.status
        return self.staff.view(me, "reading/article.html", status=status, **facts)

    async def opened(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """It was read, which the page itself tells: fetching an address counts nothing."""
        search, rank = posted.text("search"), posted.text("rank")
        given = ViewedBody()
        if search and rank.isdigit() and 1 <= int(rank) <= FOUND:
            given = ViewedBody(search=given_id(search), rank=int(rank))
        language = normal(posted.text("language")) or None
        async with self.staff.database.write() as session:
            await viewed(session, request.path_params["key"], given, me.now, language)
        return Response(None, 204, headers=HEADERS)

    async def rate(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """One opinion of each reader; a later one takes the place of the one before."""
        body = validated(RatingBody, {"helpful": {"yes": True, "no": False}.get(posted.text("helpful"))})
        language = normal(posted.text("language")) or None
        key, rater = request.path_params["key"], f"agent/{me.identity.agent_id}"
        async with self.staff.database.write() as session:
            await rated(session, key, body, rater, me.now, language)
        return self.staff.after(me, f"/articles/{key}?{urlencode({'language': language or ''})}")


FILTERS = ("q", "status", "language", "visibility", "subject", "sort")


def _filter(request: Request) -> ArticleFilter:
    """Without a wish for their status: those that may be read, or are on their way."""
    query = request.query_params
    status = tuple(one_of(ArticleStatus, "status", each) for each in query.getlist("status") if each)
    visibility = asked_word(Visibility, query, "visibility", None)
    wanted = ArticleFilter(status, visibility, normal(query.get("language", "")) or None)
    subject = query.get("subject", "").strip()[:63]
    return replace(wanted, subject=subject) if subject else wanted
