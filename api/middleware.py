"""Around every request: a cap on its size, a line in the log, figures, and headers that keep private data private."""

from __future__ import annotations

from time import perf_counter
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.labels import method_of, route_of
from api.problems import fault
from desk.attachments import UPLOAD_LIMIT

BODY_LIMIT = 1024 * 1024
"""Bytes of a JSON body."""
FORM_LIMIT = UPLOAD_LIMIT + 64 * 1024
"""Bytes of an upload with what a form wraps around it."""
FILES_COME_TO = ("/attachments", "/answer", "/reply", "/reply-all", "/note", "/forward")
"""How the paths end that take files: an upload, what agents write, and an answer on the page of a customer's case."""

CLIENT_GONE = 499
"""For figures and log, of a request whose client went away before it was whole: nothing was answered."""

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}

log = structlog.get_logger("api.access")


class Figures:
    """What `/metrics` tells of the API: counts and times by route, method and status; never a path, key or name."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "caseloom_requests", "Requests answered", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "caseloom_request_seconds", "Time to answer", ("route", "method"), registry=self.registry
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route, method).observe(seconds)


class LimitBody:
    """413 when the body is larger than its kind may be, whatever its Content-Length says."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        form = Headers(scope=scope).get("content-type", "").startswith("multipart/form-data")
        limit = FORM_LIMIT if form and scope["path"].endswith(FILES_COME_TO) else BODY_LIMIT
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413)
            return message

        announced = Headers(scope=scope).get("content-length", "0")
        too_large = not announced.isdecimal() or int(announced) > limit

        async def refused() -> Message:
            raise HTTPException(413)

        await self.app(scope, refused if too_large else counted, send)


class Observe:
    """The outermost: one log line and one count a request, its id, and `no-store` unless the route said otherwise.

    An error that no handler knows ends here: the server would print it whole, with what a customer wrote.
    """

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self.app, self.figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, request_id = perf_counter(), uuid4().hex
        status, started = 500, False
        scope.setdefault("state", {})["request_id"] = request_id

        async def marked(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, marked)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - the last stop: the server would print it
            answer = await fault(Request(scope), error)
            if not started:  # else the server ends the connection, so that nobody takes it for whole
                await answer(scope, receive, marked)
        finally:
            seconds = perf_counter() - began
            route, method = route_of(scope), method_of(scope)
            self.figures.count(route, method, status, seconds)
            # Neither query nor header: they hold what people look for, and tokens.
            log.info(
                "request",
                id=request_id,
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                actor=scope["state"].get("actor"),
            )
