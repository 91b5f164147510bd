"""Mail servers that refuse, stall, lie and number wildly: whatever one does, all other mail is taken in, nothing is lost
once it behaves, nothing is doubled, and its operator is told meanwhile.

One database for all of them, each with a mailbox and a server of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import or_, select
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from desk.queries.mailboxes import mailbox_status
from mail.imap.aioimaplib_client import connect
from mail.imap.syntax import MOST
from mail.tokens import ReplyTokens, TokenKeys
from mailroom import reader as room_of_readers
from mailroom import tidying as tidying_room
from models.messages.mailbox_status import MailboxStatus, MailboxTrouble
from models.messages.mailflow import HoldReason, MailboxJob, MailVerdict
from models.records.base import new_id
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from servers.mail.hub import MailHub
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.files import FolderStore
from storage.migrate import upgrade
from storage.secrets import Keyring
from tests.support.databases import sqlite_address
from tests.support.imap_server import DONE, Answer, Asked, Wild, WildImap
from tests.support.mailroom import KEYS, PASSWORD, Mailroom, letter
from tests.support.waiting import until

SILENCE = 1.0
"""Seconds: longer than a busy machine stalls, so that it is the server who is silent."""
VICTIM = 12
UIDS = (11, VICTIM, 13)
LATER = 14
QUEUE = "wild"

Told = Callable[[MailboxStatus], bool]


@dataclass(frozen=True)
class Server:
    """What a server does, and what comes of it.

    `told`: what its operator reads meanwhile. `holds`: words of why a message is held meanwhile. `waits`: nothing is taken in
    until it behaves. `settled`: it need not behave, all is taken in as it is. `blank`: its messages say nothing, and are
    held for that.
    """

    wild: Mapping[str, Wild] = field(default_factory=dict)
    uids: Sequence[int] = UIDS
    later: int = LATER
    told: Told | None = None
    holds: str = ""
    waits: bool = False
    settled: bool = False
    blank: bool = False
    imap: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[int, bytes] = field(default_factory=dict)
    done: Callable[[WildImap], bool] | None = None


def always(sent: bytes, *, ends: bool = False) -> Wild:
    return lambda _, __: Answer(sent, ends=ends)


def first(times: int, sent: bytes, *, ends: bool = False) -> Wild:
    """On the first connections alone."""
    return lambda _, asked: Answer(sent, ends=ends) if asked.connection <= times else None


def victim(sent: bytes, *, ends: bool = False) -> dict[str, Wild]:
    """When the message is asked for, alone or with others, this in place of all of them."""
    return {"UID FETCH": lambda _, asked: Answer(sent, ends=ends) if asked.body and VICTIM in asked.uids else None}


def instead(literal: bytes) -> dict[str, Wild]:
    """The others as they are, and of this message that."""

    def answer(server: WildImap, asked: Asked) -> Answer | None:
        if not (asked.body and VICTIM in asked.uids):
            return None
        others = server.bodies(uid for uid in asked.uids if uid != VICTIM)
        return Answer(server.fetched(VICTIM, literal) + others + DONE)

    return {"UID FETCH": answer}


def around(before: bytes, after: bytes = b"") -> dict[str, Wild]:
    """More than was asked for, before and after each of the messages."""

    def answer(server: WildImap, asked: Asked) -> Answer | None:
        if not asked.body:
            return None
        return Answer(b"".join(before + server.bodies([uid]) + after for uid in asked.uids) + DONE)

    return {"UID FETCH": answer}


def wrong_length(by: int) -> dict[str, Wild]:
    def answer(server: WildImap, asked: Asked) -> Answer | None:
        if not (asked.body and VICTIM in asked.uids):
            return None
        raw = server.inbox.messages[VICTIM]
        return Answer(server.fetched(VICTIM, b"{%d}\r\n%s" % (len(raw) + by, raw)) + DONE)

    return {"UID FETCH": answer}


def quoted(server: WildImap, asked: Asked) -> Answer | None:
    if not asked.body:
        return None
    texts = ((uid, server.inbox.messages[uid]) for uid in asked.uids if uid in server.inbox.messages)
    escaped = ((uid, raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"')) for uid, raw in texts)
    return Answer(b"".join(server.fetched(uid, b'"%s"' % raw) for uid, raw in escaped) + DONE)


def written(form: bytes) -> dict[str, Wild]:
    """A message's items in the order of `form`."""

    def answer(server: WildImap, asked: Asked) -> Answer | None:
        if not asked.body:
            return None
        told = b""
        for uid, raw in ((uid, server.inbox.messages[uid]) for uid in asked.uids if uid in server.inbox.messages):
            filled = form.replace(b"{uid}", b"%d" % uid).replace(b"{body}", b"{%d}\r\n%s" % (len(raw), raw))
            told += b"* 1 FETCH (" + filled + b")\r\n"
        return Answer(told + DONE)

    return {"UID FETCH": answer}


