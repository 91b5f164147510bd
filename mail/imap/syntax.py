"""IMAP's words (RFC 3501 9): names and flags as they are sent, and what can be read out of an answer's lines."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from aioimaplib.aioimaplib import quoted

NEWS = re.compile(rb"\d+ (EXISTS|RECENT|EXPUNGE|FETCH)\b")
ITEM = re.compile(rb"\d+ FETCH \(")
LONGEST_REASON = 300
"""Characters of what a server says that are kept."""


def tells_news(lines: Iterable[bytes]) -> bool:
    """Whether a push is about the folder. "OK Still here" is not; a server says it every two minutes."""
    return any(NEWS.match(line) for line in lines)


def fetched_items(lines: Sequence[bytes | bytearray]) -> list[tuple[bytes, bytes | None]]:
    """Each `FETCH` among the lines: its text and, where one was sent, its literal (a body)."""
    items: list[tuple[bytes, bytes | None]] = []
    for line in lines:
        if isinstance(line, bytearray):  # the library's mark of a literal
            if items:
                items[-1] = (items[-1][0], bytes(line))
        elif ITEM.match(line):
            empty = b"" if re.search(rb'BODY\[\] ""', line) else None
            items.append((line, empty))
        elif items:
            items[-1] = (items[-1][0] + b" " + line, items[-1][1])
    return items


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


def number(pattern: bytes, text: bytes) -> int | None:
    """The first group of `pattern` in `text`; None where there is none."""
    match = re.search(pattern, text)
    return int(match[1]) if match else None


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
