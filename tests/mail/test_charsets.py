"""Charsets that lie, are unknown, or are no charsets."""

import pytest

from mail.charsets import clean, decode, header_text, html_charset


@pytest.mark.parametrize(
    ("data", "charset", "text", "fitted"),
    [
        (b"caf\xc3\xa9", "utf-8", "café", True),
        (b"caf\xc3\xa9", None, "café", True),
        (b"caf\xe9", None, "café", True),
        (b"caf\xe9", "us-ascii", "café", False),
        (b"caf\xc3\xa9", "us-ascii", "café", True),
        (b"caf\xe9", "utf-8", "café", False),
        (b"\x93x\x94", "ISO-8859-1", "“x”", True),
        ("Grüße".encode() * 20 + b"\xff", "utf-8", "Grüße" * 20 + "\ufffd", False),
        ("日本".encode("cp932"), "shift_jis", "日本", True),
        ("한글".encode("cp949"), "ks_c_5601-1987", "한글", True),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет", True),
        (b"\\x41\\n", "unicode_escape", "\\x41\\n", False),
        (b"uryyb", "rot13", "uryyb", False),
        (b"x\x9c", "zip", "xœ", False),
        (b"abc", "utf-8\0", "abc", False),
        (b"abc", "x" * 5000, "abc", False),
        (b"abc", "", "abc", False),
        ("你好".encode("gb18030"), "gb18030-2022", "你好", True),
        ("İşğ".encode("cp1254"), "turkish", "İşğ", True),
        (b"Hello there", "utf-16", "Hello there", True),
        ("Größe der Datei".encode(), "utf-16le", "Größe der Datei", True),
        ("Größe der Datei".encode(), "utf-32", "Größe der Datei", True),
        ("Größe der Datei".encode("utf-16-le"), "utf-16le", "Größe der Datei", True),
        ("你好".encode("utf-16-be"), "utf-16be", "你好", True),
        (b"\x81", "windows-1252", "\ufffd", False),
        ("Größe der Datei".encode("utf-16-be"), "utf-16", "Größe der Datei", True),
        ("Größe der Datei".encode("utf-16-le"), "UTF-16", "Größe der Datei", True),
        ("プリンター".encode("iso2022_jp"), None, "プリンター", True),
        ("プリンター".encode("iso2022_jp"), "us-ascii", "プリンター", False),
        ("プリンター".encode("iso2022_jp"), "_iso-2022-jp$ESC", "プリンター", False),
        (b"\x1b$ is how the terminal shows it", None, "\x1b$ is how the terminal shows it", True),
    ],
)
def test_decode(data: bytes, charset: str | None, text: str, fitted: bool) -> None:
    assert decode(data, charset) == (text, fitted)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("a\r\n folded", "a folded"),
        ("=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8*de?q?f=C3=BCr?=", "für"),
        ("=?utf-8?b?not base64!?=", "=?utf-8?b?not base64!?="),
        ("=?utf-8?q?really??= =?utf-8?q?_yes?=", "really? yes"),
        ("=?utf-8?b?w7w?= =?utf-8?b?A?= x", "ü =?utf-8?b?A?= x"),
        ("5 € =?utf-8?q?x?= Größe", "5 € x Größe"),
        ("=?a?q?x" * 3, "=?a?q?x" * 3),
        ("=?nonsense?q?f=C3=BCr?=", "für"),
        ("=?unicode_escape?q?=5Cn?=", "\\n"),
        ("C:\\new =?utf-8?q?x?=", "C:\\new x"),
        ("=?utf-7?q?+2AA-?=", "\ufffd\ufffd\ufffd"),
        ("a\x00b\x85c\u2028d", "ab c d"),
        ("=?utf-8?q?f=C3=BCr?", "für"),
        ("=?utf-8?q?f=C3=BCr", "für"),
        ("=?utf-8?b?ZsO8cg==", "für"),
        ("=?utf-8?q?f=C3=BCr =?utf-8?q?_uns?=", "für uns"),
        ("=?utf-8?q?a?= b =?utf-8?q?f=C3=BCr=", "a b für"),
        ("what does =?utf-8?q? mean", "what does =?utf-8?q? mean"),
        ("=?utf-8?q?f=C3=BCr is how it looks", "=?utf-8?q?f=C3=BCr is how it looks"),
        ("=??q?f=C3=BCr?=", "für"),
        ("=?gb18030?B?tPLToS5wZGY=?", "打印.pdf"),
        ("=?utf-8?b?Pz8-PsO8fg==?=", "??>>ü~"),
        ("=?utf-8?b?w7w=w7w=?=", "üü"),
        ("=?gb2312?b?tPLT?= =?GBK?b?obv6?=", "打印机"),
        ("=?utf-8?q?=E6=97=A5=E6?= =?UTF8?b?nKw=?=", "日本"),
        ("\x1b$BF|K\\8l\x1b(B mail", "日本語 mail"),
        ("=?utf-8?q?a=0D=0ABcc=3A_b=00?=", "a Bcc: b"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("=?utf-8?b?YeKArmLigaZjXOKBqWQ=?=", "abc\\d"),
        ("\u202b\u202c\u2066 \u2069", ""),
        ("\u200fשלום\u200f (A)", "\u200fשלום\u200f (A)"),
    ],
)
def test_header_text(value: str, text: str) -> None:
    assert header_text(value) == text


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        (b'<meta charset="windows-1251">', "windows-1251"),
        (b"<META http-equiv=x content='text/html; charset=koi8-r'>", "koi8-r"),
        (b"<p>charset=koi8-r</p>", None),
        (b"<meta" * 5000, None),
        (b"", None),
    ],
)
def test_html_charset(html: bytes, charset: str | None) -> None:
    assert html_charset(html) == charset


