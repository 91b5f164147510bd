"""What a mail does not say of its body: that it has parts, or is a signature in PEM. Own words beside them stay words."""

import base64
from pathlib import Path

import pytest

from mail.kinds import AttachmentKind
from mail.parse import parse

HEAD = b"From: Ann <ann@example.net>\nSubject: x\n"
TEXT = "The lift is stuck on floor 3, für später."
PARTS = (
    "--{0}\nContent-Type: text/plain; charset=utf-8\n\n{1}\n--{0}\nContent-Type: application/pdf; name=order.pdf\n"
    "Content-Transfer-Encoding: base64\n\nJVBERi0=\n--{0}--\n"
)
PREAMBLES = [
    "", "\n\n", "This is a multi-part message in MIME format.\n\n", "This is a multipart message in MIME format.\n",
    "This message is in MIME format. Since your mail reader does not understand\nthis format, some may not be legible.\n\n",
    "Dies ist eine mehrteilige Nachricht im MIME-Format.\n\n", "This is a cryptographically signed message in MIME format.\n\n",
]  # fmt: skip


@pytest.mark.parametrize("preamble", PREAMBLES)
@pytest.mark.parametrize("boundary", ["b", "----=_NextPart_000_0001", "=_x+y(z)", "Apple-Mail=_1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_parts_without_a_content_type_above_them(preamble: str, boundary: str, end: str) -> None:
    raw = HEAD + b"MIME-Version: 1.0\n\n" + (preamble + PARTS.format(boundary, TEXT)).encode()
    mail = parse(raw.replace(b"\n", end.encode()))
    assert mail.text.strip() == TEXT
    assert [(each.filename, each.content) for each in mail.attachments] == [("order.pdf", b"%PDF-")]


def test_two_ways_to_say_the_same_are_one_text() -> None:
    body = f"--b\nContent-Type: text/plain\n\n{TEXT}\n--b\nContent-Type: text/html\n\n<p>{TEXT}</p>\n--b--\n"
    mail = parse(HEAD + b"\n" + body.encode())
    assert (mail.text, mail.html) == (TEXT, f"<p>{TEXT}</p>")


@pytest.mark.parametrize(
    "text",
    [
        "Look at this source:\n\n" + PARTS.format("b", TEXT),
        PARTS.format("b", TEXT) + "\nWhat is that?",
        "Why does it say this?\n\nThis is a multi-part message in MIME format.\n\n" + PARTS.format("b", TEXT),
        "--b\nContent-Type: text/plain is what I see. Why?\n",
        "--\nContent-Type: is the subject\n--",
        "--b\nNo header\n--b--",
    ],
)
def test_own_words_beside_parts_are_no_preamble(text: str) -> None:
    assert parse(HEAD + b"\n" + text.encode()).text == text


def armoured(name: str) -> bytes:
    raw = (Path(__file__).parents[1] / "fixtures" / "mail" / "smime-signed-opaque.eml").read_bytes()
    held = "".join(raw.decode().partition("\n\n")[2].split())
    return (
        f"-----BEGIN {name}-----\n".encode()
        + base64.encodebytes(base64.b64decode(held))
        + f"-----END {name}-----\n".encode()
    )


TYPES = {
    "in the text": b"", "declared as text": b"Content-Type: text/plain\n",
    "of no known kind": b"Content-Type: application/octet-stream\n",
    "of its type": b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", ["PKCS7", "CMS", "PKCS #7 SIGNED DATA"])
def test_a_signature_in_pem_is_opened(kind: str, name: str) -> None:
    mail = parse(HEAD + TYPES[kind] + b"\n" + armoured(name))
    assert mail.text == "The lift is stuck on floor 3.\n"
    assert [each.kind for each in mail.attachments] == [AttachmentKind.SIGNATURE]


def test_own_words_beside_pem_stay_and_what_cannot_be_opened_is_said() -> None:
    mail = parse(HEAD + b"\nMy words.\n\n" + armoured("PKCS7"))
    assert mail.text.startswith("My words.")
    sealed = parse(HEAD + b"\n-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n")
    assert "encrypted" in sealed.defects
