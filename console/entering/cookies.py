"""The cookie that carries a session's secret: no script reads it, and no other site's form sends it."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "caseloom"


def set_cookie(request: Request, response: Response, secret: str, expires_on: datetime | None = None) -> None:
    """`expires_on`: None keeps it until the browser is closed; the session behind it is over by itself before."""
    response.set_cookie(
        COOKIE, secret, path="/", expires=expires_on, httponly=True, samesite="lax", secure=_encrypted(request)
    )


def drop_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=_encrypted(request))


def _encrypted(request: Request) -> bool:
    """As the server knows it: behind a proxy that it trusts, by what that says."""
    return request.url.scheme == "https"
