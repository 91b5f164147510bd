"""Containers of Outlook as a test wants them ([MS-OXTNEF])."""

import struct

from mail.kinds import TNEF_MAGIC
from mail.tnef import ATTACHMENT_BEGINS, ATTACHMENT_PROPERTIES, BINARY, LEVEL_ATTACHMENT, LEVEL_MESSAGE, UNICODE


def container(*attributes: bytes) -> bytes:
    return TNEF_MAGIC + b"\x01\x00" + b"".join(attributes)


def attribute(name: int, value: bytes, level: int = LEVEL_MESSAGE) -> bytes:
    return struct.pack("<BHHI", level, name, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*values: tuple[int, bytes | str]) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(_property(number, value) for number, value in values)


def _property(number: int, value: bytes | str) -> bytes:
    kind = UNICODE if isinstance(value, str) else BINARY
    data = (value + "\0").encode("utf-16-le") if isinstance(value, str) else value
    return struct.pack("<HHII", kind, number, 1, len(data)) + data + bytes(-len(data) % 4)


def file(*values: tuple[int, bytes | str], extra: tuple[tuple[int, bytes], ...] = ()) -> bytes:
    """An attached file: `extra` are attributes of the container beside its properties."""
    begins = attribute(ATTACHMENT_BEGINS, bytes(14), LEVEL_ATTACHMENT)
    others = b"".join(attribute(name, value, LEVEL_ATTACHMENT) for name, value in extra)
    told = attribute(ATTACHMENT_PROPERTIES, properties(*values), LEVEL_ATTACHMENT) if values else b""
    return begins + others + told