def searched(found: Callable[[list[int]], bytes]) -> dict[str, Wild]:
    return {"UID SEARCH": lambda server, asked: Answer(found(server.search(asked.rest)) + DONE)}


def numbers(uids: Sequence[int]) -> bytes:
    return b" ".join(b"%d" % uid for uid in uids)


def ghosts(server: WildImap, asked: Asked) -> Answer:
    found = [*server.search(asked.rest), *((VICTIM,) if asked.rest in ("UID 1:*", f"UID {VICTIM}") else ())]
    return Answer(b"* SEARCH " + numbers(found) + b"\r\n" + DONE)


def plain(line: bytes, uids: bytes = b"") -> dict[str, Wild]:
    """Every answer with a line before it that nobody asked for."""

    def answer(server: WildImap, asked: Asked) -> Answer | None:
        wild, server.wild = server.wild, {}
        try:
            told = server._answer(asked, cast(Any, None)) if asked.verb not in ("IDLE", "DONE") else None
        finally:
            server.wild = wild
        return None if told is None else Answer(line + told.sent, told.ends)

    return {"*": answer}


def translated(change: Callable[[bytes], bytes]) -> dict[str, Wild]:
    """Every answer written in another way."""

    def answer(server: WildImap, asked: Asked) -> Answer | None:
        wild, server.wild = server.wild, {}
        try:
            told = server._answer(asked, cast(Any, None)) if asked.verb not in ("IDLE", "DONE") else None
        finally:
            server.wild = wild
        return None if told is None else Answer(change(told.sent), told.ends)

    return {"*": answer}


def small_letters(sent: bytes) -> bytes:
    for word in (
        b"CAPABILITY",
        b"EXISTS",
        b"UIDVALIDITY",
        b"PERMANENTFLAGS",
        b"SEARCH",
        b"FETCH",
        b"RFC822.SIZE",
        b"UID",
        b"OK",
    ):
        sent = sent.replace(word, word.lower())
    return sent


def bare_lines(sent: bytes) -> bytes:
    """Lines that end without CR; the messages, of which lines end so anyway, as they are."""
    return sent.replace(b"\r\n", b"\n")


def renumbered(server: WildImap, asked: Asked) -> Answer | None:
    """Once all is taken in: other numbers under another UIDVALIDITY, and a message more, told by a word or not."""
    if asked.verb != "IDLE" or server.uidvalidity == 8 or len(server.inbox.messages) < len(UIDS) + 1:
        return None
    server.uidvalidity = 8
    mails = [server.inbox.take(uid) for uid in list(server.inbox.messages)]
    for uid, raw in enumerate([*mails, letter(from_=LAST)], 1):
        server.inbox.add(uid, raw)
    return Answer(b"+ idling\r\n* OK [UIDVALIDITY 8] numbered anew\r\n")


LAST = "last@elsewhere.example"


