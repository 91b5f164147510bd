"""Which hosts a request may name: a page that has its own name point to this machine must not speak to it as its own."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANY = "*"


def host_name(given: str) -> str:
    """The name of a Host header, without its port and in one spelling."""
    name, colon, port = given.strip().rpartition(":")
    return (name if colon and port.isdecimal() else given.strip()).lower().removesuffix(".")


class AllowedHosts:
    """421 for a request that names another host. `names`: those that are allowed beside this machine's own; `*`: any."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self.app, self.names = app, frozenset(map(host_name, (*LOOPBACK, *names)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and ANY not in self.names:
            named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
            if any(host_name(each) not in self.names for each in named):
                detail = "this host name is not served here; CASELOOM_ALLOWED_HOSTS names those that are"
                refusal = problem(Request(scope), 421, "misdirected-request", "Misdirected Request", detail)
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)
