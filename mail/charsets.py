"""Bytes and header values to text, whatever the sender declared. Nothing here raises."""

import binascii
import codecs
import re

from mail.charset_names import ISO_2022_JP, OF_WINDOWS, codecs_of
from mail.guessing import guessed

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
"""What a text begins with tells more than its label. The shorter mark of UTF-16 is the beginning of one of UTF-32."""
ITS_OWN = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
WITHOUT_LETTERS_BELOW_C0 = {"cp1252", "iso8859-1", "iso8859-15", "cp1254"}
"""Their letters begin at C0, where sequences of UTF-8 do, and what follows in such a sequence is no letter of theirs."""
LIKELY = re.compile(
    "[\u00a0-\u017f\u0218-\u021b\u0370-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u10a0-\u11ff\u1e00-\u1fff"
    "\u2000-\u206f\u20a0-\u20cf\u2100-\u27bf\u3000-\u9fff\uac00-\ud7a3\ufb00-\ufb4f\ufe00-\uffee"
    "\U0001f000-\U0001faff\U00020000-\U0002ffff]"
)
"""What people write in; bytes of another charset that happen to be valid UTF-8 mostly come out elsewhere."""
C1 = re.compile(rb"[\x80-\x9f]")
WIDE = ("utf-16", "utf-32")
BLANK = re.compile(rb"[ \n]")
JAPANESE_RUNS = re.compile(rb"(\x1b\$[@B]|\x1b\([BJIH]|\A)([^\x1b]*)")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""Signs of no width that turn the direction of what follows: "gnp.exe" is read as "exe.png". Letters have a direction of their
own, and the marks U+200E and U+200F reach no further than their neighbours."""
# RFC 2047, and what is written instead: spaces and question marks within the text.
ENCODED_WORD = re.compile(r"=\?([^?\s]{0,80})\?([bBqQ])\?(.*?)\?=")
CUT_BEFORE_ANOTHER = re.compile(r"(=\?[^?\s]{0,80}\?[bBqQ]\?[^?\s]*+)(?=\s+=\?[^?\s]{1,80}\?[bBqQ]\?)")
CUT_AT_THE_END = re.compile(r"(=\?[^?\s]{0,80}\?[bBqQ]\?[^?\s]*?)[?=]?\s*")
"""Encoded words whose end is lost: "?" or "=" of it, or both."""
QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
BASE64 = re.compile(r"[A-Za-z0-9+/]*")
URL_SAFE = str.maketrans("-_", "+/")
META_CHARSET = re.compile(rb"<meta\b[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
META_WITHIN = 4096
"""Bytes of a document in which its own word on its charset is looked for."""


def decode(data: bytes, charset: str | None, otherwise: str | None = None) -> tuple[str, bool]:
    """The text, and whether `charset` fitted. Without one, UTF-8 is tried, then `otherwise`, which the rest of the mail
    tells, then what the bytes look like (`mail.guessing`), then Windows-1252.

    What is plainly UTF-8 is read so, whatever it is called: programs relabel, and forget to recode.
    """
    for mark, unicode in MARKS:
        if not data.startswith(mark):
            continue
        if (text := _strictly(data, unicode)) is not None:
            return text.removeprefix("\ufeff"), charset is None or codecs_of(charset)[:1] == (unicode,)
        if unicode == "utf-8":  # with a flaw, or a mark that an editor put before a text in another charset
            return _guess(data.removeprefix(mark), charset or otherwise), False
        whole = _whole(data, unicode)
        if unicode == "utf-32" and _strictly(whole, unicode) is None:
            continue
        if b"\0" in data or (charset is not None and codecs_of(charset)[:1] == (unicode,)):  # a blank has zeros in both
            return whole.decode(unicode, "replace").removeprefix("\ufeff"), False
    names = codecs_of(charset) if charset is not None else ("utf-8",)
    if names == ("utf-16",):
        names = (_ends_of_utf16(data),)
    if names in ((), ("utf-8",)) and b"\x1b$" in data and (text := _strictly(data, ISO_2022_JP)) is not None:
        return text, charset is None
    if names and names[0].startswith(WIDE) and b"\0" not in data and BLANK.search(data):
        names = ("utf-8",)  # of two or four bytes, a blank would have a zero
    if names and names[0] in OF_WINDOWS and C1.search(data):
        names = (OF_WINDOWS[names[0]], *names)
    found = next(((text, name) for name in names if (text := _strictly(data, name)) is not None), None)
    if found is None or found[1] not in ITS_OWN:
        told = disguised_utf8(data, known=found is not None, name=names[0] if names else "")
        if told is not None:
            return told, charset is None
    if found is not None:
        return found[0], True
    if not names or names[0] == "utf-8":
        return _guess(data, otherwise), charset is None
    if names[0] == ISO_2022_JP:
        return _unescaped(data) or japanese(data), False
    return _whole(data, names[0]).decode(names[0], "replace"), False


def _whole(data: bytes, name: str) -> bytes:
    """Without the bytes of a last character that was cut: no sign stands for half a line's end."""
    width = 4 if name.startswith("utf-32") else 2 if name.startswith("utf-16") else 1
    return data[: len(data) // width * width]


def _ends_of_utf16(data: bytes) -> str:
    """Without a mark: where the zeros of its blanks and Latin letters stand."""
    return "utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le"


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def disguised_utf8(data: bytes, *, known: bool, name: str) -> str | None:
    """UTF-8 under another charset's label. `known`: the bytes are valid in that charset, too, so that they must look
    much more like UTF-8; `name`: its codec."""
    if data.isascii() or (text := _strictly(data, "utf-8")) is None:
        return None
    if not known:
        return text
    foreign = [character for character in text if character > "\x7f"]
    if not all(LIKELY.match(character) for character in foreign):
        return None
    # A sequence of two bytes is one chance in a hundred, of three one in thousands; and where both bytes are common
    # letters of the charset, one in ten.
    weight = sum(1 if character < "\u0800" else 2 for character in foreign[:100])
    return text if weight >= (1 if name in WITHOUT_LETTERS_BELOW_C0 else 3) else None


def _guess(data: bytes, otherwise: str | None = None) -> str:
    text = _strictly(data, "utf-8")
    if text is not None:
        return text
    # Mostly valid UTF-8 with a flaw shows its flaw.
    text = data.decode("utf-8", "replace")
    flaws, whole = text.count("\ufffd"), sum(LIKELY.match(character) is not None for character in text)
    # Bytes of other charsets hardly ever fall into its order.
    if flaws * 10 < sum(byte > 0x7F for byte in data) or 2 <= whole >= flaws:
        return text
    told = codecs_of(otherwise) if otherwise else ()
    if told and told[0] == ISO_2022_JP and (text := _unescaped(data)) is not None:
        return text
    if not told or told[0] in ITS_OWN or told[0] in WITHOUT_LETTERS_BELOW_C0:  # in which all bytes are something
        told = (*filter(None, (guessed(data),)), *told)
    for name in told:
        if (text := _strictly(data, name)) is not None:
            return text
    return data.decode("cp1252", "replace")


def _unescaped(data: bytes) -> str | None:
    """What is called ISO-2022-JP, as all Japanese mail once was, and has the bytes of 8 bits that EUC-JP or Shift JIS has;
    the latter hardly ever falls into the order of the former."""
    if data.isascii():
        return None
    return next((text for name in ("euc_jp", "cp932") if (text := _strictly(data, name)) is not None), None)


def japanese(data: bytes) -> str:
    """ISO-2022-JP with what Microsoft added to it (code pages 50220 to 50222: circled numbers, half-width kana): each
    run between two escapes as its bytes stand in Shift JIS."""
    out: list[str] = []
    for escape, run in JAPANESE_RUNS.findall(data):
        if escape in (b"\x1b$@", b"\x1b$B"):
            pairs = zip(run[::2], run[1::2], strict=False)
            # JIS row and cell to Shift JIS (JIS X 0208, annex 1).
            out.append(b"".join(_shifted(row, cell) for row, cell in pairs).decode("cp932", "replace"))
        elif escape == b"\x1b(I":
            out.append(bytes(byte | 0x80 for byte in run).decode("cp932", "replace"))
        else:
            out.append(run.decode("cp932", "replace"))
    return "".join(out)


def _shifted(row: int, cell: int) -> bytes:
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return bytes([row, cell])
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    return bytes([lead, trail])


def clean(text: str) -> str:
    """Without NUL and lone surrogates, which neither a database nor JSON can keep."""
    return text.replace("\0", "").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def header_text(value: str, otherwise: str | None = None) -> str:
    """A header's value, unfolded, its encoded words (RFC 2047) decoded, on one line. 8-bit bytes come as surrogates;
    where they are no UTF-8, they are read in the charset `otherwise`. Nothing in it turns what is written beside it."""
    raw = eight_bit(value, otherwise)
    if "=?" in raw:
        raw = _encoded_words(CONTROLS.sub(" ", re.sub(r"\r?\n", "", raw)))
    # An encoded word can hold a line break: it must not become one in a header of ours.
    return " ".join(CONTROLS.sub(" ", TURNING.sub("", clean(raw))).split())


JAPANESE = "\x1b$"
"""Begins ISO-2022-JP, which has no byte of 8 bits: in a raw header it looks like ASCII, commas and quotes among it."""


def eight_bit(value: str, otherwise: str | None = None) -> str:
    """A raw header whose 8-bit bytes came as surrogates, decoded; its encoded words are not."""
    data = value.encode("utf-8", "surrogateescape")
    if JAPANESE in value:
        return clean(japanese(data))
    return clean(decode(data, None, otherwise)[0])


def html_charset(data: bytes) -> str | None:
    """What an HTML document says of its own charset; asked only where the mail says nothing."""
    found = META_CHARSET.search(data[:META_WITHIN])
    return found[1].decode("ascii", "replace") if found else None


def _encoded_words(value: str) -> str:
    """Neighbours in one charset are joined before they are decoded: many programs split inside a character."""
    value = CUT_BEFORE_ANOTHER.sub(r"\1?=", value)
    # Behind the last "?=" nothing can end: without this cut every "=?" there would be searched to the end.
    head, end, rest = value.rpartition("?=")
    last = rest.rstrip("?= \t").rfind("=?")
    alone = last == 0 or (last > 0 and rest[last - 1].isspace())
    if alone and (cut := CUT_AT_THE_END.fullmatch(rest, last)):
        head, end, rest = f"{head}{end}{rest[:last]}{cut[1]}", "?=", ""
        value = head + end
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
        label = word[1].partition("*")[0].lower()  # RFC 2231 5 allows a language after the charset
        named = next(iter(codecs_of(label)), label)
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
    """The bytes of an encoded word, of several that were put together in one, too; None if it is no base64."""
    if encoding == "q":
        return QUOTED.sub(lambda match: bytes([int(match[1], 16)]), text.replace("_", " ").encode())
    pieces = [piece for piece in "".join(text.split()).translate(URL_SAFE).split("=") if piece]
    if any(not BASE64.fullmatch(piece) or len(piece) % 4 == 1 for piece in pieces):
        return None
    return b"".join(binascii.a2b_base64(piece + "=" * (-len(piece) % 4)) for piece in pieces)
