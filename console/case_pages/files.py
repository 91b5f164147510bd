"""Files of a case, to be saved: no browser shows them in our name."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.pages import number_of
from console.rendering import HEADERS
from console.staff import Staff
from console.visitor import Visitor
from desk.attachments import content_of, readable
from desk.errors import NotFound
from desk.mail_contents import SHOWN
from desk.queries.visibility import visible_case

PICTURES = SHOWN
"""Kinds of pictures that are shown: none that could hold a script."""


class Files:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def download(self, request: Request, me: Visitor) -> Response:
        file, content = await self._read(request, me)
        # Whatever the sender called it: shown from our origin, a page of theirs would act as the reader.
        return self._answer(content, "application/octet-stream", {"Content-Disposition": disposition(file.filename)})

    async def picture(self, request: Request, me: Visitor) -> Response:
        """A raster picture, for the printed case. What only claims to be one is not shown by a browser that must not guess."""
        file, content = await self._read(request, me)
        if file.content_type not in PICTURES:
            raise NotFound("picture", file.id)
        return self._answer(content, file.content_type, {})

    async def _read(self, request: Request, me: Visitor) -> tuple[Any, bytes]:
        try:
            id = UUID(request.path_params["id"])
        except ValueError:
            raise NotFound("file", request.path_params["id"]) from None
        async with self.staff.database.read() as session:
            await visible_case(session, me.identity, number_of(request))
            found = await readable(session, me.identity, id)
        return found, await content_of(self.staff.house.files, found.sha256)

    @staticmethod
    def _answer(content: bytes, media_type: str, headers: dict[str, str]) -> Response:
        policy = {"Content-Security-Policy": "default-src 'none'; sandbox"}
        return Response(content, media_type=media_type, headers={**HEADERS, **policy, **headers})


def disposition(filename: str) -> str:
    """`attachment`, with the name in ASCII and in full (RFC 6266 4.3)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"%\\' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
