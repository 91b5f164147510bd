"""What one MIME part says of itself, and its bytes. Everything here may raise what odd input makes the stdlib raise."""

import binascii
import re
from copy import copy
from email.generator import BytesGenerator
from email.message import Message
from hashlib import sha256
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import unquote, unquote_to_bytes

from mail.charset_names import codecs_of
from mail.charsets import META_WITHIN, decode, eight_bit, header_text, html_charset
from mail.plaintext import uu_bytes

Mime: TypeAlias = "Message[str, str]"

KIND = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
ENCODING = "content-transfer-encoding"
MOST_TOLD = 5
"""Encodings of one part that are looked at."""
WORD = re.compile(r"[\s\"']*([^\s\"'();]+)")
LETTERS = re.compile(r"[\s\"]*([a-z]+)")
CLOSING_LINE = re.compile(rb"\r?\n--[^\s]{1,70}--\s{0,9}\Z")
"""The end of a multipart, as its writer misspelt it."""
GOES_ON = re.compile(r"=\s{0,9}(?=[A-Za-z0-9+/])")
NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
PLAIN_ENCODINGS = ("", "7bit", "8bit", "binary")
KNOWN_ENCODINGS = (*PLAIN_ENCODINGS, "base64", "quoted-printable", "x-uuencode")
BASE64_LINES = re.compile(rb"(?:[A-Za-z0-9+/]{4,76}\r?\n){0,400000}[A-Za-z0-9+/]{2,76}={0,2}\s*")
LOOKED_AT = 10_000
"""Characters of a part that are looked at to tell whether it is base64."""
PROSE = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}+[,.;:]? [^\W\d_]{2}")
QUOTED_SIGN, STRAY_SIGN = re.compile(rb"=[0-9A-F]{2}"), re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]{0,9}\r?\n)")
"""Of quoted-printable, and of what is none."""
QUOTED_ESCAPE = re.compile(rb"=(?:[0-9A-Fa-f]{2}|[ \t]{0,9}\r?\n)")
NO_LETTERS = re.compile(rb"[^\x09\x0a\x0d\x20-\x7e]")
BASE64_LINE = re.compile(r"(?!(?:[A-Z]?[a-z]{2,19}|[A-Z]{2,19})\Z)[A-Za-z0-9+/]{4,}={0,2}")
"""And no word: "Regards"."""
EXTENDED = re.compile(r"\"?([\w.:+-]{2,40})'[\w-]{0,20}'([^\s%]{0,500}%[0-9A-Fa-f]{2}.{0,1500})\"?")
HIGH = re.compile(r"[\x80-\xff]+")
LIKE_A_NAME = re.compile(r"[^\r\n/\\<>:?]{1,150}\.[A-Za-z][A-Za-z0-9]{1,4}")
"""With an extension: what else describes a file is no name."""
SPACED_BREAK = re.compile(r"=[ \t]{1,99}(?=\r?\n)")
"""Blanks that a gateway added behind a soft line break (RFC 2045 6.7, 3)."""
WORDS_CHARSET = re.compile(r"=\?([A-Za-z0-9._:+-]{1,40})(?:\*[A-Za-z-]{0,20})?\?[bBqQ]\?")
MOST_LOOKED_AT = 30
"""Parts that are asked for their charset."""
UNTOLD_CHARSETS = {"us-ascii", "ascii", "utf-8", "utf8"}
UU_BEGIN = re.compile(rb"^begin [0-7]{3,5} [^\r\n]{1,200}\r?\n", re.MULTILINE)
UU_LOST_BLANKS = 2
"""At the end of a line, where blanks are letters of the code and gateways take them away."""
FEWEST_BASE64 = 24
"""Letters below which a word is a word and no base64."""


class _Writer(BytesGenerator):
    """For a multipart without a boundary the stdlib makes one up at random: the same mail would differ each time."""

    @classmethod
    def _make_boundary(cls, text: bytes | None = None) -> str:
        return "=_" + sha256(text or b"").hexdigest()[:32]


