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
