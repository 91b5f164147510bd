"""Raw bytes to a `ParsedMail`, safe on every input: `UnreadableMail` is the only exception.

The stdlib's modern policies are not used on hostile mail: one Subject of 420 kB of encoded words takes them 3 GB, and
nesting, odd addresses and charsets raise from every accessor. The old one (compat32) leaves headers as text; here each
is cut before it is looked at.
"""

import binascii
import email.utils
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.generator import BytesGenerator
from email.message import Message
from email.policy import Compat32
from io import BytesIO
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from mail.automatic import LOOP_HEADER, automatic_reason
from mail.charsets import clean, decode, header_text
from mail.filenames import safe_filename
from mail.message import Address, Attachment, ParsedMail, UnreadableMail, UnreadableReason
from mail.plaintext import extract_uuencoded, html_to_text, unflow

LARGEST_MAIL = 50 * 1024 * 1024
LARGEST_HEADER = 8 * 1024
"""Bytes, as of the 500 headers that are read of each part."""
MOST_HEADERS = 500
DEEPEST = 50
MOST_PARTS = 1000
MOST_ADDRESSES = 500
MOST_REFERENCES = 200
LONGEST_ID = 998
"""Characters: RFC 5322's longest line."""
LONGEST_TEXT = 1_000_000
"""Characters of `text` that are kept; the raw mail has the rest."""

HEADERS_OF_INTEREST = (
    "sender", "received-spf", "x-spam-flag", "x-spam-status", "x-priority", "importance", "content-language",
    "auto-submitted", "precedence", "list-id", "x-auto-response-suppress", "x-failed-recipients",
    LOOP_HEADER.lower(),
)  # fmt: skip

KIND = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
ID = re.compile(r"<([^<>]*)>")
Value = TypeVar("Value")
Other = TypeVar("Other")
Mime: TypeAlias = "Message[str, str]"