def heal(part: Mime, charset: str | None = None) -> None:
    """8-bit file names are common and decode well; the stdlib would make replacement characters of them. `charset`: of
    those that are no UTF-8. And of several encodings, the right one is put first."""
    if len(part.get_all(ENCODING, [])) > 1:
        _choose_encoding(part)
    for name in ("content-type", "content-disposition"):
        value = next((str(value) for key, value in part.raw_items() if key.lower() == name), "")
        if not value.isascii():
            part.replace_header(name, eight_bit(value, charset))


def _choose_encoding(part: Mime) -> None:
    """Of several encodings the first counts (RFC 5322 3.6), but where it says that nothing is encoded, and the content is what
    another one says, a gateway has set its own above that of the program."""
    told = [transfer_encoding_of(value) for value in part.get_all(ENCODING, [])[:MOST_TOLD]]
    if told[0] not in PLAIN_ENCODINGS or not isinstance(part.get_payload(), str):
        return
    sent = as_sent(part)
    fits = {"base64": _is_base64, "quoted-printable": _is_quoted}
    meant = next((each for each in told[1:] if each in fits and fits[each](sent)), None)
    if meant is not None:
        part.replace_header(ENCODING, meant)  # the first of them, which the stdlib asks


def _is_quoted(sent: bytes) -> bool:
    return QUOTED_ESCAPE.search(sent) is not None and STRAY_SIGN.search(sent) is None


def _is_base64(sent: bytes) -> bool:
    """Also of a word or two, which could be one of a language: what comes out of such a word is no text."""
    found = decoded(sent, "base64")
    return found != sent and (len(sent) >= FEWEST_BASE64 or NO_LETTERS.search(found) is None)


def declared_charset(message: Mime) -> str | None:
    """The charset in which a mail's own program writes: of its text, or of an encoded word in its headers; None if nothing
    tells. Asked for raw 8-bit headers, and for texts in quoted-printable or base64, that say nothing themselves."""
    stack: list[Any] = [message]
    for _ in range(MOST_LOOKED_AT):
        if not stack:
            break
        part = stack.pop()
        payload = part.get_payload()
        if isinstance(payload, list):
            stack.extend(reversed(payload[:MOST_LOOKED_AT]))
        elif part.get_content_maintype() == "text":
            named = parameter(part, "charset")
            if not named and part.get_content_subtype() == "html" and isinstance(payload, str):
                named = html_charset(payload[:META_WITHIN].encode("utf-8", "surrogateescape")) or ""
            if named and named.lower() not in UNTOLD_CHARSETS and codecs_of(named):
                return named
    words = (WORDS_CHARSET.search(str(value)) for _, value in message.raw_items())
    # What is asked for is no UTF-8: that is known by itself.
    return next((word[1] for word in words if word and word[1].lower() not in UNTOLD_CHARSETS), None)


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
                return header_text(_in_pieces(str(text), charset or None))
        if values:
            plain = str(values[0])
            told = EXTENDED.fullmatch(plain)
            if told and codecs_of(told[1]):  # as RFC 2231 has it, without the star that says so
                return header_text(decode(unquote_to_bytes(told[2]), told[1])[0])
            return header_text(plain).strip('"\\')  # also an escape that nothing follows
    return ""


def name_beside(part: Mime) -> str:
    """The name of a file that says it only by what describes it, or by where it was found (RFC 2557): "" if neither is one."""
    described = header_text(str(part.get("content-description", ""))).strip(' "')
    found = header_text(str(part.get("content-location", ""))).strip(' "<>').partition("?")[0].rpartition("/")[2]
    return next((name for name in (described, unquote(found)) if LIKE_A_NAME.fullmatch(name)), "")


def _in_pieces(text: str, charset: str | None) -> str:
    """A value of RFC 2231, whose bytes came as Latin-1; pieces that were not encoded are what they are."""
    whole, fitted = decode(text.encode("latin-1", "replace"), charset)
    if (fitted or not codecs_of(charset or "")) and all(sign < "\u0100" for sign in text):
        return whole

    def piece(found: re.Match[str]) -> str:
        read, fitted = decode(found[0].encode("latin-1"), charset)
        return read if fitted else found[0]

    return HIGH.sub(piece, text)


def transfer_encoding(part: Mime) -> str:
    """In lower case, "" if it has none; misspelt ones are mended already (`mail.mime_headers`)."""
    return transfer_encoding_of(part.get(ENCODING, ""))


