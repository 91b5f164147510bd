"""What readers do with articles: open them, rate them, look for them; and the cases that they are linked to (domain 8)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query

from api.auth import Anybody, CaseWorker, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.articles import PUBLISHERS, InLanguage
from api.reference.common import LIST, READ, VERB, Cursor, Edits, Key, Limit
from api.reference.views import ArticleView, SearchedView
from desk.article_figures import days_of
from desk.article_use import rated, searched, viewed
from desk.errors import Invalid
from desk.queries.article_cases import linked_cases
from desk.queries.article_insights import insights
from desk.queries.article_search import ArticleFilter, search_articles
from desk.reference.articles import root_of
from models.messages.api_articles import ArticleDays, ArticleDayView, Insights, LinkedCases, SearchedBody
from models.messages.articles import RatingBody, ViewedBody
from models.messages.base import GivenInstant

router = Router(tags=["knowledge"])


@router.post(
    "/articles/{key}/views",
    operation_id="view_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Open an article, which is counted",
)
async def view(
    key: Key, edits: Edits, _identity: Anybody, body: ViewedBody | None = None, language: InLanguage = None
) -> Any:
    """The answer is the article. `GET` reads it without counting."""
    async with edits.edit() as edit:
        found = await viewed(edit.session, key, body or ViewedBody(), edit.now, language)
        return edits.answered(found.shown, {})


@router.get(
    "/articles/{key}/views", operation_id="list_article_days", responses=READ, summary="Views and letters by day"
)
async def list_days(
    key: Key,
    house: HouseDep,
    _identity: Anybody,
    first: Annotated[date, Query(alias="from", description="The first day.")],
    last: Annotated[date, Query(alias="to", description="The last day.")],
) -> ArticleDays:
    if last < first:
        raise Invalid("to", "is before 'from'")
    async with house.database.read() as session:
        root = await root_of(session, key)
        days = await days_of(session, root.id, first, last)
    return ArticleDays(items=tuple(ArticleDayView(**each) for each in days))


@router.put(
    "/articles/{key}/rating",
    operation_id="rate_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Say what one thinks of it",
)
async def rate(key: Key, body: RatingBody, edits: Edits, _identity: Anybody, language: InLanguage = None) -> Any:
    """One opinion of each person; a later one takes the place of the one before."""
    async with edits.edit() as edit:
        rater = f"agent/{edits.identity.agent_id}"
        found = await rated(edit.session, key, body, rater, edit.now, language)
        return edits.answered(found.shown, {})


@router.get(
    "/articles/{key}/cases", operation_id="list_article_cases", responses=READ, summary="Cases that it is linked to"
)
async def list_cases(
    key: Key, house: HouseDep, identity: CaseWorker, cursor: Cursor = None, limit: Limit = 50
) -> LinkedCases:
    async with house.database.read() as session:
        return await linked_cases(session, identity, key, cursor, limit)


@router.post(
    "/article-searches",
    operation_id="search_articles",
    status_code=201,
    response_model=SearchedView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Search published articles, and have the search counted",
)
async def search(body: SearchedBody, edits: Edits, _identity: Anybody) -> Any:
    """As `GET /articles?q=`. Whoever opens a hit says so by `POST /articles/{key}/views` with `search` and `rank`."""
    async with edits.edit() as edit:
        found = await search_articles(edit.session, body.q, ArticleFilter(language=body.language), limit=body.limit)
        id = await searched(edit.session, body.q, len(found), edits.identity.agent_id, edit.now)
        return edits.answered({"id": id, "items": [each.shown for each in found]}, {})


@router.get(
    "/article-searches/insights",
    operation_id="read_article_insights",
    responses=LIST,
    summary="What people look for, and whether they find it",
    dependencies=only(*PUBLISHERS),
)
async def read_insights(
    house: HouseDep,
    since: Annotated[GivenInstant, Query(alias="from", description="Asked then or later.")],
    until: Annotated[GivenInstant, Query(alias="to", description="Asked before.")],
) -> Insights:
    if until <= since:
        raise Invalid("to", "is not after 'from'")
    async with house.database.read() as session:
        return await insights(session, since, until)
