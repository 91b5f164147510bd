"""The parts of a multipart that its boundary hides from the stdlib: those behind its end, and those of a multipart within it
that has the same boundary."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageDefect
from hashlib import sha256
from typing import Any

from mail.heads import Cut
from mail.parts import Mime, disposition

MOST_ENDS = 3
"""Of one multipart: each look behind one of them takes the time of what is left."""
MOST_CHILDREN = 1000
"""Of a multipart that is looked at: a mail of more is not read."""


def put_together(part: Mime, children: list[Mime]) -> None:
    """Gives a multipart the parts that stand behind its end, and to a multipart within it, whose boundary is the same, the
    parts that are meant to be in it.

    Who nests parts without making up a new boundary ends the inner one first: the stdlib takes that end for the outer one's,
    and leaves out what follows, which is the files. RFC 2046 5.1.1 has what stands behind the end ignored; where it has
    headers of parts below the boundary itself, it was not meant to be.
    """
    boundary = part.get_boundary()
    if not boundary or len(children) > MOST_CHILDREN:
        return
    groups = [children, *_behind(part.epilogue, boundary)]
    if len(groups) == 1 and not any(_of_the_same(child, boundary) for child in children):
        return
    part.defects.append(MessageDefect("parts behind the end, or two multiparts with one boundary"))
    part.epilogue = None
    open_ones = [(part, _emptied(part))]
    for group in groups:
        for child in group:
            if len(groups) == 1 and len(open_ones) > 1 and _is_file_beside(open_ones[-1][0], child):
                open_ones.pop()  # the inner one has no end of its own
            open_ones[-1][1].append(child)
            if _of_the_same(child, boundary):
                open_ones.append((child, _emptied(child)))
        if len(open_ones) > 1:
            open_ones.pop()


def _emptied(part: Mime) -> list[Any]:
    """The list that is its payload from now on."""
    held: list[Any] = []
    part.set_payload(held)
    return held


def _of_the_same(child: Mime, boundary: str) -> bool:
    payload: Any = child.get_payload()
    bare = not payload or (isinstance(payload, str) and not payload.strip())
    return bare and child.get_content_maintype() == "multipart" and child.get_boundary() == boundary


def _is_file_beside(holder: Mime, child: Mime) -> bool:
    """Whether this is no way to say what an alternative says, but a file."""
    if holder.get_content_subtype() != "alternative":
        return False
    return child.get_content_maintype() not in ("text", "multipart") or disposition(child) == "attachment"


def _behind(epilogue: str | None, boundary: str) -> Iterator[list[Mime]]:
    """The parts between the ends of a multipart, from the first end on."""
    line = re.compile(
        rb"^--%b[ \t]*+\r?\n(?=content-[a-z-]{2,40}[ \t]{0,9}:)"
        % re.escape(boundary.encode("utf-8", "surrogateescape")),
        re.IGNORECASE | re.MULTILINE,
    )
    quoted = re.sub(r'(["\\])', r"\\\1", boundary).encode("utf-8", "surrogateescape")
    for _ in range(MOST_ENDS):
        data = epilogue.encode("utf-8", "surrogateescape") if epilogue else b""
        if line.search(data) is None:
            return
        head = b'Content-Type: multipart/mixed; boundary="' + quoted + b'"\n\n'
        again: Any = message_from_bytes(head + data, policy=Cut())
        if not again.is_multipart():
            return
        yield again.get_payload()
        epilogue = again.epilogue


def in_ascii(data: bytes, boundary: bytes) -> tuple[bytes, bytes]:
    """A multipart's content and its boundary, which the stdlib sees only if it is ASCII; another one where it is not."""
    if boundary.isascii():
        return data, boundary
    plain = b"=_" + sha256(boundary).hexdigest()[:32].encode()
    lines = re.compile(rb"^--" + re.escape(boundary) + rb"(?=(?:--)?[ \t]{0,9}\r?$)", re.MULTILINE)
    return lines.sub(b"--" + plain, data), plain
