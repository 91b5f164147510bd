"""The beginning of a mail made fit for the stdlib, and a policy under which no header takes it long.

The stdlib's modern policies are not used on hostile mail: one Subject of 420 kB of encoded words takes them 3 GB, and
nesting, odd addresses and charsets raise from every accessor. The old one (compat32) leaves headers as text; here each
is cut before it is looked at.
"""

import re
from email.policy import Compat32

MOST_HEADERS = 500
LARGEST_HEADER = 8 * 1024
"""Bytes, as of the 500 headers that are read."""
LARGEST_CONTENT_HEADER = 2 * 1024
"""Of Content-Type and its like: finding their parameters takes the stdlib time in the square of the length."""

HEADER = re.compile(rb"(?:[!-9;-~]+[ \t]*:|>?From )[^\n]*\n(?:[ \t][^\n]*\n)*")
SPACED_COLON = re.compile(rb"^([!-9;-~]{1,78})[ \t]{1,9}:", re.MULTILINE)
BLANK_LINE = re.compile(rb"\n\r?\n")


class Cut(Compat32):
    """No header of any part is longer than it may be, and all are written as they were read: folding takes the stdlib
    time in the square of the length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: largest(name)]

    def fold_binary(self, name: str, value: str) -> bytes:
        lines = value.replace("\r\n", "\n")
        return f"{name}: {lines}\n".encode("ascii", "surrogateescape")


def largest(name: str) -> int:
    """Bytes of a header's value that are read."""
    return LARGEST_CONTENT_HEADER if name.lower().startswith("content-") else LARGEST_HEADER


def begun(raw: bytes) -> tuple[bytes, bool]:
    """The mail with a beginning that the stdlib can read, and whether headers were left out.

    Of a million headers it would make a million objects, and "Subject : x" (RFC 5322 4.5) it takes for the body.
    """
    end = 0
    for _ in range(MOST_HEADERS):
        header = HEADER.match(raw, end)
        if header is None:
            break
        end = header.end()
    rest, cut = end, HEADER.match(raw, end) is not None
    if cut:
        blank = BLANK_LINE.search(raw, end)
        rest = blank.start() + 1 if blank else len(raw)
    healed = SPACED_COLON.sub(rb"\1:", raw[:end])
    return (raw if len(healed) == rest else healed + raw[rest:]), cut
