"""The tree of a mail's parts, walked to its leaves: what holds a text or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from functools import partial
from typing import Any

from mail import cms, parts
from mail.heads import Cut, begun
from mail.kinds import CMS_TYPE, COMPRESSED_CMS, SIGNED_CMS, UNTOLD
from mail.located import base_of
from mail.message import UnreadableMail, UnreadableReason
from mail.parts import Mime
from mail.reopening import opened

DEEPEST = 50
MOST_PARTS = 1000
END_WITHIN = 200
"""Bytes at whose end that of a multipart may stand, misspelt."""
ARMOUR_WITHIN = 4096
"""Bytes in which PEM begins."""

Note = Callable[[str], None]
Try = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that holds content. Leaves of one `group` say the same; `alternative`: it is one of the ways to say it, and no
    file beside one of them; `wrapping`: its type, as it is kept, where it wraps
    what comes next; `base`: what addresses within it are relative to (RFC 2557 5), as the parts around it say."""

    part: Mime
    group: int
    alternative: bool
    wrapping: str | None = None
    base: str = ""


class Leaves:
    """Of one mail. `note` and `attempt` as of `mail.contents`; `charset`: of raw file names."""

    def __init__(self, note: Note, attempt: Try, charset: str | None) -> None:
        self._note, self._try, self._charset = note, attempt, charset

    def of(self, message: Mime) -> Iterator[Leaf]:
        """The parts that hold content, in order, without recursion. A mail within the mail is one leaf."""
        stack: list[tuple[Any, int, int, bool, bool, str]] = [(message, 1, 0, False, False, "")]
        count = 0
        while stack:
            part, depth, group, alternative, last, base = stack.pop()
            count += 1
            if depth > DEEPEST:
                raise UnreadableMail(UnreadableReason.TOO_DEEP, f"more than {DEEPEST} levels")
            if count > MOST_PARTS:
                raise UnreadableMail(UnreadableReason.TOO_MANY_PARTS, f"more than {MOST_PARTS}")
            part = self._try("mime", partial(opened, part), part)
            parts.heal(part, self._charset)
            if part.defects:
                self._note("mime")
            payload = part.get_payload()
            if isinstance(payload, list) and part.get_content_maintype() == "multipart":
                kind = part.get_content_subtype()
                if kind == "alternative":
                    group = group or count  # the outermost: what lies deeper is still the same said otherwise
                within = kind == "alternative" or (kind == "related" and alternative)
                endless = any("CloseBoundary" in type(defect).__name__ for defect in part.defects)
                final = len(payload) - 1
                base = self._try("mime", partial(base_of, part, base), base)
                stack.extend(
                    (child, depth + 1, group, within, endless and number == final, base)
                    for number, child in reversed(list(enumerate(payload)))
                )
                continue
            if last and isinstance(payload, str):
                data = parts.as_sent(part)
                data = data[:-END_WITHIN] + parts.CLOSING_LINE.sub(b"", data[-END_WITHIN:])
                part.set_payload(data.decode("ascii", "surrogateescape"))
            inner, wrapping = self._wrapped(part)
            yield Leaf(part, group or count, alternative, wrapping, base)
            if inner is not None:
                stack.append((inner, depth + 1, group, alternative, False, base))

    def _wrapped(self, part: Mime) -> tuple[Mime | None, str | None]:
        """The mail inside an opaque signature (RFC 8551 3.5.2), or inside compression, and the type of that; or neither."""
        kind = part.get_content_type()
        named = kind in UNTOLD and self._try("filename", lambda: parts.filename(part), "").lower()
        try:
            sent = parts.content(part) if kind == CMS_TYPE or kind in UNTOLD else b""
            bare = cms.out_of_armour(sent) if b"-----BEGIN " in sent[:ARMOUR_WITHIN] else None
            if bare is None and kind != CMS_TYPE and not (named and named.endswith(".p7m")):
                return None, None
            inside, signed = cms.content(sent if bare is None else bare)
        except ValueError:
            return None, None
        if not inside.strip():
            return None, None
        return message_from_bytes(begun(inside).raw, policy=Cut()), SIGNED_CMS if signed else COMPRESSED_CMS
