"""An IMAP server of one folder, in memory, that does what a test tells it to: refuse, stall, lie, number wildly.

What a test does not say it does as RFC 3501 asks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tests.mail.servers import Listener

GREETING = b"* OK hello\r\n"
CAPABILITIES = "IMAP4rev1 IDLE MOVE UIDPLUS"
PERMANENT = "\\* \\Seen \\Flagged"
DONE = b"{tag} OK done\r\n"


@dataclass(frozen=True)
class Asked:
    """One command: `verb` in capitals ("UID FETCH"), `uids` of those that name some. `connection` counts from 1."""

    tag: str
    verb: str
    rest: str
    connection: int
    uids: tuple[int, ...] = ()

    @property
    def body(self) -> bool:
        """Whether it asks for messages, and not for their sizes or flags alone."""
        return self.verb == "UID FETCH" and "BODY" in self.rest


@dataclass(frozen=True)
class Answer:
    """Bytes with `{tag}` in them, and whether the connection ends with them. Without bytes: silence."""

    sent: bytes = b""
    ends: bool = False


Wild = Callable[["WildImap", Asked], Answer | None]
"""Answers a command in the server's place; None leaves it to the server."""


@dataclass
class Folder:
    """Messages by their UIDs, in the order in which they came."""

    messages: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)

    def add(self, uid: int, raw: bytes) -> None:
        self.messages[uid], self.flags[uid] = raw, set()

    def take(self, uid: int) -> bytes:
        del self.flags[uid]
        return self.messages.pop(uid)


