"""Mails as their senders laid them out: each in a frame of an origin of its own, where nothing runs but our measure.

No cookie reaches that origin, so pictures that mails bring have addresses that are signed for some minutes.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.rendering import HEADERS
from console.staff import Staff
from console.visitor import Visitor
from desk.errors import DeskError, Invalid, NotFound
from desk.mail_contents import framed_mail, picture
from mail.sanitised import Images
from models.messages.said import said

LASTS = 600
"""Seconds for which the address of a picture holds."""

MEASURE = (
    "const tell=()=>parent.postMessage({mailHeight:Math.ceil(document.documentElement.getBoundingClientRect().height)},'*');"
    "new ResizeObserver(tell).observe(document.documentElement);"
    "addEventListener('load',tell);addEventListener('message',tell);tell()"
)
PAPER = (
    ":root{color-scheme:light;background:#fff;color:#1a2027}"
    "body{margin:0;padding:.75rem;font:15px/1.5 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap;font:inherit}"
    "blockquote{margin:.5rem 0;padding-left:.75rem;border-left:3px solid #c4cbd3;color:#525c67}a{color:#0b57a4}"
)


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


PICTURES = {Images.NONE: "", Images.INLINE: " img-src 'self' data:;", Images.REMOTE: " img-src 'self' data: https:;"}


def policy(images: Images) -> str:
    """Content-Security-Policy of the frame's page."""
    return (
        f"default-src 'none';{PICTURES[images]} style-src {_hash(PAPER)}; script-src {_hash(MEASURE)}; form-action 'none'; "
        "base-uri 'none'; frame-ancestors 'self'; "
        "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox"
    )


class MailFrames:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def routes(self) -> list[BaseRoute]:
        return [
            self.staff.page("/cases/{number}/mails/{id}/html", self.show),
            Route("/pictures/{token}", self.picture, methods=["GET"], include_in_schema=False),
        ]

    async def show(self, request: Request, me: Visitor) -> Response:
        """`?images=`: `inline`, as without it, or `remote`: those of other servers too, which learn that it is read."""
        id = id_of(request)
        try:
            images = Images(request.query_params.get("images", Images.INLINE))
        except ValueError:
            raise Invalid("images", said("none, inline or remote")) from None
        until = int(me.now.timestamp()) + LASTS
        mail = await framed_mail(self.staff.database, me.identity, id, images, lambda id: self._address(id, until))
        body = f"<pre>{escape(mail.text)}</pre>" if mail.html is None else mail.html
        html = (
            f'<!doctype html>\n<html lang="und"><head><meta charset="utf-8"><title>-</title><style>{PAPER}</style></head>'
            f'<body dir="auto">\n{body}\n<script>{MEASURE}</script></body></html>\n'
        )
        headers = {
            **HEADERS,
            "Content-Security-Policy": policy(images),
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "no-referrer",
        }
        del headers["Cross-Origin-Opener-Policy"]
        return Response(html, media_type="text/html; charset=utf-8", headers=headers)

    async def picture(self, request: Request) -> Response:
        """For whoever has the address, as long as it holds: the frame brings no cookie."""
        request.scope["route"] = None
        try:
            kind, content = await picture(self.staff.database, self.staff.site.files, self._asked(request))
        except DeskError as error:
            return Response(None, error.status, headers=HEADERS)
        headers = {
            **HEADERS,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": f"private, max-age={LASTS}",
        }
        return Response(content, media_type=kind, headers=headers)

    def _address(self, id: UUID, until: int) -> str:
        return f"/pictures/{id.hex}.{until}.{self.staff.site.links.form_mark(_said(id, until))}"

    def _asked(self, request: Request) -> UUID:
        token = str(request.path_params["token"])
        id, _, rest = token.partition(".")
        until, _, mark = rest.partition(".")
        try:
            asked, last = UUID(hex=id), int(until)
        except ValueError:
            raise NotFound("picture", token) from None
        held = self.staff.site.links.is_form_mark(_said(asked, last), mark)
        if not held or self.staff.site.now().timestamp() > last:
            raise NotFound("picture", token)
        return asked


def id_of(request: Request) -> UUID:
    """The id in the address; `NotFound` where it is none."""
    try:
        return UUID(str(request.path_params["id"]))
    except ValueError:
        raise NotFound("object", request.path_params["id"]) from None


def _said(id: UUID, until: int) -> str:
    return f"picture\0{id.hex}\0{until}"
