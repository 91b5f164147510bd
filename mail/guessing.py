"""The charset of bytes that nothing tells the charset of, and that are no UTF-8.

By the library chardet, which knows how often letters follow each other in which language; where a text is too short for
that, by the language or the country that the mail names; else Western.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from mail.charset_names import codecs_of

CHARSETS = (
    "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
    "windows-1257", "windows-1258", "iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-16", "koi8-r", "koi8-u", "cp866",
    "cp874", "shift_jis", "cp932", "euc-jp", "gb18030", "big5", "cp949", "euc-kr",
)  # fmt: skip
"""In which mail without a label is written."""
LOOKED_AT = 20_000
"""Bytes."""
FEW = 3
"""Bytes of 8 bits; with fewer, the language has to show by what stands around them."""
MANY = 8
"""Of which on chardet knows better than what the mail's country makes likely."""
SURE, SURE_OF_FEW = 0.04, 0.12
"""What chardet calls its confidence. Texts of one sentence in another script have 0.1 to 0.8, names alone 0.0 to 0.05."""

CYRILLIC, CENTRAL = ("windows-1251", "koi8-r"), ("windows-1250", "iso-8859-2")
BY_COUNTRY = {
    **dict.fromkeys(("ru", "su", "by", "kz", "bg", "mk", "rs"), CYRILLIC),
    "ua": ("windows-1251", "koi8-u"),
    **dict.fromkeys(("cz", "sk", "pl", "hu", "si", "hr", "ro", "ba"), CENTRAL),
    "gr": ("windows-1253",), "cy": ("windows-1253",), "tr": ("windows-1254",), "il": ("windows-1255",),
    **dict.fromkeys(("sa", "eg", "ae", "ir", "jo", "ma", "dz", "tn", "iq", "kw", "qa"), ("windows-1256",)),
    **dict.fromkeys(("lt", "lv", "ee"), ("windows-1257",)), "vn": ("windows-1258",), "th": ("cp874",),
    "jp": ("shift_jis", "euc-jp"), "cn": ("gb18030",), "tw": ("big5",), "hk": ("big5",), "kr": ("cp949",),
}  # fmt: skip
BY_LANGUAGE = {
    **dict.fromkeys(("ru", "bg", "be", "kk", "mk", "sr"), CYRILLIC), "uk": BY_COUNTRY["ua"],
    **dict.fromkeys(("cs", "sk", "pl", "hu", "sl", "hr", "ro", "bs"), CENTRAL),
    "el": BY_COUNTRY["gr"], "tr": BY_COUNTRY["tr"], "he": BY_COUNTRY["il"], "ar": BY_COUNTRY["sa"], "fa": BY_COUNTRY["sa"],
    **dict.fromkeys(("lt", "lv", "et"), BY_COUNTRY["lt"]), "vi": BY_COUNTRY["vn"], "th": BY_COUNTRY["th"],
    "ja": BY_COUNTRY["jp"], "zh": BY_COUNTRY["cn"], "zh-tw": BY_COUNTRY["tw"], "ko": BY_COUNTRY["kr"],
}  # fmt: skip
FROM = re.compile(rb"^from[ \t]{0,9}:[^\r\n]{0,998}@[\w.-]{1,200}\.([a-z]{2})\b", re.IGNORECASE | re.MULTILINE)
LANGUAGE = re.compile(rb"^(?:content|accept)-language[ \t]{0,9}:\s{0,9}([a-z]{2}(?:-[a-z]{2})?)\b", re.I | re.MULTILINE)
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
OTHER = "\u0370-\u05ff\u0600-\u06ff\u0e00-\u0e7f"
"""Greek, Cyrillic, Hebrew, Arabic and Thai letters."""
OTHER_LETTERS = re.compile(rf"[{OTHER}]+")
MIXED = re.compile(rf"(?<=[A-Za-z])[{OTHER}]++|(?<![{OTHER}])[{OTHER}]++(?=[A-Za-z])")
"""Each run is looked at once: one of ten thousand letters without an end would else take as many looks."""
HEAD_WITHIN = 32_000


def guessed(data: bytes, hints: Sequence[str] = ()) -> str | None:
    """Python's codec; None if Western is likeliest. `hints`: charsets that the mail's language or country uses."""
    sample = data[:LOOKED_AT]
    high = sum(byte > 0x7F for byte in sample)
    if not high or CONTROLS.search(sample):
        return None
    import chardet

    found = chardet.detect(sample, include_encodings=CHARSETS)
    label, confidence = found["encoding"], found["confidence"] or 0.0
    codec = next(iter(codecs_of(label)), None) if label else None
    named = [each for hint in hints for each in codecs_of(hint)[:1] if _decodes(data, each)]
    sure = confidence >= (SURE if high >= FEW else SURE_OF_FEW) and (high >= MANY or not named or codec in named)
    if codec is not None and sure and not _mixes(sample, codec):
        return codec
    named = [each for each in named if not _mixes(sample, each)]
    return min(named, key=lambda each: _capitals_within(sample, each), default=None)


def _mixes(data: bytes, codec: str) -> bool:
    """Whether most words that have other letters have Latin ones beside them, as where accents are taken for another script. A
    letter that stands alone is no word of it: so is the "à" of "à bientôt"."""
    text = data.decode(codec, "replace")
    words = sum(len(run) > 1 for run in OTHER_LETTERS.findall(text))
    return 2 * len(MIXED.findall(text)) > words


def _capitals_within(data: bytes, codec: str) -> int:
    """Capitals behind small letters: what one Cyrillic charset makes of another."""
    text = data.decode(codec, "replace")
    return sum(before.islower() and after.isupper() for before, after in pairwise(text))


def hints_of(raw: bytes) -> tuple[str, ...]:
    """The charsets of the language that a mail names, and of its sender's country."""
    head = raw[:HEAD_WITHIN]
    found: list[str] = []
    if language := LANGUAGE.search(head):
        named = language[1].decode().lower()
        found += BY_LANGUAGE.get(named, BY_LANGUAGE.get(named[:2], ()))
    if country := FROM.search(head):
        found += BY_COUNTRY.get(country[1].decode().lower(), ())
    return tuple(dict.fromkeys(found))


def unlabelled(raw: bytes) -> bytes:
    """The lines of a mail that hold bytes of 8 bits and are no UTF-8: what its charset can be told by."""
    lines = raw[: 10 * LOOKED_AT].split(b"\n")
    found = (line for line in lines if not line.isascii() and not CONTROLS.search(line) and not _decodes(line, "utf-8"))
    return b"\n".join(found)[:LOOKED_AT]


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeError:
        return False
    return True
