"""What one part says of itself."""

from email import message_from_bytes

import pytest

from mail import parts


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
