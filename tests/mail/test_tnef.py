"""What Outlook packs into winmail.dat: opened, or kept as it came."""

from base64 import encodebytes

import pytest

from mail import tnef
from mail.compressed_rtf import decompressed
from mail.kinds import TNEF_MAGIC
from mail.parse import parse
from tests.support import tnef as make

PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
"""`{\\rtf1\\ansi\\ansicpg1252\\pard hello world}`, by another program."""
RTF = make.attribute(tnef.MESSAGE_PROPERTIES, make.properties((tnef.RTF_BODY, PACKED)))
HTML = make.attribute(
    tnef.MESSAGE_PROPERTIES,
    make.properties((tnef.HTML_BODY, "<html><body><p>Größe <b>fehlt</b></p></body></html>".encode())),
)
PLAIN = make.attribute(tnef.BODY, b"It is br\xfcchig.\r\n\0")
LATIN = make.attribute(tnef.OEM_CODEPAGE, (1252).to_bytes(4, "little"))
REPORT = make.file(
    (tnef.LONG_NAME, "Prüfbericht 2026.pdf"), (tnef.SHORT_NAME, "PRFBER~1.PDF"), (tnef.DATA, b"%PDF-1.4 x")
)
OLD = make.file(extra=((tnef.ATTACHMENT_TITLE, b"BILD.PNG\0"), (tnef.ATTACHMENT_DATA, b"\x89PNG x")))
PICTURE = make.file(
    (tnef.LONG_NAME, "a.png"), (tnef.DATA, b"\x89PNG"), (tnef.MIME_TAG, "image/png"), (tnef.CONTENT_ID, "<p1@x>")
)
INNER = make.file((tnef.DISPLAY_NAME, "Your order"), (tnef.DATA, tnef.EMBEDDED_MESSAGE + make.container(PLAIN)))
MEETING = make.attribute(tnef.MESSAGE_CLASS, b"IPM.Microsoft Schedule.MtgReq\0")
NOTE = make.attribute(tnef.MESSAGE_CLASS, b"IPM.Microsoft Mail.Note\0")
WHOLE = make.container(LATIN, NOTE, REPORT)


def _mail(data: bytes, text: str = "") -> bytes:
    letter = f"--q\r\nContent-Type: text/plain\r\n\r\n{text}\r\n" if text else ""
    return (
        "From: Ann <ann@b.example>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="q"\r\n\r\n{letter}'
        '--q\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    ).encode() + encodebytes(data).replace(b"\n", b"\r\n") + b"--q--\r\n"  # fmt: skip


@pytest.mark.parametrize(
    ("data", "text", "files"),
    [
        (WHOLE, "See the report.", ["Prüfbericht 2026.pdf: application/pdf"]),
        (make.container(LATIN, OLD), "See.", ["BILD.PNG: image/png"]),
        (make.container(REPORT, OLD), "See.", ["Prüfbericht 2026.pdf: application/pdf", "BILD.PNG: image/png"]),
        (make.container(PICTURE), "See.", ["a.png: image/png"]),
        (make.container(LATIN, NOTE, PLAIN), "", []),
        (make.container(HTML), "", []),
        (make.container(RTF), "", []),
        (make.container(RTF), "The words are here.", []),
        (make.container(INNER), "See.", ["Your order: application/ms-tnef"]),
        (
            make.container(MEETING, REPORT),
            "Come.",
            ["Prüfbericht 2026.pdf: application/pdf", "winmail.dat: application/ms-tnef"],
        ),
        (WHOLE + bytes(7), "Filled up.", ["Prüfbericht 2026.pdf: application/pdf"]),
        (WHOLE[:-9], "Cut off.", ["winmail.dat: application/ms-tnef"]),
        (WHOLE[:9], "Cut off.", ["winmail.dat: application/ms-tnef"]),
        (TNEF_MAGIC, "Empty.", ["winmail.dat: application/ms-tnef"]),
        (WHOLE[:6] + b"\x07" + WHOLE[7:], "Of another level.", ["winmail.dat: application/ms-tnef"]),
        (
            make.container(make.attribute(tnef.MESSAGE_PROPERTIES, b"\x01\0\0\0\x99\x09\x00\x10")),
            "Of a type that nobody knows.",
            ["winmail.dat: application/ms-tnef"],
        ),
        (
            make.container(*[make.file((tnef.DATA, b"x"))] * (tnef.MOST_FILES + 1)),
            "Very many.",
            ["winmail.dat: application/ms-tnef"],
        ),
    ],
)
def test_files_stand_in_its_place_and_what_is_broken_stays(data: bytes, text: str, files: list[str]) -> None:
    mail = parse(_mail(data, text))

    assert [f"{each.filename}: {each.content_type}" for each in mail.attachments] == files
    assert ("tnef" in mail.defects) == any("ms-tnef" in each for each in files)
    if text:
        assert mail.text.strip() == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (make.container(LATIN, NOTE, PLAIN), "It is brüchig."),
        (make.container(HTML), "Größe fehlt"),
        (make.container(RTF), "hello world"),
        (make.container(LATIN, PLAIN, RTF), "It is brüchig."),
        (make.container(INNER), ""),
    ],
)
def test_its_text_is_the_letter_where_the_mail_says_nothing_else(data: bytes, text: str) -> None:
    assert parse(_mail(data)).text.strip() == text


def test_a_hostile_count_is_no_work() -> None:
    endless = make.attribute(tnef.MESSAGE_PROPERTIES, b"\xff\xff\xff\xff" + b"\x02\x11\x00\x10\xff\xff\xff\xff" * 4)

    with pytest.raises(tnef.NotTnef):
        tnef.opened(make.container(endless))


@pytest.mark.parametrize("data", [b"", b"x" * 20, PACKED[:8] + b"????" + PACKED[12:]])
def test_what_is_no_packed_rtf_is_none(data: bytes) -> None:
    assert decompressed(data) is None


def test_packed_rtf_that_is_cut_off_goes_as_far_as_it_goes() -> None:
    assert b"hello world}\r\n".join((b"{\\rtf1\\ansi\\ansicpg1252\\pard ", b"")) == decompressed(PACKED)
    assert (decompressed(PACKED[:-10]) or b"").startswith(b"{\\rtf1\\ansi\\ansicpg1252\\pard hel")
