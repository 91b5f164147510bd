"""A part whose structure the stdlib did not see, read again: its encoding, its headers or its boundary stood in the way."""

import re
from email import message_from_bytes
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from itertools import islice
from typing import Any

from mail.boundaries import in_ascii, put_together
from mail.heads import Cut, begun
from mail.parts import PLAIN_ENCODINGS, Mime, as_sent, decoded, transfer_encoding, written

BOUNDARY = re.compile(
    rb"^--(\S[^\r\n]{0,200}?)(?<![ \t])[ \t]*+\r?\n(?=content-[a-z-]{2,40}[ \t]{0,9}:)", re.IGNORECASE | re.MULTILINE
)
"""What must be a boundary, whatever the header says: below it stands what is said of a part."""
NAMED_BOUNDARY = re.compile(r"""boundary\s{0,9}=\s{0,9}["']?([^"';\r\n]{1,200})""", re.IGNORECASE)
MOST_TYPES = 5
"""Content-Types of one part that are looked at."""
ESCAPE = re.compile(rb"=(?:[0-9A-Fa-f]{2}|[ \t]{0,9}\r?\n)")
STRAY = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]{0,9}\r?\n)")
PREAMBLE = re.compile(
    rb"\s*(?:this is an? (?:multi-?part|mime|cryptographically)|this message is in mime|"
    rb"dies ist eine (?:mehrteilige|multi)|ce message est au format mime|este es un mensaje)"
    rb"[^\r\n]{0,200}(?:\r?\n[^\r\n-][^\r\n]{0,200}){0,4}\r?\n\s*",
    re.IGNORECASE,
)
"""What programs write before the first part, for readers that know no MIME."""
TYPE = re.compile(rb"^content-type[ \t]{0,9}:\s{0,9}([\w-]+/[\w.+-]+)", re.IGNORECASE | re.MULTILINE)
OUTER = ("content-type", "content-transfer-encoding")


def opened(part: Mime) -> Mime:
    """The part itself, or what it is when it is read rightly: its encoded parts (which RFC 2045 6.4 forbids), its headers
    behind a line that is none, its parts between boundaries that the header spells otherwise."""
    payload: Any = part.get_payload()
    if not isinstance(payload, str):
        if part.get_content_maintype() == "multipart":
            put_together(part, payload)
            payload = part.get_payload()
        return _quoted_around_its_parts(part, payload)
    data = as_sent(part)
    if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in part.defects):
        again = _again(_head(part) + data, part=True)
        rest: Any = again.get_payload()
        if not isinstance(rest, str) or len(rest) < len(payload):
            return opened(again)
    indented = [
        vars(each).get("line") for each in part.defects if isinstance(each, FirstHeaderLineIsContinuationDefect)
    ]
    if indented:
        first = "".join(str(line or "") for line in indented).encode("ascii", "surrogateescape")
        again = _again(first + _head(part) + b"\n" + data, part=True)
        if len(again) > len(part):
            return opened(again)
    encoding = transfer_encoding(part)
    kind = part.get_content_type()
    if part.get_content_maintype() != "multipart":
        told = _untold(data) if "content-type" not in part else _named_beside(part, data)
        if told is None:
            return part
        kind = told
    if encoding not in PLAIN_ENCODINGS:
        plain = decoded(data, encoding)
        if plain != data:
            return opened(_again(_head(part, without=("content-transfer-encoding",)) + b"\n" + plain))
    boundary = BOUNDARY.search(data)
    if boundary is None:
        return part
    head = f'Content-Type: {kind}; boundary="'.encode()
    data, spelt = in_ascii(data, boundary[1])
    quoted = re.sub(rb'(["\\])', rb"\\\1", spelt)
    again = _again(_head(part, without=OUTER) + head + quoted + b'"\n\n' + data)
    return again if again.is_multipart() else part


def _named_beside(part: Mime, data: bytes) -> str | None:
    """The kind of a part that says it is no multipart (`mulitpart/mixed`, `text/plain`), but names a boundary that it has, or
    does so in another Content-Type beside the first; else None."""
    boundary = BOUNDARY.search(data)
    if boundary is None:
        return None
    for value in part.get_all("content-type", [])[:MOST_TYPES]:
        named = NAMED_BOUNDARY.search(str(value))
        if named is not None and named[1].strip().encode("utf-8", "surrogateescape") == boundary[1]:
            return "multipart/alternative" if "alternative" in str(value).lower() else "multipart/mixed"
    return None


def _untold(data: bytes) -> str | None:
    """The kind of a multipart that says nowhere that it is one. It must have nothing but its parts, and their end: else it is
    a text that quotes some, and its own words would be lost."""
    # Only where the text begins: to look for it everywhere takes the square of a text of blanks.
    preamble = PREAMBLE.match(data)
    whole = data[preamble.end() if preamble else 0 :].strip()
    found = BOUNDARY.match(whole)
    if found is None or not whole.endswith(b"--" + found[1] + b"--"):
        return None
    head = re.compile(rb"^--" + re.escape(found[1]) + rb"[ \t]*\r?\n((?:[^\r\n]+\r?\n)*)", re.MULTILINE)
    kinds = [kind for part in islice(head.finditer(whole), 3) for kind in TYPE.findall(part[1])[:1]]
    same = [kind.lower() for kind in kinds] == [b"text/plain", b"text/html"]
    return "multipart/alternative" if same else "multipart/mixed"


def _quoted_around_its_parts(part: Mime, children: list[Mime]) -> Mime:
    """A multipart in quoted-printable whose boundary has no sign that is quoted: its parts are seen, but their headers and
    texts are quoted. Not so where they tell encodings of their own, and the label of the whole is idle."""
    if part.get_content_maintype() != "multipart" or transfer_encoding(part) != "quoted-printable":
        return part
    if any(transfer_encoding(child) not in PLAIN_ENCODINGS for child in children):
        return part
    _, _, body = written([part]).partition(b"\n\n")
    if STRAY.search(body) or not ESCAPE.search(body):
        return part
    again = _again(_head(part, without=("content-transfer-encoding",)) + b"\n" + decoded(body, "quoted-printable"))
    return again if again.is_multipart() else part


def _head(part: Mime, without: tuple[str, ...] = ()) -> bytes:
    policy = Cut()
    kept = ((name, value) for name, value in part.raw_items() if name.lower() not in without)
    return b"".join(policy.fold_binary(name, value) for name, value in kept)


def _again(raw: bytes, *, part: bool = False) -> Mime:
    return message_from_bytes(begun(raw, part=part).raw, policy=Cut())
