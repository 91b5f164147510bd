"""A mail of ours as bytes: headers that nobody can inject into, a body that every program reads.

Written with the stdlib's old message classes (compat32): the new ones fold long References into encoded words, which
breaks the thread in the customer's program.
"""

import re
from datetime import UTC
from email import encoders
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from io import BytesIO
from typing import Literal

from pydantic import AwareDatetime, Field

from mail.automatic import LOOP_HEADER
from mail.charsets import CONTROLS, clean
from mail.message import Address, MailAttachment, Model
from models.messages.addresses import ascii_address

MOST_REFERENCES = 20
"""Ids in References: the first of the thread and the newest, as RFC 5322 3.6.4 lets one shorten."""
LINE = 78
LONGEST_NAME = 20
"""Characters before a value: a header's name, its colon and a blank."""

FORBIDDEN = re.compile(r"[\r\n\0]")
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{LABEL}(?:\.{LABEL})*")
MESSAGE_ID = re.compile(r"[^\s<>@]+@[^\s<>@]+")
CONTENT_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*")
REPLY = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|odp|res|rif)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:\uff1a]\s*", re.IGNORECASE
)

UTF8 = Charset("utf-8")
UTF8.body_encoding = QP


class HeaderRefused(ValueError):
    """A value that must not stand in a header: a line break or NUL in it, or not of the header's form."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field


class OutgoingMail(Model):
    """A mail to be sent. Ids are without angle brackets; `date` is any aware instant; `references` oldest first."""

    from_: Address
    to: tuple[Address, ...] = Field(min_length=1)
    cc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    subject: str
    text: str
    html: str | None = None
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: AwareDatetime
    auto_submitted: Literal["auto-replied", "auto-generated"] | None = None
    """What RFC 3834 calls it, if no human wrote it."""
    loop: str | None = None
    """The value of X-Caseloom-Loop: a token that we signed, by which we know an answer of a machine that repeats it."""
    attachments: tuple[MailAttachment, ...] = ()


def compose(mail: OutgoingMail) -> bytes:
    """The mail with CRLF line ends, all of it ASCII. Raises HeaderRefused(field) and nothing else."""
    root = _body(mail)
    for name, value in _headers(mail):
        root[name] = value  # type: ignore[assignment] # compat32 takes Header objects; its stub does not say so
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=compat32.clone(linesep="\r\n", max_line_length=LINE)).flatten(root)
    return out.getvalue()


def subject_reply(subject: str) -> str:
    """The subject of an answer: "Re: " once, before the stem. "AW: Re[2]: broken" -> "Re: broken"."""
    stem = subject
    while match := REPLY.match(stem):
        stem = stem[match.end() :]
    return f"Re: {stem.strip()}".strip()


def thread(references: tuple[str, ...], in_reply_to: str) -> tuple[str, ...]:
    """The References of an answer to `in_reply_to`, which itself had `references` (RFC 5322 3.6.4)."""
    return (*(each for each in references if each != in_reply_to), in_reply_to)


def _headers(mail: OutgoingMail) -> list[tuple[str, str | Header]]:
    references = [_id("references", each) for each in mail.references]
    if len(references) > MOST_REFERENCES:
        references = [references[0], *references[1 - MOST_REFERENCES :]]
    optional: list[tuple[str, str | Header | None]] = [
        ("From", _people("from", (mail.from_,))),
        ("To", _people("to", mail.to)),
        ("Cc", _people("cc", mail.cc) if mail.cc else None),
        ("Reply-To", _people("reply_to", (mail.reply_to,)) if mail.reply_to else None),
        ("Subject", _unstructured("subject", mail.subject)),
        ("Date", format_datetime(mail.date.astimezone(UTC))),
        ("Message-ID", _id("message_id", mail.message_id)),
        ("In-Reply-To", _id("in_reply_to", mail.in_reply_to) if mail.in_reply_to else None),
        ("References", "\r\n ".join(references) or None),
        ("Auto-Submitted", mail.auto_submitted),
        # Older responders know these two instead (RFC 3834 3.1.8; [MS-OXCMAIL] 2.2.3.2.14).
        ("Precedence", "bulk" if mail.auto_submitted else None),
        ("X-Auto-Response-Suppress", "All" if mail.auto_submitted else None),
        (LOOP_HEADER, _unstructured("loop", mail.loop) if mail.loop is not None else None),
    ]
    return [(name, value) for name, value in optional if value is not None]


def _checked(field: str, value: str) -> str:
    if FORBIDDEN.search(value):
        raise HeaderRefused(field, "a line break or NUL must not stand in a header")
    # The stdlib folds at every character that Python calls a line end: U+001E, U+0085, U+2028 ...
    return CONTROLS.sub(" ", clean(value))


def _unstructured(field: str, value: str) -> str | Header:
    text = _checked(field, value)
    # A word that no line holds would begin on the line below the header's name, or make one longer than SMTP lets pass.
    plain = _is_plain(text) and all(len(word) <= LINE - LONGEST_NAME for word in text.split(" "))
    return Header(text, None if plain else UTF8, maxlinelen=LINE, header_name=field)


def _is_plain(text: str) -> bool:
    """What looks like an encoded word (RFC 2047) is encoded, so that the reader sees it as it is written."""
    return text.isascii() and "=?" not in text


def _id(field: str, value: str) -> str:
    if not MESSAGE_ID.fullmatch(_checked(field, value)) or not value.isascii():
        raise HeaderRefused(field, f"{value[:80]!r} is no message id")
    return f"<{value}>"


def _people(field: str, people: tuple[Address, ...]) -> str:
    """One address per line: a long list must not be folded inside an encoded name."""
    return ",\r\n ".join(_person(field, person) for person in people)


def _person(field: str, person: Address) -> str:
    name, address = _checked(field, person.name), _checked(field, person.address)
    address = ascii_address(address)
    # A comma or bracket in it would be a second recipient. (A local part in another script needs SMTPUTF8 end to end.)
    if not ADDRESS.fullmatch(address):
        raise HeaderRefused(field, f"{address[:80]!r} is not an address that can be sent to")
    if not name:
        return address
    if _is_plain(name) and len(name) <= LINE - len(address) - 10:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    encoded = Header(name, UTF8, maxlinelen=LINE - 10, header_name=field).encode(linesep="\r\n")
    return f"{encoded}\r\n <{address}>"


def _body(mail: OutgoingMail) -> "Message[str, str]":
    """text, or alternative(text, html), or alternative(text, related(html, images)); in mixed if files are attached."""
    inline = [each for each in mail.attachments if each.inline and each.content_id and mail.html is not None]
    files = [each for each in mail.attachments if each not in inline]
    body: Message[str, str] = _text(mail.text, "plain")
    if mail.html is not None:
        rich: Message[str, str] = _text(mail.html, "html")
        if inline:
            rich = _multipart("related", [rich, *(_file(each) for each in inline)])
        body = _multipart("alternative", [body, rich])
    return _multipart("mixed", [body, *(_file(each) for each in files)]) if files else body


def _multipart(kind: str, parts: "list[Message[str, str]]") -> "Message[str, str]":
    whole = MIMEMultipart(kind)
    for part in parts:
        del part["MIME-Version"]  # it belongs to the whole alone
        whole.attach(part)
    return whole


def _text(text: str, kind: str) -> "Message[str, str]":
    part = MIMENonMultipart("text", kind)
    part.set_payload(clean(text).replace("\r\n", "\n").replace("\r", "\n"), UTF8)
    return part


def _file(attachment: MailAttachment) -> "Message[str, str]":
    kind = _checked("attachments", attachment.content_type)
    if not CONTENT_TYPE.fullmatch(kind):
        raise HeaderRefused("attachments", f"{kind[:80]!r} is no content type")
    if kind.lower().startswith(("multipart/", "message/")):
        kind = "application/octet-stream"  # those may not be sent in base64 (RFC 2045 6.4)
    name = _checked("attachments", attachment.filename)
    part = MIMEBase(*kind.split("/", 1))
    part.set_payload(attachment.content)
    encoders.encode_base64(part)
    filename = name if _is_plain(name) else ("utf-8", "", name)
    inline = attachment.inline and attachment.content_id
    part.add_header("Content-Disposition", "inline" if inline else "attachment", filename=filename)
    if attachment.content_id:
        identifier = _checked("attachments", attachment.content_id)
        if re.search(r"[\s<>]", identifier):
            raise HeaderRefused("attachments", f"{identifier[:80]!r} is no content id")
        part["Content-ID"] = f"<{identifier}>"
    return part
