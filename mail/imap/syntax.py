"""IMAP's words (RFC 3501 9): names and flags as they are sent, and what can be read out of an answer's lines."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from aioimaplib.aioimaplib import quoted

# Words of IMAP may be written in small letters (RFC 3501 9).
NEWS = re.compile(rb"(?i)\d+ +(EXISTS|RECENT|EXPUNGE|FETCH)\b")
ITEM = re.compile(rb"(?i)(?:\* +)?\d+ +FETCH *\(")
UID = re.compile(rb"(?i)\bUID (\d+)\b")
BODY = re.compile(rb'(?i)\bBODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"')
"""A body as a quoted string, which may be had of one that is short."""
VALUE = rb'(?:\d+|NIL|"(?:[^"\\]|\\.)*"|\((?:[^()]|\([^()]*\))*\))'
REST = re.compile(rb"(?i)(?: +[A-Z][A-Z0-9.-]* +" + VALUE + rb")* *\)\s*")
"""What may follow a message within its `FETCH`: other items, and the end."""
MOST = 2**63 - 1
"""What a number has at most (RFC 9051 9, `number64`). UIDs should have 32 bits, and some servers give them more."""
LONGEST_REASON = 300
"""Characters of what a server says that are kept."""


class Item(NamedTuple):
    """One `FETCH` of an answer. `body`: the message, where one was sent."""

    text: bytes
    body: bytes | None = None


def tells_news(lines: Iterable[bytes]) -> bool:
    """Whether a push is about the folder. "OK Still here" is not; a server says it every two minutes."""
    return any(NEWS.match(line) for line in lines)


def fetched_items(lines: Sequence[bytes | bytearray]) -> list[Item]:
    """Each `FETCH` among the lines."""
    texts: list[list[bytes]] = []
    bodies: list[bytes | None] = []
    for line in lines:
        if isinstance(line, bytearray):  # the library's mark of a literal
            if bodies:
                bodies[-1] = bytes(line)
        elif ITEM.match(line):
            found = BODY.search(line)
            bodies.append(re.sub(rb"\\(.)", rb"\1", found[1]) if found else None)
            # Without the body, in which a stranger may have written whatever a server says.
            texts.append([line[: found.start()], line[found.end() :]] if found else [line])
        elif texts:
            texts[-1].append(line)
    return [Item(b" ".join(text), body) for text, body in zip(texts, bodies, strict=True)]


def challenge(lines: Sequence[bytes | bytearray]) -> str:
    """What a server says of a refused XOAUTH2: `+ ` and JSON in base64, such as {"status":"400"}."""
    for line in lines:
        if line.startswith(b"+ ") and len(line) > len(b"+ "):
            with suppress(ValueError):
                return b64decode(line[2:], validate=True).decode("utf-8", "replace") + " "
    return ""


def words(text: bytes | bytearray) -> str:
    """What a server says to people (RFC 3501 7.1), fit to be shown and stored: in one line, and not without end."""
    said = bytes(text[: 4 * LONGEST_REASON]).decode("utf-8", "replace")
    return "".join(each if each.isprintable() else " " for each in said)[:LONGEST_REASON]


def number(pattern: bytes | re.Pattern[bytes], text: bytes) -> int | None:
    """The first group of `pattern` in `text`, in any letter case; None where there is none, or one beyond `MOST`."""
    match = re.search(pattern, text) if isinstance(pattern, re.Pattern) else re.search(pattern, text, re.IGNORECASE)
    found = counted(match[1]) if match else MOST + 1
    return found if found <= MOST else None


def counted(digits: bytes) -> int:
    """The number that is written there. All that are beyond `MOST` count as the one after it."""
    return min(int(digits[:40].lstrip(b"0") or b"0"), MOST + 1) if len(digits) <= 40 else MOST + 1


def instant(text: str) -> datetime | None:
    """`date-time` of RFC 3501 9, such as ` 7-Feb-1994 21:52:25 -0800`. Nonsense of a server is no date."""
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def flag_atom(flag: str) -> str:
    """A flag or keyword is an atom (RFC 3501 9); anything else could carry a second command."""
    if not re.fullmatch(r"\\?[A-Za-z0-9$_.+-]+", flag):
        raise ValueError(f"flag {flag!r} must be letters, digits and $ _ . + - only")
    return flag


def mailbox_name(folder: str) -> str:
    """A folder name, quoted, in modified UTF-7 (RFC 3501 5.1.3)."""
    encoded = re.sub(
        r"&|[^\x20-\x7e]+",
        lambda run: "&-" if run[0] == "&" else "&" + _base64(run[0]) + "-",
        folder,
    )
    return str(quoted(encoded))


def _base64(text: str) -> str:
    return b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
