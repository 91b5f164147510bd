"""What an attachment is for whoever looks at the mail. Pure, and of stored columns alone: no bytes are needed again."""

import re
from enum import StrEnum


class AttachmentKind(StrEnum):
    FILE = "file"
    INLINE_IMAGE = "inline-image"
    """Part of the text: the HTML shows it by its content id."""
    CALENDAR = "calendar"
    """An event or, with a METHOD (`calendar_method`), an invitation, its answer or its cancellation (RFC 5546)."""
    TNEF = "tnef"
    """Outlook's container, "winmail.dat" under whatever name ([MS-OXTNEF]): one that is broken, or that holds more than
    text and files."""
    SIGNATURE = "signature"
    """S/MIME (RFC 8551) or OpenPGP (RFC 3156); kept, not verified."""
    ENCRYPTED = "encrypted"
    MESSAGE = "message"
    """A mail within the mail: forwarded, or returned by a bounce."""
    REPORT = "report"
    """What a machine says of a delivery or a reading (RFC 3464, 8098, 5965)."""


TNEF_TYPE = "application/ms-tnef"
TNEF_MAGIC = b"\x78\x9f\x3e\x22"
"""[MS-OXTNEF] 2.1.3.1: 0x223E9F78, little end first."""
OUTLOOK_TYPE = "application/vnd.ms-outlook"
COMPOUND_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A compound file ([MS-CFB] 2.2), as older documents of Office are, too."""
OUTLOOK_STREAMS = tuple(name.encode("utf-16-le") for name in ("__properties_version1.0", "__nameid_version1.0"))
"""What one of Outlook's messages holds ([MS-OXMSG] 2.2)."""
CMS_TYPE = "application/pkcs7-mime"
SIGNED_CMS = "application/pkcs7-mime; smime-type=signed-data"
"""As parsing notes the type of a signature that wraps what it signs (RFC 8551 3.5.2); its content is read."""
COMPRESSED_CMS = "application/pkcs7-mime; smime-type=compressed-data"
CERTIFICATES_CMS = "application/pkcs7-mime; smime-type=certs-only"
"""Somebody's certificates (RFC 8551 3.8): nothing in it is sealed."""
CALENDAR_TYPES = {"text/calendar", "application/ics"}
METHODS = {"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"}
"""RFC 5546 1.4."""
METHOD = re.compile(rb"^METHOD[ \t]{0,9}:[ \t]{0,9}([A-Za-z]{1,20})[ \t\r]{0,9}$", re.IGNORECASE | re.MULTILINE)
METHOD_WITHIN = 4096
"""Bytes: METHOD is a property of the calendar, before its first event."""

BY_TYPE = {
    TNEF_TYPE: AttachmentKind.TNEF,
    "application/vnd.ms-tnef": AttachmentKind.TNEF,
    **dict.fromkeys(CALENDAR_TYPES, AttachmentKind.CALENDAR),
    "application/pkcs7-signature": AttachmentKind.SIGNATURE,
    "application/x-pkcs7-signature": AttachmentKind.SIGNATURE,
    "application/pgp-signature": AttachmentKind.SIGNATURE,
    "application/pkcs7-mime": AttachmentKind.ENCRYPTED,
    "application/x-pkcs7-mime": AttachmentKind.ENCRYPTED,
    "application/pgp-encrypted": AttachmentKind.ENCRYPTED,
    "message/rfc822": AttachmentKind.MESSAGE,
    "message/global": AttachmentKind.MESSAGE,
    OUTLOOK_TYPE: AttachmentKind.MESSAGE,
    "message/delivery-status": AttachmentKind.REPORT,
    "message/global-delivery-status": AttachmentKind.REPORT,
    "message/disposition-notification": AttachmentKind.REPORT,
    "message/global-disposition-notification": AttachmentKind.REPORT,
    "message/feedback-report": AttachmentKind.REPORT,
    "text/rfc822-headers": AttachmentKind.REPORT,
    "message/global-headers": AttachmentKind.REPORT,
}
# Programs that know no better send these as octet-stream, with a telling name.
BY_EXTENSION = {
    "ics": AttachmentKind.CALENDAR,
    "p7s": AttachmentKind.SIGNATURE,
    "p7m": AttachmentKind.ENCRYPTED,
    "eml": AttachmentKind.MESSAGE,
    "msg": AttachmentKind.MESSAGE,
}
PICTURES = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("image/bmp", re.compile(rb"BM.{4}\0{4}", re.DOTALL)),
)
"""And what they begin with."""
UNTOLD = {"application/octet-stream", "text/plain", "application/x-unknown"}


def attachment_kind(content_type: str, filename: str, *, inline: bool) -> AttachmentKind:
    """From what is stored of an attachment: `content_type` with or without parameters, `inline` as parsing found it."""
    if content_type == SIGNED_CMS:
        return AttachmentKind.SIGNATURE
    if content_type in (COMPRESSED_CMS, CERTIFICATES_CMS):
        return AttachmentKind.FILE
    bare = bare_type(content_type)
    if bare in BY_TYPE:
        return BY_TYPE[bare]
    if bare in UNTOLD and (kind := BY_EXTENSION.get(filename.rpartition(".")[2].lower())):
        return kind
    return AttachmentKind.INLINE_IMAGE if inline and bare.startswith("image/") else AttachmentKind.FILE


def picture_type(content: bytes) -> str | None:
    """The type of a picture by its first bytes; None if it is none that a page shows."""
    return next((kind for kind, beginning in PICTURES if beginning.match(content)), None)


def is_outlook_message(content: bytes) -> bool:
    """Whether it is a mail as Outlook saves it, whatever it calls itself."""
    return content.startswith(COMPOUND_MAGIC) and any(name in content for name in OUTLOOK_STREAMS)


def calendar_method(content_type: str) -> str | None:
    """In capitals, as parsing noted it in the type: "text/calendar; method=REQUEST" -> "REQUEST"."""
    _, found, method = content_type.partition("; method=")
    return method if found and method in METHODS else None


def bare_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def with_method(content_type: str, declared: str | None, content: bytes) -> str:
    """A calendar's type with its METHOD, as the part declares it or else the calendar itself."""
    within = METHOD.search(content[:METHOD_WITHIN])
    method = (declared or (within[1].decode() if within else "")).upper()
    return f"{content_type}; method={method}" if method in METHODS else content_type
