"""Parts whose structure hides: behind an encoding, a wrong boundary, lines that are no headers, a signature."""

import base64
import quopri
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mail.bounces import bounce
from mail.cms import NotCms
from mail.cms import content as cms_content
from mail.kinds import AttachmentKind
from mail.message import ParsedMail
from mail.parse import parse

HEAD = b"From: Ann <ann@example.net>\nSubject: x\nDate: Mon, 16 Nov 2026 10:30:00 +0100\n"
TEXT = "The lift is stuck on floor 3."
MIXED = (
    f"--=_in\nContent-Type: text/plain; charset=utf-8\n\n{TEXT}\n--=_in\nContent-Type: application/pdf; name=order.pdf\n"
    "Content-Transfer-Encoding: base64\n\nJVBERi0=\n--=_in--\n"
).encode()
INNER = b"From: Lee <lee@other.example>\nSubject: The offer\n\nTwenty chairs.\n"


def encoded(data: bytes, how: str) -> bytes:
    return base64.encodebytes(data) if how == "base64" else quopri.encodestring(data)


def files(mail: ParsedMail) -> list[tuple[str, bytes]]:
    return [(each.filename, each.content) for each in mail.attachments]


@pytest.mark.parametrize("kind", ["mixed", "related", "alternative; type=x", "signed", "report"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
@pytest.mark.parametrize("depth", [0, 1])
def test_a_multipart_in_an_encoding(kind: str, encoding: str, depth: int) -> None:
    body = b'Content-Type: multipart/%b; boundary="=_in"\nContent-Transfer-Encoding: %b\n\n' % (
        kind.encode(), encoding.encode(),
    ) + encoded(MIXED, encoding)  # fmt: skip
    for _ in range(depth):
        body = b'Content-Type: multipart/mixed; boundary="=_out"\n\n--=_out\n' + body + b"\n--=_out--\n"
    mail = parse(HEAD + body)
    assert mail.text == TEXT
    assert files(mail) == [("order.pdf", b"%PDF-")]


@pytest.mark.parametrize("text", ["Größe = 3", "x" * 200, "a=b"])
def test_a_multipart_in_quoted_printable_with_a_plain_boundary(text: str) -> None:
    body = f'--in\nContent-Type: text/plain; charset="utf-8"\n\n{text}\n--in\nContent-Type: text/csv; name="a.csv"\n\n1\n--in--\n'
    head = b"Content-Type: multipart/mixed; boundary=in\nContent-Transfer-Encoding: quoted-printable\n\n"
    mail = parse(HEAD + head + quopri.encodestring(body.encode()))
    assert mail.text == text
    assert files(mail) == [("a.csv", b"1")]


@pytest.mark.parametrize("text", ["a = b", "x=3Dy", "plain"])
def test_an_idle_encoding_of_a_multipart(text: str) -> None:
    own = "Content-Transfer-Encoding: quoted-printable\n" if "3D" in text else ""
    body = f"--in\nContent-Type: text/plain\n{own}\n{text}\n--in--\n"
    head = "Content-Type: multipart/mixed; boundary=in\nContent-Transfer-Encoding: quoted-printable\n\n"
    assert parse(HEAD + (head + body).encode()).text == text.replace("=3D", "=")


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
@pytest.mark.parametrize("label", ["base64", "BASE64", "base-64"])
def test_an_attached_mail_in_an_encoding(encoding: str, label: str) -> None:
    told = label if encoding == "base64" else encoding
    part = b"Content-Type: message/rfc822; name=offer.eml\nContent-Transfer-Encoding: %b\n\n" % told.encode()
    body = b'Content-Type: multipart/mixed; boundary="=_b"\n\n--=_b\n\nSee the mail.\n--=_b\n'
    mail = parse(HEAD + body + part + encoded(INNER, encoding) + b"\n--=_b--\n")
    assert mail.text == "See the mail."
    assert [(name, data.strip()) for name, data in files(mail)] == [("offer.eml", INNER.strip())]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_delivery_report_in_an_encoding(encoding: str) -> None:
    status = (
        b"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; gone@b.example\nAction: failed\nStatus: 5.1.1\n"
    )
    headers = b"Message-ID: <ours@desk.example>\nSubject: x\n"
    parts = b"".join(
        b"--r\nContent-Type: %b\nContent-Transfer-Encoding: %b\n\n%b\n"
        % (kind, encoding.encode(), encoded(data, encoding))
        for kind, data in (
            (b"text/plain", b"Sorry."),
            (b"message/delivery-status", status),
            (b"message/rfc822", headers),
        )
    )
    mail = parse(b"Return-Path: <>\n" + HEAD + b"Content-Type: multipart/report; boundary=r\n\n" + parts + b"--r--\n")
    report = bounce(mail)
    assert report is not None
    assert [each.address for each in report.recipients] == ["gone@b.example"]
    assert report.original_message_id == "ours@desk.example"


BOUNDARIES = {
    "on the next line": 'multipart/mixed;\n boundary="=_in"',
    "on the next line, without a semicolon": 'multipart/mixed\n boundary="=_in"',
    "on the next line, not folded": 'multipart/mixed;\nboundary="=_in"',
    "on the next line, neither": 'multipart/mixed\nboundary="=_in"',
    "in single quotes": "multipart/mixed; boundary='=_in'",
    "in an open quote": 'multipart/mixed; boundary="=_in',
    "without quotes": "multipart/mixed; boundary==_in",
    "with blanks around": 'multipart/mixed; boundary=" =_in "',
    "with blanks before the sign": 'multipart/mixed; boundary = "=_in"',
    "with its dashes": 'multipart/mixed; boundary="--=_in"',
    "another one": 'multipart/mixed; boundary="something else"',
    "none": "multipart/mixed",
    "an empty one": 'multipart/mixed; boundary=""',
    "in two pieces": 'multipart/mixed; boundary*0="=_"; boundary*1="in"',
    "no semicolon": 'multipart/mixed boundary="=_in"',
    "one word": 'multipart; boundary="=_in"',
    "an encoded word": "=?utf-8?q?multipart/mixed=3B_boundary=3D=22=3D=5Fin=22?=",
}


@pytest.mark.parametrize("name", BOUNDARIES)
def test_parts_are_found_however_their_boundary_is_told(name: str) -> None:
    mail = parse(HEAD + f"Content-Type: {BOUNDARIES[name]}\n\n".encode() + MIXED)
    assert mail.text.strip() == TEXT
    assert files(mail) == [("order.pdf", b"%PDF-")]


@pytest.mark.parametrize(
    "end", [b"", b"--=_in", b"--=_other--\n", b"--=_in--", b"--=_in-- \n\n", b"--=_in--\nan epilogue"]
)
def test_the_end_of_the_parts_may_be_missing_or_misspelt(end: bytes) -> None:
    parts = b"--=_in\nContent-Type: application/pdf; name=a.pdf\n\n%PDF-\n--=_in\n\n" + TEXT.encode() + b"\n"
    mail = parse(HEAD + b'Content-Type: multipart/mixed; boundary="=_in"\n\n' + parts + end)
    assert mail.text.strip() == TEXT


@pytest.mark.parametrize("first", ["text/plain", "application/octet-stream", "text/html; charset=utf-8"])
def test_a_content_type_beside_the_first_that_has_its_parts(first: str) -> None:
    types = f'Content-Type: {first}\nContent-Type: multipart/mixed; boundary="=_in"\n\n'
    mail = parse(HEAD + types.encode() + MIXED)
    assert mail.text.strip() == TEXT
    assert files(mail) == [("order.pdf", b"%PDF-")]


def test_quoted_printable_that_is_called_base64() -> None:
    head = HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    assert parse(head + b"Gr=C3=B6=C3=9Fe an alle, es =\ngeht").text == "Größe an alle, es geht"
    assert parse(head + b"Hello you,\nit works.\nRegards\nAnn").text == "Hello you,\nit works.\nRegards\nAnn"
    assert parse(head + b"It says x=y and =C3=B6 there, so it is").text == "It says x=y and =C3=B6 there, so it is"


ENCODINGS = {
    "base64": ["base64", "base-64", "Base64 ", '"base64"', "base64;", "base64 (x)", "b64", "x-base64", "=?utf-8?q?base64?="],
    "quoted-printable": ["quoted-printable", "quoted printable", "quotedprintable", "quote-printable", "Quoted_Printable",
                         "qp", "quoted-printable;", '"quoted-printable"', "x-quoted-printable"],
}  # fmt: skip
SPELT = [(how, label) for how, labels in ENCODINGS.items() for label in labels]


@pytest.mark.parametrize(("how", "label"), SPELT)
def test_an_encoding_however_it_is_spelt(how: str, label: str) -> None:
    data = encoded("Größe = 3".encode(), how)
    mail = parse(
        HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: " + label.encode() + b"\n\n" + data
    )
    assert mail.text.strip() == "Größe = 3"


@pytest.mark.parametrize(
    "label", ["8-bit", "8 bit", "8bits", "7-bit", "Binary", "none", "plain", "text", "", "x-unheard-of"]
)
def test_an_encoding_that_is_none(label: str) -> None:
    mail = parse(
        HEAD + f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {label}\n\nGröße =3D x".encode()
    )
    assert mail.text == "Größe =3D x"


@pytest.mark.parametrize("label", ["x-uuencode", "uuencode", "uue", "x-uue", "UUENCODED", "uu", "x-uu"])
def test_uuencoded_parts(label: str) -> None:
    part = f"Content-Type: application/octet-stream; name=a\nContent-Transfer-Encoding: {label}\n\nbegin 644 a\n#0V%T\n`\nend\n"
    assert files(parse(HEAD + part.encode())) == [("a", b"Cat")]


def test_an_unknown_encoding_of_what_can_only_be_base64() -> None:
    data = base64.encodebytes(b"It is the lift that is stuck, on floor 3, since this morning.")
    mail = parse(HEAD + b"Content-Type: text/plain\nContent-Transfer-Encoding: x-mime-64\n\n" + data)
    assert mail.text == "It is the lift that is stuck, on floor 3, since this morning."


STRANGE = {
    "an mbox line": "From ann@example.net Mon Nov 16 10:30:00 2026\n",
    "an mbox line, quoted": ">From ann@example.net Mon Nov 16 10:30:00 2026\n",
    "a proxy's note": "*** This message was scanned by the proxy ***\n",
    "a note of several lines": "Scanned by the proxy.\nNo virus was found.\n\tReally.\n",
    "a note with 8-bit letters": "Geprüft: keine Gefahr, Größe 3 kB\n",
    "blank lines": "\n\r\n\n",
    "a blank line with a blank": " \n",
    "a mark of UTF-8": "\ufeff",
    "a mark, and a blank line": "\ufeff\n",
    "a note and a blank line": "Scanned by the proxy.\n\n",
    "a line of dashes": "-----\n",
    "a name without a value": "Nonsense\n",
    "a colon alone": ": nothing\n",
}


@pytest.mark.parametrize("name", STRANGE)
def test_lines_before_the_headers_are_passed_over(name: str) -> None:
    mail = parse(STRANGE[name].encode() + HEAD + b"Content-Type: text/plain; charset=utf-8\n\nhello\n")
    assert mail.from_ is not None
    assert (mail.from_.address, mail.subject, mail.text) == ("ann@example.net", "x", "hello\n")


@pytest.mark.parametrize("name", [name for name in STRANGE if "blank" not in name and "mark" not in name])
@pytest.mark.parametrize("before", ["Return-Path: <ann@example.net>\n", "Received: from x\n by y\n", "Subject: x\n"])
def test_lines_among_the_headers_are_passed_over(name: str, before: str) -> None:
    rest = HEAD.replace(b"Subject: x\n", b"") if before.startswith("Subject") else HEAD
    mail = parse(before.encode() + STRANGE[name].encode() + rest + b"\nhello\n")
    assert mail.from_ is not None
    assert (mail.from_.address, mail.subject, mail.text) == ("ann@example.net", "x", "hello\n")


@pytest.mark.parametrize("blank", ["\n", "\r\n", "\n\n"])
def test_a_relay_that_ends_its_own_headers_with_a_blank_line(blank: str) -> None:
    mail = parse(b"Return-Path: <a@b.example>\nReceived: from x\n" + blank.encode() + HEAD + b"\nhello\n")
    assert (mail.from_ and mail.from_.address, mail.text) == ("ann@example.net", "hello\n")


@pytest.mark.parametrize(
    "body",
    [
        "hello\n\nFrom: Lee <lee@b.example>\nSubject: other\n",
        "From: Lee <lee@b.example>\nSubject: other\n\nhello",
        "Note: read this\nSubject: other\n",
        "X-Ray: broken\n\nhello",
        "",
    ],
)
def test_a_text_that_looks_like_headers_is_text(body: str) -> None:
    mail = parse(HEAD + b"\n" + body.encode())
    assert (mail.from_ and mail.from_.address, mail.subject, mail.text) == ("ann@example.net", "x", body)


def test_a_strange_line_among_the_headers_of_a_part() -> None:
    part = b"--=_in\nScanned by the proxy\nContent-Type: application/pdf; name=a.pdf\n\n%PDF-\n--=_in--\n"
    mail = parse(HEAD + b'Content-Type: multipart/mixed; boundary="=_in"\n\n' + part)
    assert files(mail) == [("a.pdf", b"%PDF-")]


# -- signatures


@pytest.fixture(scope="session")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """`openssl cms`, with a key of its own."""
    folder: Path = tmp_path_factory.mktemp("cms")
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Ann", "-days", "30",
           "-keyout", str(folder / "key"), "-out", str(folder / "cert")]  # fmt: skip
    subprocess.run(key, check=True, capture_output=True)

    def run(content: bytes, *options: str) -> bytes:
        signer = ["-signer", str(folder / "cert"), "-inkey", str(folder / "key")] if options[0] == "-sign" else []
        command = ["openssl", "cms", *options, "-binary", "-outform", "DER", *signer]
        recipient = [str(folder / "cert")] if options[0] == "-encrypt" else []
        return subprocess.run([*command, *recipient], input=content, check=True, capture_output=True).stdout

    return run


SIGNED = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{TEXT}".encode()


def wrapped(der: bytes, kind: str = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> bytes:
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(der)


@pytest.mark.parametrize(
    "kind",
    [
        "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        "application/x-pkcs7-mime; smime-type=signed-data",
        "application/pkcs7-mime",
        "application/octet-stream; name=smime.p7m",
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_signed_opaquely_is_read(sign: Callable[..., bytes], kind: str, stream: bool) -> None:
    der = sign(SIGNED, "-sign", "-nodetach", *(["-stream"] if stream else []))
    mail = parse(HEAD + wrapped(der, kind))
    assert mail.text == TEXT
    assert [each.kind for each in mail.attachments] == [AttachmentKind.SIGNATURE]
    assert "encrypted" not in mail.defects


def test_a_signed_multipart_within_a_signature(sign: Callable[..., bytes]) -> None:
    inner = b'Content-Type: multipart/mixed; boundary="=_in"\r\n\r\n' + MIXED
    twice = wrapped(sign(wrapped(sign(inner, "-sign", "-nodetach")), "-sign", "-nodetach"))
    mail = parse(HEAD + twice)
    assert mail.text == TEXT
    assert [each.filename for each in mail.attachments] == ["smime.p7m", "smime.p7m", "order.pdf"]


def test_what_is_compressed_is_read() -> None:
    packed = zlib.compress(SIGNED)
    octets = b"\x04\x81" + bytes([len(packed)]) + packed
    encapsulated = b"\x06\x09" + bytes.fromhex("2a864886f70d010701") + b"\xa0\x80" + octets + b"\0\0"
    body = b"\x02\x01\0" + b"\x30\0" + b"\x30\x80" + encapsulated + b"\0\0"
    kind = b"\x06\x0b" + bytes.fromhex("2a864886f70d0109100109")
    der = b"\x30\x80" + kind + b"\xa0\x80" + b"\x30\x80" + body + b"\0\0" * 3
    mail = parse(HEAD + wrapped(der, "application/pkcs7-mime; smime-type=compressed-data; name=smime.p7z"))
    assert (mail.text, [each.kind for each in mail.attachments]) == (TEXT, [AttachmentKind.FILE])


def test_what_is_encrypted_stays_closed(sign: Callable[..., bytes]) -> None:
    mail = parse(
        HEAD + wrapped(sign(SIGNED, "-encrypt"), "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m")
    )
    assert (mail.text, [each.kind for each in mail.attachments]) == ("", [AttachmentKind.ENCRYPTED])
    assert "encrypted" in mail.defects


def test_a_clear_signature_keeps_its_text() -> None:
    body = (
        b'Content-Type: multipart/signed; boundary="=_s"\n\n--=_s\n'
        + SIGNED
        + (b"\n--=_s\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\n0\n--=_s--\n")
    )
    mail = parse(HEAD + body)
    assert (mail.text, [each.kind for each in mail.attachments]) == (TEXT, [AttachmentKind.SIGNATURE])


@pytest.mark.parametrize(
    "data",
    [b"", b"0", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80" * 3000, b"\x24\x80" * 3000, b"\x1f\x81",
     b"0\x03\x06\x01\x2a", b"hello", b"\x30\x89" + b"\xff" * 20],
)  # fmt: skip
def test_what_is_no_signature_is_none(data: bytes) -> None:
    with pytest.raises(NotCms):
        cms_content(data)


ARMOURED = f"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

{TEXT}
- -- not a dash of ours
-----BEGIN PGP SIGNATURE-----

iQEz
-----END PGP SIGNATURE-----
"""


def test_a_text_signed_with_openpgp() -> None:
    mail = parse(HEAD + b"\n" + ARMOURED.encode())
    assert mail.text.strip() == f"{TEXT}\n-- not a dash of ours"
    assert [(each.filename, each.kind) for each in mail.attachments] == [("signature.asc", AttachmentKind.SIGNATURE)]


@pytest.mark.parametrize("cut", [30, 70, 120, len(ARMOURED) - 40])
def test_an_armour_that_is_cut_stays_text(cut: int) -> None:
    mail = parse(HEAD + b"\n" + ARMOURED[:cut].encode())
    assert mail.text == ARMOURED[:cut]


def test_a_text_encrypted_with_openpgp_says_so() -> None:
    mail = parse(HEAD + b"\nSee:\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n")
    assert "encrypted" in mail.defects
    assert "hQEM" in mail.text
