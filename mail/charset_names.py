"""The names of charsets, as mails write them, to Python's codecs.

Three sources, asked in this order: what mail programs write and no standard lists; the labels of the WHATWG Encoding
Standard (the library webencodings), which is how browsers and web mail read them; and the names that Python knows.
"""

import codecs
import re
from functools import lru_cache

import webencodings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:+()-]{0,59}")
# Codecs that compute instead of decoding: text is never run through an escape decoder.
NO_CHARSETS = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem", "charmap"}
ISO_2022_JP = "iso2022_jp_ext"

# Squeezed to letters and digits. Windows code pages and IBM's numbers are not here: `_by_number` reads them.
OF_PROGRAMS = {
    # Apple
    "xmacroman": "mac_roman", "macosroman": "mac_roman", "applemacroman": "mac_roman", "xmacce": "mac_latin2",
    "macce": "mac_latin2", "xmaccentraleurroman": "mac_latin2", "maccentraleurope": "mac_latin2",
    "xmaccentraleurope": "mac_latin2", "xmaclatin2": "mac_latin2", "xmaccyrillic": "mac_cyrillic",
    "xmacukrainian": "mac_cyrillic", "macukraine": "mac_cyrillic", "xmacukraine": "mac_cyrillic",
    "xmacgreek": "mac_greek", "xmacturkish": "mac_turkish", "xmacicelandic": "mac_iceland",
    "xmaciceland": "mac_iceland", "macicelandic": "mac_iceland", "xmaccroatian": "mac_croatian",
    "xmacromanian": "mac_romanian", "xmacromania": "mac_romanian", "xmacfarsi": "mac_farsi",
    "xmacarabic": "mac_arabic", "xmacjapanese": "cp932", "macjapanese": "cp932", "xmackorean": "cp949",
    "mackorean": "cp949", "xmacchinesetrad": "cp950", "macchinesetrad": "cp950", "xmacchinesesimp": "gb18030",
    "macchinesesimp": "gb18030",
    # Japanese
    "eucjpms": "euc_jp", "eucjpwin": "euc_jp", "eucjpopen": "euc_jp", "ibmeucjp": "euc_jp", "xeucjpms": "euc_jp",
    "ujis": "euc_jp", "sjis": "cp932", "sjiswin": "cp932", "xsjisjdk": "cp932", "mskanji": "cp932",
    "windows31j": "cp932", "cswindows31j": "cp932", "iso2022jpms": ISO_2022_JP, "xiso2022jp": ISO_2022_JP, "jis": ISO_2022_JP,
    "jisencoding": ISO_2022_JP, "xjis": ISO_2022_JP, "junet": ISO_2022_JP, "xwindows50220": ISO_2022_JP,
    "xwindows50221": ISO_2022_JP, "xwindowsiso2022jp": ISO_2022_JP, "xjisautodetect": "cp932",
    # Chinese and Korean
    "hz": "hz", "hzgb2312": "hz", "iso2022kr": "iso2022_kr", "csiso2022kr": "iso2022_kr", "euccn": "gb18030",
    "xeuccn": "gb18030", "gb180302000": "gb18030", "gb180302005": "gb18030", "gb180302022": "gb18030",
    "gb": "gb18030", "gb23121980": "gb18030", "hkscs": "big5hkscs", "big5hkscs": "big5hkscs",
    "xbig5hkscs": "big5hkscs", "big5plus": "cp950", "big5eten": "cp950", "xxbig5": "cp950", "uhc": "cp949",
    "johab": "johab", "ksc5601": "cp949", "ksc56011992": "cp949",
    # Left to right, right to left: the order is the display's business (RFC 1556).
    "iso88598e": "iso8859-8", "csiso88598e": "iso8859-8", "iso88596i": "iso8859-6", "iso88596e": "iso8859-6",
    "csiso88596i": "iso8859-6", "csiso88596e": "iso8859-6", "iso88598visual": "iso8859-8",
    # Cyrillic and others
    "koi8ru": "koi8_u", "koi8rus": "koi8_r", "koi8ukr": "koi8_u", "koi8": "koi8_r", "koi8r": "koi8_r",
    "koi8u": "koi8_u", "koi": "koi8_r", "xkoi8r": "koi8_r",
    "xkoi8u": "koi8_u", "tis620": "cp874", "tis62025330": "cp874", "xtis620": "cp874", "isoir166": "cp874",
    "unicode11utf7": "utf-7", "xunicode20utf7": "utf-7", "unicode20utf7": "utf-7",
    "csunicode11utf7": "utf-7", "utf7": "utf-7",
    # Unicode
    "utf8mb4": "utf-8", "utf8mb3": "utf-8", "xutf8": "utf-8", "utf8n": "utf-8", "utf8bom": "utf-8",
    "unicodefffe": "utf-16-be", "unicode": "utf-16", "utf16": "utf-16", "csutf16": "utf-16", "ucs2": "utf-16",
    "iso10646ucs2": "utf-16", "utf32": "utf-32", "ucs4": "utf-32",
    # Of no more than ASCII, in which people write what they like
    "usascii": "ascii", "ascii": "ascii", "asciius": "ascii", "ansix341968": "ascii", "ansix3": "ascii",
    "iso646us": "ascii", "iso646": "ascii", "csascii": "ascii", "plainascii": "ascii", "7bit": "ascii",
    # Of a Windows machine that says no more than that it is one
    "ansi": "cp1252", "msansi": "cp1252", "xansi": "cp1252", "windows": "cp1252", "latin": "cp1252",
    "turkish": "cp1254", "baltic": "cp1257", "isolatin": "cp1252", "western": "cp1252", "iso8859": "cp1252", "8859": "cp1252",
}  # fmt: skip

