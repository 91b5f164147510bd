"""`ImapClient` with aioimaplib 2.0.3 (GPL-3.0-only; this file, like the rest, is Apache-2.0).

The library's `IMAP4` class is not used: its calls outlive their own timeouts. Its protocol object (mended in
`mail/imap/protocol.py`) is driven from here, every command under one deadline: when the server is silent for that long,
or the connection is lost, the call ends at once and the connection is thrown away.
"""

import asyncio
import re
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Literal

from aioimaplib.aioimaplib import AUTH, SELECTED, AioImapException, Command, IdleCommand, quoted

from mail.account import ImapAccount
from mail.imap.client import (
    BATCH,
    ImapAuthFailed,
    ImapClient,
    ImapError,
    ImapRefused,
    ImapTimeout,
    Selected,
    uid_sets,
)
from mail.imap.protocol import FetchItems, Protocol, SaslCommand
from mail.imap.syntax import (
    LONGEST_REASON,
    UID,
    Item,
    challenge,
    counted,
    fetched_items,
    flag_atom,
    instant,
    mailbox_name,
    number,
    tells_news,
    words,
)
from mail.oauth import TOKENS, AccessTokens, TokenRefused, TokenUnavailable, sasl_xoauth2

SILENCE = 30.0
"""Seconds without a byte from the server after which a command is given up."""
PATIENCE = 600.0
"""Seconds after which a command is given up although the server keeps talking."""
SLOWEST_LINE, SLOWEST_STORE = 16 * 1024, 1024 * 1024
"""Bytes a second: what a message of known size is given beyond `PATIENCE` to come in, and beyond `SILENCE` to begin."""
PROBE = 120.0
"""Seconds of idling after which the server must show that it is alive: a dead TCP connection says nothing by itself."""
LATER = re.compile(
    r"(?i)\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]"
    r"|too many|temporar|unavailable|(?:try|come) (?:again|back) later|overload|server busy|(?:internal|system) (?:server )?error"
    r"|throttl|rate.?limit|\b(?:command|bandwidth|connection|session) limits?|not respond|timed? ?out|maintenance"
)
FOR_GOOD = re.compile(r"(?i)\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|NOPERM)\]")
"""How servers refuse a login: by a code (RFC 5530), or in words of their own. Else it is refused for good."""
GOODBYE = 3.0
"""Seconds for the answer to LOGOUT."""


@asynccontextmanager
async def connect(
    account: ImapAccount,
    *,
    silence: float = SILENCE,
    patience: float = PATIENCE,
    probe: float = PROBE,
    tokens: AccessTokens = TOKENS,
) -> AsyncIterator[ImapClient]:
    """A client logged in to `account`, no folder selected. All times in seconds; see the constants above."""
    client = AioimaplibClient(account, silence, patience, probe, tokens)
    try:
        await client.open()
        yield client
    finally:
        await client.logout()


