"""Server-sent events: numbers and versions of cases, nothing of what stands in them (WHATWG HTML, 9.2).

event: here      data: {}                                             the stream has begun
event: cases     data: {"CAS-01042-A1B2C3": 7}                        something was written to these cases
event: letters   data: {"CAS-01042-A1B2C3": 7}                        a letter of these cases has left
event: all       data: {}                                             too much, or something was missed: look at all of it
event: still     data: {}                                             nothing has happened
event: over      data: {}                                             the session, or this server, is at its end
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from console.rendering import HEADERS
from console.staff import Staff
from console.visitor import Visitor
from desk.live import Live, News

HEARTBEAT = 15.0
"""Seconds of silence after which an event shows both ends, and all between them, that the stream is alive."""
RETRY = 2_000
"""Milliseconds after which a browser asks again when the stream has ended."""
MOST_OF_A_SESSION = 3
"""A browser has one stream; it may ask for the next while the server still holds the last."""


class LivePages:
    def __init__(self, staff: Staff) -> None:
        self.live: Live = staff.services.live

    async def stream(self, request: Request, me: Visitor) -> Response:
        del request
        if not self.live.has_room():
            return Response(None, 503, headers={**HEADERS, "Retry-After": "30"})
        same = [each for each in self.live.listeners if each.session_id == me.session.id]
        for older in same[: 1 - MOST_OF_A_SESSION]:
            older.ended()
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(me), media_type="text/event-stream", headers=headers)

    @staticmethod
    async def now(request: Request, me: Visitor) -> Response:
        """Whether one is signed in still, and the server's time."""
        del request
        return JSONResponse({"now": me.now.isoformat()}, headers=HEADERS)

    async def _events(self, me: Visitor) -> AsyncIterator[str]:
        listener = self.live.listen(me.session.id, me.identity)
        try:
            yield f"retry: {RETRY}\n\n" + _event("here", {})
            for said in _said(await self.live.recent(listener)):
                yield said
            async for news in listener.news(HEARTBEAT):
                for said in _said(news) or [_event("still", {})]:
                    yield said
            yield _event("over", {})
        finally:
            self.live.leave(listener)


def _said(news: News) -> list[str]:
    if news.everything:
        return [_event("all", {})]
    named = {"cases": news.cases, "letters": news.letters}
    return [_event(name, which) for name, which in named.items() if which]


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
