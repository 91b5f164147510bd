"""What one MIME part says of itself, and its bytes. Everything here may raise what odd input makes the stdlib raise."""

import binascii
import re
from email.generator import BytesGenerator
from email.message import Message
from hashlib import sha256
from io import BytesIO
from typing import Any, TypeAlias

from mail.charsets import clean, decode, header_text

Mime: TypeAlias = "Message[str, str]"

KIND = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
WORD = re.compile(r"[\s\"']*([^\s\"'();]+)")
LETTERS = re.compile(r"[\s\"]*([a-z]+)")
GOES_ON = re.compile(r"=\s{0,9}(?=[A-Za-z0-9+/])")
NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")


class _Writer(BytesGenerator):
    """For a multipart without a boundary the stdlib makes one up at random: the same mail would differ each time."""

    @classmethod
    def _make_boundary(cls, text: bytes | None = None) -> str:
        return "=_" + sha256(text or b"").hexdigest()[:32]


def heal(part: Mime) -> None:
    """8-bit file names are common and decode well; the stdlib would make replacement characters of them."""
    for name in ("content-type", "content-disposition"):
        value = next((str(value) for key, value in part.raw_items() if key.lower() == name), "")
        if not value.isascii():
            part.replace_header(name, clean(decode(value.encode("utf-8", "surrogateescape"), None)[0]))


def disposition(part: Mime) -> str:
    """ "attachment", "inline", another word, or ""; whatever quotes or missing semicolons stand around it."""
    word = LETTERS.match(str(part.get("content-disposition", "")).lower())
    return word[1] if word else ""


def parameter(part: Mime, name: str) -> str:
    """A word among those of Content-Type, without comments; "" if it has none."""
    value: Any = part.get_param(name)
    # RFC 2231: (charset, language, value).
    word = WORD.match(str((value[2] if isinstance(value, tuple) else value) or ""))
    return word[1] if word else ""


def filename(part: Mime) -> str:
    """As sent, or "". Where it is told twice, in the form of RFC 2231 and in plain letters for old programs: the former."""
    for header, called in (("content-disposition", "filename"), ("content-type", "name")):
        told: Any = part.get_params([], header=header)
        values = [value for name, value in told if name.lower() == called and value]
        for value in values:
            if isinstance(value, tuple):
                charset, _, text = value
                return header_text(decode(str(text).encode("latin-1", "replace"), charset or None)[0])
        if values:
            return header_text(str(values[0])).strip('"')
    return ""


def content(part: Mime) -> bytes:
    """Decoded; of a mail within the mail, or several, written out again."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        out = BytesIO()
        for inner in payload:
            _Writer(out, mangle_from_=False, maxheaderlen=0).flatten(inner)
        return out.getvalue()
    decoded: Any = part.get_payload(decode=True)
    found = decoded if isinstance(decoded, bytes) else b""
    if isinstance(payload, str) and str(part.get("content-transfer-encoding", "")).strip().lower() == "base64":
        return found + _behind_the_end(payload)
    return found


def _behind_the_end(payload: str) -> bytes:
    """Of base64 that goes on behind its padding, as where a gateway has added a footer: what the stdlib leaves out."""
    if not GOES_ON.search(payload):
        return b""
    pieces = ("".join(NO_BASE64.split(piece)) for piece in GOES_ON.split(payload)[1:])
    # One base64 letter left over is less than a byte.
    whole = (piece[:-1] if len(piece) % 4 == 1 else piece for piece in pieces)
    return b"".join(binascii.a2b_base64(piece + "=" * (-len(piece) % 4)) for piece in whole)
