"""The public help: a search among published articles, and each of them to read, where the organisation wants it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.rendering import page
from console.site import Site
from desk.errors import NotFound
from desk.public_articles import public_article, public_search
from models.messages.organisation import OrganisationSettings

LONGEST_QUESTION = 200
NUMBER = re.compile(r"[A-Z]{1,8}-[0-9]{1,10}")


class HelpPages:
    def __init__(self, site: Site) -> None:
        self.site = site

    async def search(self, request: Request) -> Response:
        organisation = await self._wanted(request)
        language = self.site.language(request, organisation)
        asked = _asked(request)
        too_long = len(asked) > LONGEST_QUESTION
        async with self.site.database.read() as session:
            found = await public_search(session, asked, language) if asked and not too_long else []
        facts: dict[str, Any] = {
            "asked": asked,
            "found": found,
            "here": _here("/help", asked),
            "too_long": LONGEST_QUESTION if too_long else None,
        }
        return page("help.html", organisation, language, indexed=not asked, **facts)

    async def article(self, request: Request) -> Response:
        organisation = await self._wanted(request)
        language = self.site.language(request, organisation)
        number = request.path_params["number"]
        article = None
        if NUMBER.fullmatch(number.upper()):
            async with self.site.database.read() as session:
                article = await public_article(session, number.upper(), language)
        if article is None:
            raise NotFound("article", number)
        asked = _asked(request)[:LONGEST_QUESTION]
        facts: dict[str, Any] = {"article": article, "asked": asked, "here": _here(f"/help/{article.number}", asked)}
        return page("article.html", organisation, language, indexed=True, **facts)

    async def _wanted(self, request: Request) -> OrganisationSettings:
        organisation = await self.site.organisation()
        if not organisation.pages.help:
            raise NotFound("page", request.url.path)
        return organisation


def _asked(request: Request) -> str:
    """What the reader looks for, or has come from looking for."""
    return _storable(request.query_params.get("q", "")).strip()


def _here(path: str, asked: str) -> str:
    """The page in another language is the same page: what was looked for stays."""
    return f"{path}?{urlencode({'q': asked})}" if asked else path


def _storable(typed: str) -> str:
    """Without what no database can be asked for."""
    return typed.replace("\0", " ").encode("utf-8", "replace").decode()
