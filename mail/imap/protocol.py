"""aioimaplib's protocol object with its defects mended where they arise; no call of ours goes around it.

Each override names what it contains. The numbers are issues of aioimaplib (2.0.3).
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any

from aioimaplib.aioimaplib import AUTH, NONAUTH, Command, IMAP4ClientProtocol, IncompleteRead

from mail.imap.client import ImapError
from mail.imap.syntax import BODY, ITEM, REST, number, words

CRLF = b"\r\n"
LARGEST_LITERAL = 64 * 1024 * 1024
LONGEST_LINE = 8 * 1024 * 1024
"""Bytes. A UID SEARCH answers in one line: room for a million UIDs."""
# Words of IMAP may be written in small letters (RFC 3501 9).
GREETING = re.compile(rb"(?i)\* (OK|PREAUTH)\b")
GOODBYE = re.compile(rb"(?i)BYE\b")
ANNOUNCED = re.compile(rb"(?i)\d+ EXISTS\b")
NUMBERED = re.compile(rb"(?i)\d+ +(FETCH|EXPUNGE)\b")
TAGGED = re.compile(rb"([A-Z0-9]+) (?i:(OK|NO|BAD))\b")
STATUS = re.compile(
    rb"(?i)(?:\*|[A-Z0-9]+) (?:OK|NO|BAD|BYE|PREAUTH)\b(?: \[(?P<code>[A-Z0-9-]++) ?+(?P<more>[^\]]*+)\])?"
)
"""A line that is for people, behind its code (RFC 3501 7.1)."""
LITERAL = re.compile(rb".*\{(\d+)\+?\}")


class _Silence(logging.Filter):
    """The library logs what goes over the wire: tokens, some passwords, and mails."""

    def filter(self, record: logging.LogRecord) -> bool:
        return False


logging.getLogger("aioimaplib.aioimaplib").addFilter(_Silence())


class Protocol(IMAP4ClientProtocol):  # type: ignore[misc]  # aioimaplib ships no types
    """Adds: `lost`, done as soon as the connection is given up; `released`, set once its socket is; `heard`, the loop's
    time of the server's last byte; `more`, whether a message was announced while another command ran; `notice`, the last
    words that the server wants people to read; `uidvalidity` of the folder that is open."""

    incomplete_line: bytes
    current_command: Any

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.lost: asyncio.Future[str] = loop.create_future()
        self.released = asyncio.Event()
        self.heard = loop.time()
        self.more = False
        self.notice: str | None = None
        self.uidvalidity: int | None = None
        self.tls_tag: bytes | None = None
        """Set from STARTTLS until the connection is encrypted."""
        self._tls_answered = False

    def connection_lost(self, exc: Exception | None) -> None:
        """#110: a lost connection is reported to whoever waits, at once, on TLS too."""
        self._end(f"connection lost ({type(exc).__name__})" if exc else "connection closed by the server")
        for task in self.tasks:
            task.cancel()
        self.released.set()

    def drop(self, reason: str) -> None:
        """Ends the connection; whoever waits for `lost` gets `reason`."""
        self._end(reason)
        if self.transport is not None:
            self.transport.abort()

    def _end(self, reason: str) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)

    def data_received(self, d: bytes) -> None:
        """The library formats every chunk for a log that nobody reads, and lets parse errors, which quote commands
        with their passwords, reach asyncio's log. Here neither happens."""
        self.heard = self.loop.time()
        data = self.incomplete_line + d
        if self.tls_tag is not None and self._smuggles(data, self.tls_tag):
            return self.drop("the server sent plain text after its answer to STARTTLS")
        try:
            self._handle_responses(data, self._handle_line, self.current_command)
        except IncompleteRead as more:
            self.current_command, self.incomplete_line = more.cmd, more.data
        except ImapError as error:
            self.drop(str(error))
        except Exception as error:  # noqa: BLE001 whatever the parser trips over, the connection is lost to us
            self.drop(f"answer not understood ({type(error).__name__})")
        else:
            self.current_command, self.incomplete_line = None, b""
        if len(self.incomplete_line) > LONGEST_LINE:
            self.drop("a line without end")

    def _smuggles(self, data: bytes, tag: bytes) -> bool:
        """Whether plain text follows the answer to STARTTLS, at once or before the handshake: it would be taken for
        encrypted (CVE-2011-0411 and its kin)."""
        if self._tls_answered:
            return True
        start = data.find(tag + b" ")
        end = data.find(b"\n", start) if start >= 0 else -1
        self._tls_answered = end >= 0
        return end >= 0 and end + 1 < len(data)

    def _handle_responses(
        self, data: bytes, line_handler: Callable[[bytes, Any], Any], current_cmd: Any = None
    ) -> None:
        """#118: the library recurses once per line and dies of some thousand lines in one chunk. A loop does not.

        Lines may end without CR: some servers write them so, and nothing else would be an end of them.
        """
        command, at = current_cmd, 0
        while at < len(data):
            if command is not None and command.wait_literal_data():
                wanted = command._expected_size - len(command._resp_literal_data)
                command.append_literal_data(data[at : at + wanted])
                at += wanted
                if command.wait_literal_data():
                    raise IncompleteRead(command)
            end = data.find(b"\n", at)
            if end < 0:
                raise IncompleteRead(command, data[at:])
            line, at = data[at:end].removesuffix(b"\r"), end + 1
            handled = line_handler(line, command)
            command = None
            # What is said to people may end with anything.
            literal = None if STATUS.match(line) else LITERAL.fullmatch(line)
            if literal:
                size = int(literal[1])
                if size > LARGEST_LITERAL:
                    raise ImapError(f"the server sends {size} bytes at once, more than the {LARGEST_LITERAL} allowed")
                command = handled if handled is not None else Command("NIL", "unused", loop=self.loop)
                command.begin_literal_data(size)
            elif handled is not None and handled.wait_data():
                command = handled
        if self.pending_sync_command is not None:
            self.pending_sync_command.flush()
        if command is not None and command.wait_data():
            raise IncompleteRead(command)

    def _handle_line(self, line: bytes, current_cmd: Any) -> Any:
        """The library takes no notice of codes, and knows the words of an answer in capitals alone."""
        if isinstance(current_cmd, FetchItems):
            current_cmd.goes_on(line)
        if status := STATUS.match(line):
            self._note(status, line)
        if tagged := TAGGED.match(line):
            line = tagged[1] + b" " + tagged[2].upper() + line[tagged.end() :]
        return super()._handle_line(line, current_cmd)

    def _note(self, status: re.Match[bytes], line: bytes) -> None:
        match (status["code"] or b"").upper():
            case b"ALERT":
                self.notice = words(line[status.end() :].strip())
            case b"CAPABILITY":
                self.capabilities = _names(status["more"])
            case b"UIDVALIDITY" if self.uidvalidity is not None:
                if number(rb"(\d+)", status["more"]) != self.uidvalidity:
                    self.drop("the server numbers its mail anew")

    async def capability(self) -> None:
        """A server may tell its capabilities after the login alone, or not at all: then it has none."""
        response = await self.execute(Command("CAPABILITY", self.new_tag(), loop=self.loop))
        if response.result == "OK" and len(response.lines) > 1:
            self.capabilities = _names(b" ".join(response.lines[:-1]))

    def _untagged_response(self, line: bytes) -> Any:
        """The library removes every "* " from a line: it ate the wildcard of PERMANENTFLAGS, and text of subjects.

        And it takes no notice of BYE.
        """
        text = line[2:]
        if GOODBYE.match(text) and getattr(self.pending_sync_command, "name", "") != "LOGOUT":
            # Some keep the connection open all the same, and never say another word on it.
            self.drop(f"the server said {words(text)}")
            return None
        self.more = self.more or ANNOUNCED.match(text) is not None
        command = self.pending_sync_command
        if command is None:
            numbered = NUMBERED.match(text)
            name, _, rest = text.partition(b" ")
            key = (numbered[1] if numbered else name).decode("ascii", "replace").upper()
            command = self.pending_async_commands.get(key)
            if command is not None and not numbered:
                text = rest
            # Any server may say anything at any time; NOOP is where the library collects it.
            command = command or self.pending_async_commands.get("NOOP")
        if command is not None:
            command.append_to_resp(text)
        return command

    def send(self, line: str, scrub: str | None = None) -> None:
        """Nothing is logged: `scrub` misses a password with a quote or a backslash in it, and every XOAUTH2 token."""
        self.transport.write(line.encode() + CRLF)

    async def welcome(self, command: bytes) -> None:
        """A greeting of BYE, raised in a task that nobody awaits, left the caller waiting for its timeout.

        And the library looks for its words anywhere in the line: "PREAUTH" in a sentence spared it the login.
        """
        greeting = GREETING.match(command)
        if greeting is None:
            return self.drop(f"the server said {words(command)}")
        try:
            async with self.state_condition:
                self.state = AUTH if greeting[1].upper() == b"PREAUTH" else NONAUTH
                await self.capability()
                self.state_condition.notify_all()
        except Exception as error:  # noqa: BLE001 the task has no other reader
            self.drop(f"refused at the greeting ({type(error).__name__})")


