"""Outlook's container for what MIME cannot say, `winmail.dat` ([MS-OXTNEF]): the letter and the files in it.

A reader of our own. The library for it copies the rest of the data at each attribute, follows containers within containers
without end, and repeats a step as often as the data say: nothing for what strangers send.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail.charsets import clean, decode
from mail.compressed_rtf import decompressed
from mail.kinds import TNEF_MAGIC, TNEF_TYPE
from mail.rtf import html_in_rtf

MOST_ATTRIBUTES = 10_000
MOST_FILES = 500

# Attributes of the container, by their number (2.1.3.3).
MESSAGE_CLASS, BODY, OEM_CODEPAGE, MESSAGE_PROPERTIES = 0x8008, 0x800C, 0x9007, 0x9003
ATTACHMENT_BEGINS, ATTACHMENT_TITLE, ATTACHMENT_DATA, ATTACHMENT_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
LEVEL_MESSAGE, LEVEL_ATTACHMENT = 1, 2

# Properties of MAPI ([MS-OXPROPS]).
PLAIN_BODY, RTF_BODY, HTML_BODY, INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
DISPLAY_NAME, DATA, SHORT_NAME, LONG_NAME, MIME_TAG, CONTENT_ID = 0x3001, 0x3701, 0x3704, 0x3707, 0x370E, 0x3712

# Types of their values ([MS-OXCDATA] 2.11.1), and the bytes of each that has a fixed size, filled up to four.
OBJECT, STRING8, UNICODE, BINARY = 0x0D, 0x1E, 0x1F, 0x102
SIZES = {0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
SEVERAL = 0x1000
NAMED = 0x8000
"""The least number of properties that carry a name of their own."""
EMBEDDED_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
"""Before an object that is a message ([MS-OXTNEF] 2.2.3); it is a container itself."""
OF_LETTERS = ("ipm.note", "ipm.microsoft mail.note")
"""Classes of messages that say nothing beside their text and files; others are meetings, tasks, contacts."""


class NotTnef(ValueError):
    """The bytes are no TNEF, or end where more was announced."""


@dataclass(slots=True)
class File:
    """`content_type`: as its writer's program told it, or ""."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    content_id: str = ""


