"""Routes of knowledge articles: search, list, read and write. What becomes of a version: `article_life`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.common import (
    CHANGE,
    CREATE,
    LIST,
    READ,
    VERB,
    Cursor,
    Edits,
    Key,
    Limit,
    Page,
    Patch,
    Tag,
    page,
)
from api.reference.views import ArticleView
from desk.queries.article_search import ArticleFilter, ArticleSort, Visibility, listed, search_articles
from desk.reference import article_writing, articles
from desk.reference.article_life import APPROVERS
from desk.reference.articles import Shown
from desk.reference.records import etag
from models.messages.articles import ArticleBody, ArticleStatus, NewVersionBody, TranslationBody
from models.messages.base import GivenInstant
from models.messages.languages import Language
from models.messages.reference import Role

PAGE: Any = Page.__class_getitem__(ArticleView)
WRITERS = (Role.AGENT, Role.KNOWLEDGE_MANAGER, Role.MANAGER, Role.ADMINISTRATOR)
PUBLISHERS = APPROVERS

InLanguage = Annotated[
    Language | None, Query(description="Of the versions in this language; without it, in the article's first one.")
]

router = Router(prefix="/articles", tags=["knowledge"])


@router.get(
    "",
    operation_id="list_articles",
    response_model=PAGE,
    response_model_exclude_unset=True,
    responses=LIST,
    summary="Search articles by words, or list them",
)
async def list_all(
    house: HouseDep,
    _identity: Anybody,
    q: Annotated[
        str | None,
        Query(max_length=400, description="Words: the best first. Published ones, unless `status` says otherwise."),
    ] = None,
    status: Annotated[list[ArticleStatus] | None, Query(description="May be given several times.")] = None,
    visibility: Annotated[Visibility | None, Query()] = None,
    language: Annotated[Language | None, Query(description="Versions in this language.")] = None,
    subject: Annotated[str | None, Query(max_length=63, pattern=r"^[a-z0-9-]+$", description="A slug.")] = None,
    since: Annotated[GivenInstant | None, Query(alias="from", description="Changed then or later.")] = None,
    until: Annotated[GivenInstant | None, Query(alias="to", description="Changed before.")] = None,
    sort: Annotated[
        ArticleSort | None, Query(description="By words `relevance` without it; else in order of making.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    """With a filter or an order the list is of versions; without, of articles, each with its published version or else its
    latest. A search has one page."""
    wanted = ArticleFilter(tuple(status or ()), visibility, language, subject, since, until)
    async with house.database.read() as session:
        if q is not None:
            found = await search_articles(session, q, wanted, sort or ArticleSort.RELEVANCE, limit)
            return page([each.shown for each in found], None)
        if wanted == ArticleFilter() and sort is None:
            items, following = await articles.page(session, cursor, limit)
        else:
            items, following = await listed(session, wanted, sort or ArticleSort.MODIFIED, cursor, limit)
    return page([item.shown for item in items], following)


@router.post(
    "",
    operation_id="create_article",
    status_code=201,
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=CREATE,
    summary="Write a draft",
    dependencies=only(*WRITERS),
)
async def create(body: ArticleBody, edits: Edits) -> Any:
    async with edits.edit() as edit:
        made = await article_writing.create(edit, body, edits.identity.agent_id)
        return tagged(edits, made, location=f"/articles/{made.root.number}")


@router.get(
    "/{key}",
    operation_id="read_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=READ,
    summary="Read the published version, or else the latest",
)
async def read(key: Key, house: HouseDep, _identity: Anybody, response: Response, language: InLanguage = None) -> Any:
    """By slug, number or id."""
    async with house.database.read() as session:
        found = await articles.get(session, key, language)
    response.headers["ETag"] = etag(found.root.version)
    return found.shown


@router.get(
    "/{key}/versions",
    operation_id="list_article_versions",
    response_model=PAGE,
    response_model_exclude_unset=True,
    responses=READ,
    summary="All versions, the latest first",
)
async def list_versions(
    key: Key,
    house: HouseDep,
    _identity: Anybody,
    language: Annotated[Language | None, Query(description="Without it, those of all languages.")] = None,
) -> Any:
    async with house.database.read() as session:
        return page([each.shown for each in await articles.versions(session, key, language)], None)


@router.patch(
    "/{key}",
    operation_id="change_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=CHANGE,
    summary="Change the draft, or begin a new version",
    dependencies=only(*WRITERS),
)
async def change(key: Key, patch: Patch, edits: Edits, if_match: Tag = None, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        author = edits.identity.agent_id
        return tagged(edits, await article_writing.change(edit, key, patch, if_match, author, language))


@router.post(
    "/{key}/update",
    operation_id="update_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=CHANGE,
    summary="Correct what is published or scheduled, in place",
    dependencies=only(*PUBLISHERS),
)
async def update(key: Key, patch: Patch, edits: Edits, if_match: Tag = None, language: InLanguage = None) -> Any:
    """A misspelt word. What says something new is a new version, which is reviewed."""
    async with edits.edit() as edit:
        return tagged(edits, await article_writing.update(edit, key, patch, if_match, language))


@router.post(
    "/{key}/versions",
    operation_id="create_article_version",
    status_code=201,
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Begin a minor or a major version",
    dependencies=only(*WRITERS),
)
async def new_version(key: Key, edits: Edits, body: NewVersionBody | None = None, language: InLanguage = None) -> Any:
    """A draft with the content of the latest version."""
    async with edits.edit() as edit:
        level = (body or NewVersionBody()).level
        made = await article_writing.new_version(edit, key, level, edits.identity.agent_id, language)
        return tagged(edits, made, location=f"/articles/{made.root.number}/versions")


@router.post(
    "/{key}/translations",
    operation_id="translate_article",
    status_code=201,
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Begin a translation",
    dependencies=only(*WRITERS),
)
async def translate(key: Key, body: TranslationBody, edits: Edits) -> Any:
    """A draft in another language under the same number, with a life of its own."""
    async with edits.edit() as edit:
        made = await article_writing.translate(edit, key, body, edits.identity.agent_id)
        return tagged(edits, made, location=f"/articles/{made.root.number}?language={body.language}")


def tagged(edits: Edits, made: Shown, *, location: str | None = None) -> Any:
    return edits.tagged(made.shown, etag(made.root.version), location=location)
