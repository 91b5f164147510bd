"""A real IMAP server that fails at some messages: a proxy that reads the commands on their way, and answers some itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from enum import StrEnum

from tests.mail.servers import HOST, Listener

PIECE, PAUSE = 16_384, 0.15
"""Bytes, and the seconds before each of them, of a message that comes slowly."""
FETCH = re.compile(rb"(\S+) UID FETCH (\S+) \((.*)\)\r\n")


class Failing(StrEnum):
    """What the server does when the bytes of a message are asked for, alone or with others."""

    REFUSES = "NO"
    BAD = "BAD"
    LEAVES_OUT = "OK without the message"
    EMPTIES = "a message without bytes"
    HANGS_UP = "the end of the connection"
    SAYS_BYE = "BYE"
    SAYS_BYE_AND_STAYS = "BYE, and the connection stays open"
    STALLS = "silence"
    TRICKLES = "a piece at a time"


class FailingImap(Listener):
    """In front of the server at `target`. `fails`: by UID. `before_fetch` is called when a message's bytes are asked for.

    `asked`: the sets of UIDs that were asked for. `sizes_too`: it fails in the same way when their sizes are asked for.
    """

    def __init__(self, target: int, *, sizes_too: bool = False) -> None:
        super().__init__(self._relay)
        self._target, self._sizes_too = target, sizes_too
        self.fails: dict[int, Failing] = {}
        self.before_fetch: Callable[[], Awaitable[None]] | None = None
        self.asked: list[list[int]] = []
        self._slow = False

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        back = asyncio.ensure_future(self._back(far_reader, writer))
        try:
            while line := await reader.readline():
                if not await self._forward(line, writer, far_writer):
                    break
        finally:
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
            far_writer.close()

    async def _back(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(PIECE):
            if self._slow:
                await asyncio.sleep(PAUSE)
            sink.write(chunk)
            await sink.drain()
        sink.close()

    async def _forward(self, line: bytes, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> bool:
        """Passes a line on, or fails. False: the connection ends."""
        fetch = FETCH.fullmatch(line)
        if fetch is None or not (b"BODY" in fetch[3] or (self._sizes_too and b"SIZE" in fetch[3])):
            server.write(line)
            return True
        tag, uids = fetch[1], _uids(fetch[2].decode())
        if b"BODY" in fetch[3]:
            self.asked.append(uids)
            if self.before_fetch is not None:
                await self.before_fetch()
        hit = next((uid for uid in uids if uid in self.fails), 0)
        how = self.fails.get(hit)
        self._slow = how is Failing.TRICKLES
        match how:
            case None | Failing.TRICKLES:
                server.write(line)
            case Failing.REFUSES | Failing.BAD:
                client.write(b"%s %s [SERVERBUG] cannot open\xff message\x00 %d\r\n" % (tag, how.value.encode(), hit))
            case Failing.LEAVES_OUT | Failing.EMPTIES:
                if how is Failing.EMPTIES:
                    client.write(b'* 1 FETCH (UID %d BODY[] "")\r\n' % hit)
                others = ",".join(str(uid) for uid in uids if uid != hit).encode()
                client.write(b"" if others else tag + b" OK done\r\n")
                server.write(line.replace(fetch[2], others, 1) if others else b"")
            case Failing.HANGS_UP:
                return False
            case Failing.SAYS_BYE | Failing.SAYS_BYE_AND_STAYS:
                client.write(b"* BYE cannot open message %d\r\n" % hit)
                return how is Failing.SAYS_BYE_AND_STAYS
            case Failing.STALLS:
                pass
        return True


def _uids(named: str) -> list[int]:
    ranges = [part.partition(":") for part in named.split(",")]
    return [uid for first, _, last in ranges for uid in range(int(first), int(last or first) + 1)]
