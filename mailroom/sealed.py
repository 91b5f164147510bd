"""A mail that cannot be read, as one that can: its header as far as it goes, and the mail itself as a file.

Nothing that came is beyond an operator's reach: what no parser reads, a person may.
"""

from __future__ import annotations

import hashlib
import re

from mail.message import MailAttachment, ParsedMail, UnreadableMail
from mail.parse import content_hash, parse
from mailroom.arrival import Arrived, HeldUnread, Incoming

LARGEST_HEADER = 256 * 1024
"""Bytes of the beginning in which the header is looked for."""
HEADER_ENDS = re.compile(rb"\r?\n\r?\n")
CONTENT = re.compile(rb"(?im)^(?:content-[^:\n]*|mime-version):[^\n]*(?:\n[ \t][^\n]*)*\n?")
"""What speaks of the body, which is not looked at."""


def sealed(
    uid: int, raw: bytes | None, sha256: str, size: int, begin: bytes, why: HeldUnread, own_addresses: frozenset[str]
) -> Arrived:
    """`raw`: None for a mail of `size` bytes of which only the beginning could be had. `why` it is not read."""
    found = _header(begin, own_addresses)
    reason = f"{why.reason}: {why.explanation}"
    if raw is None:
        text = f"This mail could not be fetched ({reason}). It lies on the mail server alone, under the UID {uid}."
        files: tuple[MailAttachment, ...] = ()
    else:
        text = f"This mail could not be read ({reason}). It is attached as it came."
        kind, length = "message/rfc822", len(raw)
        files = (MailAttachment(filename="mail.eml", content_type=kind, size=length, sha256=sha256, content=raw),)
    parsed = found.model_copy(update={"text": text, "html": None, "attachments": files})
    # By its bytes, not by the words about it, which may be others the next time.
    known = hashlib.sha256(raw).hexdigest() if raw is not None else content_hash(parsed)
    return Arrived(uid, sha256, size, mail=Incoming(parsed, known, reasons=parsed.automatic_reasons))


def _header(begin: bytes, own_addresses: frozenset[str]) -> ParsedMail:
    begin = begin[:LARGEST_HEADER]
    end = HEADER_ENDS.search(begin)
    header = CONTENT.sub(b"", begin[: end.start() if end else len(begin)] + b"\n")
    try:
        return parse(header + b"\n", own_addresses)
    except UnreadableMail:
        return ParsedMail()
