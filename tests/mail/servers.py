"""The users of the test mailboxes, and servers that misbehave: a proxy that freezes or cuts, and scripted servers."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
SUPPORT, GOLD = "support@example.com", "gold@example.net"
USERS = {SUPPORT: "s3cret", GOLD: "pw2"}
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost and 127.0.0.1 that nobody but who reads `ca_file` trusts."""

    ca_file: Path
    server: ssl.SSLContext


class Listener:
    """A TCP server whose connections run `talk`; `port` is the one it took."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self._talk, self._tls = talk, tls
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._run(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            writer.close()


class Proxy(Listener):
    """Passes bytes on to `target` until `freeze` (silence, connection open) or `reset` (RST) is called."""

    def __init__(self, target: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._relay, tls)
        self._target = target
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: list[asyncio.StreamWriter] = []

    def freeze(self) -> None:
        self._flowing.clear()

    def reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        self._writers.append(writer)
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            far_writer.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            await self._flowing.wait()
            sink.write(chunk)
            await sink.drain()
        sink.close()


class ScriptedImap(Listener):
    """An IMAP server that logs in anybody and answers from `script`: command name -> bytes with {tag} in them.

    What the client sent is kept in `said`. A command without an entry gets OK; an answer of None is silence.
    """

    def __init__(
        self,
        script: dict[str, bytes | None],
        *,
        greeting: bytes = b"* OK hello\r\n",
        capabilities: bytes = b"IMAP4rev1 IDLE MOVE UIDPLUS",
    ) -> None:
        super().__init__(self._converse)
        select = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n{tag} OK done\r\n"
        capable = b"* CAPABILITY " + capabilities + b"\r\n{tag} OK done\r\n"
        self._script: dict[str, bytes | None] = {"SELECT": select, "CAPABILITY": capable, **script}
        self._greeting = greeting
        self.said: list[str] = []

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self._greeting)
        tag = b""
        while line := await reader.readline():
            text = line.decode().rstrip("\r\n")
            self.said.append(text)
            if text == "DONE" or text.startswith("="):
                name = text
            else:
                head, _, rest = text.partition(" ")
                tag = head.encode()
                words = rest.split()
                name = " ".join(words[:2]) if words[0] == "UID" else words[0]
            answer = self._script.get(name, b"{tag} OK done\r\n")
            if answer is not None:
                writer.write(answer.replace(b"{tag}", tag))
                await writer.drain()
            if name == "LOGOUT":
                return


class ScriptedSmtp(Listener):
    """An SMTP server that answers from `script` (verb -> reply without line end), "250 ok" to anything else.

    A reply of "" closes the connection; one of None is silence. The mails that it took are in `mails`.
    """

    def __init__(self, script: dict[str, str | None]) -> None:
        super().__init__(self._converse)
        self._script: dict[str, str | None] = {"QUIT": "221 bye", "DATA": "354 go on", **script}
        self.mails: list[bytes] = []

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((self._script.get("CONNECT") or "220 here").encode() + b"\r\n")
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            if not await self._answer(writer, self._script.get(verb, "250 ok")):
                return
            if verb == "DATA" and (self._script["DATA"] or "").startswith("354"):
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                if not await self._answer(writer, self._script.get("END", "250 taken")):
                    return
            if verb == "QUIT":
                return

    @staticmethod
    async def _answer(writer: asyncio.StreamWriter, reply: str | None) -> bool:
        if reply:
            writer.write(reply.encode() + b"\r\n")
            await writer.drain()
        return reply != ""
