"""Mails as Outlook saves them (.msg): kept as files of their own kind, whatever they are called, and never shown as text; and so
is any file that is called text."""

from base64 import encodebytes

import pytest

from mail.kinds import AttachmentKind
from mail.parse import parse

MSG = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + bytes(504)
    + "__nameid_version1.0".encode("utf-16-le")
    + b"words to be read " * 99
)
DOC = MSG.replace("__nameid_version1.0".encode("utf-16-le"), "WordDocument".encode("utf-16-le"))
TYPES = [
    "application/vnd.ms-outlook", "application/octet-stream", "application/msoutlook", "application/x-msg", "message/rfc822",
    "text/plain", "text/plain; charset=utf-8", "text/plain; charset=us-ascii", "text/html", "text/x-msg",
]  # fmt: skip


def with_file(kind: str, content: bytes, name: str, text: str = "See below.") -> bytes:
    called = f'; name="{name}"' if name else ""
    return (
        "From: ann@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: {kind}{called}\nContent-Transfer-Encoding: base64\n\n"
        f"{encodebytes(content).decode()}\n--b--\n"
    ).encode()


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", ["offer.msg", "OFFER.MSG", ""])
@pytest.mark.parametrize("text", ["See below.", ""])
def test_one_of_outlook_is_a_message_and_no_text(kind: str, name: str, text: str) -> None:
    mail = parse(with_file(kind, MSG, name, text))
    (file,) = mail.attachments
    assert (mail.text.strip(), mail.html) == (text, None)
    assert (file.filename, file.content_type) == (name or "attachment.msg", "application/vnd.ms-outlook")
    assert (file.kind, file.content) == (AttachmentKind.MESSAGE, MSG)


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain; charset=utf-8", "text/html", "text/plain; charset=windows-1252"]
)
@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (DOC, "a.doc", "application/msword"),
        (DOC, "", "application/octet-stream"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00\x01", "a.pdf", "application/pdf"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00\x01", "", "application/pdf"),
        (b"PK\x03\x04\x14\x00\x08\x00", "", "application/zip"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "", "image/jpeg"),
    ],
)
def test_a_file_that_is_called_text_is_none(kind: str, content: bytes, name: str, told: str) -> None:
    mail = parse(with_file(kind, content, name))
    assert mail.text.strip() == "See below."
    assert [each.content_type for each in mail.attachments] == [told]


@pytest.mark.parametrize(
    "text", ["%PDF-1.7 is what it says, and then nothing.", "PK is all it says.", "GIF89a, they say"]
)
def test_words_about_files_are_words(text: str) -> None:
    assert text in parse(f"From: ann@b.example\nSubject: x\n\n{text}\n".encode()).text
