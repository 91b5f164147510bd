"""What one client may take of the server: a request has to come to its end in time, and nobody holds all connections.

uvicorn waits for ever for the rest of a request. Here a head has seconds; a body has more, the more of it has come, so that a
long upload goes on as long as it moves; and where too many are connected, who has said nothing the longest gives way.
"""

from __future__ import annotations

import asyncio
import json
from enum import Enum, auto
from http import HTTPStatus
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_WITHIN = 10.0
"""Seconds from the beginning of a connection, or the answer before, to the end of a request's head."""
BODY_FIRST, BODY_RATE = 20.0, 500.0
"""A body has so many seconds, and one more for so many bytes that have come of it."""
REST_WITHIN = 5.0
"""Seconds for what still comes of a body that is answered already: some clients read no answer before they have sent all."""
STALLED_AFTER = 30.0
"""Seconds in which a client that is being answered has to read something."""
MOST_CONNECTIONS = 256
"""Below the 1024 files that a process may usually have open, of which database, engine and mail need theirs."""


class Waiting(Enum):
    """What the client owes us."""

    HEAD = auto()
    BODY = auto()
    REST = auto()


class BoundedProtocol(H11Protocol):
    """One connection. What stands in capitals are attributes, so that a test need not wait."""

    head_within, body_first, body_rate = HEAD_WITHIN, BODY_FIRST, BODY_RATE
    rest_within, stalled_after, most_connections = REST_WITHIN, STALLED_AFTER, MOST_CONNECTIONS

    waiting: Waiting | None = None
    since = 0.0
    _received = 0
    _unsent = 0
    _deadline: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    # ---- asyncio's protocol ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._look()
        if len(self.connections) > self.most_connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unsent = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(self.stalled_after, self._stalls)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._stall)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._deadline, self._stall)
        super().connection_lost(exc)

    # ---- what is waited for ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        waiting = self._owed()
        if waiting is not self.waiting:
            self.waiting, self.since, self._received = waiting, self.loop.time(), 0
            _cancel(self._deadline)
            if waiting is not None and not self.transport.is_closing():
                self._deadline = self.loop.call_later(self._allowed(), self._late)

    def _owed(self) -> Waiting | None:
        if self.conn.their_state is h11.IDLE:
            return Waiting.HEAD
        if self.conn.their_state is not h11.SEND_BODY:
            return None
        return Waiting.REST if self.cycle.response_complete else Waiting.BODY

    def _allowed(self) -> float:
        match self.waiting:
            case Waiting.HEAD:
                return self.head_within
            case Waiting.BODY:
                return self.body_first + self._received / self.body_rate
            case _:
                return self.rest_within

    def _late(self) -> None:
        if self.waiting is Waiting.BODY and self.flow.read_paused:
            # We do not read: that is no fault of the client's.
            self.since, self._received = self.loop.time(), 0
        left = self.since + self._allowed() - self.loop.time()
        if left > 0:
            self._deadline = self.loop.call_later(left, self._late)
        elif self.waiting is Waiting.REST or (self.waiting is Waiting.HEAD and not self._received):
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the request did not come to its end in time")

    def _stalls(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent < self._unsent:
            self._unsent = unsent
            self._stall = self.loop.call_later(self.stalled_after, self._stalls)
        else:
            self.transport.abort()

    # ---- how it ends -------------------------------------------------------------------------------------------------

    def _make_room(self) -> None:
        others = [cast(BoundedProtocol, each) for each in self.connections if each is not self]
        silent = [each for each in others if each.waiting is not None]
        if silent:
            longest = min(silent, key=lambda each: each.since)
            # At once, and not when its loss is told: others may come in the same moment.
            self.connections.discard(longest)
            longest.transport.abort()
        else:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests are being answered; try again")

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "this is no HTTP request")

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer, unless an answer has begun, and end the connection."""
        # uvicorn has no cycle before the first request, though it says otherwise.
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if cycle is None or not cycle.response_started or cycle.response_complete:
            slug = status.phrase.lower().replace(" ", "-")
            problem = {"type": f"/problems/{slug}", "title": status.phrase, "status": status, "detail": detail}
            body = json.dumps(problem).encode()
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode() + body)
        self.transport.close()


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer is not None:
            timer.cancel()
