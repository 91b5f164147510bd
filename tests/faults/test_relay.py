from __future__ import annotations

import asyncio

import pytest

from faults.relay import relay
from servers.ports import LOCALHOST, free_port

WITHIN = 10.0


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
        if line == b"bye\n":
            break
    writer.close()


async def test_it_passes_on_and_resets_all_connections() -> None:
    server = await asyncio.start_server(_echo, LOCALHOST, 0)
    async with server, relay(server.sockets[0].getsockname()[1]) as between, asyncio.timeout(WITHIN):
        first, second = [await asyncio.open_connection(LOCALHOST, between.port) for _ in range(2)]
        for reader, writer in (first, second):
            writer.write(b"hello\n")
            assert await reader.readline() == b"hello\n"
        between.reset()
        for reader, _ in (first, second):
            with pytest.raises(ConnectionResetError):
                await reader.readline()
        reader, writer = await asyncio.open_connection(LOCALHOST, between.port)
        writer.write(b"bye\n")
        assert await reader.read() == b"bye\n"  # the last words arrive before the end
        writer.close()


async def test_without_a_server_it_hangs_up() -> None:
    async with relay(free_port()) as between, asyncio.timeout(WITHIN):
        reader, writer = await asyncio.open_connection(LOCALHOST, between.port)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        writer.close()
