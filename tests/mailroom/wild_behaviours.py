"""What mail servers do that nobody expects, each with what comes of it meanwhile: the table of `test_wild_servers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from mail.imap.syntax import MOST
from models.messages.mailbox_status import MailboxStatus, MailboxTrouble
from tests.support.imap_server import DONE, Answer, Asked, Wild, WildImap
from tests.support.mailroom import letter

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