def low_number(server: WildImap, asked: Asked) -> Answer | None:
    """A new message with an old number, once the others are taken in."""
    if asked.verb == "IDLE" and LATER in server.inbox.messages and 5 not in server.inbox.messages:
        server.inbox.add(5, letter(from_=LAST))
    return None


def trouble(kind: MailboxTrouble, words: str) -> Told:
    return lambda status: status.trouble is kind and words in str(status.last_error)


reading, tidying = partial(trouble, MailboxTrouble.READING), partial(trouble, MailboxTrouble.TIDYING)
NO_VALIDITY = b"* OK welcome\r\n"
TOLD_LATER = b"{tag} NO [UNAVAILABLE] the directory is away\r\n"
POLLING = {"poll_seconds": 1}

SERVERS: dict[str, Server] = {
    # ---- one message that is listed and not delivered
    "NO to one message": Server(victim(b"{tag} NO [CANNOT] broken\r\n"), holds="NO [CANNOT] broken"),
    "BAD to one message": Server(victim(b"{tag} BAD what?\r\n"), holds="BAD what?"),
    "OK without the message": Server(victim(DONE), holds="SEARCH still lists it"),
    "a body that is NIL": Server(instead(b"NIL"), holds="SEARCH still lists it"),
    "an empty literal": Server(instead(b"{0}\r\n"), holds="without a byte"),
    "an empty quoted string": Server(instead(b'""'), holds="without a byte"),
    "a literal that is shorter than its message": Server(wrong_length(-30), holds="does not end where"),
    "a literal that is one byte too short": Server(wrong_length(-1), holds="does not end where"),
    "a literal that is longer than its message": Server(wrong_length(1000), holds="no answer within"),
    "only other messages than the one asked for": Server(
        victim(b"* 1 FETCH (UID 99 BODY[] {5}\r\nhello)\r\n" + DONE), holds="SEARCH still lists it"
    ),
    "BYE in place of one message": Server(victim(b"* BYE out of memory\r\n", ends=True), holds="BYE out of memory"),
    "the end of the connection within a literal": Server(
        victim(b"* 2 FETCH (UID 12 BODY[] {500}\r\nhalf", ends=True), holds="connection closed"
    ),
    "silence within a literal": Server(victim(b"* 2 FETCH (UID 12 BODY[] {500}\r\nhalf"), holds="no answer within"),
    "words that no database holds": Server(
        victim(b"{tag} NO [ALERT] \x00\xff\xc3\xbc" + b"x" * 2000 + b"\r\n"), holds="ü" + "x" * 100
    ),
    "a search that lists what is not there": Server(
        {"UID SEARCH": ghosts}, uids=(11, 13), settled=True, holds="SEARCH still lists it"
    ),
    "a size that is a lie": Server(
        {
            "UID FETCH": lambda _, asked: (
                None if asked.body else Answer(b"* 2 FETCH (UID 12 RFC822.SIZE 9999999999)\r\n" + DONE)
            )
        },
        settled=True,
        holds="left on the server",
    ),
    # ---- more than was asked for, or otherwise written
    "EXPUNGE and EXISTS between": Server(around(b"* 1 EXPUNGE\r\n* 9 EXISTS\r\n"), settled=True),
    "flags of messages without a number": Server(around(b"* 3 FETCH (FLAGS (\\Seen))\r\n"), settled=True),
    "flags of the same messages afterwards": Server(
        around(b"", b"* 2 FETCH (UID 12 FLAGS (\\Seen))\r\n* 1 FETCH (UID 11 FLAGS ())\r\n"), settled=True
    ),
    "messages without their number": Server(
        {
            "UID FETCH": lambda server, asked: (
                Answer(server.fetched(asked.uids[0]).replace(b"UID %d " % asked.uids[0], b"") + DONE)
                if asked.body and len(asked.uids) == 1
                else Answer(DONE)
                if asked.body
                else None
            )
        },
        settled=True,
    ),
    "bodies as quoted strings": Server(
        {"UID FETCH": quoted},
        texts={uid: b'From: "UID 99 (" <q%d@x.example>' % uid for uid in (*UIDS, LATER)},
        settled=True,
        blank=True,
    ),
    "literals with a plus": Server(
        {
            "UID FETCH": lambda server, asked: (
                Answer(server.bodies(asked.uids).replace(b"}\r\n", b"+}\r\n") + DONE) if asked.body else None
            )
        },
        settled=True,
    ),
    "two blanks where one should be": Server(
        {
            "UID FETCH": lambda server, asked: (
                Answer(server.bodies(asked.uids).replace(b" FETCH (UID ", b"  FETCH  (UID ") + DONE)
                if asked.body
                else None
            )
        },
        settled=True,
    ),
    "the number behind the message": Server(
        written(b"FLAGS (\\Seen) BODY[] {body} UID {uid} MODSEQ (8)"), settled=True
    ),
    "binary literals": Server(written(b"UID {uid} BODY[] ~{body}"), settled=True),
    "messages under another name": Server(written(b"UID {uid} RFC822 {body}"), settled=True),
    "words in small letters": Server(translated(small_letters), settled=True),
    "lines without CR": Server(translated(bare_lines), settled=True),
    "NUL bytes in messages": Server(
        texts={
            uid: b"From: nul%d@x.example\r\nSubject: a\x00b\r\n\r\n\x00\xff\x00\r\n" % uid for uid in (*UIDS, LATER)
        },
        settled=True,
    ),
    "messages whose lines end without CR": Server(
        texts={uid: b"From: lf%d@x.example\nSubject: a\n\nA1 OK text\n* BYE text\n" % uid for uid in (*UIDS, LATER)},
        settled=True,
    ),
    "a continuation that nobody waits for": Server(plain(b"+ go on\r\n"), settled=True),
    "a text that ends like a literal": Server(plain(b"* OK as you like {5}\r\n* NO careful {99999}\r\n"), settled=True),
    "a notice for people": Server(
        plain(b"* OK [ALERT] the disk is nearly full\r\n"),
        told=lambda status: status.notice == "the disk is nearly full",
        settled=True,
    ),
    # ---- numbers
    "numbers that descend in a search": Server(
        searched(lambda uids: b"* SEARCH " + numbers(uids[::-1]) + b"\r\n"), settled=True
    ),
    "numbers in no order and twice": Server(
        searched(lambda uids: b"* SEARCH " + numbers([*uids[1:], *uids, *uids[:1]]) + b"\r\n"), settled=True
    ),
    "a search in several lines": Server(
        searched(lambda uids: b"".join(b"* SEARCH %d\r\n" % uid for uid in uids) + b"* SEARCH\r\n"), settled=True
    ),
    "a search without a line if nothing is found": Server(
        searched(lambda uids: b"* SEARCH " + numbers(uids) + b"\r\n" if uids else b""), settled=True
    ),
    "a search that is refused if nothing is found": Server(
        {
            "UID SEARCH": lambda server, asked: (
                Answer(b"{tag} BAD no such messages\r\n")
                if asked.rest.endswith(":*") and server.search(asked.rest)[-1:] < [int(asked.rest[4:-2])]
                else None
            )
        },
        settled=True,
    ),
    "numbers of 32 bits": Server(
        uids=(2**31, 2**32 - 3, 2**32 - 2), later=2**32 - 1, options={"uidvalidity": 2**32 - 1}, settled=True
    ),
    "numbers of 63 bits": Server(uids=(1, 2**40, MOST - 1), later=MOST, options={"uidvalidity": MOST}, settled=True),
    "a number of 64 bits": Server(
        searched(lambda uids: b"* SEARCH " + numbers([*uids, 2**64 - 1]) + b"\r\n"),
        told=tidying("63 bits"),
        settled=True,
    ),
    "a new message with an old number": Server(
        {"IDLE": low_number}, settled=True, done=lambda server: 5 in server.inbox.messages
    ),
    "UIDVALIDITY 0": Server(options={"uidvalidity": 0}, settled=True),
    "UIDVALIDITY told by STATUS alone": Server(
        {"SELECT": lambda server, _: Answer(server.selected(NO_VALIDITY) + DONE)}, settled=True
    ),
    "no UIDVALIDITY": Server(
        {
            "SELECT": lambda server, _: Answer(server.selected(NO_VALIDITY) + DONE),
            "STATUS": always(b"{tag} BAD no\r\n"),
        },
        told=reading("tells no UIDVALIDITY"),
        waits=True,
    ),
    "UIDVALIDITY of 64 bits": Server(options={"uidvalidity": 2**64 - 1}, told=reading("63 bits"), waits=True),
    "a UIDVALIDITY that changes with a word": Server(
        {"IDLE": renumbered}, settled=True, done=lambda server: server.uidvalidity == 8
    ),
    "a UIDVALIDITY that changes in silence": Server(
        {"UID SEARCH": lambda server, asked: renumbered(server, replace(asked, verb="IDLE")) and None},
        settled=True,
        done=lambda server: server.uidvalidity == 8,
    ),
    # ---- the login, the greeting, the folder
    "BYE for a greeting": Server(options={"greeting": b"* BYE too busy\r\n"}, told=reading("BYE too busy"), waits=True),
    "a greeting that is no IMAP": Server(
        options={"greeting": b"220 mail.example ESMTP\r\n"}, told=reading("220 mail.example ESMTP"), waits=True
    ),
    "logged in by the greeting": Server(options={"greeting": b"* PREAUTH welcome\r\n"}, settled=True),
    "a greeting with a word that it does not mean": Server(
        options={"greeting": b"* OK no PREAUTH here, no BYE\r\n"},
        wild={
            "SELECT": lambda server, _: (
                None if any("LOGIN" in said for said in server.said) else Answer(b"{tag} BAD log in\r\n")
            )
        },
        settled=True,
    ),
    "capabilities after the login alone": Server(
        {
            "CAPABILITY": lambda server, _: (
                None if any("LOGIN" in said for said in server.said) else Answer(b"{tag} BAD log in\r\n")
            )
        },
        settled=True,
    ),
    "no capabilities at all": Server({"CAPABILITY": always(b"{tag} BAD what?\r\n")}, imap=POLLING, settled=True),
    "a login refused for now": Server({"LOGIN": always(TOLD_LATER)}, told=reading("for now"), waits=True),
    "too many connections": Server(
        {"LOGIN": always(b"{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n")},
        told=reading("Too many simultaneous"),
        waits=True,
    ),
    "a login refused for good": Server(
        {"LOGIN": always(b"{tag} NO [AUTHENTICATIONFAILED] Try again later\r\n")},
        told=trouble(MailboxTrouble.LOGIN, "refuses the login"),
        waits=True,
    ),
    "a login refused in words that no database holds": Server(
        {"LOGIN": always(b"{tag} NO sp\xe4ter \x00 [AUTHENTICATIONFAILED] user\r\n")},
        told=trouble(MailboxTrouble.LOGIN, "refuses the login"),
        waits=True,
    ),
    "a login refused by a limit": Server(
        {"LOGIN": always(b"{tag} NO [ALERT] Account exceeded command or bandwidth limits. (Failure)\r\n")},
        told=reading("for now"),
        waits=True,
    ),
    "a login refused while the directory is silent": Server(
        {"LOGIN": always(b"{tag} NO Authentication server not responding\r\n")}, told=reading("for now"), waits=True
    ),
    "a login refused without a code": Server(
        {"LOGIN": always(b"{tag} NO no\r\n")}, told=trouble(MailboxTrouble.LOGIN, "refuses the login"), waits=True
    ),
    "a folder that is in use": Server(
        {"SELECT": always(b"{tag} NO [INUSE] locked\r\n")}, told=reading("[INUSE] locked"), waits=True
    ),
    "a limit that is reached": Server(
        {"UID SEARCH": always(b"{tag} NO [LIMIT] later\r\n")}, told=reading("[LIMIT] later"), waits=True
    ),
    "BYE instead of a folder": Server({"SELECT": first(2, b"* BYE restarting\r\n", ends=True)}, settled=True),
    "BYE instead of a search": Server({"UID SEARCH": first(2, b"* BYE restarting\r\n")}, settled=True),
    "NOOP refused": Server(victim(b"{tag} NO no\r\n") | {"NOOP": always(b"{tag} BAD no\r\n")}, holds="NO no"),
    # ---- waiting
    "IDLE refused": Server({"IDLE": always(b"{tag} NO not today\r\n")}, imap=POLLING, settled=True),
    "IDLE that is over at once": Server({"IDLE": always(DONE)}, imap=POLLING, settled=True),
    "IDLE that tells nothing": Server({"IDLE": always(b"+ idling\r\n")}, settled=True),
    "BYE while idling, and the connection stays open": Server(
        {"IDLE": first(1, b"+ idling\r\n* BYE you are idle\r\n")}, settled=True
    ),
    "neither IDLE nor MOVE nor UIDPLUS": Server(options={"capabilities": "IMAP4rev1"}, imap=POLLING, settled=True),
    # ---- order on the server
    "a folder for reading alone": Server(
        {
            "SELECT": lambda server, _: Answer(server.selected() + b"{tag} OK [READ-ONLY] done\r\n"),
            "UID STORE": always(b"{tag} NO [NOPERM] read-only\r\n"),
        },
        told=tidying("read-only"),
    ),
    "no keywords": Server(options={"permanent": "\\Seen \\Flagged"}, settled=True),
    "no flags at all": Server(
        {"UID STORE": always(b"{tag} NO flags\r\n")}, options={"permanent": ""}, told=tidying("NO flags")
    ),
    "STORE that ends the connection": Server(
        {"UID STORE": always(b"* BYE crashed\r\n", ends=True)}, told=tidying("BYE crashed")
    ),
    "STORE that is never answered": Server({"UID STORE": always(b"")}, told=tidying("no answer within")),
    "a folder to move to that must be made": Server(imap={"after": "move"}, settled=True),
    "no room in the folder to move to": Server(
        {"UID MOVE": always(b"{tag} NO [OVERQUOTA] full\r\n")}, imap={"after": "move"}, told=tidying("[OVERQUOTA] full")
    ),
    "moving without MOVE": Server(
        options={"capabilities": "IMAP4rev1 IDLE UIDPLUS"}, imap={"after": "move"}, settled=True
    ),
    "moving without MOVE and UIDPLUS": Server(
        options={"capabilities": "IMAP4rev1 IDLE"}, imap={"after": "move"}, told=tidying("neither MOVE nor UIDPLUS")
    ),
}
STORED = (
    "words that no database holds",
    "a login refused in words that no database holds",
    "a size that is a lie",
    "a notice for people",
    "NUL bytes in messages",
    "numbers of 32 bits",
    "numbers of 63 bits",
    "a number of 64 bits",
    "UIDVALIDITY 0",
    "UIDVALIDITY of 64 bits",
    "a new message with an old number",
    "a UIDVALIDITY that changes with a word",
)
"""Those of which numbers and texts reach the rows: asked on PostgreSQL too."""