def transfer_encoding_of(value: object) -> str:
    return str(value).strip().lower()


def as_sent(part: Mime) -> bytes:
    """The bytes of a part without parts, in its encoding."""
    bare = copy(part)  # without the header, which would have the stdlib decode
    del bare["content-transfer-encoding"]
    found: Any = bare.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def content(part: Mime) -> bytes:
    """Decoded; of a mail within the mail, or several, written out again."""
    payload: Any = part.get_payload()
    encoding = transfer_encoding(part)
    if isinstance(payload, list):
        # The stdlib has parsed the encoded letters as a mail. RFC 2046 5.2.1 forbids to encode one; programs do.
        return decoded(written(payload), encoding)
    if isinstance(payload, str) and encoding == "quoted-printable" and SPACED_BREAK.search(payload):
        return binascii.a2b_qp(SPACED_BREAK.sub("=", payload).encode("utf-8", "surrogateescape"))
    if isinstance(payload, str) and encoding == "x-uuencode":
        return uudecoded(as_sent(part))
    found: Any = part.get_payload(decode=True)
    raw = found if isinstance(found, bytes) else b""
    if isinstance(payload, str) and encoding == "base64" and _is_prose(payload):
        sent = as_sent(part)
        quoted = QUOTED_SIGN.search(sent) is not None and STRAY_SIGN.search(sent) is None
        return decoded(sent, "quoted-printable") if quoted else sent
    if isinstance(payload, str) and encoding == "base64":
        return raw + _behind_the_end(payload)
    if encoding not in KNOWN_ENCODINGS and len(raw) >= FEWEST_BASE64 and BASE64_LINES.fullmatch(raw):
        return decoded(raw, "base64")
    return raw


def written(messages: list[Mime]) -> bytes:
    out = BytesIO()
    for inner in messages:
        _Writer(out, mangle_from_=False, maxheaderlen=0).flatten(inner)
    return out.getvalue()


def decoded(data: bytes, encoding: str) -> bytes:
    """What was encoded so; `data` itself if it is nothing of the kind, as where only the label is wrong."""
    if encoding == "base64":
        bare = b"".join(CLOSING_LINE.sub(b"", data).split())
        if not bare or not re.fullmatch(rb"[A-Za-z0-9+/]+={0,2}", bare) or len(bare.rstrip(b"=")) % 4 == 1:
            return data
        bare = bare.rstrip(b"=")
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    return data


def uudecoded(data: bytes) -> bytes:
    """A part in uuencode. The lines around it, `begin 644 name` and `end`, are the stdlib's condition; some programs leave
    them out, as the headers have the name. What is nothing of the kind comes back as it is."""
    begin = UU_BEGIN.search(data)
    out, first = bytearray(), True
    for line in data[begin.end() if begin else 0 :].splitlines():
        if not line.strip() and first:
            continue
        if line.strip() in (b"", b"`", b"end"):
            break
        size = (line[0] - 32) & 63
        letters = (size + 2) // 3 * 4
        if first and not letters <= len(line) - 1 + UU_LOST_BLANKS:  # words
            return data
        try:
            out += uu_bytes(line[: letters + 1])  # behind them stands a checksum, or nothing
        except binascii.Error:
            return data
        first = False
    return bytes(out) if out else data


def _is_prose(payload: str) -> bool:
    """Whether what is called base64 is text, of which no line could be any."""
    lines = payload[:LOOKED_AT].split("\n")
    return PROSE.search(payload[:LOOKED_AT]) is not None and not any(
        BASE64_LINE.fullmatch(line.strip()) for line in lines
    )


def _behind_the_end(payload: str) -> bytes:
    """Of base64 that goes on behind its padding, as where a gateway has added a footer: what the stdlib leaves out."""
    if not GOES_ON.search(payload):
        return b""
    pieces = ("".join(NO_BASE64.split(piece)) for piece in GOES_ON.split(payload)[1:])
    # One base64 letter left over is less than a byte.
    whole = (piece[:-1] if len(piece) % 4 == 1 else piece for piece in pieces)
    return b"".join(binascii.a2b_base64(piece + "=" * (-len(piece) % 4)) for piece in whole)
