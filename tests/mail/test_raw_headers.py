"""Raw 8-bit letters in headers: read in the charset that the mail tells anywhere, because the header itself tells none."""

import pytest

from mail.parse import parse

RUSSIAN = "Лифт не работает"
BODIES = {
    "of the text": "Content-Type: text/plain; charset={0}\n\nx",
    "of a part": "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset={0}\n\nx\n--b--\n",
    "of an alternative": (
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n"
        "--b\nContent-Type: text/html; charset={0}\n\nx\n--b--\n"
    ),
    "of a part within a part": (
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n"
        "--b\nContent-Type: text/plain; charset={0}\n\nx\n--b--\n--a--\n"
    ),
    "of the HTML itself": 'Content-Type: text/html\n\n<meta http-equiv="Content-Type" content="text/html; charset={0}">x',
    "of an encoded word": "X-Other: =?{0}?q?x?=\n\nx",
    "of a text behind one in ASCII": (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=us-ascii\n\nx\n"
        "--b\nContent-Type: text/plain; charset={0}\n\nx\n--b--\n"
    ),
}


@pytest.mark.parametrize("where", BODIES)
@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "iso-8859-5"])
def test_in_the_charset_of_the_mail(where: str, charset: str) -> None:
    head = f"From: {RUSSIAN} <a@b.example>\nSubject: {RUSSIAN}\n".encode(charset)
    mail = parse(head + BODIES[where].format(charset).encode())
    assert mail.subject == RUSSIAN
    assert mail.from_ is not None
    assert (mail.from_.name, mail.from_.address) == (RUSSIAN, "a@b.example")


@pytest.mark.parametrize(
    ("text", "charset"),
    [("电梯坏了", "gb2312"), ("電梯壞了", "big5"), ("エレベーター", "shift_jis"), ("エレベーター", "euc-jp"),
     ("엘리베이터", "euc-kr"),
     ("Výtah stojí", "iso-8859-2"), ("Ο ανελκυστήρας", "iso-8859-7"), ("המעלית", "windows-1255"), ("المصعد", "windows-1256"),
     ("Aufzug für später", "iso-8859-1"), ("ลิฟต์", "tis-620")],
)  # fmt: skip
def test_in_other_charsets(text: str, charset: str) -> None:
    body = f"Content-Type: text/plain; charset={charset}\n\n{text}"
    mail = parse(f"From: a@b.example\nSubject: {text}\n{body}".encode(charset))
    assert (mail.subject, mail.text) == (text, text)


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8"])
def test_a_file_name_in_the_charset_of_the_mail(charset: str) -> None:
    parts = (
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset={charset}\n\nx\n"
        "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=Счёт.pdf\n\n%PDF\n--b--\n"
    )
    mail = parse(b"From: a@b.example\n" + parts.encode(charset))
    assert [each.filename for each in mail.attachments] == ["Счёт.pdf"]


def test_utf_8_is_known_by_itself() -> None:
    mail = parse(
        f"Subject: {RUSSIAN}\n".encode()
        + b"Content-Type: text/plain; charset=windows-1251\n\n"
        + RUSSIAN.encode("cp1251")
    )
    assert (mail.subject, mail.text) == (RUSSIAN, RUSSIAN)


def test_without_any_word_on_it_western_letters_are_likeliest() -> None:
    assert parse("Subject: Größe\n\nx".encode("cp1252")).subject == "Größe"
