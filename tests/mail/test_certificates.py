"""Certificates that somebody sends for themselves, in the wrapping of a signature: nothing in it is sealed."""

from base64 import encodebytes

import pytest

from mail.cms import SIGNED_DATA
from mail.kinds import AttachmentKind
from mail.parse import parse

DATA = bytes.fromhex("2a864886f70d010701")
ENVELOPED_DATA = bytes.fromhex("2a864886f70d010703")


def element(tag: int, *inner: bytes, endless: bool = False) -> bytes:
    content = b"".join(inner)
    if endless:
        return bytes([tag, 0x80]) + content + b"\0\0"
    size = bytes([len(content)]) if len(content) < 0x80 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes([tag]) + size + content


def wrapped(held: bytes = b"", *, signers: bytes = b"", kind: bytes = SIGNED_DATA, endless: bool = False) -> bytes:
    content = element(0xA0, element(0x04, held), endless=endless) if held else b""
    body = (
        element(0x02, b"\1"),
        element(0x31),
        element(0x30, element(0x06, DATA), content, endless=endless),
        element(0xA0, element(0x30, b"a certificate " * 20)),
        element(0x31, signers),
    )
    return element(
        0x30,
        element(0x06, kind),
        element(0xA0, element(0x30, *body, endless=endless), endless=endless),
        endless=endless,
    )


def kinds(content_type: str, content: bytes) -> tuple[list[AttachmentKind], bool]:
    head = f"From: ann@b.example\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64\n\n"
    mail = parse(head.encode() + encodebytes(content))
    return [each.kind for each in mail.attachments], "encrypted" in mail.defects


TYPES = [
    'application/pkcs7-mime; smime-type=certs-only; name="smime.p7c"', 'application/x-pkcs7-mime; name="smime.p7m"',
    'application/pkcs7-mime; smime-type="certs-only"', "application/pkcs7-mime", 'application/octet-stream; name="smime.p7m"',
]  # fmt: skip


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("endless", [False, True])
def test_certificates_alone_are_a_file(content_type: str, endless: bool) -> None:
    assert kinds(content_type, wrapped(endless=endless)) == ([AttachmentKind.FILE], False)


def test_what_is_declared_so_counts_where_the_bytes_cannot_be_read() -> None:
    assert kinds(TYPES[0], b"something else") == ([AttachmentKind.FILE], False)
    assert kinds('application/pkcs7-mime; name="ann.p7c"', b"something else") == ([AttachmentKind.FILE], False)


@pytest.mark.parametrize("content", [wrapped(kind=ENVELOPED_DATA), wrapped(signers=b"signer"), b"", b"0", b"\x30\x80"])
@pytest.mark.parametrize("content_type", TYPES[1:2] + TYPES[3:])
def test_what_may_hold_a_letter_is_not_taken_for_them(content_type: str, content: bytes) -> None:
    assert kinds(content_type, content) == ([AttachmentKind.ENCRYPTED], True)


def test_a_signed_letter_is_read() -> None:
    head = b"From: ann@b.example\nContent-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n"
    mail = parse(head + encodebytes(wrapped(b"Content-Type: text/plain\n\nThe lamp is broken.", signers=b"signer")))
    assert (mail.text, [each.kind for each in mail.attachments]) == ("The lamp is broken.", [AttachmentKind.SIGNATURE])
