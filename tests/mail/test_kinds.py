"""What an attachment is for, from what is stored of it."""

import pytest

from mail.kinds import AttachmentKind, attachment_kind, bare_type, calendar_method, with_method


@pytest.mark.parametrize(
    ("content_type", "filename", "inline", "kind"),
    [
        ("text/calendar; method=REQUEST", "attachment.ics", False, AttachmentKind.CALENDAR),
        ("application/octet-stream", "Termin.ICS", False, AttachmentKind.CALENDAR),
        ("application/ms-tnef", "x", False, AttachmentKind.TNEF),
        ("application/octet-stream", "winmail.dat", False, AttachmentKind.FILE),  # parsing names TNEF by its content
        ("application/pgp-signature", "signature.asc", False, AttachmentKind.SIGNATURE),
        ("application/octet-stream", "smime.p7s", False, AttachmentKind.SIGNATURE),
        ("application/pkcs7-mime", "smime.p7m", False, AttachmentKind.ENCRYPTED),
        ("message/rfc822", "attachment.eml", False, AttachmentKind.MESSAGE),
        ("message/delivery-status", "attachment", False, AttachmentKind.REPORT),
        ("image/png", "logo.png", True, AttachmentKind.INLINE_IMAGE),
        ("image/png", "logo.png", False, AttachmentKind.FILE),
        ("application/pdf", "offer.pdf", True, AttachmentKind.FILE),
        ("application/pdf", "offer.ics", False, AttachmentKind.FILE),
        ("", "", False, AttachmentKind.FILE),
    ],
)
def test_kinds(content_type: str, filename: str, inline: bool, kind: AttachmentKind) -> None:
    assert attachment_kind(content_type, filename, inline=inline) is kind


@pytest.mark.parametrize(
    ("declared", "content", "method"),
    [
        ("request", b"", "REQUEST"),
        ("REPLY", b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n", "REPLY"),
        ("", b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT", "CANCEL"),
        ("", b"BEGIN:VCALENDAR\nX-METHOD:CANCEL\n", None),
        ("", b"METHOD:EVIL\r\n", None),
        ("x; y=z", b"", None),
        ("", b"x" * 5000 + b"\nMETHOD:CANCEL\n", None),
    ],
)
def test_a_calendars_method_is_kept_in_its_type(declared: str, content: bytes, method: str | None) -> None:
    kind = with_method("text/calendar", declared, content)
    assert calendar_method(kind) == method
    assert bare_type(kind) == "text/calendar"


def test_other_types_have_no_method() -> None:
    assert calendar_method("text/plain") is None
    assert calendar_method("text/calendar; method=EVIL") is None
