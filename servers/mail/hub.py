"""The embedded mail pair: an IMAP and an SMTP server in one process, for the demo, the tests and the benchmarks.

Mail handed in over SMTP is delivered through the IMAP server's own mailbox, so a client in IDLE is woken at once, and
lies in Maildir folders, so it survives a restart with its UIDs (mail/maildir.py). Listens on 127.0.0.1 only.

    python -m servers.mail.hub --folder F --imap-port N --smtp-port N --users-file users.json
"""

import argparse
import asyncio
import json
import logging
import re
import signal
import ssl
import sys
from argparse import Namespace
from base64 import b64decode
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import compare_digest
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, auth_mechanism
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.commands import Commands
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.plain import PlainCredentials
from pysasl.hashing import HashInterface
from pysasl.mechanism import ChallengeResponse, ServerChallenge, ServerMechanism

from servers.mail.maildir import StoredMailboxes

log = logging.getLogger(__name__)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]

HOST = "127.0.0.1"
XOAUTH2 = "XOAUTH2"
BEARER_REFUSED = b'{"status":"400","schemes":"bearer","scope":"https://mail.example/"}'
LARGEST_MAIL = 64 * 1024 * 1024
"""Bytes. Above the 50 MB that a case engine accepts, so that its own limit is the one that is met."""