@asynccontextmanager
async def ward(url: str, folder: Path) -> AsyncIterator[Mailroom]:
    database, tokens = Database(url), ReplyTokens(TokenKeys(current="k1", keys=KEYS))
    try:
        room = Mailroom(cast(MailHub, None), database, FolderStore(folder), Keyring("k1", KEYS), tokens)
        await room.rule(QUEUE)
        yield room
    finally:
        await database.close()


@pytest.fixture(scope="module")
async def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mailroom]:
    folder = tmp_path_factory.mktemp("wild")
    url = sqlite_address(folder / "wild.db")
    await asyncio.to_thread(upgrade, url)
    async with ward(url, folder / "files") as room:
        yield room


@pytest.fixture(scope="module")
async def on_postgres(
    postgres: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mailroom]:
    url = await postgres.create_database("wild", template=postgres_template)
    async with ward(url, tmp_path_factory.mktemp("wild")) as room:
        yield room
    await postgres.drop_database("wild")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses of hours and minutes in parts of seconds."""
    for name, value in (
        ("RECONNECT_LAST", 0.05),
        ("LOOK_AGAIN", timedelta(seconds=0.3)),
        ("SUCCESS_EVERY", timedelta(seconds=0.1)),
    ):
        monkeypatch.setattr(room_of_readers, name, value)
    for name in ("TIDIED_FIRST", "TIDIED_LAST"):
        monkeypatch.setattr(tidying_room, name, timedelta(seconds=1))


@dataclass
class Box:
    """One mailbox with its server, and what its log says."""

    room: Mailroom
    server: WildImap
    mailbox: Mailbox

    async def log(self) -> dict[int, InboundMail]:
        async with self.room.database.read() as session:
            wanted = select(InboundMail).where(InboundMail.mailbox_id == self.mailbox.id).order_by(InboundMail.id)
            return {entry.uid: entry for entry in await session.scalars(wanted)}

    async def taken_in(self) -> list[bytes]:
        """The bytes of all that became a case, once a case; or that are held for saying nothing."""
        async with self.room.database.read() as session:
            rows = await session.scalars(
                select(InboundMail.raw_sha256).where(
                    InboundMail.mailbox_id == self.mailbox.id,
                    or_(InboundMail.case_id.is_not(None), InboundMail.reason == HoldReason.BLANK),
                    InboundMail.verdict != MailVerdict.DUPLICATE,
                )
            )
            return [await self.room.files.get(sha256) for sha256 in rows]

    async def status(self) -> MailboxStatus:
        async with self.room.database.read() as session:
            return await mailbox_status(session, self.mailbox.slug, datetime.now(UTC))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        """By a reader whose pauses are short."""
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.6))
        intake = self.room.intake(
            connect=partial(connect, silence=SILENCE, patience=4 * SILENCE), asked_first=timedelta(seconds=0.5)
        )
        job = MailboxJob(mailbox_id=self.mailbox.id, slug=self.mailbox.slug)
        task = asyncio.create_task(environment.run(intake.watch_mailbox, job))
        try:
            yield
        finally:
            environment.worker_shutdown()
            with suppress(ApplicationError):
                await asyncio.wait_for(task, 20)


_boxes = iter(range(1, 10_000))


async def opened(room: Mailroom, server: WildImap, imap: Mapping[str, Any]) -> Box:
    number = next(_boxes)
    address = f"box{number}@house.example"
    settings = {"host": "127.0.0.1", "tls": "none", "user": address, "port": server.port, **imap}
    mailbox = Mailbox(
        id=new_id(),
        slug=f"box-{number}",
        address=address,
        display_name="Box",
        queue=QUEUE,
        settings={"imap": settings, "smtp": settings},
        secret=room.keyring.encrypt(PASSWORD),
    )
    await room.add(mailbox)
    return Box(room, server, mailbox)


async def plays(room: Mailroom, name: str) -> None:
    given, number = SERVERS[name], list(SERVERS).index(name)
    async with WildImap(given.wild, **given.options) as server:
        box = await opened(room, server, given.imap)

        def mail(uid: int) -> bytes:
            return given.texts.get(uid) or letter(from_=f"uid{uid}@customer{number}.example")

        sent = {uid: mail(uid) for uid in given.uids}
        for uid, raw in sent.items():
            server.deliver(uid, raw)
        others = [] if given.waits else [uid for uid in sent if not given.holds or uid != VICTIM]

        async def taken() -> bool:
            there = await box.taken_in()
            return all(sent[uid] in there for uid in others)

        async def is_told() -> bool:
            return given.told is None or given.told(await box.status())

        async def is_held() -> bool:
            held = [entry for entry in (await box.log()).values() if entry.verdict == MailVerdict.HELD]
            return not given.holds or any(given.holds in str(entry.explanation) for entry in held)

        async with box.read():
            await until(taken)
            await until(is_told)
            await until(is_held)
            sent[given.later] = mail(given.later)
            server.deliver(given.later, sent[given.later])
            if not given.waits:
                others.append(given.later)
                await until(taken)
            if given.settled and given.holds:
                return
            if not given.settled:
                server.uidvalidity = min(server.uidvalidity, 7)
                server.tame()
            others = list(sent)
            await until(taken)
            if given.done is not None:
                await until(lambda: given.done is None or given.done(server))

            async def all_there() -> bool:
                there = await box.taken_in()
                listed = [
                    *server.inbox.messages.values(),
                    *(raw for other in server.others.values() for raw in other.messages.values()),
                ]
                return all(raw in there for raw in listed)

            await until(all_there)

            async def all_well() -> bool:
                status = await box.status()
                return given.blank or (status.quarantined == 0 and (given.settled or status.last_error is None))

            await until(all_well)
        there = await box.taken_in()
        assert len(there) == len(set(there))
        assert set(there) >= set(sent.values())


@pytest.mark.parametrize("name", SERVERS)
async def test_all_other_mail_is_taken_in_and_nothing_is_lost(on_sqlite: Mailroom, name: str) -> None:
    await plays(on_sqlite, name)


@pytest.mark.parametrize("name", STORED)
async def test_what_it_says_is_stored_on_postgresql_too(on_postgres: Mailroom, name: str) -> None:
    await plays(on_postgres, name)


@pytest.mark.parametrize("how", ["BYE", "BYE and the connection stays open", "no word", "another tag"])
async def test_a_connection_that_worked_is_renewed_at_once_and_without_a_word(
    on_sqlite: Mailroom, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take a quarter of an hour, if it were a failure."""
    monkeypatch.setattr(room_of_readers, "RECONNECT_FIRST", 1000.0)
    monkeypatch.setattr(room_of_readers, "RECONNECT_LAST", 1000.0)
    ending = {
        "BYE": first(1, b"+ idling\r\n* BYE you are idle\r\n", ends=True),
        "BYE and the connection stays open": first(1, b"+ idling\r\n* bye you are idle\r\n"),
        "no word": first(1, b"+ idling\r\n", ends=True),
        "another tag": first(1, b"XYZ1 OK something else\r\n"),
    }
    async with WildImap({"IDLE": ending[how]}) as server:
        box = await opened(on_sqlite, server, {})
        async with box.read():
            await until(lambda: server.connections == 2)
            raw = letter(from_=f"renewed@{how[:3].strip()}{len(how)}.example")
            server.deliver(1, raw)

            async def taken() -> bool:
                return await box.taken_in() == [raw]

            await until(taken)
            assert (await box.status()).last_error is None


@pytest.mark.parametrize("after", ["leave", "flag", "move"])
async def test_what_was_missed_is_found_whatever_becomes_of_mail_on_the_server(on_sqlite: Mailroom, after: str) -> None:
    async with WildImap() as server:
        box = await opened(on_sqlite, server, {"after": after})
        sent = [letter(from_=f"missed{uid}@{after}.example") for uid in (7, 3)]
        server.deliver(7, sent[0])

        def all_of(expected: list[bytes]) -> Callable[[], Any]:
            async def taken() -> bool:
                return await box.taken_in() == expected

            return taken

        async with box.read():
            await until(all_of(sent[:1]))
            server.deliver(3, sent[1])
            await until(all_of(sent))
        assert await box.taken_in() == sent
