"""The users of the test mailboxes, and servers that misbehave: a proxy that freezes or cuts, and scripted servers."""

import asyncio
import datetime
import ipaddress
import json
import re
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
SUPPORT, GOLD = "support@example.com", "gold@example.net"
USERS = {SUPPORT: "s3cret", GOLD: "pw2"}
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Certificate:
    """A certificate that nobody but who reads `ca_file` trusts."""

    ca_file: Path
    key_file: Path
    server: ssl.SSLContext


def make_certificate(folder: Path, address: str = HOST) -> Certificate:
    """For `address` and localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(address))]
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Certificate(folder / "cert.pem", folder / "key.pem", server)


class Listener:
    """A TCP server whose connections run `talk`; `port` is the one it took."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self._talk, self._tls = talk, tls
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepted: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, HOST, 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # No more are accepted; those of the last moment get their transports, which they cannot any more once it is closed.
        for listening in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        for _ in range(5):
            await asyncio.sleep(0)
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._accepted:
            # Closing alone waits for what the other side may never take, and of TLS for its farewell.
            writer.transport.abort()
        for _ in range(2):
            await asyncio.sleep(0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._accepted.append(writer)
        task = asyncio.ensure_future(self._run(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Not in the task itself: one that is cancelled before its first step never comes to its end.
        task.add_done_callback(lambda _: writer.close())

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)


class Proxy(Listener):
    """Passes bytes on to `target` until `freeze` (silence, connection open) or `reset` (RST) is called.

    `pace`: seconds before each 64 KiB are passed on, as a slow line does.
    """

    def __init__(self, target: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._relay, tls)
        self._target, self.pace = target, 0.0
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
            await asyncio.sleep(self.pace)
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
            if text in ("", "DONE") or text in self._script or text.startswith("="):
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

    A reply of "" closes the connection; one of None is silence. The mails that it took are in `mails`. `play` gives it
    another script.
    """

    def __init__(self, script: dict[str, str | None]) -> None:
        super().__init__(self._converse)
        self.play(script)
        self.mails: list[bytes] = []
        self.heard: list[str] = []
        """Verbs, and CONNECT for each connection."""

    def play(self, script: dict[str, str | None]) -> None:
        self._script: dict[str, str | None] = {"QUIT": "221 bye", "DATA": "354 go on", "AUTH": "235 ok", **script}

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append("CONNECT")
        if not await self._answer(writer, self._script.get("CONNECT", "220 here")):
            return
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            self.heard.append(verb)
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
            writer.write(reply.encode("utf-8", "surrogateescape") + b"\r\n")
            await writer.drain()
        return reply != ""


class TokenEndpoint(Listener):
    """An authorisation server: `POST /token` gives out access tokens of `user`, one after the other; `GET /info` tells
    whose a token is. Only the newest is good. `answers` are given instead, first come first served: status and JSON.
    """

    def __init__(self, user: str) -> None:
        super().__init__(self._serve)
        self.user, self.fetched = user, 0
        self.answers: list[tuple[int, dict[str, object] | bytes]] = []
        self.more: dict[str, object] = {"expires_in": 3600}
        self.asked: list[dict[str, str]] = []
        self._revoked = False

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/token"

    @property
    def info_url(self) -> str:
        return f"http://{HOST}:{self.port}/info?access_token="

    @property
    def token(self) -> str:
        """The one that is good now; "" while there is none."""
        return f"access-{self.fetched}" if self.fetched and not self._revoked else ""

    def revoke(self) -> None:
        self._revoked = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = re.search(rb"(?i)content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            method, target, _ = head.split(b" ", 2)
            status, answer = self._give(body) if method == b"POST" else self._tell(target.decode())
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            writer.write(b"HTTP/1.1 %d x\r\nContent-Type: application/json\r\n" % status)
            writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
            await writer.drain()

    def _give(self, body: bytes) -> tuple[int, dict[str, object] | bytes]:
        self.asked.append(dict(parse_qsl(body.decode())))
        if self.answers:
            return self.answers.pop(0)
        self.fetched, self._revoked = self.fetched + 1, False
        return 200, {"access_token": self.token, "token_type": "Bearer", **self.more}

    def _tell(self, target: str) -> tuple[int, dict[str, object]]:
        if self.token and target.partition("access_token=")[2] == self.token:
            return 200, {"email": self.user, "expires_in": 3600}
        return 401, {"error": "invalid_token"}


def credentials(endpoint: TokenEndpoint, **changes: str) -> str:
    """The secret of a mailbox that fetches its tokens there."""
    given = {"token_url": endpoint.url, "client_id": "desk", "client_secret": "c-secret", "refresh_token": "r-secret"}
    return json.dumps(given | changes)
