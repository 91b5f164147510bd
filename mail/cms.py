"""Cryptographic Message Syntax (RFC 5652), as far as a mail needs it: what was signed or compressed, taken out of its
wrapping. Nothing is verified, nothing is decrypted.

A reader of BER, because S/MIME streams: lengths may be indefinite and an OCTET STRING may come in pieces, which the
readers of DER refuse. It follows the few elements on the way to the content, and no others.
"""

import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
COMPRESSED_DATA = bytes.fromhex("2a864886f70d0109100109")
LARGEST_CONTENT = 64 * 1024 * 1024
"""Bytes of what is unpacked."""
DEEPEST = 20
"""Levels of pieces within pieces, and of elements that are passed over."""

ARMOUR = re.compile(rb"-----BEGIN (PKCS7|PKCS #7 SIGNED DATA|CMS)-----(?=\s)([A-Za-z0-9+/=\s]++)-----END \1-----")

OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET, END = 0x06, 0x04, 0x30, 0x31, 0x00
CONSTRUCTED = 0x20
EXPLICIT_0, EXPLICIT_1 = 0xA0, 0xA1


class NotCms(ValueError):
    """The bytes are no CMS, or hold nothing that can be read without a key."""


@dataclass(frozen=True, slots=True)
class _Element:
    tag: int
    start: int
    """Of its content."""
    end: int
    """Of its content; for an indefinite length, where the marker of its end stands."""
    after: int


def out_of_armour(data: bytes) -> bytes | None:
    """The bytes of CMS in PEM (RFC 7468), where that is all there is."""
    found = ARMOUR.fullmatch(data.strip())
    try:
        return binascii.a2b_base64(found[2]) if found else None
    except binascii.Error:
        return None


def content(data: bytes) -> tuple[bytes, bool]:
    """What was signed, or compressed, and whether it was signed. Raises NotCms, also for what is encrypted or has its content
    elsewhere."""
    try:
        return _content(data)
    except (IndexError, StopIteration, zlib.error) as error:
        raise NotCms(str(error)) from error


def holds_certificates_alone(data: bytes) -> bool:
    """Whether it is a signature of nothing, in which certificates are sent (RFC 8551 3.8)."""
    try:
        wrapping = _inside(data, _element(data, 0, len(data)), SEQUENCE)
        kind = _next(wrapping, OBJECT_IDENTIFIER)
        body = list(_inside(data, next(_inside(data, _next(wrapping, EXPLICIT_0), EXPLICIT_0)), SEQUENCE))
        encapsulated, certificates, signers = list(_inside(data, body[2], SEQUENCE)), body[3], body[-1]
    except (IndexError, StopIteration, NotCms):
        return False
    unsigned = signers.tag == SET and signers.start == signers.end
    return (
        data[kind.start : kind.end] == SIGNED_DATA
        and len(encapsulated) == 1
        and unsigned
        and certificates.tag in (EXPLICIT_0, EXPLICIT_1)
    )


def _content(data: bytes) -> tuple[bytes, bool]:
    wrapping = _inside(data, _element(data, 0, len(data)), SEQUENCE)
    kind = _next(wrapping, OBJECT_IDENTIFIER)
    name = data[kind.start : kind.end]
    body = _inside(data, next(_inside(data, _next(wrapping, EXPLICIT_0), EXPLICIT_0)), SEQUENCE)
    # Version; digest algorithms, or the algorithm of the compression; then what we are after.
    next(body, None)
    next(body, None)
    encapsulated = _inside(data, _next(body, SEQUENCE), SEQUENCE)
    _next(encapsulated, OBJECT_IDENTIFIER)
    held = b"".join(_pieces(data, next(_inside(data, _next(encapsulated, EXPLICIT_0), EXPLICIT_0))))
    if name == SIGNED_DATA:
        return held, True
    if name == COMPRESSED_DATA:
        return zlib.decompressobj().decompress(held, LARGEST_CONTENT), False
    raise NotCms("neither signed nor compressed")


def _next(elements: Iterator[_Element], tag: int) -> _Element:
    found = next(elements, None)
    if found is None or found.tag != tag:
        raise NotCms("another structure")
    return found


def _inside(data: bytes, element: _Element, tag: int) -> Iterator[_Element]:
    if element.tag != tag:
        raise NotCms("another structure")
    return _children(data, element)


def _children(data: bytes, element: _Element, level: int = 0) -> Iterator[_Element]:
    position = element.start
    while position < element.end:
        child = _element(data, position, element.end, level)
        yield child
        position = child.after


def _element(data: bytes, position: int, limit: int, level: int = 0) -> _Element:
    if level > DEEPEST:
        raise NotCms("too deep")
    tag, length, start = data[position], data[position + 1], position + 2
    if tag & 0x1F == 0x1F:
        raise NotCms("a tag of several bytes")
    if length == 0x80:
        if not tag & CONSTRUCTED:
            raise NotCms("an open end of what has no elements")
        end = start
        while data[end : end + 2] != b"\0\0":
            end = _element(data, end, limit, level + 1).after
        return _Element(tag, start, end, end + 2)
    if length & 0x80:
        size = length & 0x7F
        if size > 8:
            raise NotCms("a length without bounds")
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    if start + length > limit:
        raise NotCms("cut off")
    return _Element(tag, start, start + length, start + length)


def _pieces(data: bytes, element: _Element, level: int = 0) -> Iterator[bytes]:
    if level > DEEPEST:
        raise NotCms("too deep")
    if element.tag == OCTET_STRING:
        yield data[element.start : element.end]
    elif element.tag == OCTET_STRING | CONSTRUCTED:
        for child in _children(data, element):
            yield from _pieces(data, child, level + 1)
    else:
        raise NotCms("another structure")