class _Cut(Compat32):
    """compat32, but no header of any part is longer than it may be."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LARGEST_HEADER]


def parse(raw: bytes, own_addresses: frozenset[str] = frozenset()) -> ParsedMail:
    """Reads a mail. `own_addresses`, in lower case: a mail From one of them counts as automatic (RFC 3834).

    Raises UnreadableMail. CPU time grows with the size; for what may be malicious use `mail.isolated.parse_safely`.
    """
    if len(raw) > LARGEST_MAIL:
        raise UnreadableMail(UnreadableReason.TOO_LARGE, f"{len(raw)} bytes, at most {LARGEST_MAIL}")
    try:
        return _Reader(raw, own_addresses).read()
    except UnreadableMail:
        raise
    except RecursionError:
        raise UnreadableMail(UnreadableReason.TOO_DEEP, "nested beyond what can be followed") from None
    except MemoryError:
        raise UnreadableMail(UnreadableReason.TOO_LARGE, "out of memory") from None
    except Exception as error:  # the promise: nothing else comes out, whatever the parser trips over
        raise UnreadableMail(UnreadableReason.UNPARSEABLE, type(error).__name__) from error


def content_hash(mail: ParsedMail) -> str:
    """SHA-256 of From, Date, Subject and decoded body, in hex: equal for copies of one mail that came by other ways."""
    fields = [
        mail.from_.address if mail.from_ else "",
        mail.date.isoformat() if mail.date else "",
        mail.subject,
        mail.text,
        mail.html or "",
        *(attachment.sha256 for attachment in mail.attachments),
    ]
    digest = hashlib.sha256()
    for field in fields:
        data = field.encode()
        digest.update(len(data).to_bytes(8, "big") + data)  # lengths, so that no two field lists run into one
    return digest.hexdigest()


class _Reader:
    """One mail being read; `defects` collects what was made do with."""

    def __init__(self, raw: bytes, own_addresses: frozenset[str]) -> None:
        self._raw, self._own = raw, own_addresses
        self._defects: dict[str, None] = {}
        self._attachments: list[Attachment] = []
        self._plain: list[str] = []
        self._html: list[str] = []

    def read(self) -> ParsedMail:
        message: Mime = message_from_bytes(self._raw, policy=_Cut())
        headers = self._headers(message)
        for part in self._leaves(message):
            self._take(part)
        if message.defects:
            self._note("mime")

        def one(name: str) -> str:
            return next(iter(headers.get(name, ())), "")

        def people(name: str) -> tuple[Address, ...]:
            found = (address for value in headers.get(name, ()) for address in self._addresses(value))
            return tuple(islice(found, MOST_ADDRESSES))

        html = "\n".join(self._html) if self._html else None
        text = "\n".join(self._plain)
        if html is not None and not text.strip():
            text = html_to_text(html)
        if len(text) > LONGEST_TEXT:
            self._note("text-cut")
        sender = next(iter(people("from")), None)
        return_path = self._return_path(headers.get("return-path", []))
        ids = self._ids(headers.get("message-id", []))
        return ParsedMail(
            message_id=ids[0] if ids else None,
            in_reply_to=next(iter(self._ids(headers.get("in-reply-to", []))), None),
            references=tuple(self._ids(headers.get("references", []))[-MOST_REFERENCES:]),
            from_=sender,
            reply_to=people("reply-to"),
            to=people("to"),
            cc=people("cc"),
            delivered_to=tuple(
                address.address for name in ("delivered-to", "x-original-to", "envelope-to") for address in people(name)
            ),
            subject=header_text(one("subject")),
            date=self._date(one("date")),
            text=text[:LONGEST_TEXT],
            html=html,
            attachments=tuple(self._attachments),
            automatic_reason=automatic_reason(
                headers,
                return_path=return_path,
                from_address=sender.address if sender else None,
                content_type=message.get_content_type(),
                own_addresses=self._own,
            ),
            return_path=return_path,
            auth_results=tuple(header_text(value) for value in headers.get("authentication-results", ())),
            headers={
                name: tuple(header_text(value) for value in headers[name])
                for name in HEADERS_OF_INTEREST
                if name in headers
            },
            defects=tuple(self._defects),
        )

    # -- headers

    def _headers(self, message: Mime) -> dict[str, list[str]]:
        """The raw values by lower-case name, in order, 8-bit bytes as surrogates."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in islice(message.raw_items(), MOST_HEADERS):
            found[name.lower()].append(str(value))
            if len(value) >= LARGEST_HEADER:
                self._note("header-cut")
        if len(message) > MOST_HEADERS:
            self._note("header-cut")
        return dict(found)

    def _addresses(self, value: str) -> list[Address]:
        """Addresses first, encoded words after: a decoded comma or bracket must not make an address."""
        unfolded = re.sub(r"\r?\n", "", value)
        nobody: list[tuple[str, str]] = []
        pairs = self._try("address", lambda: _getaddresses(unfolded), nobody)
        if "=?" in value and not any("@" in address for _, address in pairs):
            # Some programs encode the whole of `Name <address>`.
            pairs = self._try("address", lambda: _getaddresses(header_text(value)), nobody)
        found = []
        for name, address in pairs:
            bare = "".join(header_text(address).split()).strip("<>").lower()
            if "@" in bare.strip("@"):
                found.append(Address(name=header_text(name), address=bare))
            elif bare or name:
                self._note("address")
        return found

    def _ids(self, values: list[str]) -> list[str]:
        """Message ids (RFC 5322 3.6.4) without brackets, and without the folding and spaces that mailers put inside."""
        text = " ".join(clean(header_text(value)) for value in values)
        bracketed = ["".join(inner.split()) for inner in ID.findall(text)]
        if not bracketed:  # written without brackets
            bracketed = [word.strip("<>") for word in text.split() if "@" in word or len(text.split()) == 1]
        return [identifier[:LONGEST_ID] for identifier in bracketed if identifier]

    def _return_path(self, values: list[str]) -> str | None:
        if not values:
            return None
        text = header_text(values[0])
        if text in ("<>", ""):
            return ""
        address = next(iter(self._addresses(values[0])), None)
        return address.address if address else text.strip("<>").lower()

    def _date(self, value: str) -> datetime | None:
        if not value:
            return None

        def read() -> datetime:
            date = email.utils.parsedate_to_datetime(header_text(value))
            # "-0000" and a missing zone come as naive: RFC 5322 3.3 says UTC, of unknown origin.
            return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)

        return self._try("date", read, None)

    # -- parts

    def _leaves(self, message: Mime) -> Iterator[Mime]:
        """The parts that hold content, in order, without recursion. A mail within the mail is one leaf."""
        stack: list[tuple[Any, int]] = [(message, 1)]
        count = 0
        while stack:
            part, depth = stack.pop()
            count += 1
            if depth > DEEPEST:
                raise UnreadableMail(UnreadableReason.TOO_DEEP, f"more than {DEEPEST} levels")
            if count > MOST_PARTS:
                raise UnreadableMail(UnreadableReason.TOO_MANY_PARTS, f"more than {MOST_PARTS}")
            self._heal(part)
            payload = part.get_payload()
            if isinstance(payload, list) and part.get_content_maintype() == "multipart":
                stack.extend((child, depth + 1) for child in reversed(payload))
            else:
                yield part

    def _heal(self, part: Mime) -> None:
        """8-bit file names are common and decode well; the stdlib would make replacement characters of them."""
        for name in ("content-type", "content-disposition"):
            value = next((str(value) for key, value in part.raw_items() if key.lower() == name), "")
            if not value.isascii():
                part.replace_header(name, clean(decode(value.encode("utf-8", "surrogateescape"), None)[0]))

    def _take(self, part: Mime) -> None:
        kind = part.get_content_type()
        if kind.startswith("multipart/"):  # one without boundary or parts: what it holds is text
            self._note("mime")
            kind = "text/plain"
        elif not KIND.fullmatch(kind):
            self._note("mime")
            kind = "application/octet-stream"
        disposition = self._try("disposition", part.get_content_disposition, None)
        named = self._try("filename", part.get_filename, None)
        if kind in ("text/plain", "text/html") and disposition != "attachment" and not named:
            self._take_text(part, kind)
            return
        content = self._embedded(part) if isinstance(part.get_payload(), list) else self._bytes(part)
        if kind == "application/ms-tnef":
            self._note("tnef")
        content_id = next(iter(self._ids([str(part.get("content-id", ""))])), None)
        inline = disposition == "inline" or (content_id is not None and disposition != "attachment")
        self._attach(header_text(str(named)) if named else None, kind, content, content_id, inline)

    def _attach(self, name: str | None, kind: str, content: bytes, content_id: str | None, inline: bool) -> None:
        self._attachments.append(
            Attachment(
                filename=safe_filename(name, kind),
                content_type=kind,
                content_id=content_id,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                content=content,
                inline=inline,
            )
        )

    def _take_text(self, part: Mime, kind: str) -> None:
        charset = self._try("charset", lambda: part.get_param("charset"), None)
        if isinstance(charset, tuple):
            charset = charset[2]  # RFC 2231: (charset, language, value)
        text, fitted = decode(self._bytes(part), charset or None)
        if not fitted:
            self._note("charset")
        text = clean(text).replace("\r\n", "\n").replace("\r", "\n")
        if kind == "text/html":
            self._html.append(text)
            return
        if str(self._try("format", lambda: part.get_param("format"), "")).lower() == "flowed":
            text = unflow(text, delsp=str(part.get_param("delsp", "")).lower() == "yes")
        text, files = extract_uuencoded(text)
        for name, content in files:
            self._attach(name, "application/octet-stream", content, None, False)
        self._plain.append(text)

    def _bytes(self, part: Mime) -> bytes:
        payload = self._try("encoding", lambda: part.get_payload(decode=True), b"")
        return payload if isinstance(payload, bytes) else b""

    def _embedded(self, part: Mime) -> bytes:
        """A mail within the mail, or several, written out again."""

        def write() -> bytes:
            out = BytesIO()
            for inner in part.get_payload():
                BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(inner)
            return out.getvalue()

        return self._try("embedded", write, b"")

    def _note(self, defect: str) -> None:
        self._defects[defect] = None

    def _try(self, defect: str, read: Callable[[], Value], otherwise: Other) -> Value | Other:
        """`read()`, or `otherwise` with the defect noted: one bad field does not make a mail unreadable."""
        try:
            return read()
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, binascii.Error):
            self._note(defect)
            return otherwise


def _getaddresses(value: str) -> list[tuple[str, str]]:
    try:
        # Newer Pythons are strict by default: one odd address would empty the whole list.
        return email.utils.getaddresses([value], strict=False)
    except TypeError:
        return email.utils.getaddresses([value])
