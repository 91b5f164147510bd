"""Cookies: no script reads them, and no other site's form sends them. One carries a session's secret; two live only on the
way there."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from desk.sessions import LASTS

COOKIE = "caseloom"
CODE_COOKIE = "caseloom-code"
"""What waits for the code of a second factor."""
PROVIDER_COOKIE = "caseloom-provider"
"""What comes back from a provider's sign-in is compared with it."""
ON_THE_WAY = timedelta(minutes=10)


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Kept for as long as the session may last; without a sign of life that is over sooner, by itself."""
    _set(request, response, COOKIE, secret, "/", LASTS)


def drop_cookie(request: Request, response: Response) -> None:
    _drop(request, response, COOKIE, "/")


def set_on_the_way(request: Request, response: Response, name: str, value: str) -> None:
    _set(request, response, name, value, "/sign-in", ON_THE_WAY)


def drop_on_the_way(request: Request, response: Response, name: str) -> None:
    _drop(request, response, name, "/sign-in")


def _set(request: Request, response: Response, name: str, value: str, path: str, lasts: timedelta) -> None:
    seconds = int(lasts.total_seconds())
    response.set_cookie(
        name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=_encrypted(request)
    )


def _drop(request: Request, response: Response, name: str, path: str) -> None:
    response.delete_cookie(name, path=path, httponly=True, samesite="lax", secure=_encrypted(request))


def _encrypted(request: Request) -> bool:
    """As the server knows it: behind a proxy that it trusts, by what that says."""
    return request.url.scheme == "https"
