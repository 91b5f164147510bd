"""The API inside our own event loop: uvicorn, which here neither catches signals nor writes to the terminal."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.hosts import AllowedHosts
from bootstrap import House
from console.app import routes
from console.starting.house import DemoHouse
from servers.ports import LOCALHOST
from starting.connections import BoundedProtocol
from starting.doctor import examine
from starting.failures import Unusable

CLOSE_WITHIN = 2
"""Seconds for open requests at the end; a client that keeps a stream open would hold the process up for ever."""
POLL_EVERY = 0.02


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the starter's: the API stops first, and everything else after it."""
        yield


def site(house: House, demo: DemoHouse | None = None) -> FastAPI:
    """All that is answered at the house's address: the API, and the console's pages. `demo`: with doors that need no
    password, which only the demo has."""
    app = create_app(house)
    app.router.routes.extend(routes(house, app.state.desk, partial(examine, house.settings), demo))
    return app


@asynccontextmanager
async def serving(app: FastAPI, port: int, hosts: Sequence[str] = ()) -> AsyncIterator[asyncio.Task[None]]:
    """Serve on 127.0.0.1 until the context is left; the task ends early only when the server itself does.

    `hosts`: the names that requests may give it beside those of this machine."""
    config = uvicorn.Config(
        AllowedHosts(app, hosts),
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=CLOSE_WITHIN,
        server_header=False,
    )
    server = _Server(config)
    with _listening(port) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]), name="api")
        try:
            while not server.started:
                if task.done():
                    task.result()
                    raise Unusable("the API did not start; the log in the data folder says why.")
                await asyncio.sleep(POLL_EVERY)
            yield task
        finally:
            # Streams first: each would hold the server up until it loses patience. An application without a desk has none.
            if (desk := getattr(app.state, "desk", None)) is not None:
                desk.live.end()
            server.should_exit = True
            await task


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # The protocol is named because asyncio turns Nagle's algorithm off only where it reads TCP: with it on, every answer
    # that is written in two pieces waits 40 ms for the client's delayed acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOCALHOST, port))
        yield listener