@dataclass(slots=True)
class Opened:
    """`bodies`: the letter in each form that it has, as (type, text), the plain one first."""

    bodies: list[tuple[str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    message_class: str = ""

    @property
    def says_more(self) -> bool:
        """Whether there is something in it that is neither text nor file, such as a meeting."""
        return bool(self.message_class) and not self.message_class.lower().startswith(OF_LETTERS)


def opened(data: bytes) -> Opened:
    """What a container holds. Raises NotTnef. Checksums are not looked at: programs write wrong ones."""
    try:
        return _Reader().read(data)
    except (struct.error, IndexError) as error:
        raise NotTnef(str(error)) from error


class _Reader:
    def __init__(self) -> None:
        self._found = Opened()
        self._page: str | None = None
        """Of its 8-bit strings."""
        self._bodies: dict[str, str] = {}

    def read(self, data: bytes) -> Opened:
        if not data.startswith(TNEF_MAGIC):
            raise NotTnef("another beginning")
        for level, name, value in _attributes(data):
            if level == LEVEL_ATTACHMENT:
                self._of_file(name, value)
            elif name == OEM_CODEPAGE:
                self._page = f"cp{struct.unpack_from('<I', value)[0]}"
            elif name == MESSAGE_CLASS:
                self._found.message_class = self._text(value)
            elif name == BODY:
                self._bodies["text/plain"] = self._text(value)
            elif name == MESSAGE_PROPERTIES:
                self._of_message(dict(_properties(value)))
        kinds = ("text/plain", "text/html", "text/rtf")
        self._found.bodies = [(kind, self._bodies[kind]) for kind in kinds if self._bodies.get(kind, "").strip()]
        self._found.files = [each for each in self._found.files if each.content or each.name]
        if not (self._found.bodies or self._found.files):
            raise NotTnef("neither text nor file")
        return self._found

    def _of_message(self, properties: dict[int, bytes | str]) -> None:
        told = properties.get(INTERNET_CODEPAGE)
        page = f"cp{struct.unpack('<I', told)[0]}" if isinstance(told, bytes) and len(told) == 4 else self._page
        page = "utf-8" if page == "cp65001" else page
        for kind, number in (("text/plain", PLAIN_BODY), ("text/html", HTML_BODY)):
            if number in properties:
                self._bodies[kind] = self._text(properties[number], page)
        packed = properties.get(RTF_BODY)
        if isinstance(packed, bytes) and (rtf := decompressed(packed)) is not None:
            self._bodies["text/rtf"] = rtf.decode("latin-1")
            if "text/html" not in self._bodies and (html := html_in_rtf(self._bodies["text/rtf"])):
                self._bodies["text/html"] = html

    def _of_file(self, name: int, value: bytes) -> None:
        files = self._found.files
        if name == ATTACHMENT_BEGINS or not files:
            if len(files) == MOST_FILES:
                raise NotTnef(f"more than {MOST_FILES} files")
            files.append(File())
        file = files[-1]
        if name == ATTACHMENT_TITLE:
            file.name = file.name or self._text(value)
        elif name == ATTACHMENT_DATA:
            file.content = value
        elif name == ATTACHMENT_PROPERTIES:
            told = dict(_properties(value))
            names = [self._text(told[each]) for each in (LONG_NAME, SHORT_NAME, DISPLAY_NAME) if each in told]
            file.name = next(iter(names), file.name) if LONG_NAME in told else file.name or next(iter(names), "")
            file.content_type = self._text(told.get(MIME_TAG, ""))
            file.content_id = self._text(told.get(CONTENT_ID, "")).strip("<>")
            held = told.get(DATA)
            if isinstance(held, bytes):
                embedded = held.startswith(EMBEDDED_MESSAGE)
                file.content = held[len(EMBEDDED_MESSAGE) :] if embedded else held
                file.content_type = TNEF_TYPE if embedded else file.content_type

    def _text(self, value: bytes | str, page: str | None = None) -> str:
        text = value if isinstance(value, str) else decode(value, page or self._page)[0]
        return clean(text.rstrip("\0"))


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Level, number and value of each."""
    position = 6  # behind the signature and a key
    for _ in range(MOST_ATTRIBUTES):
        if not data[position : position + 1].strip(b"\0"):
            return  # the end, which some programs fill up
        level, name, _, length = struct.unpack_from("<BHHI", data, position)
        position += 9
        if level not in (LEVEL_MESSAGE, LEVEL_ATTACHMENT) or position + length > len(data):
            raise NotTnef("it ends within an attribute")
        yield level, name, data[position : position + length]
        position += length + 2  # a checksum
    raise NotTnef(f"more than {MOST_ATTRIBUTES} attributes")


def _properties(data: bytes) -> Iterator[tuple[int, bytes | str]]:
    """Number and value of each, of several values the first; text as it is known to be Unicode, else bytes (2.1.3.4)."""
    (count,) = struct.unpack_from("<I", data)
    position = 4
    for _ in range(min(count, MOST_ATTRIBUTES)):
        kind, number = struct.unpack_from("<HH", data, position)
        position += 4
        if number >= NAMED:
            (by_name,) = struct.unpack_from("<I", data, position + 16)
            (length,) = struct.unpack_from("<I", data, position + 20)
            position += 24 + (_filled(length) if by_name else 0)
        several, kind = bool(kind & SEVERAL), kind & ~SEVERAL
        values: list[bytes] = []
        if kind in SIZES:
            (many,) = struct.unpack_from("<I", data, position) if several else (1,)
            position += 4 if several else 0
            values.append(data[position : position + SIZES[kind]])
            position += many * SIZES[kind]
        elif kind in (STRING8, UNICODE, BINARY, OBJECT):
            (many,) = struct.unpack_from("<I", data, position)
            position += 4
            for _ in range(min(many, MOST_ATTRIBUTES)):
                (length,) = struct.unpack_from("<I", data, position)
                if position + 4 + length > len(data):
                    raise NotTnef("it ends within a property")
                values.append(data[position + 4 : position + 4 + length])
                position += 4 + _filled(length)
        else:
            raise NotTnef(f"a property of the unknown type {kind:#x}")
        if values:
            yield number, values[0].decode("utf-16-le", "replace") if kind == UNICODE else values[0]


def _filled(length: int) -> int:
    return length + (-length % 4)
