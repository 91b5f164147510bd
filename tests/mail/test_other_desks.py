"""Forms of mails that another help desk keeps as its samples, each as a kind with members of our own: what their writers'
programs left undone, read as it was meant."""

from __future__ import annotations

from base64 import b64encode
from binascii import b2a_uu
from quopri import encodestring

import pytest

from mail import tnef
from mail.addresses import author, people
from mail.kinds import AttachmentKind
from mail.parse import parse
from tests.support import tnef as make


def read(value: str) -> tuple[str, str, list[str]]:
    person, doubts = author(people(value)[0])
    assert person is not None
    return person.name, person.address, doubts


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("=?iso-8859-1?Q?H=F6lder,=20Anna?=", "Hölder, Anna"),
        ("=?utf-8?Q?Bell; Anna?=", "Bell; Anna"),
        ("=?utf-8?Q?Lager:_Anna_Bell?=", "Lager: Anna Bell"),
        ("=?utf-8?q?Bell,?= =?utf-8?q?_Anna,_Lager?=", "Bell, Anna, Lager"),
        ("=?utf-8?Q?Anna_<Lager>_Bell?=", "Anna <Lager> Bell"),
        ('=?utf-8?Q?Anna_"Lager,_Bell?=', "Anna Lager, Bell"),
        ("=?utf-8?Q?Bell,_Anna_(Lager?= Bonn)", "Bell, Anna (Lager Bonn)"),
    ],
)
def test_signs_within_an_encoded_word_part_no_names(name: str, meant: str) -> None:
    assert read(f"{name} <anna@b.example>") == (meant, "anna@b.example", [])
    assert [each.address for each in people(f"{name} <anna@b.example>, =?utf-8?Q?K=C3=B6hl?= <k@b.example>;")[0]] == [
        "anna@b.example",
        "k@b.example",
    ]


@pytest.mark.parametrize(
    ("value", "address", "doubts"),
    [
        # An address in brackets is one for a server, encoded or not.
        ("=?utf-8?Q?<casey@c.example>?= <n@bulk.example>", "n@bulk.example", ["several-authors"]),
        ("=?utf-8?Q?casey@c.example,?= <n@bulk.example>", "n@bulk.example", ["name-is-address"]),
        ("=?utf-8?Q?casey@c.example,x?=", "casey@c.example", ["from-encoded"]),
        ("=?utf-8?Q?Casey, n@bulk.example, =?utf-8?Q?Bell?= <b@c.example>", "b@c.example", ["several-authors"]),
    ],
)
def test_but_an_encoded_word_hides_no_address(value: str, address: str, doubts: list[str]) -> None:
    assert read(value)[1:] == (address, doubts)


@pytest.mark.parametrize(
    ("value", "name", "doubts"),
    [
        ("Anna Bell (anna@b.example)", "Anna Bell", ["from-encoded"]),
        ("=?iso-8859-2?Q?Nowi=F1ska?= (anna@b.example)", "Nowińska", ["from-encoded"]),
        ("(anna@b.example)", "", ["from-encoded"]),
        ("Anna Bell (anna@b.example) (Lager)", "Anna Bell Lager", ["from-encoded"]),
        ("Anna (mailto:anna@b.example)", "Anna", ["from-encoded"]),
        ("Anna Bell [anna@b.example]", "Anna Bell", []),
        ("Anna Bell [mailto:anna@b.example]", "Anna Bell", []),
        ("[anna@b.example]", "", []),
        ("Anna Bell {anna@b.example}", "Anna Bell", []),
        ("{anna@b.example}", "", []),
    ],
)
def test_an_address_in_other_brackets_where_nobody_else_is_named(value: str, name: str, doubts: list[str]) -> None:
    assert read(value) == (name, "anna@b.example", doubts)


def test_a_comment_is_no_address_beside_another() -> None:
    assert [each.address for each in people("Casey (casey@c.example), anna@b.example")[0]] == ["anna@b.example"]


WORDS = "領収書の再発行"


@pytest.mark.parametrize("codec", ["cp932", "euc_jp"])
@pytest.mark.parametrize(
    "mail",
    [
        b"Subject: %(raw)s\nContent-Type: text/plain; charset=iso-2022-jp\n\nx",
        b"Subject: =?ISO-2022-JP?B?%(base64)s?=\n\nx",
        b"X-Told: =?iso-2022-jp?B?eA==?=\nSubject: %(raw)s\n\nx",
        b"From: %(raw)s <a@b.example>\nContent-Type: text/plain; charset=iso-2022-jp\n\nx",
        b"Subject: x\nContent-Type: text/plain; charset=iso-2022-jp\n\n%(raw)s",
        b"X-Told: =?iso-2022-jp?B?eA==?=\nSubject: x\n\n%(raw)s",
    ],
)
def test_what_is_called_iso_2022_jp_and_has_no_escapes(mail: bytes, codec: str) -> None:
    raw = WORDS.encode(codec)
    read = parse(mail % {b"raw": raw, b"base64": b64encode(raw)})
    assert WORDS in (read.subject, read.text, read.from_ and read.from_.name)