class MailHub:
    """Serves the mailboxes of `users` (address -> password) from `folder`, until the context is left.

    A port of 0 takes a free one; `imap_port` and `smtp_port` hold the real ones once the context is entered.
    "support+anything@example.com" is delivered to "support@example.com"; addresses are compared without regard to case.
    An unknown recipient is refused with 550. With `tls`, both servers offer STARTTLS.
    `answers` maps a recipient to the SMTP reply that it gets instead ("451 4.3.0 later"), to play a failing server.
    `without` names what its IMAP server shall lack, to play a poorer one: IDLE, MOVE, UIDPLUS, KEYWORDS.
    `tokens` maps a user to the access token that opens their mailbox by XOAUTH2; it may change meanwhile.
    """

    def __init__(
        self,
        folder: Path,
        users: dict[str, str],
        imap_port: int = 0,
        smtp_port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        without: Collection[str] = (),
        tokens: dict[str, str] | None = None,
    ) -> None:
        self._without, self.tokens = frozenset(without), tokens
        self.folder, self.users = folder, {address.lower(): password for address, password in users.items()}
        self.imap_port, self.smtp_port = imap_port, smtp_port
        self.answers: dict[str, str] = {}
        self._tls = tls
        self._domains = {address.rpartition("@")[2] for address in self.users}
        self._connections: set[asyncio.Task[None]] = set()
        self._senders: set[_Smtp] = set()

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        names = ("proxy_protocol", "passlib_cfg", "cert", "key", "inherited_sockets")
        arguments = Namespace(
            debug=False, host=HOST, port=0, tls=self._tls is not None, demo_data=False, demo_user="", demo_password="",
            **dict.fromkeys(names),
        )  # fmt: skip
        config = _Config.from_args(
            arguments,
            hash_context=_Plain(),
            cpu_subsystem=Subsystem.for_asyncio(),
            ssl_context=self._tls,
            invalid_user_sleep=0.0,
            without=self._without,
            bearers=None if self.tokens is None else _Bearers(self),
        )
        login = Login(config)
        keywords = "KEYWORDS" not in self._without
        self._mailboxes = {
            user: StoredMailboxes(self.folder / quote(user, safe="@+"), keywords=keywords) for user in self.users
        }
        for user, password in self.users.items():
            login.users_dict[user] = UserMetadata(config, user, password=password)
            # The seam into pymap: it asks this cache for a user's mailboxes before it makes empty ones in memory.
            config.set_cache[user] = (self._mailboxes[user], FilterSet())  # type: ignore[assignment]  # pymap's annotation is narrower than its use
        serve = IMAPServer(login, config)

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                await serve(reader, writer, SocketInfoLocal(writer, unique_id=uuid4().bytes))

        def connected(task: asyncio.Task[None]) -> None:
            self._connections.add(task)
            task.add_done_callback(self._disconnected)

        loop = asyncio.get_running_loop()
        self._imap = await loop.create_server(lambda: _ImapConnection(talk, connected), HOST, self.imap_port)
        self._smtp = await loop.create_server(self._sender, HOST, self.smtp_port)
        self.imap_port = self._imap.sockets[0].getsockname()[1]
        self.smtp_port = self._smtp.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._imap.close()
        self._smtp.close()
        tasks = [*self._connections, *(task for sender in list(self._senders) if (task := sender.hang_up()))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the transports' connection_lost, scheduled by their close

    async def deliver(self, address: str, raw: bytes, *, mailbox: str = "INBOX") -> int:
        """Puts `raw` into a user's mailbox, unchanged, and returns its UID. An unknown address raises KeyError."""
        box = await self._mailboxes[self.owner(address) or address].get_mailbox(mailbox)
        return (await box.append(AppendMessage(raw, datetime.now(UTC)), recent=True)).uid

    def owner(self, address: str) -> str | None:
        """The user to whom `address` belongs, its "+detail" left out (RFC 5233), or None."""
        local, _, domain = address.lower().rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return next((name for name in (f"{local}@{domain}", plain) if name in self.users), None)

    def _disconnected(self, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("an IMAP connection failed", exc_info=error)

    def _sender(self) -> "_Smtp":
        sender = _Smtp(
            self,
            auth_exclude_mechanism=() if self.tokens is not None else ("XOAUTH2",),
            hostname="localhost",
            ident="Caseloom mail hub",
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            tls_context=self._tls,
            auth_require_tls=False,
            authenticator=self._authenticate,
        )
        sender.open = self._senders
        return sender

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: object
    ) -> AuthResult:
        known = self.users if mechanism != XOAUTH2 else self.tokens or {}
        good = isinstance(auth_data, LoginPassword) and (
            known.get(auth_data.login.decode(errors="replace").lower()) == auth_data.password.decode(errors="replace")
        )
        # handled=False: else aiosmtpd expects that we have answered the client ourselves, and it waits for ever.
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's hook)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() in self.answers:
            return self.answers[address.lower()]
        if self.owner(address) is None:
            local = address.lower().rpartition("@")[2] in self._domains
            return "550 5.1.1 no such user here" if local else "550 5.7.1 relaying denied"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content, sender = envelope.original_content or b"", (envelope.mail_from or "").strip("<>")
        for address in envelope.rcpt_tos:
            # What a final delivery adds (RFC 5321 4.4), so that a plus-address and a null sender can be seen later.
            trace = f"Return-Path: <{sender}>\r\nDelivered-To: {address}\r\n".encode()
            await self.deliver(address, trace + content)
        return "250 2.0.0 delivered"


class _Config(Config):
    """pymap's, without what the hub shall lack, and with XOAUTH2 where there are tokens."""

    def __init__(self, args: Namespace, *, without: frozenset[str], bearers: "_Bearers | None", **given: Any) -> None:
        super().__init__(args, **given)
        self._without, self._bearers = without, bearers

    @property
    def login_capability(self) -> Sequence[bytes]:
        return [name for name in super().login_capability if name.decode() not in self._without]

    @property
    def commands(self) -> Commands:
        known = super().commands
        for name, verbs in {"MOVE": (b"MOVE", b"UID MOVE"), "UIDPLUS": (b"UID EXPUNGE",)}.items():
            for verb in verbs if name in self._without else ():
                known.deregister(verb)
        return known

    @property
    def tls_auth(self) -> SASLAuth:
        passwords = SASLAuth.defaults()
        return passwords if self._bearers is None else SASLAuth([*passwords.server_mechanisms, self._bearers])


class _Bearers(ServerMechanism):
    """XOAUTH2 as Google's and Microsoft's servers do it: a token that does not fit is answered with JSON, and only what
    the client says to that with NO."""

    def __init__(self, hub: MailHub) -> None:
        super().__init__(XOAUTH2.encode())
        self._hub = hub

    def server_attempt(self, responses: Sequence[ChallengeResponse]) -> tuple[PlainCredentials, None]:
        if not responses:
            raise ServerChallenge(b"")
        user, token = _bearer(responses[0].response)
        if token and (self._hub.tokens or {}).get(user) == token:
            return PlainCredentials(user, self._hub.users[user]), None
        if len(responses) == 1:
            raise ServerChallenge(BEARER_REFUSED)
        return PlainCredentials(user, ""), None


def _bearer(response: bytes) -> tuple[str, str]:
    """User and token; ("", "") where the response has another form."""
    found = re.fullmatch(rb"user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01", response)
    return (found[1].decode(errors="replace").lower(), found[2].decode(errors="replace")) if found else ("", "")


class _Plain(HashInterface):
    """Passwords as they were given, held in memory. (pysasl's own `Cleartext` fails on any umlaut.)"""

    def copy(self, **kwargs: Any) -> Self:
        return self

    def hash(self, value: str) -> str:
        return value

    def verify(self, value: str, hash: str) -> bool:
        return compare_digest(value.encode(), hash.encode())


class _ImapConnection(asyncio.StreamReaderProtocol):
    """One client's connection, and the task that serves it.

    pymap's own service goes through proxy-protocol, which keeps no reference to its task: on Python 3.13 a connection in
    IDLE is garbage-collected. And nothing there ends the work on a command whose client is gone, as here.
    """

    def __init__(self, talk: Talk, connected: Callable[[asyncio.Task[None]], None]) -> None:
        super().__init__(asyncio.StreamReader(), self._accept)
        self._talk, self._connected = talk, connected

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving = asyncio.create_task(self._talk(reader, writer))
        self._serving.add_done_callback(lambda _: writer.close())
        self._connected(self._serving)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._serving.cancel()


class _Smtp(SMTP):
    """An SMTP connection that the hub can hang up, and that takes lines of any length, as most servers do."""

    line_length_limit = LARGEST_MAIL
    open: set["_Smtp"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.open.discard(self)
        super().connection_lost(error)

    @auth_mechanism(XOAUTH2)
    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 (aiosmtpd's hook)
        response = b64decode(args[1]) if len(args) > 1 else await self.challenge_auth("")
        user, token = _bearer(response if isinstance(response, bytes) else b"")
        result = self._authenticate(XOAUTH2, LoginPassword(user.encode(), token.encode()))
        if not result.success:
            await self.challenge_auth(BEARER_REFUSED)
        return result

    def hang_up(self) -> "asyncio.Task[None] | None":
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        return self._handler_coroutine


async def serve(hub: MailHub) -> None:
    """Runs the hub until SIGTERM or SIGINT; says "ready <imap port> <smtp port>" on standard output when it listens."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with hub:
        print(f"ready {hub.imap_port} {hub.smtp_port}", flush=True)
        await stop.wait()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="servers.mail.hub", description="the embedded IMAP and SMTP servers")
    parser.add_argument("--folder", type=Path, required=True, help="where the mail lies")
    parser.add_argument("--imap-port", type=int, default=0, help="0: a free one")
    parser.add_argument("--smtp-port", type=int, default=0, help="0: a free one")
    parser.add_argument("--users-file", type=Path, required=True, help='JSON: {"address": "password", ...}')
    given = parser.parse_args(arguments)
    try:
        users = json.loads(given.users_file.read_text())
    except (OSError, ValueError) as error:
        parser.error(f"--users-file: {error}")
    if not isinstance(users, dict) or not users or not all(isinstance(value, str) for value in users.values()):
        parser.error('--users-file: must hold one JSON object, {"address": "password", ...}')
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(MailHub(given.folder, users, given.imap_port, given.smtp_port)))


if __name__ == "__main__":
    main(sys.argv[1:])