def _names(told: bytes) -> set[str]:
    return set(told.decode("ascii", "replace").upper().split()) - {"CAPABILITY"}


class FetchItems(Command):  # type: ignore[misc]  # aioimaplib ships no types
    """UID FETCH. The library's own looks at all lines anew with each of them, for brackets that are still open, and
    takes for the whole message what a server gives a wrong length of."""

    def __init__(self, protocol: Protocol, uid_set: str, parts: str) -> None:
        super().__init__("FETCH", protocol.new_tag(), uid_set, parts, prefix="UID", loop=protocol.loop)
        self._brackets, self._ends_message = 0, False

    def append_to_resp(self, line: bytes, result: str = "Pending") -> None:
        super().append_to_resp(line, result)
        self._ends_message = isinstance(line, bytearray)  # the library's mark of a literal
        if not self._ends_message:
            before = 0 if ITEM.match(line) else self._brackets
            bare = BODY.sub(b"", line)
            self._brackets = before + bare.count(b"(") - bare.count(b")")

    def wait_data(self) -> bool:
        return self._brackets > 0

    def goes_on(self, line: bytes) -> None:
        """Raises ImapError if a message has more bytes than the server has announced: nothing after them can be read."""
        if self._ends_message and not REST.fullmatch(line):
            raise ImapError("a message does not end where the server says")
        self._ends_message = False


class SaslCommand(Command):  # type: ignore[misc]  # aioimaplib ships no types
    """AUTHENTICATE, which the library has for XOAUTH2 alone. The response is sent at once or when the server asks."""

    def __init__(self, protocol: Protocol, mechanism: str, response: bytes, *, at_once: bool) -> None:
        given = [mechanism, response.decode()] if at_once else [mechanism]
        super().__init__("AUTHENTICATE", protocol.new_tag(), *given, loop=protocol.loop)
        self._protocol, self._responses = protocol, [] if at_once else [response]

    def append_to_resp(self, line: bytes, result: str = "Pending") -> None:
        super().append_to_resp(line, result)
        if line.startswith(b"+") and result == "Pending":
            # A question too many is the server's error in base64 (XOAUTH2): an empty line asks for its verdict.
            self._protocol.transport.write((self._responses.pop() if self._responses else b"") + CRLF)
