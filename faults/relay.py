"""A TCP relay before a server, whose connections can be reset all at once: what a firewall or a cable does."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from servers.ports import LOCALHOST

CHUNK = 65536
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing sends RST, and what was not yet sent is gone."""


class Relay:
    """Passes on what comes to `port` to the server at `target`."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def reset(self) -> None:
        """Both ends of every connection learn that it is gone; new ones are taken."""
        for writer in list(self._writers):
            with suppress(OSError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward, back = await asyncio.open_connection(LOCALHOST, self.target)
        except OSError:  # The server is down, so the relay before it drops the connection as well.
            writer.transport.abort()
            return
        await self._relay((reader, back), (onward, writer))

    async def _relay(self, *ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        ends = [writer for _, writer in ways]
        self._writers.update(ends)
        tasks = [asyncio.create_task(_pass_on(*way)) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for end in ends:
                self._writers.discard(end)
                end.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self.serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def relay(target: int) -> AsyncIterator[Relay]:
    made = Relay(target)
    server = await asyncio.start_server(made.accept, LOCALHOST, 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.end()