class AioimaplibClient(ImapClient):
    def __init__(
        self, account: ImapAccount, silence: float, patience: float, probe: float, tokens: AccessTokens
    ) -> None:
        self._account, self._tokens = account, tokens
        self._silence, self._patience, self._probe = silence, patience, probe
        self._protocol: Protocol | None = None
        self._idles = True

    @property
    def capabilities(self) -> frozenset[str]:
        return frozenset(name.upper().strip("[]") for name in self._open_protocol.capabilities)

    @property
    def notice(self) -> str | None:
        return self._open_protocol.notice

    async def open(self) -> None:
        """Connects, encrypts as the account asks, and logs in."""
        await self._reach()
        if self._open_protocol.state != AUTH:
            await (self._login_by_token() if self._account.auth == "xoauth2" else self._login())
        # The library merges what LOGIN answered without removing the brackets, and some tell more after the login.
        await self._run("CAPABILITY", self._open_protocol.capability())

    async def _reach(self) -> None:
        """Connects, and encrypts as the account asks."""
        account, loop = self._account, asyncio.get_running_loop()
        try:
            # An unreadable ca_file is an OSError too: it names the account's fault as well as a refused connection.
            tls = ssl.create_default_context(cafile=account.ca_file) if account.tls != "none" else None
            async with asyncio.timeout(self._silence):
                _, self._protocol = await loop.create_connection(
                    lambda: Protocol(loop),
                    account.host,
                    account.port,
                    ssl=tls if account.tls == "tls" else None,
                )
        except TimeoutError:
            raise ImapTimeout(f"{account.host}:{account.port} does not answer") from None
        except (OSError, UnicodeError) as error:  # UnicodeError: a host that is no name of any server
            raise ImapError(f"{account.host}:{account.port}: {error}") from error
        await self._run("greeting", self._protocol.wait("AUTH|NONAUTH"))
        if account.tls == "starttls" and tls is not None:
            await self._start_tls(tls)

    @property
    def moves(self) -> bool:
        return not self.capabilities.isdisjoint({"MOVE", "UIDPLUS"})

    async def select(self, folder: str, *, read_only: bool = False) -> Selected:
        protocol, name = self._open_protocol, mailbox_name(folder)
        protocol.uidvalidity = None
        if read_only:
            lines = await self._command("EXAMINE", protocol.simple_command("EXAMINE", name))
            protocol.state = SELECTED  # the library takes this for a command without consequences
        else:
            lines = await self._command("SELECT", protocol.select(name))
        text = b"\n".join(lines)
        validity = number(rb"\[UIDVALIDITY (\d+)\]", text)
        if validity is None:
            with suppress(ImapRefused):
                told = await self._command("STATUS", protocol.simple_command("STATUS", name, "(UIDVALIDITY)"))
                validity = number(rb"\bUIDVALIDITY (\d+)\b", b"\n".join(told))
        if validity is None:
            raise ImapError(f"the server tells no UIDVALIDITY of folder {folder!r}, or one of more than 63 bits")
        protocol.more, protocol.uidvalidity = False, validity
        permanent = re.search(rb"(?i)\[PERMANENTFLAGS \(([^)]*)\)\]", text)
        return Selected(
            uidvalidity=validity,
            uidnext=number(rb"\[UIDNEXT (\d+)\]", text) or 0,
            exists=number(rb"(?m)^(\d+) EXISTS", text) or 0,
            keywords=permanent is not None and rb"\*" in permanent[1],
        )

    async def search_after(self, uid: int) -> list[int]:
        try:
            found = await self._search("UID", f"{uid + 1}:*")
        except ImapRefused:  # as some do of a range that holds nothing
            found = await self._search("ALL")
        return [each for each in found if each > uid]

    async def search_up_to(self, uid: int) -> list[int]:
        return [found for found in await self._search("UID", f"1:{uid}") if found <= uid] if uid > 0 else []

    async def lists(self, uid: int) -> bool:
        # What others have removed is told in answer to NOOP; a search alone may still go by the old list.
        await self.noop()
        return uid in await self._search("UID", str(uid))

    async def search_unflagged(self, flag: str) -> list[int]:
        system = flag.startswith("\\")
        return await self._search(*([f"UN{flag[1:].upper()}"] if system else ["UNKEYWORD", flag_atom(flag)]))

    async def fetch(self, uid: int) -> bytes | None:
        return (await self.fetch_many([uid])).get(uid)

    async def fetch_many(self, uids: Sequence[int], size: int = 0) -> dict[int, bytes]:
        if len(uids) > BATCH:
            raise ValueError(f"fetch_many takes {BATCH} messages at a time, not {len(uids)}")
        items = await self._fetch(uids, "(UID BODY.PEEK[])", size)
        return {uid: item.body for uid, item in items.items() if item.body is not None}

    async def fetch_begin(self, uid: int, size: int) -> bytes | None:
        item = (await self._fetch([uid], f"(UID BODY.PEEK[]<0.{size}>)", size)).get(uid)
        return None if item is None else item.body

    async def fetch_sizes(self, uids: Iterable[int]) -> dict[int, int]:
        items = await self._fetch(uids, "(UID RFC822.SIZE)")
        sizes = {uid: number(rb"RFC822\.SIZE (\d+)", item.text) for uid, item in items.items()}
        return {uid: size for uid, size in sizes.items() if size is not None}

    async def fetch_flags(self, uids: Iterable[int]) -> dict[int, frozenset[str]]:
        items = await self._fetch(uids, "(UID FLAGS)")
        found = {uid: re.search(rb"(?i)FLAGS \(([^)]*)\)", item.text) for uid, item in items.items()}
        return {uid: frozenset(match[1].decode("ascii", "replace").split()) for uid, match in found.items() if match}

    async def internal_date(self, uid: int) -> datetime | None:
        item = (await self._fetch([uid], "(UID INTERNALDATE)")).get(uid)
        found = re.search(rb'(?i)INTERNALDATE "([^"]{20,26})"', item.text) if item else None
        return instant(found[1].decode("ascii", "replace")) if found else None

    async def add_flag(self, uids: Iterable[int], flag: str) -> None:
        for uid_set in uid_sets(uids):
            stored = self._open_protocol.store(uid_set, "+FLAGS.SILENT", f"({flag_atom(flag)})", by_uid=True)
            await self._command("STORE", stored)

    async def move(self, uids: Iterable[int], folder: str) -> None:
        if not self.moves:
            raise ImapRefused(
                "the server offers neither MOVE nor UIDPLUS: nothing can be moved without touching others"
            )
        for uid_set in uid_sets(uids):
            await self._move(uid_set, folder)

    async def append(self, raw: bytes, folder: str, flags: Iterable[str] = ()) -> None:
        listed = f"({' '.join(flag_atom(flag) for flag in flags)})"
        protocol = self._open_protocol
        try:
            await self._command("APPEND", protocol.append(raw, mailbox_name(folder), listed))
        finally:
            protocol.literal_data = None  # a refused one would be sent with the next APPEND

    async def noop(self) -> None:
        await self._command("NOOP", self._open_protocol.simple_command("NOOP"))

    async def idle_wait(self, seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        if self._open_protocol.more:
            return True
        if "IDLE" not in self.capabilities or not self._idles:
            await asyncio.wait([self._open_protocol.lost], timeout=min(seconds, self._account.poll_seconds))
            with suppress(ImapRefused):
                await self.noop()
            return True
        while True:
            left = end - loop.time()
            if await self._idle(min(max(left, 0.0), self._probe)):
                return True
            if left <= self._probe:
                return False

    async def logout(self) -> None:
        protocol = self._protocol
        if protocol is not None and not protocol.lost.done() and protocol.pending_sync_command is None:
            self._silence = GOODBYE
            with suppress(ImapError):
                await self._run("LOGOUT", protocol.logout())
        await self.close()

    async def close(self) -> None:
        if self._protocol is None:
            return
        protocol, self._protocol = self._protocol, None
        protocol.drop("the connection is closed")
        with suppress(TimeoutError):
            await asyncio.wait_for(protocol.released.wait(), GOODBYE)

    # -- one conversation with the server

    @property
    def _open_protocol(self) -> Protocol:
        if self._protocol is None:
            raise ImapError("the connection is closed")
        return self._protocol

    async def _command(self, name: str, coroutine: Coroutine[Any, Any, Any], size: int = 0) -> list[bytes]:
        """Runs a command to its tagged answer and returns the untagged lines. NO and BAD: ImapRefused."""
        response = await self._run(name, coroutine, size)
        lines: list[bytes] = response.lines[:-1]
        text = response.lines[-1]
        if response.result != "OK":
            raise ImapRefused(f"{name}: {response.result} {words(text)}")
        return lines

    async def _run(self, name: str, coroutine: Coroutine[Any, Any, Any], size: int = 0) -> Any:
        """Awaits one step of the library under the deadline, which grows with the `size` in bytes of what is to come.

        However it fails, the connection is thrown away.
        """
        protocol = self._protocol
        if protocol is None or protocol.lost.done():
            coroutine.close()
            raise ImapError(f"{name}: {'the connection is closed' if protocol is None else protocol.lost.result()}")
        loop = asyncio.get_running_loop()
        started = protocol.heard = loop.time()
        silence = self._silence + size / SLOWEST_STORE
        patience = max(self._patience, self._silence) + size / SLOWEST_LINE
        step = asyncio.ensure_future(coroutine)
        try:
            while not step.done() and not protocol.lost.done():
                left = min(protocol.heard + silence, started + patience) - loop.time()
                if left <= 0:
                    silent = loop.time() - protocol.heard >= silence
                    raise ImapTimeout(
                        f"{name}: no answer within {silence:.3g} s"
                        if silent
                        else f"{name}: not answered in full within {patience:.3g} s"
                    )
                await asyncio.wait({step, protocol.lost}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not step.done():
                raise ImapError(f"{name}: {protocol.lost.result()}")
            return step.result()
        except OSError:
            raise  # of the encryption; a certificate's fault is a ValueError too
        except (AioImapException, ValueError) as error:
            # Not "from error": the library's errors repeat the command, with the password in it.
            raise ImapError(f"{name}: {type(error).__name__}") from None
        finally:
            if not step.done() or step.cancelled() or step.exception() is not None:
                step.cancel()
                await asyncio.gather(step, return_exceptions=True)
                protocol.drop(f"{name} was not finished")

    async def _start_tls(self, tls: ssl.SSLContext) -> None:
        """STARTTLS (RFC 3501 6.2.1), which the library lacks. What the server said before is forgotten."""
        protocol, loop = self._open_protocol, asyncio.get_running_loop()
        if "STARTTLS" not in self.capabilities:
            raise ImapError("the server offers no STARTTLS; the account demands it")
        command = Command("STARTTLS", protocol.new_tag(), loop=loop)
        protocol.tls_tag = command.tag.encode()
        await self._command("STARTTLS", protocol.execute(command))
        protocol.capabilities = set()
        try:
            upgrade = loop.start_tls(protocol.transport, protocol, tls, server_hostname=self._account.host)
            protocol.transport = await self._run("TLS", upgrade)
            protocol.tls_tag = None
        except OSError as error:
            raise ImapError(f"{self._account.host}:{self._account.port}: {error}") from error
        await self._run("CAPABILITY", protocol.capability())

    async def _login(self) -> None:
        """AUTHENTICATE PLAIN (RFC 4616) takes any characters; LOGIN, for servers without it, ASCII alone."""
        protocol, account = self._open_protocol, self._account
        user, password = account.user, account.password.get_secret_value()
        if "AUTH=PLAIN" in self.capabilities:
            response = await self._authenticate("PLAIN", b"\0".join((b"", user.encode(), password.encode())))
        elif "LOGINDISABLED" in self.capabilities:
            raise ImapAuthFailed("the server takes no password on this connection: set tls to starttls or tls")
        else:
            response = await self._run("LOGIN", protocol.login(quoted(user), password))
        self._granted(response)

    async def _login_by_token(self) -> None:
        """AUTHENTICATE XOAUTH2. A token that is refused although it has not expired is fetched anew, once."""
        if "AUTH=XOAUTH2" not in self.capabilities:
            raise ImapAuthFailed(f"{self._account.host}:{self._account.port} offers no XOAUTH2 on this connection")
        token = await self._token()
        response = await self._authenticate("XOAUTH2", sasl_xoauth2(self._account.user, token))
        if response.result != "OK" and (newer := await self._token(refused=token)) != token:
            await self.close()  # some servers hear only one attempt
            await self._reach()
            response = await self._authenticate("XOAUTH2", sasl_xoauth2(self._account.user, newer))
        self._granted(response)

    async def _token(self, refused: str | None = None) -> str:
        try:
            return await self._tokens.token(self._account.password, refused=refused)
        except TokenUnavailable as error:
            raise ImapError(str(error)) from None
        except (TokenRefused, ValueError) as error:
            raise ImapAuthFailed(str(error)) from None

    async def _authenticate(self, mechanism: str, secret: bytes) -> Any:
        """The response goes along with the command where the server takes it there (SASL-IR, RFC 4959)."""
        protocol, response = self._open_protocol, b64encode(secret)
        at_once = "SASL-IR" in self.capabilities
        answer = await self._run(
            "AUTHENTICATE", protocol.execute(SaslCommand(protocol, mechanism, response, at_once=at_once))
        )
        if answer.result == "OK":
            protocol.state = AUTH
        return answer

    def _granted(self, response: Any) -> None:
        if response.result == "OK":
            return
        account = self._account
        told = challenge(response.lines) + bytes(response.lines[-1]).decode("utf-8", "replace")
        if secret := account.password.get_secret_value():
            told = told.replace(secret, "...")
        who = f"{account.host}:{account.port} refuses the login of {account.user}"
        if LATER.search(told) and not FOR_GOOD.search(told):
            raise ImapError(f"{who} for now: {told[:LONGEST_REASON]}")
        raise ImapAuthFailed(f"{who}: {told[:LONGEST_REASON]}")

    async def _search(self, *criteria: str) -> list[int]:
        # Reset before the search, because a mail that is announced in its answer need not be among its results.
        self._open_protocol.more = False
        lines = await self._command("SEARCH", self._open_protocol.search(*criteria, charset=None, by_uid=True))
        return sorted({counted(word) for line in lines for word in bytes(line).split() if word.isdigit()})

    async def _fetch(self, uids: Iterable[int], parts: str, size: int = 0) -> dict[int, Item]:
        """What the server answers of each message, and perhaps of others that it tells of by itself."""
        items: dict[int, Item] = {}
        protocol = self._open_protocol
        for uid_set in uid_sets(uids):
            lines = await self._command("FETCH", protocol.execute(FetchItems(protocol, uid_set, parts)), size)
            for text, body in fetched_items(lines):
                uid = number(UID, text)
                if uid is None and body is not None and uid_set.isdigit():
                    uid = int(uid_set)  # the one that was asked for: nobody sends a message by himself
                if uid is not None:  # one without, or a second for a message, is the server telling of a flag by itself
                    before, kept = items.get(uid, Item(b""))
                    items[uid] = Item(before + text, kept if body is None else body)
        return items

    async def _move(self, uid_set: str, folder: str) -> None:
        if "MOVE" in self.capabilities:
            await self._into("MOVE", uid_set, folder)
            return
        await self._into("COPY", uid_set, folder)
        protocol = self._open_protocol
        await self._command("STORE", protocol.store(uid_set, "+FLAGS.SILENT", r"(\Deleted)", by_uid=True))
        # By UID (RFC 4315): a bare EXPUNGE would also remove what others have marked.
        await self._command("EXPUNGE", protocol.expunge(uid_set, by_uid=True))

    async def _into(self, verb: Literal["MOVE", "COPY"], uid_set: str, folder: str) -> None:
        """MOVE or COPY into a folder that may have to be made; [TRYCREATE] is optional (RFC 3501 6.4.7)."""
        protocol, target = self._open_protocol, mailbox_name(folder)
        there = protocol.move if verb == "MOVE" else protocol.copy
        try:
            await self._command(verb, there(uid_set, target, by_uid=True))
        except ImapRefused:
            unmade = ""
            try:
                await self._command("CREATE", protocol.simple_command("CREATE", target))
            except ImapRefused as error:  # perhaps because it exists
                unmade = f"; {error}"
            try:
                await self._command(verb, there(uid_set, target, by_uid=True))
            except ImapRefused as error:
                raise ImapRefused(f"{error}{unmade}") from None

    async def _idle(self, seconds: float) -> bool:
        """One IDLE and its DONE; the answer to DONE is the proof of life. A server may refuse it although it offers it."""
        protocol, loop = self._open_protocol, asyncio.get_running_loop()
        while not protocol.idle_queue.empty():
            protocol.idle_queue.get_nowait()
        command = IdleCommand(protocol.new_tag(), protocol.idle_queue, loop=loop)
        protocol._idle_event.clear()
        idling = loop.create_task(protocol.execute(command))
        news: list[bytes] = []
        try:
            # #110: "+ idling" may never come, or NO in its place.
            await self._run("IDLE", self._first(idling, protocol))
            if idling.done():
                idling.result()
                self._idles = False  # refused: it is polled
                return True
            end = loop.time() + seconds
            while not tells_news(news) and (left := end - loop.time()) > 0:
                pushed = loop.create_task(protocol.idle_queue.get())
                try:
                    first = asyncio.FIRST_COMPLETED
                    await asyncio.wait({pushed, idling, protocol.lost}, timeout=left, return_when=first)
                    if not pushed.done():
                        break
                    news += pushed.result()
                finally:
                    pushed.cancel()
            if not protocol.lost.done() and not idling.done():
                protocol.idle_done()
            await self._run("DONE", self._answer(idling))
        except BaseException:
            protocol.drop("IDLE was not finished")
            raise
        finally:
            idling.cancel()
            await asyncio.gather(idling, return_exceptions=True)
        # #120: what comes between DONE and its answer stays in the command's own buffer and is never pushed.
        while not protocol.idle_queue.empty():
            news += protocol.idle_queue.get_nowait()
        return tells_news([*news, *command.buffer])

    @staticmethod
    async def _first(idling: asyncio.Task[Any], protocol: Protocol) -> None:
        waiting = asyncio.ensure_future(protocol.wait_for_idle_response())
        try:
            await asyncio.wait({idling, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    @staticmethod
    async def _answer(idling: asyncio.Task[Any]) -> Any:
        return await asyncio.shield(idling)
