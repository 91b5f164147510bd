"""Bytes and header values to text, whatever the sender declared. Nothing here raises."""

import binascii
import codecs
import re

# Names that Python lacks, or whose strict meaning nobody writes: what is labelled Latin-1 is nearly always
# Windows-1252, and GB2312 and KS C 5601 are in use with the characters of their supersets (as browsers decide, too).
ALIASES = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso-8859-8-i": "iso-8859-8",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "utf8mb4": "utf-8",
}
# Codecs that compute instead of decoding: text is never run through an escape decoder.
NO_CHARSETS = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# RFC 2047, and what is written instead: spaces and question marks within the text.
ENCODED_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?(.*?)\?=")
QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
BASE64 = re.compile(r"[A-Za-z0-9+/]*")
META_CHARSET = re.compile(rb"<meta\b[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
META_WITHIN = 4096
"""Bytes of a document in which its own word on its charset is looked for."""


def decode(data: bytes, charset: str | None) -> tuple[str, bool]:
    """The text, and whether `charset` fitted. Without one, UTF-8 is tried, then Windows-1252."""
    known = _codec(charset)
    for name in (known,) if known else ("utf-8",):
        try:
            return data.decode(name), known is not None or charset is None
        except UnicodeError:
            continue
    if known is None or known == "utf-8":
        return _guess(data), charset is None
    return data.decode(known, "replace"), False


def _codec(charset: str | None) -> str | None:
    if charset is None or not NAME.fullmatch(charset):
        return None
    name = ALIASES.get(charset.lower(), charset.lower())
    try:
        info = codecs.lookup(name)
    except LookupError:
        return None
    # `_is_text_encoding` is how bytes.decode itself keeps "zip" and "rot13" out.
    return name if info._is_text_encoding and info.name.replace("-", "_") not in NO_CHARSETS else None


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Mostly valid UTF-8 with a flaw shows its flaw; anything else is most likely Windows-1252.
        text = data.decode("utf-8", "replace")
        return (
            text if text.count("\ufffd") * 10 < sum(byte > 0x7F for byte in data) else data.decode("cp1252", "replace")
        )


def clean(text: str) -> str:
    """Without NUL and lone surrogates, which neither a database nor JSON can keep."""
    return text.replace("\0", "").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def header_text(value: str) -> str:
    """A header's value, unfolded, its encoded words (RFC 2047) decoded, on one line. 8-bit bytes come as surrogates."""
    raw = clean(decode(value.encode("utf-8", "surrogateescape"), None)[0])
    if "=?" in raw:
        raw = _encoded_words(CONTROLS.sub(" ", re.sub(r"\r?\n", "", raw)))
    # An encoded word can hold a line break: it must not become one in a header of ours.
    return " ".join(CONTROLS.sub(" ", clean(raw)).split())


def html_charset(data: bytes) -> str | None:
    """What an HTML document says of its own charset; asked only where the mail says nothing."""
    found = META_CHARSET.search(data[:META_WITHIN])
    return found[1].decode("ascii", "replace") if found else None


def _encoded_words(value: str) -> str:
    """Neighbours in one charset are joined before they are decoded: many programs split inside a character."""
    # Behind the last "?=" nothing can end: without this cut every "=?" there would be searched to the end.
    head, end, rest = value.rpartition("?=")
    out: list[str] = []
    held: list[bytes] = []
    charset = ""
    position = 0

    def flush() -> None:
        if held:
            out.append(decode(b"".join(held), charset)[0])
            held.clear()

    for word in ENCODED_WORD.finditer(head + end):
        content = _content(word[2].lower(), word[3])
        if content is None:
            continue  # no encoded word after all: it stays as it is written
        between = value[position : word.start()]
        position = word.end()
        named = word[1].partition("*")[0].lower()  # RFC 2231 5 allows a language after the charset
        if between.strip() or named != charset:
            flush()
        if between.strip() or not (out or held):
            out.append(between)
        held.append(content)
        charset = named
    flush()
    out.append(value[position : len(head + end)] + rest)
    return "".join(out)


def _content(encoding: str, text: str) -> bytes | None:
    """The bytes of an encoded word; None if it is no base64."""
    if encoding == "q":
        return QUOTED.sub(lambda match: bytes([int(match[1], 16)]), text.replace("_", " ").encode())
    bare = "".join(text.split()).rstrip("=")
    if not BASE64.fullmatch(bare) or len(bare) % 4 == 1:
        return None
    return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
