"""Lines of a head that are the rest of the header before them, though the blanks that say so are lost: programs fold long
headers by hand, and what passes a mail on takes the blanks away. Such a line is known by what the header still wants."""

import re

ADDRESSES = frozenset((b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc"))
IDS = frozenset((b"message-id", b"in-reply-to", b"references"))
NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
WITHIN = 8 * 1024
"""Bytes of a header that are read, and so the most of it that can want anything."""
ENDS_AN_ADDRESS = re.compile(rb"[^\s<>\"]{0,320}>")
ENDS_A_NAME = re.compile(rb"[^\"<>]{0,320}\"[^\n]{0,320}@")
NAME_AND_LOCAL_PART = re.compile(rb"[^\n:;!?>]{0,400}[^\s:;!?<>,\"]")
DOMAIN = re.compile(rb"[^\s@<>\",:;]{1,255}(?:$|[>,])")
MORE_IDS = re.compile(rb"(?:[ \t,]{0,9}<[^<>\s]{1,998}>){1,200}[ \t,]{0,9}")
WANTED = {
    b"date": re.compile(rb"[^\n]{0,9}\d"),
    b"subject": re.compile(rb"\S"),
    b"content-type": re.compile(rb"[a-z]{1,20}/[a-z]", re.IGNORECASE),
    b"content-transfer-encoding": re.compile(rb"[a-z0-9-]{3,20}\s*$", re.IGNORECASE),
    b"content-disposition": re.compile(rb"(?:inline|attachment)\b", re.IGNORECASE),
}
"""What stands in the next line, where a header has said nothing."""


def gap_before(header: bytes, line: bytes) -> bytes | None:
    """What belongs between a header and a line that goes on with it; None if it does not go on."""
    named = NAME.match(header)
    if named is None:
        return None
    name, value, rest = named[1].lower(), header[named.end() : WITHIN].strip(), line.strip()
    if name in ADDRESSES:
        if value.rfind(b"<") > value.rfind(b">"):
            return b"" if ENDS_AN_ADDRESS.match(rest) else None
        if value.count(b'"') % 2:
            return b" " if ENDS_A_NAME.match(rest) else None
        return b" " if value[-1:] in (b"", b",") and _begins_with_an_address(rest) else None
    if name in IDS:
        if value.rfind(b"<") > value.rfind(b">"):
            return b"" if ENDS_AN_ADDRESS.match(rest) else None
        return b" " if (name != b"message-id" or not value) and MORE_IDS.fullmatch(rest) else None
    wanted = WANTED.get(name)
    return b" " if not value and wanted is not None and wanted.match(rest) else None


def _begins_with_an_address(line: bytes) -> bool:
    before, at, after = line.partition(b"@")
    return bool(at) and NAME_AND_LOCAL_PART.fullmatch(before) is not None and DOMAIN.match(after) is not None


def takes_any(header: bytes) -> bool:
    """Whether a header may hold any words, so that only headers behind a line tell that it is no text."""
    named = NAME.match(header)
    return named is not None and named[1].lower() in WANTED