def test_clean_leaves_what_can_be_stored() -> None:
    assert clean("a\0b\ud800c") == "ab\ufffd\ufffd\ufffdc"


MULTI_BYTE = [
    "big5",
    "big5-hkscs",
    "gb2312",
    "gbk",
    "gb18030",
    "shift_jis",
    "windows-31j",
    "euc-jp",
    "euc-kr",
    "ks_c_5601-1987",
    "windows-949",
    "x-gbk",
]
SINGLE_BYTE = [
    "iso-8859-1",
    "windows-1252",
    "us-ascii",
    "iso-8859-2",
    "windows-1250",
    "windows-1251",
    "koi8-r",
    "koi8-u",
    "iso-8859-5",
    "iso-8859-7",
    "cp850",
]


@pytest.mark.parametrize("label", MULTI_BYTE + SINGLE_BYTE)
@pytest.mark.parametrize(
    "text",
    [
        "订单没有到",
        "你好",
        "注文が届きません",
        "주문이 오지 않았습니다",
        "Привет, как дела",
        "Grüße für später, schöne Größe",
        "Ok 👍🏽 – thanks…",
    ],
)
def test_utf_8_under_another_name_is_utf_8(label: str, text: str) -> None:
    assert decode(text.encode(), label)[0] == text


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("一些中文字符", "gbk", "gbk"),
        ("联通", "gbk", "gb2312"),
        ("联系", "gbk", "gbk"),
        ("Ні", "koi8-u", "koi8-u"),
        ("ні", "koi8-u", "koi8-u"),
        ("Ні, дякую", "cp1251", "windows-1251"),
        ("нет, её", "koi8-r", "koi8-r"),
        ("ТА", "iso8859-5", "iso-8859-5"),
        ("철", "cp949", "euc-kr"),
        ("ﾃｽﾄ", "cp932", "shift_jis"),
        ("你好", "big5", "big5"),
        ("«CAFÉ»", "cp1252", "iso-8859-1"),
        ("Ósmy źdźbło", "iso8859-2", "iso-8859-2"),
        ("Ω μέγα", "iso8859-7", "iso-8859-7"),
    ],
)
def test_what_is_rightly_labelled_is_not_taken_for_utf_8(text: str, codec: str, label: str) -> None:
    assert decode(text.encode(codec), label) == (text, True)


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        ("鎔囍".encode("gbk"), "gb2312", "鎔囍"),
        ("€ 㐀".encode("gb18030"), "gb2312", "€ 㐀"),
        ("①㈱髙﨑".encode("cp932"), "shift_jis", "①㈱髙﨑"),
        ("뷁뷃".encode("cp949"), "ks_c_5601-1987", "뷁뷃"),
        ("똠방각하".encode("cp949"), "euc-kr", "똠방각하"),
        ("“x” – €".encode("cp1252"), "iso-8859-1", "“x” – €"),
        ("“Š” ž".encode("cp1250"), "iso-8859-2", "“Š” ž"),
        ("“€”".encode("cp1253"), "iso-8859-7", "“€”"),
        ("€“ş”".encode("cp1254"), "iso-8859-9", "€“ş”"),
        ("碁銹裏墻恒粧嫺".encode("cp950"), "big5", "碁銹裏墻恒粧嫺"),
        ("啲嘢".encode("big5hkscs"), "big5", "啲嘢"),
        ("啲嘢".encode("big5hkscs"), "big5-hkscs", "啲嘢"),
        (b"\x1b$B-!-j\x1b(B", "iso-2022-jp", "①㈱"),
        (b"\x1b(I\x43\x3d\x44\x1b(B", "cp50220", "ﾃｽﾄ"),
        (b"\xad\xa1", "euc-jp", "①"),
    ],
)
def test_the_superset_that_programs_mean(data: bytes, label: str, text: str) -> None:
    assert decode(data, label)[0] == text


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "windows-1252", "café"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "utf-8", "café"),
        (b"\xef\xbb\xbfx", None, "x"),
        ("café".encode("utf-16"), "iso-8859-1", "café"),
        (b"\xfe\xff" + "café".encode("utf-16-be"), None, "café"),
        (b"\xff\xfeabc", "iso-8859-1", "ÿþabc"),
        ("\ufeffcafé".encode("utf-32-le"), "utf-32", "café"),
        ("\ufeffcafé".encode("utf-32-be"), None, "café"),
    ],
)
def test_a_byte_order_mark_tells_more_than_the_label(data: bytes, label: str | None, text: str) -> None:
    assert decode(data, label)[0] == text


