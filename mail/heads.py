"""The beginning of a mail made fit for the stdlib, and a policy under which no header takes it long.

The stdlib's modern policies are not used on hostile mail: one Subject of 420 kB of encoded words takes them 3 GB, and
nesting, odd addresses and charsets raise from every accessor. The old one (compat32) leaves headers as text; here each
is cut before it is looked at.
"""

import re
from dataclasses import dataclass
from email.policy import Compat32

from mail.lost_folds import gap_before, takes_any
from mail.mime_headers import mended

MOST_HEADERS = 500
LARGEST_HEADER = 8 * 1024
"""Bytes, as of the 500 headers that are read."""
LARGEST_CONTENT_HEADER = 2 * 1024
"""Of Content-Type and its like: finding their parameters takes the stdlib time in the square of the length."""

HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")
LINE = re.compile(rb"[^\n]*\n")
FOLDED = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*")
INDENTED = re.compile(rb"([ \t]{1,40})([!-9;-~]{1,78})[ \t]*:")
TWICE_ENDED = b"\r\r\n"
"""A line whose end was made of LF twice: a header that ends so tells it of all."""
MBOX_LINE = re.compile(rb">?From [^\n]*\n")
PARAMETER_LINE = re.compile(rb"[a-z][a-z*\d-]{1,30}\s*=[^\n]*\n", re.IGNORECASE)
SPACED_COLON = re.compile(rb"^([!-9;-~]{1,78})[ \t]{1,9}:", re.MULTILINE)
BLANK_LINE = re.compile(rb"\n\r?\n")
UTF_8_MARK = b"\xef\xbb\xbf"

SAYING = frozenset(
    (b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"sender", b"reply-to", b"in-reply-to", b"references",
     b"mime-version", b"content-type", b"content-transfer-encoding", b"content-disposition")
)  # fmt: skip
"""Headers that say something of the mail, and not of its way."""
OF_THE_WAY = frozenset(
    (b"received", b"return-path", b"delivered-to", b"envelope-to", b"dkim-signature", b"authentication-results",
     b"received-spf", b"list-id", b"list-unsubscribe", b"thread-topic", b"thread-index", b"importance", b"bcc",
     b"content-id", b"content-description", b"content-location", b"content-language", b"user-agent")
)  # fmt: skip
LARGEST_INDENTED = 64 * 1024
"""Bytes of a head that may be indented as a whole."""
MOST_STRANGE_LINES = 20
"""Lines among headers, or before them, that are none and are passed over."""


class Cut(Compat32):
    """No header of any part is longer than it may be, and all are written as they were read: folding takes the stdlib
    time in the square of the length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        value = value[: largest(name)]
        better = mended(name.lower(), value)
        return name, value if better == value else Mended(better, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        lines = (value.original if isinstance(value, Mended) else value).replace("\r\n", "\n")
        return f"{name}: {lines}\n".encode("ascii", "surrogateescape")


class Mended(str):
    """A header's value as it is read; `original` as it is written, where the mail is a file within another."""

    __slots__ = ("original",)
    original: str

    def __new__(cls, value: str, original: str) -> "Mended":
        made = super().__new__(cls, value)
        made.original = original
        return made


def largest(name: str) -> int:
    """Bytes of a header's value that are read."""
    return LARGEST_CONTENT_HEADER if name.lower().startswith("content-") else LARGEST_HEADER


@dataclass(frozen=True, slots=True)
class Begun:
    """A mail that the stdlib can read; `cut`: headers were left out; `strange`: lines were that are no headers."""

    raw: bytes
    cut: bool
    strange: bool


