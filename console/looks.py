"""The style of the pages, and the organisation's own colour and logo."""

from __future__ import annotations

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from console.rendering import HEADERS, STYLE, brand_style, style_address
from console.site import Site
from desk.errors import NotFound
from models.messages.pages import logo_of

FOR_EVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=300"


class Looks:
    def __init__(self, site: Site) -> None:
        self.site = site

    async def style(self, request: Request) -> Response:
        if request.url.path != style_address():
            raise NotFound("page", request.url.path)
        return _file(_style(), "text/css", FOR_EVER)

    async def brand(self, request: Request) -> Response:
        return _file(brand_style(await self.site.organisation()).encode(), "text/css", A_WHILE)

    async def logo(self, request: Request) -> Response:
        logo = (await self.site.organisation()).pages.logo
        if logo is None:
            raise NotFound("page", request.url.path)
        content, kind = logo_of(logo)
        return _file(content, kind, A_WHILE)

    async def icon(self, request: Request) -> Response:
        """What browsers ask for by themselves: the logo, if there is one."""
        logo = (await self.site.organisation()).pages.logo
        return Response(None, 204, headers=HEADERS) if logo is None else await self.logo(request)


@cache
def _style() -> bytes:
    return STYLE.read_bytes()


def _file(content: bytes, kind: str, kept: str) -> Response:
    return Response(content, media_type=kind, headers={**HEADERS, "Cache-Control": kept})