FILE = b"No. 7: two of them, and a third that is late\n" * 3
LINES = b"".join(b2a_uu(FILE[start : start + 45]) for start in range(0, len(FILE), 45))


@pytest.mark.parametrize(
    "body",
    [
        LINES + b"`\n",
        LINES,
        b"begin 644 list.txt\n" + LINES + b"`\n",
        b"begin 644 list.txt\n" + LINES,
        b"\n\n" + LINES + b" \nend\n",
        LINES.replace(b"\n", b"\r\n") + b"`\r\nend\r\n",
        b"begin 644 list.txt\n" + LINES + b"`\nend\n",
    ],
)
@pytest.mark.parametrize("encoding", ["x-uuencode", "uue"])
def test_uuencode_without_the_lines_around_it(body: bytes, encoding: str) -> None:
    head = f"Subject: x\nContent-Type: application/pdf; name=list.pdf\nContent-Transfer-Encoding: {encoding}\n\n"
    assert [each.content for each in parse(head.encode() + body).attachments] == [FILE]


def filled(line: bytes) -> bytes:
    """As encoders write that fill up the last letters of a group with what stood there before."""
    size = (line[0] - 32) & 63
    spare = size % 3 and 3 - size % 3
    return line.rstrip(b"\n")[: len(line) - 1 - spare] + b"K" * spare + b"\n" if spare else line


@pytest.mark.parametrize("size", range(1, 10))
def test_letters_behind_a_file_in_uuencode_are_none_of_it(size: int) -> None:
    lines = b"".join(filled(b2a_uu(each)) for each in (FILE[:45], FILE[:size]))
    text = f"See below.\n\nbegin 644 list.pdf\n{lines.decode()}`\nend\n"
    for mail in (
        parse(f"Subject: x\n\n{text}".encode()),
        parse(
            b"Subject: x\nContent-Type: application/pdf; name=list.pdf\nContent-Transfer-Encoding: x-uuencode\n\n"
            + lines
        ),
    ):
        assert [(each.filename, each.content_type, each.content) for each in mail.attachments] == [
            ("list.pdf", "application/pdf", FILE[:45] + FILE[:size])
        ]
        assert "begin" not in mail.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("list.csv", "text/csv"),
        ("a.JPG", "image/jpeg"),
        ("order.eml", "message/rfc822"),
        ("list", "application/octet-stream"),
    ],
)
def test_a_file_in_uuencode_is_of_the_type_that_its_name_tells(name: str, kind: str) -> None:
    mail = parse(f"Subject: x\n\nbegin 644 {name}\n{LINES.decode()}`\nend\n".encode())
    assert [each.content_type for each in mail.attachments] == [kind]


def test_outlooks_container_in_uuencode_is_opened() -> None:
    held = make.container(make.file((tnef.DISPLAY_NAME, "Report 1.pdf"), (tnef.DATA, b"%PDF-1.7")))
    lines = b"".join(b2a_uu(held[start : start + 45]) for start in range(0, len(held), 45)).decode()
    mail = parse(f"Subject: x\n\nSee the report.\n\nbegin 600 winmail.dat\n{lines}`\nend\n".encode())
    assert [(each.filename, each.content) for each in mail.attachments] == [("Report 1.pdf", b"%PDF-1.7")]
    assert mail.text.strip() == "See the report."

    broken = parse(f"Subject: x\n\nbegin 600 winmail.dat\n{b2a_uu(held[:20]).decode()}`\nend\n".encode())
    assert [(each.filename, each.kind) for each in broken.attachments] == [("winmail.dat", AttachmentKind.TNEF)]


@pytest.mark.parametrize(
    "body", ["Nothing of the kind.\nRegards\n", "HELLO\n", "begin at ten\nend at two\n", "~~~\n", "`\n", "end\n"]
)
def test_words_that_are_called_uuencode_stay_words(body: str) -> None:
    assert parse(f"Subject: x\nContent-Transfer-Encoding: x-uuencode\n\n{body}".encode()).text == body


TRACE = "Return-Path: <a@b.example>\nReceived: from c.example\nby b.example;\nThu, 2 Aug 2018 16:58:16 +0200\n"
SAID = (
    "From: anna@b.example\nTo: desk@c.example\nSubject: Lift\nMessage-ID: <1@b.example>\nDate: 2 Aug 2018 16:58 +0200\n"
)