class WildImap(Listener):
    """`wild`: by verb, what it answers in place of itself; "*" for every command. `greeting` may be cut short as well.

    `said`: the commands that it heard, without their tags. `news` wakes those who IDLE.
    """

    def __init__(
        self,
        wild: Mapping[str, Wild] | None = None,
        *,
        greeting: bytes = GREETING,
        capabilities: str = CAPABILITIES,
        uidvalidity: int = 7,
        permanent: str = PERMANENT,
    ) -> None:
        super().__init__(self._converse)
        self.wild = dict(wild or {})
        self.greeting, self.capabilities, self.permanent = greeting, capabilities, permanent
        self.uidvalidity = uidvalidity
        self.inbox, self.others = Folder(), dict[str, Folder]()
        self.said: list[str] = []
        self._idle: set[asyncio.StreamWriter] = set()
        self._idle_tags: dict[int, str] = {}
        self._writers: list[asyncio.StreamWriter] = []

    # ---- what a test does --------------------------------------------------------------------------------------------

    def deliver(self, uid: int, raw: bytes) -> None:
        self.inbox.add(uid, raw)
        for writer in self._idle:
            writer.write(b"* %d EXISTS\r\n" % len(self.inbox.messages))

    def tame(self) -> None:
        """From now on it answers as it should; connections that it left hanging end."""
        self.wild.clear()
        self.greeting, self.capabilities, self.permanent = GREETING, CAPABILITIES, PERMANENT
        self.hang_up()

    def hang_up(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    def fetched(self, uid: int, literal: bytes | None = None) -> bytes:
        """An answer with one message. `literal`: in place of `{size}` and the bytes."""
        raw = self.inbox.messages[uid]
        body = b"{%d}\r\n%s" % (len(raw), raw) if literal is None else literal
        return b"* %d FETCH (UID %d BODY[] %s)\r\n" % (self._number(uid), uid, body)

    def bodies(self, uids: Iterable[int]) -> bytes:
        return b"".join(self.fetched(uid) for uid in uids if uid in self.inbox.messages)

    # ---- what it does by itself --------------------------------------------------------------------------------------

    @property
    def _open(self) -> list[asyncio.StreamWriter]:
        return [writer for writer in self._writers if not writer.is_closing()]

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        connection = self.connections
        writer.write(self.greeting)
        if self.greeting.startswith(b"* BYE"):
            return
        try:
            while line := await reader.readline():
                text = line.decode().rstrip("\r\n")
                self.said.append(text.partition(" ")[2] or text)
                asked = self._asked(text, connection)
                answer = self._answer(asked, writer)
                writer.write(answer.sent.replace(b"{tag}", asked.tag.encode()))
                await writer.drain()
                if answer.ends:
                    return
        finally:
            self._idle.discard(writer)

    def _asked(self, text: str, connection: int) -> Asked:
        if text == "DONE":
            return Asked(self._idle_tags[connection], "DONE", "", connection)
        tag, _, rest = text.partition(" ")
        verb, _, rest = rest.partition(" ")
        if verb == "UID":
            more, _, rest = rest.partition(" ")
            verb = f"UID {more}"
        if verb == "IDLE":
            self._idle_tags[connection] = tag
        named = (
            rest.partition(" ")[0] if verb in ("UID FETCH", "UID STORE", "UID COPY", "UID MOVE", "UID EXPUNGE") else ""
        )
        return Asked(tag, verb, rest, connection, tuple(self._named(named)))

    def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> Answer:
        for verb in (asked.verb, "*"):
            if verb in self.wild and (answer := self.wild[verb](self, asked)) is not None:
                return answer
        match asked.verb:
            case "CAPABILITY":
                return Answer(f"* CAPABILITY {self.capabilities}\r\n".encode() + DONE)
            case "SELECT" | "EXAMINE":
                return Answer(self.selected() + DONE)
            case "STATUS":
                return Answer(f"* STATUS INBOX (UIDVALIDITY {self.uidvalidity})\r\n".encode() + DONE)
            case "UID SEARCH":
                found = " ".join(map(str, self.search(asked.rest)))
                return Answer(f"* SEARCH {found}".rstrip().encode() + b"\r\n" + DONE)
            case "UID FETCH":
                return Answer(self._fetch(asked) + DONE)
            case "UID STORE":
                for uid in asked.uids:
                    if uid in self.inbox.messages:
                        self.inbox.flags[uid] |= set(re.findall(r"[\\$]\w+", asked.rest))
            case "CREATE":
                self.others.setdefault(asked.rest.strip('"'), Folder())
            case "UID MOVE" | "UID COPY":
                return self._into(asked)
            case "UID EXPUNGE":
                for uid in asked.uids:
                    if "\\Deleted" in self.inbox.flags.get(uid, ()):
                        self.inbox.take(uid)
            case "IDLE":
                self._idle.add(writer)
                return Answer(b"+ idling\r\n")
            case "DONE":
                self._idle.discard(writer)
            case "LOGOUT":
                return Answer(b"* BYE\r\n" + DONE, ends=True)
            case _:
                pass
        return Answer(DONE)

    def selected(self, code: bytes | None = None) -> bytes:
        """What is told of the folder. `code`: in place of its UIDVALIDITY."""
        validity = b"* OK [UIDVALIDITY %d] numbers\r\n" % self.uidvalidity if code is None else code
        permanent = f"* OK [PERMANENTFLAGS ({self.permanent})] flags\r\n".encode()
        return b"* %d EXISTS\r\n" % len(self.inbox.messages) + validity + permanent

    def search(self, criteria: str) -> list[int]:
        first, _, rest = criteria.partition(" ")
        uids = list(self.inbox.messages)
        match first:
            case "UID":
                low, _, high = rest.partition(":")
                if high == "*":  # it always names the last message (RFC 3501 6.4.4)
                    return [uid for uid in uids if uid >= int(low) or uid == max(uids)]
                return [uid for uid in uids if int(low) <= uid <= int(high or low)]
            case "UNKEYWORD":
                return [uid for uid in uids if rest not in self.inbox.flags[uid]]
            case "UNFLAGGED":
                return [uid for uid in uids if "\\Flagged" not in self.inbox.flags[uid]]
            case _:
                return uids

    def _fetch(self, asked: Asked) -> bytes:
        there = [uid for uid in asked.uids if uid in self.inbox.messages]
        part = re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", asked.rest)
        if part:
            raws = {uid: self.inbox.messages[uid][: int(part[1])] for uid in there}
            answers = (
                b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (1, uid, len(raw), raw) for uid, raw in raws.items()
            )
            return b"".join(answers)
        if "BODY" in asked.rest:
            return self.bodies(there)
        return b"".join(
            b'* %d FETCH (UID %d RFC822.SIZE %d FLAGS (%s) INTERNALDATE "02-Nov-2026 10:00:00 +0000")\r\n'
            % (self._number(uid), uid, len(self.inbox.messages[uid]), " ".join(self.inbox.flags[uid]).encode())
            for uid in there
        )

    def _into(self, asked: Asked) -> Answer:
        name = asked.rest.partition(" ")[2].strip('"')
        if name not in self.others:
            return Answer(b"{tag} NO [TRYCREATE] there is no such folder\r\n")
        for uid in asked.uids:
            if uid in self.inbox.messages:
                raw = self.inbox.take(uid) if asked.verb == "UID MOVE" else self.inbox.messages[uid]
                self.others[name].add(len(self.others[name].messages) + 1, raw)
        return Answer(DONE)

    def _number(self, uid: int) -> int:
        return list(self.inbox.messages).index(uid) + 1

    def _named(self, uid_set: str) -> list[int]:
        ranges = [part.partition(":") for part in uid_set.split(",") if part]
        return [uid for first, _, last in ranges for uid in range(int(first), int(last or first) + 1)]
