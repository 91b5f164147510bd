"""Every name under which a charset is known comes to the codec that reads it."""

import pytest
from webencodings.labels import LABELS

from mail.charset_names import codecs_of
from mail.charsets import decode

UNREADABLE = {"iso-2022-cn", "iso-2022-cn-ext", "replacement", "x-user-defined"}
"""Labels of the standard that stand for no charset of which Python has a codec."""


@pytest.mark.parametrize("label", sorted(set(LABELS) - UNREADABLE))
def test_every_label_of_the_encoding_standard_has_a_codec(label: str) -> None:
    for written in (label, label.upper(), f" {label} ", f'"{label}"'):
        assert codecs_of(written), written
    assert b"hello".decode(codecs_of(label)[0], "replace") == "hello" or "utf-16" in codecs_of(label)[0]


TEXTS = {
    "Grüße für später": {
        "cp1252": "iso-8859-1 latin1 latin-1 ISO_8859-1:1987 windows-1252 cp1252 x-cp1252 ibm-1252 win-1252 ansi l1 8859-1 "
        "windows1252 CP-1252 iso88591 ISO8859_1 cp819 ibm819",
        "cp850": "cp850 cp-850 ibm850 ibm-850 x-cp850 dos-850 CP_850 csPC850Multilingual pc850 850",
        "cp437": "cp437 ibm437 cp-437 dos437",
        "mac_roman": "macintosh mac x-mac-roman macroman x-macroman csmacintosh applemacroman windows-10000",
        "iso8859-15": "iso-8859-15 latin-9 latin9 csisolatin9 iso8859-15 8859-15 windows-28605",
    },
    "Příliš žluťoučký kůň": {
        "mac_latin2": "x-mac-ce x-mac-centraleurroman mac-ce x-mac-central-europe mac_latin2 windows-10029",
        "iso8859-2": "iso-8859-2 latin2 l2 iso_8859-2:1987 csisolatin2 iso88592 windows-28592",
        "cp1250": "windows-1250 cp1250 x-cp1250 cp-1250 win1250 windows1250 ms-1250",
        "cp852": "cp852 ibm852 cp-852 dos-852",
    },
    "Привет, как дела": {
        "cp1251": "windows-1251 cp1251 x-cp1251 cp-1251 win-1251 windows1251 microsoft-cp1251",
        "koi8-r": "koi8-r koi8r koi8 koi cskoi8r x-koi8-r koi8_r windows-20866 cp878",
        "cp866": "cp866 ibm866 866 csibm866 dos-866 cp-866",
        "iso8859-5": "iso-8859-5 cyrillic iso88595 windows-28595",
        "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian maccyrillic windows-10007",
    },
    "Привіт": {"koi8-u": "koi8-u koi8-ru koi8u windows-21866 x-koi8-u"},
    "Καλημέρα": {
        "iso8859-7": "iso-8859-7 greek ecma-118 elot_928 windows-28597",
        "cp1253": "windows-1253 cp1253 x-cp1253 win1253",
        "mac_greek": "x-mac-greek macgreek windows-10006",
    },
    "İstanbul'a şehir": {
        "cp1254": "windows-1254 iso-8859-9 latin5 l5 cp1254 x-cp1254",
        "mac_turkish": "x-mac-turkish macturkish windows-10081",
        "cp857": "cp857 ibm857 cp-857",
    },
    "שלום עולם": {
        "iso8859-8": "iso-8859-8 iso-8859-8-i iso-8859-8-e csiso88598i csISO88598E logical visual hebrew windows-38598",
        "cp1255": "windows-1255 cp1255 x-cp1255",
        "cp862": "cp862 ibm862 dos-862",
    },
    "مرحبا": {
        "iso8859-6": "iso-8859-6 iso-8859-6-i iso-8859-6-e arabic asmo-708",
        "cp1256": "windows-1256 cp1256 x-cp1256",
    },
    "สวัสดีครับ": {"cp874": "windows-874 tis-620 iso-8859-11 dos-874 cp874 x-windows-874 TIS620.2533-0"},
    "注文が届きません": {
        "cp932": "shift_jis sjis shift-jis x-sjis ms_kanji windows-31j cswindows31j windows-932 ms932 cp932 x-ms-cp932 "
        "x-mac-japanese SJIS-win csshiftjis cp943 x-ibm943c",
        "euc_jp": "euc-jp x-euc-jp eucJP eucJP-ms eucjp-win eucJP-open cp51932 windows-51932 ujis",
        "iso2022_jp": "iso-2022-jp csiso2022jp cp50220 cp50221 cp50222 iso-2022-jp-ms jis x-windows-iso2022jp windows-50220",
    },
    "订单没有到": {
        "gb18030": "gb2312 gbk gb18030 x-gbk windows-936 cp936 ms936 gb_2312-80 chinese csgb2312 euc-cn x-euc-cn "
        "windows-54936 cp-936 x-mac-chinesesimp iso-ir-58",
        "hz": "hz-gb-2312 hz windows-52936",
    },
    "訂單沒有到": {"cp950": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 windows-950 cp950 ms950 x-windows-950 big5-eten"},
    "주문이 오지 않았습니다": {
        "cp949": "euc-kr ks_c_5601-1987 ksc5601 cp949 ms949 windows-949 x-windows-949 uhc korean cseuckr ksc_5601 x-mac-korean",
        "iso2022_kr": "iso-2022-kr csiso2022kr windows-50225",
        "johab": "johab cp1361 ks_c_5601-1992-johab-1361"[:12],
    },
    "Žluťoučký 日本": {
        "utf-8": "utf-8 utf8 UTF_8 unicode-1-1-utf-8 x-utf-8 utf8mb4 windows-65001 cp65001 unicode11utf8",
        "utf-16": "utf-16 unicode ucs-2 csutf16 iso-10646-ucs-2",
        "utf-7": "utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 windows-65000",
    },
}  # fmt: skip
SPELLINGS = [
    (text, codec, label) for text, by in TEXTS.items() for codec, labels in by.items() for label in labels.split()
]


@pytest.mark.parametrize(("text", "codec", "label"), SPELLINGS, ids=[label for _, _, label in SPELLINGS])
def test_a_text_under_any_name_of_its_charset(text: str, codec: str, label: str) -> None:
    assert decode(text.encode(codec), label) == (text, True)


@pytest.mark.parametrize(
    "label",
    ["", "x-unknown", "unknown-8bit", "zip", "rot13", "unicode_escape", "idna", "punycode", "mbcs", "charmap", "base64",
     "x" * 500, "utf-8\0", "cp", "windows-99999", "iso-8859-12", "iso-8859-99", "hex", "utf-8 utf-8 " * 9],
)  # fmt: skip
def test_what_names_no_charset_has_no_codec(label: str) -> None:
    assert codecs_of(label) == ()
