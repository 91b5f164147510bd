"""Rich Text Format as Outlook packs it ([MS-OXRTFCP]): LZ77 over a dictionary that begins with RTF's usual words."""

import struct

DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
SIZE = 4096
"""Bytes of the dictionary, which is written around."""
PACKED, AS_IT_IS = b"LZFu", b"MELA"
LONGEST = 1_000_000
"""Bytes that are unpacked."""


def decompressed(data: bytes) -> bytes | None:
    """The document, as far as it goes; None if the bytes are none."""
    if len(data) < 16:
        return None
    _, size, kind, _ = struct.unpack_from("<II4sI", data)
    if kind == AS_IT_IS:
        return data[16 : 16 + min(size, LONGEST)]
    if kind != PACKED:
        return None
    dictionary = bytearray(DICTIONARY.ljust(SIZE, b" "))
    write, position = len(DICTIONARY), 16
    out = bytearray()
    while position < len(data) and len(out) < min(size, LONGEST):
        control, position = data[position], position + 1
        for bit in range(8):
            if not control >> bit & 1:
                piece, position = data[position : position + 1], position + 1
            else:
                token = int.from_bytes(data[position : position + 2].ljust(2, b"\0"), "big")
                offset, length, position = token >> 4, (token & 0xF) + 2, position + 2
                if offset == write:  # the sign of the end
                    return bytes(out)
                piece = _copied(dictionary, offset, length, write)
            for byte in piece:
                dictionary[write] = byte
                write = (write + 1) % SIZE
            out += piece
    return bytes(out)


def _copied(dictionary: bytearray, offset: int, length: int, write: int) -> bytes:
    """What stands there, which may be what is being written: then it repeats."""
    span = (write - offset) % SIZE or SIZE
    once = bytes(dictionary[(offset + index) % SIZE] for index in range(min(length, span)))
    return (once * (length // len(once) + 1))[:length]