# Names after which a number of a code page follows.
NUMBERED = re.compile(r"(?:x|cs)?(?:windows|win|microsoft|ms|codepage|cp|ibm|dos|oem|pc)+(\d{3,5})[a-z]?")
PAGES = {
    874: "cp874", 932: "cp932", 943: "cp932", 936: "gb18030", 1386: "gb18030", 949: "cp949", 1363: "cp949",
    950: "cp950", 1361: "johab", 819: "iso8859-1", 912: "iso8859-2", 915: "iso8859-5", 813: "iso8859-7",
    916: "iso8859-8", 920: "iso8859-9", 923: "iso8859-15", 367: "ascii", 808: "cp866", 878: "koi8_r",
    1208: "utf-8", 1200: "utf-16-le", 1201: "utf-16-be", 10000: "mac_roman", 10006: "mac_greek",
    10007: "mac_cyrillic", 10017: "mac_cyrillic", 10029: "mac_latin2", 10079: "mac_iceland", 10081: "mac_turkish",
    10082: "mac_croatian", 10010: "mac_romanian", 12000: "utf-32-le", 12001: "utf-32-be", 20127: "ascii",
    20866: "koi8_r", 21866: "koi8_u", 20932: "euc_jp", 51932: "euc_jp", 33722: "euc_jp", 20936: "gb18030",
    20949: "cp949", 51936: "gb18030", 51949: "cp949", 51950: "cp950", 52936: "hz", 54936: "gb18030",
    50220: ISO_2022_JP, 50221: ISO_2022_JP, 50222: ISO_2022_JP, 5022: ISO_2022_JP, 50225: "iso2022_kr",
    65000: "utf-7", 65001: "utf-8", 38598: "iso8859-8", 38596: "iso8859-6",
    **{28590 + part: f"iso8859-{part}" for part in range(1, 17) if part != 12},
}  # fmt: skip
LATIN = re.compile(r"(?:x|cs)?(?:iso|isoir)?_?8859(\d{1,2})(?:1987|1988|1989|1999)?")

# What is labelled so is read as its superset, as browsers decide, too: nobody writes the strict one. Where several
# are named, the first that fits.
SUPERSETS = {
    "ascii": ("utf-8",),
    "iso8859-1": ("cp1252",),
    "iso8859-9": ("cp1254",),
    "iso8859-11": ("cp874",),
    "tis-620": ("cp874",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "cp932": ("cp932", "shift_jis_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "euc_kr": ("cp949",),
    "big5": ("cp950", "big5hkscs"),
    "cp950": ("cp950", "big5hkscs"),
    "big5hkscs": ("big5hkscs", "cp950"),
    **dict.fromkeys(
        ("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", ISO_2022_JP),
        (ISO_2022_JP, "iso2022_jp_2", "iso2022_jp_2004"),
    ),
}
OF_WINDOWS = {
    "iso8859-2": "cp1250", "iso8859-4": "cp1257", "iso8859-7": "cp1253", "iso8859-8": "cp1255",
    "iso8859-13": "cp1257", "iso8859-15": "cp1252",
}  # fmt: skip
"""What a Windows program wrote that has bytes where the ISO charset has only control characters."""


@lru_cache(maxsize=512)
def codecs_of(label: str) -> tuple[str, ...]:
    """Python's codecs for a charset's label, the likeliest first; none if it names no charset that is known."""
    bare = label.strip().strip("\"'").strip()
    if not NAME.fullmatch(bare):
        return ()
    name = _named(bare.lower())
    return SUPERSETS.get(name, (name,)) if name else ()


def _named(label: str) -> str | None:
    squeezed = re.sub(r"[^a-z0-9]", "", label)
    if squeezed in OF_PROGRAMS:
        return OF_PROGRAMS[squeezed]
    numbered = NUMBERED.fullmatch(squeezed)
    if numbered:
        return PAGES.get(int(numbered[1])) or _python(f"cp{numbered[1]}")
    latin = LATIN.fullmatch(squeezed)
    if latin:
        return _python(f"iso8859-{int(latin[1])}")
    known = webencodings.lookup(label)
    if known is not None and known.name not in ("replacement", "x-user-defined"):
        return _python(known.codec_info.name)
    return next(
        (found for each in (label, squeezed, squeezed.removeprefix("x"), squeezed.removeprefix("cs"))
         if (found := _python(each))), None
    )  # fmt: skip


def _python(name: str) -> str | None:
    """The canonical name of Python's codec; None if there is none, or if it is no charset."""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # `_is_text_encoding` is how bytes.decode itself keeps "zip" and "rot13" out.
    return info.name if info._is_text_encoding and info.name.replace("-", "_") not in NO_CHARSETS else None