@pytest.mark.parametrize(
    "head",
    [
        TRACE + SAID,
        "---- Original message ----\n" + TRACE + SAID,
        TRACE + "Received: by d.example (queue)\nid 58E7;\nThu, 2 Aug 2018 16:58:28 +0200\n" + SAID,
        "X-Status: No, hits=0.0\ntests=ONE: -0.000, TWO: 0.001,\nthree of them\n" + TRACE + SAID,
        "X-Filter: checked\nand found clean\nReceived: by d.example\nwith ESMTP\n" + SAID,
        "A gateway's note\n" + TRACE + "Content-Type: text/plain\n" + SAID.replace("Message-ID: <1@b.example>\n", ""),
    ],
)
def test_a_head_whose_folded_lines_have_lost_their_blanks(head: str) -> None:
    mail = parse(f"{head}\nIt stands still.\n".encode())
    assert mail.from_ is not None
    assert (mail.from_.address, mail.subject, mail.text) == ("anna@b.example", "Lift", "It stands still.\n")


@pytest.mark.parametrize(
    ("words", "charset"),
    [("Лифт", "windows-1251"), ("Işık şöyle", "windows-1254"), ("Двери", "koi8-r"), ("Dveře", "iso-8859-2"),
     ("Πόρτα", "iso-8859-7"), ("ドア", "euc-jp"), ("문", "euc-kr")],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
@pytest.mark.parametrize("told", ["text/plain", "text/plain; charset=us-ascii", "text/plain; charset="])
def test_an_encoded_text_in_the_charset_of_the_subject(words: str, charset: str, encoding: str, told: str) -> None:
    raw = words.encode(charset)
    subject = f"X-Other: =?utf-8?b?eA==?=\nSubject: =?{charset}?b?{b64encode(raw).decode()}?="
    body = (encodestring(raw) if encoding == "quoted-printable" else b64encode(raw)).decode()
    mail = parse(f"{subject}\nContent-Type: {told}\nContent-Transfer-Encoding: {encoding}\n\n{body}".encode())
    assert (mail.subject, mail.text.strip()) == (words, words)


def test_a_word_in_utf_8_does_not_tell_the_charset_of_other_bytes() -> None:
    text = "Здравствуйте, лифт не работает, двери открыты"
    assert parse(b"Subject: =?utf-8?q?x?=\n\n" + text.encode("koi8-r")).text == text


@pytest.mark.parametrize(
    "words",
    ["à bientôt", "Çà et là", "à la forêt", "à demain, Zoé", "perché è rotto", "à Besançon", "La città è bella", "å gå",
     "à tôt ou à tard"],
)  # fmt: skip
def test_a_letter_that_stands_alone_makes_no_western_words_cyrillic(words: str) -> None:
    assert parse(b"Subject: x\n\n" + words.encode("cp1252")).text == words


@pytest.mark.parametrize("words", ["Лифт в доме сломан", "iPhoneом сломан", "в iPhoneе сломан экран"])
def test_but_cyrillic_words_stay_such(words: str) -> None:
    assert parse(b"From: a@b.ru\nSubject: x\n\n" + words.encode("cp1251")).text == words


RELATED = "Subject: x\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x<img src='cid:{0}'>\n"
PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n" + bytes(9), b"\xff\xd8\xff\xe0" + bytes(9), b"GIF89a" + bytes(9)
BMP, WEBP = b"BM\x46\0\0\0\0\0\0\0" + bytes(9), b"RIFF\x24\0\0\0WEBPVP8 " + bytes(9)


@pytest.mark.parametrize(
    ("told", "content", "kind"),
    [("application/octet-stream", PNG, "image/png"), ("image/jpg", JPEG, "image/jpeg"), ("application/others", GIF, "image/gif"),
     ("image/png", JPEG, "image/jpeg"), ("image/x-png", PNG, "image/png"), ("application/x-unknown", BMP, "image/bmp"),
     ("image/x-webp", WEBP, "image/webp"), ("image/svg+xml", b"<svg/>", "image/svg+xml")],
)  # fmt: skip
def test_a_picture_that_the_html_shows_is_what_its_first_bytes_say(told: str, content: bytes, kind: str) -> None:
    head = f"--b\nContent-Type: {told}; name=logo\nContent-ID: <1@b>\nContent-Transfer-Encoding: base64\n\n"
    mail = parse((RELATED.format("1@b") + head).encode() + b64encode(content) + b"\n--b--\n")
    assert [(each.content_type, each.kind) for each in mail.attachments] == [(kind, AttachmentKind.INLINE_IMAGE)]


@pytest.mark.parametrize("shown", ["1@b", "2@b"])
def test_what_is_no_picture_or_is_not_shown_stays_what_it_is_called(shown: str) -> None:
    pdf = "--b\nContent-Type: application/pdf\nContent-ID: <1@b>\n\n%PDF\n"
    other = "--b\nContent-Type: application/zip\nContent-ID: <3@b>\n\nGIF89a\n"
    mail = parse(f"{RELATED.format(shown)}{pdf}{other}--b--\n".encode())
    assert [(each.content_type, each.kind) for each in mail.attachments] == [
        ("application/pdf", AttachmentKind.FILE),
        ("application/zip", AttachmentKind.FILE),
    ]