MARKED = "\ufeffDie Prüfung dauert lange.\n"


@pytest.mark.parametrize("label", [None, "utf-8", "us-ascii", "iso-8859-1", "utf-16", "utf-16le", "x-unknown"])
@pytest.mark.parametrize("ends", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_text_of_wide_characters_that_is_cut_within_one(ends: str, label: str | None) -> None:
    for missing in range(1, 4 if ends.startswith("utf-32") else 2):
        assert decode(MARKED.encode(ends)[:-missing], label) == ("Die Prüfung dauert lange.", False)


@pytest.mark.parametrize("label", [None, "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "x-unknown"])
def test_a_mark_of_utf_8_before_a_text_with_a_flaw(label: str | None) -> None:
    flawed = MARKED.encode() + b"Sie l\xc3\xa4uft \xff noch."
    assert decode(flawed, label) == ("Die Prüfung dauert lange.\nSie läuft \ufffd noch.", False)


@pytest.mark.parametrize(("label", "charset"), [("utf-8", "cp1252"), ("iso-8859-2", "iso-8859-2"), (None, "cp1252")])
def test_a_mark_of_utf_8_that_an_editor_put_before_a_text_in_another_charset(label: str | None, charset: str) -> None:
    text = MARKED.removeprefix("\ufeff")
    assert decode(b"\xef\xbb\xbf" + text.encode(charset), label) == (text, False)


def test_without_a_mark_no_sign_stands_for_half_a_character_at_the_end() -> None:
    assert decode("Hello you".encode("utf-16-le") + b"\n", "utf-16") == ("Hello you", False)
    assert decode("Hello you".encode("utf-16-be")[:-1], "utf-16be") == ("Hello yo", False)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Привет", "cp1251"),
        ("Привет", "koi8-r"),
        ("你好", "gb2312"),
        ("こんにちは", "shift_jis"),
        ("Čau", "iso8859-2"),
        ("안녕", "euc-kr"),
    ],
)
def test_raw_header_bytes_are_read_in_the_charset_of_the_mail(text: str, codec: str) -> None:
    raw = text.encode(codec).decode("ascii", "surrogateescape")
    assert header_text(raw, codec) == text
    assert header_text(text.encode().decode("ascii", "surrogateescape"), codec) == text
