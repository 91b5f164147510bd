"""Routes of knowledge articles: search, list, write, approve, publish."""

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
from desk.reference import articles
from desk.reference.articles import Shown
from desk.reference.records import etag
from models.messages.articles import ArticleBody
from models.messages.reference import Role

PAGE: Any = Page.__class_getitem__(ArticleView)

router = Router(prefix="/articles", tags=["knowledge"])

WRITERS = (Role.AGENT, Role.KNOWLEDGE_MANAGER, Role.MANAGER, Role.ADMINISTRATOR)
PUBLISHERS = (Role.KNOWLEDGE_MANAGER, Role.MANAGER, Role.ADMINISTRATOR)


@router.get(
    "",
    operation_id="list_articles",
    response_model=PAGE,
    response_model_exclude_unset=True,
    responses=LIST,
    summary="Search published articles, or list all",
)
async def list_all(
    house: HouseDep,
    _identity: Anybody,
    q: Annotated[str | None, Query(max_length=400, description="Words: published articles, the best first.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    async with house.database.read() as session:
        if q is not None:
            return page([found.shown for found in await articles.search(session, q, limit)], None)
        items, following = await articles.page(session, cursor, limit)
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
        made = await articles.create(edit, body, edits.identity.agent_id)
        return _tagged(edits, made, location=f"/articles/{made.root.number}")


@router.get(
    "/{key}",
    operation_id="read_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=READ,
    summary="Read the published version, or else the latest",
)
async def read(key: Key, house: HouseDep, _identity: Anybody, response: Response) -> Any:
    """By slug, number or id."""
    async with house.database.read() as session:
        found = await articles.get(session, key)
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
async def list_versions(key: Key, house: HouseDep, _identity: Anybody) -> Any:
    async with house.database.read() as session:
        return page([each.shown for each in await articles.versions(session, key)], None)


@router.patch(
    "/{key}",
    operation_id="change_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=CHANGE,
    summary="Change the draft, or begin a new version",
    dependencies=only(*WRITERS),
)
async def change(key: Key, patch: Patch, edits: Edits, if_match: Tag = None) -> Any:
    async with edits.edit() as edit:
        made = await articles.change(edit, key, patch, if_match, edits.identity.agent_id)
        return _tagged(edits, made)


@router.post(
    "/{key}/approve",
    operation_id="approve_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Approve the draft",
    dependencies=only(*PUBLISHERS),
)
async def approve(key: Key, edits: Edits) -> Any:
    async with edits.edit() as edit:
        made = await articles.approve(edit, key)
        return _tagged(edits, made)


@router.post(
    "/{key}/reject",
    operation_id="reject_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Give an approved version back to its author",
    dependencies=only(*PUBLISHERS),
)
async def reject(key: Key, edits: Edits) -> Any:
    async with edits.edit() as edit:
        made = await articles.reject(edit, key)
        return _tagged(edits, made)


@router.post(
    "/{key}/publish",
    operation_id="publish_article",
    response_model=ArticleView,
    response_model_exclude_unset=True,
    responses=VERB,
    summary="Publish the approved version; the one before is archived",
    dependencies=only(*PUBLISHERS),
)
async def publish(key: Key, edits: Edits) -> Any:
    async with edits.edit() as edit:
        made = await articles.publish(edit, key)
        return _tagged(edits, made)


def _tagged(edits: Edits, made: Shown, *, location: str | None = None) -> Any:
    return edits.tagged(made.shown, etag(made.root.version), location=location)
