"""Verbs of an article's versions: review, approval, publication, expiry and the archive (domain 8).

Each takes the latest version in a language, and refuses with 409 `article-state` what its state forbids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from api.auth import only
from api.bodies import Router
from api.reference.articles import PUBLISHERS, WRITERS, InLanguage, tagged
from api.reference.common import VERB, Edits, Key
from api.reference.views import ArticleView
from desk.reference import article_life
from desk.reference.articles import Shown
from engine.articles import ArticleTeller
from models.messages.articles import ExpireBody, PublishBody, RejectBody, SubmitBody
from models.messages.reference import Role

router = Router(prefix="/articles", tags=["knowledge"])


Route = TypeVar("Route", bound=Callable[..., Any])


def verb(name: str, summary: str, roles: Iterable[Role]) -> Callable[[Route], Route]:
    return router.post(
        f"/{{key}}/{name}",
        operation_id=f"{name}_article",
        response_model=ArticleView,
        response_model_exclude_unset=True,
        responses=VERB,
        summary=summary,
        dependencies=only(*roles),
    )


@verb("submit", "Mark the draft for review", WRITERS)
async def submit(key: Key, edits: Edits, body: SubmitBody | None = None, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.submit(edit, key, body or SubmitBody(), language))


@verb("approve", "Approve the version in review, or the draft", PUBLISHERS)
async def approve(key: Key, edits: Edits, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.approve(edit, key, language))


@verb("reject", "Give it back to its author, with a reason", PUBLISHERS)
async def reject(key: Key, body: RejectBody, edits: Edits, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.reject(edit, key, body, language))


@verb("redraft", "Take it back from review, or up again after it was discarded", WRITERS)
async def redraft(key: Key, edits: Edits, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.redraft(edit, key, language))


@verb("discard", "Give up the draft", WRITERS)
async def discard(key: Key, edits: Edits, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.discard(edit, key, language))


@verb("publish", "Publish the approved version now, or at an instant; the one before is archived then", PUBLISHERS)
async def publish(key: Key, edits: Edits, body: PublishBody | None = None, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.publish(edit, key, body or PublishBody(), language))


@verb("unschedule", "Do not publish it by itself", PUBLISHERS)
async def unschedule(key: Key, edits: Edits, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.unschedule(edit, key, language))


@verb("expire", "End the time of the published version: now, at an instant, or never", PUBLISHERS)
async def expire(key: Key, edits: Edits, body: ExpireBody | None = None, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.expire(edit, key, body or ExpireBody(), language))


@verb("archive", "Take the published or expired version out of use", PUBLISHERS)
async def archive(key: Key, edits: Edits, language: InLanguage = None) -> Any:
    async with edits.edit() as edit:
        return _planned(edits, await article_life.archive(edit, key, language))


def _planned(edits: Edits, made: Shown) -> Any:
    """The answer; after the commit the article's run hears of a new plan."""
    if not made.root.kept:
        edits.afterwards(partial(_tell, edits, made))
    return tagged(edits, made)


async def _tell(edits: Edits, made: Shown) -> None:
    await ArticleTeller(edits.house.client).tell(made.root.id, made.root.number)