def begun(raw: bytes, *, part: bool = False) -> Begun:
    """The mail, or part of one, with a beginning that the stdlib can read.

    Of a million headers it would make a million objects, "Subject : x" (RFC 5322 4.5) it takes for the body, and a line
    that is no header, such as a proxy's note, ends the headers for it. Such a line is passed over if headers follow
    before the next blank line; so are blank lines, as long as nothing was said that tells of the mail itself.
    """
    raw = raw.lstrip(b"\0")
    blank = BLANK_LINE.search(raw)
    if raw.find(TWICE_ENDED, 0, blank.start() if blank else len(raw)) >= 0:
        raw = raw.replace(TWICE_ENDED, b"\r\n")
    position = len(UTF_8_MARK) if raw.startswith(UTF_8_MARK) else 0
    outdented = _outdented(raw, position, part=part)
    raw = outdented or raw
    kept: list[bytes] = []
    said: set[bytes] = set()
    strange = unmarked = outdented is not None
    while len(kept) < MOST_HEADERS:
        header = HEADER.match(raw, position)
        if header is not None:
            kept.append(header[0])
            said.add(header[1].lower())
            position = header.end()
            continue
        if (mark := MBOX_LINE.match(raw, position)) is not None:
            known = position == 0 and mark[0].startswith(b"From ")  # the stdlib knows it in the first line alone
            kept += [mark[0]] if known else []
            position, unmarked = mark.end(), unmarked or not known
            continue
        line = LINE.match(raw, position)
        if line is not None and kept and PARAMETER_LINE.fullmatch(line[0]) and kept[-1].lower().startswith(b"content-"):
            if len(kept[-1]) < LARGEST_HEADER:  # of which no more is read
                kept[-1] += b" " + line[0]  # folded, but for the space that folding needs
            position, unmarked = line.end(), True
            continue
        gap = gap_before(kept[-1], line[0]) if line is not None and kept else None
        folds = FOLDED.match(raw, position) if gap is not None else None
        # Of what may be any words, a header behind it tells that it is not where the text begins.
        if folds and (not takes_any(kept[-1]) or _headers_ahead(raw, folds.end(), said, part=part) is not None):
            if len(kept[-1]) < LARGEST_HEADER:
                kept[-1] = kept[-1].rstrip() + (gap or b"") + folds[0]
            position, strange, unmarked = folds.end(), True, True
            continue
        on = _headers_ahead(raw, position, said, part=part)
        if on is None:
            break
        strange = strange or bool(raw[position:on].strip())
        position, unmarked = on, True
    rest, cut = position, len(kept) == MOST_HEADERS and HEADER.match(raw, position) is not None
    if cut:
        end = BLANK_LINE.search(raw, position)
        rest = end.start() + 1 if end else len(raw)
    if not kept and raw[rest : rest + 1] in (b" ", b"\t"):
        # Where no header stands, the stdlib takes the first line for a folded one, and drops it.
        return Begun(b"\n" + raw[rest:], cut, strange)
    head = SPACED_COLON.sub(rb"\1:", b"".join(kept))
    if len(head) == rest and not unmarked:
        return Begun(raw, cut=False, strange=False)
    return Begun(head + raw[rest:], cut, strange)


def _outdented(raw: bytes, position: int, *, part: bool) -> bytes | None:
    """The mail whose head is indented, or its first line alone, without that. The stdlib takes such a line for the rest of a
    header that stands before it, where nothing stands."""
    found = INDENTED.match(raw, position)
    if found is None:
        return None
    blank = BLANK_LINE.search(raw, position, position + LARGEST_INDENTED)
    end = blank.start() + 1 if blank else position
    lines = raw[position:end].splitlines(keepends=True)
    indent = found[1]
    if lines and all(line.startswith(indent) for line in lines):
        better = b"".join(line[len(indent) :] for line in lines) + raw[end:]
    else:
        better = raw[position + len(indent) :]
    told = part and found[2].lower().startswith(b"content-")
    return raw[:position] + better if told or _told(better, 0) else None


def _headers_ahead(raw: bytes, position: int, said: set[bytes], *, part: bool) -> int | None:
    """Where the next header begins behind strange or blank lines; None if the body begins here."""
    heard = part or bool(said & SAYING)
    for _ in range(MOST_STRANGE_LINES):
        line = LINE.match(raw, position)
        if line is None:
            return None
        header = HEADER.match(raw, position)
        name = header[1].lower() if header else b""
        if header is not None and (name in SAYING or name in OF_THE_WAY or name.startswith(b"x-")):
            # A body may begin without a blank line, and with a mail that it quotes: what has been said is not said again.
            return None if name in said & SAYING or not (heard or _told(raw, position)) else position
        if not line[0].strip() and heard:
            return None
        position = line.end()
    return None


def _told(raw: bytes, position: int) -> bool:
    """Whether what stands here is a mail's head, and not a line of text that looks like a header: From, and another. Where
    lines stand in it that are none, as those of headers that were folded and have lost their blanks: one more that nobody
    writes."""
    names: set[bytes] = set()
    strange = 0
    for _ in range(MOST_HEADERS):
        header = HEADER.match(raw, position)
        line = header or LINE.match(raw, position)
        if line is None or strange == MOST_STRANGE_LINES or not line[0].strip():
            break
        if header is not None:
            names.add(header[1].lower())
        strange += header is None
        position = line.end()
    if strange and names.isdisjoint((b"message-id", b"mime-version", b"content-type")):
        return False
    return len(names & SAYING) >= (3 if strange else 2) and not names.isdisjoint(
        (b"from", b"message-id", b"mime-version")
    )
