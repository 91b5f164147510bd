"""What one part says of itself."""

import base64
from email import message_from_bytes

import pytest

from mail import parts
from mail.parse import parse


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ("inline", "inline"),
        ("ATTACHMENT; filename=x", "attachment"),
        ("attachment filename=x", "attachment"),
        (' "attachment"', "attachment"),
        ("", ""),
        ("; filename=x", ""),
    ],
)
def test_disposition(header: str, word: str) -> None:
    assert parts.disposition(message_from_bytes(f"Content-Disposition: {header}\n\n".encode())) == word


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ("Content-Disposition: attachment; filename=a.pdf", "a.pdf"),
        ("Content-Type: x/y; name=b.pdf\nContent-Disposition: attachment; filename=a.pdf", "a.pdf"),
        ("Content-Type: x/y; name=b.pdf\nContent-Disposition: attachment; filename=", "b.pdf"),
        ("Content-Disposition: attachment; filename=a; filename*=utf-8''%C3%A4", "ä"),
        ("Content-Disposition: attachment; filename*=x-none''%C3%A4", "ä"),
        ("Content-Disposition: attachment; filename*0=a; filename*1=b", "ab"),
        ("Content-Disposition: attachment; filename==?utf-8?q?=C3=A4?=", "ä"),
        ("Content-Type: x/y; name=a.pdf\\", "a.pdf"),
        ('Content-Type: x/y; name="a.pdf"\\', "a.pdf"),
        ('Content-Disposition: attachment; filename=a.pdf\\"', "a.pdf"),
        ("Content-Type: x/y", ""),
        ("", ""),
    ],
)
def test_filename(headers: str, name: str) -> None:
    assert parts.filename(message_from_bytes(f"{headers}\n\n".encode())) == name


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("SGVsbG8=", b"Hello"),
        ("SGVsbG8=\nIHdvcmxk", b"Hello world"),
        ("SGVs\nbG8=\n\nIA==\nd29ybGQ=\n", b"Hello world"),
        ("SGVsbG8=\nA", b"Hello"),
    ],
)
def test_base64_that_goes_on(body: str, content: bytes) -> None:
    assert parts.content(message_from_bytes(f"Content-Transfer-Encoding: base64\n\n{body}".encode())) == content


WORDS = "The printer is out of order, für immer."


@pytest.mark.parametrize("first", ["7bit", "8bit", "binary", "7BIT "])
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", base64.encodebytes(WORDS.encode()).decode()),
        ("quoted-printable", WORDS.replace("ü", "=C3=BC").replace("immer", "im=\nmer")),
    ],
)
def test_an_encoding_below_one_that_says_nothing(first: str, encoding: str, body: str) -> None:
    head = f"From: a@b.example\nContent-Transfer-Encoding: {first}\nContent-Transfer-Encoding: {encoding}\n"
    assert parse(f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}".encode()).text.strip() == WORDS


@pytest.mark.parametrize("body", ["Help", "Printer", "The lift is stuck.", "1 + 1 = 2", "a=b and c=3D is no sign", ""])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-unknown"])
def test_words_stay_words_below_two_encodings(encoding: str, body: str) -> None:
    if encoding == "quoted-printable" and "=3D" in body:
        body = "x = y, a=b and c=3D"  # signs that no quoted-printable has
    head = f"From: a@b.example\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: {encoding}\n\n"
    assert parse((head + body).encode()).text == body


def test_short_words_in_base64_below_two_encodings() -> None:
    head = "From: a@b.example\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n"
    assert parse(f"{head}SGVscCBtZQ==\n".encode()).text == "Help me"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Content-Description: Plan B.pdf", "Plan B.pdf"),
        ("Content-Description: =?utf-8?q?Pl=C3=A4ne=2Epdf?=", "Pläne.pdf"),
        ('Content-Description: "plan.pdf"', "plan.pdf"),
        ("Content-Location: plan.pdf", "plan.pdf"),
        ("Content-Location: https://b.example/files/the%20plan.pdf?v=1", "the plan.pdf"),
        ("Content-Location: file:///C:/Temp/plan.pdf", "plan.pdf"),
        ("Content-Location: a/b.pdf\nContent-Description: The plan", "b.pdf"),
        ("Content-Description: The plan of the house", "attachment.pdf"),
        ("Content-Description: v1.2 of 3.4", "attachment.pdf"),
        ("Content-Location: https://b.example/", "attachment.pdf"),
        ("Content-Description: x.pdf\nContent-Disposition: attachment; filename=plan.pdf", "plan.pdf"),
    ],
)
def test_a_name_beside_the_places_for_names(header: str, name: str) -> None:
    text = "--z\nContent-Type: text/plain\n\nHere it is.\n"
    file = f"--z\nContent-Type: application/pdf\n{header}\n\nPDF\n--z--\n"
    mail = parse(f"From: a@b.example\nContent-Type: multipart/mixed; boundary=z\n\n{text}{file}".encode())
    assert [each.filename for each in mail.attachments] == [name]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Content-Type: application-x-gzip; name=list.gz", "application/octet-stream"),
        ("Content-Type: text/plain; name=list.db", "application/octet-stream"),
        ("Content-Disposition: inline; filename=list.docx", "application/octet-stream"),
        ("Content-Type: text; name=list.zip", "application/zip"),
        ("Content-Type: text/plain\nContent-Disposition: inline; filename=list.png", "image/png"),
        ("Content-Type: file; name=list.7z", "application/octet-stream"),
    ],
)
def test_a_file_that_is_called_text_is_a_file(header: str, kind: str) -> None:
    content = b"PK\x03\x04\x14\x00\x06\x00"
    body = base64.encodebytes(content).decode()
    mail = parse(f"From: a@b.example\n{header}\nContent-Transfer-Encoding: base64\n\n{body}".encode())
    assert (mail.text, [(each.content_type, each.content) for each in mail.attachments]) == ("", [(kind, content)])


@pytest.mark.parametrize("name", ["notes.txt", "notes.log", "notes.md", "notes", "letter.txt"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-le", "iso-2022-jp"])
def test_a_text_with_a_name_stays_a_text(name: str, charset: str) -> None:
    body = base64.encodebytes("The lift is stuck.".encode(charset)).decode()
    head = f'Content-Type: text/plain; charset={charset}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    assert parse(f"From: a@b.example\n{head}{body}".encode()).text == "The lift is stuck."


def encoded(words: str, letter: str = "B") -> str:
    told = base64.b64encode(words.encode()).decode() if letter in "bB" else words.replace(" ", "_").replace("=", "=3D")
    return f"=?UTF-8?{letter}?{told}?="


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (f"; {encoded('name=Größe.pdf')}", "Größe.pdf"),
        (f";{encoded('name=a.pdf', 'Q')}", "a.pdf"),
        ("; " + encoded('name="No. 7"') + "; charset=utf-8", "No. 7"),
        (";" + encoded('name="A new ') + "voice message.msg", "A new voice message.msg"),
        (f"; charset=utf-8; {encoded('name=a.pdf')}", "a.pdf"),
        (f'; name="{encoded("name=a.pdf")}"', "name=a.pdf"),
        (f"; name={encoded('Größe.pdf')}", "Größe.pdf"),
        (f"; {encoded('Hello there')}", ""),
    ],
)
def test_a_parameter_that_is_an_encoded_word_with_its_name(told: str, name: str) -> None:
    head = f"Content-Type: application/x-report{told}\nContent-Transfer-Encoding: base64\n\nAAEC\n"
    mail = parse(f"From: a@b.example\n{head}".encode())
    assert [each.filename for each in mail.attachments] == [name or "attachment"]
