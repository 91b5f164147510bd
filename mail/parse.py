"""Raw bytes to a `ParsedMail`, safe on every input: `UnreadableMail` is the only exception."""

import hashlib
import html as html_entities
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from itertools import islice
from typing import TypeVar

from mail import parts
from mail.addresses import Person, author, people
from mail.automatic import LOOP_HEADER, automatic_reasons, unanswerable_reasons
from mail.bodies import has_words
from mail.bounces import TEXT_WITHIN, bounce
from mail.charsets import JAPANESE, clean, eight_bit, header_text
from mail.contents import Contents
from mail.dates import mail_date
from mail.guessing import guessed, hints_of, unlabelled
from mail.heads import MOST_HEADERS, Cut, Mended, begun, largest
from mail.html_text import without_data
from mail.message import Address, AutomaticReason, ParsedMail, UnreadableMail, UnreadableReason
from mail.parts import Mime
from mail.recipients import recipients
from mail.within import said_within

LARGEST_MAIL = 64 * 1024 * 1024
"""Bytes that can be read; how large a mail is taken in is for intake to say."""
MOST_ADDRESSES = 500
MOST_ADDRESS_FIELDS = 20
"""Fields of the same name that are read. An honest mail has one To, and each further one may hold thousands of commas."""
MOST_REFERENCES = 200
MOST_PARENTS = 10
"""Ids in In-Reply-To: an answer to several mails names each."""
LONGEST_ID = 998
"""Characters: RFC 5322's longest line."""
LONGEST_TEXT = 1_000_000
"""Characters of `text` and of `html` that are kept; the raw mail has the rest."""

HEADERS_OF_INTEREST = (
    "sender", "received-spf", "x-spam-flag", "x-spam-status", "x-priority", "importance", "content-language",
    "content-type", "auto-submitted", "precedence", "list-id", "list-post", "mailing-list", "x-beenthere",
    "x-auto-response-suppress", "x-failed-recipients", LOOP_HEADER.lower(),
)  # fmt: skip

ID = re.compile(r"<([^<>]*)>")
NULL_PATH = re.compile(r"<\s*>|$")
ONCE = (
    "from", "sender", "reply-to", "to", "cc", "message-id", "in-reply-to", "references", "subject", "date",
)  # fmt: skip
"""Headers that a mail has once (RFC 5322 3.6). Of several, the first counts."""
ReadPeople = Callable[[str], tuple[list[Person], bool]]
Value = TypeVar("Value")
Other = TypeVar("Other")


def parse(raw: bytes, own_addresses: frozenset[str] = frozenset()) -> ParsedMail:
    """Reads a mail. `own_addresses`, in lower case: a mail From one of them counts as automatic (RFC 3834).

    Raises UnreadableMail. CPU time grows with the size; for what may be malicious use `mail.isolated.parse_safely`.
    """
    if len(raw) > LARGEST_MAIL:
        raise UnreadableMail(UnreadableReason.TOO_LARGE, f"{len(raw)} bytes, at most {LARGEST_MAIL}")
    try:
        return _MailReader(raw, own_addresses).read()
    except UnreadableMail:
        raise
    except RecursionError:
        raise UnreadableMail(UnreadableReason.TOO_DEEP, "nested beyond what can be followed") from None
    except MemoryError:
        raise UnreadableMail(UnreadableReason.TOO_LARGE, "out of memory") from None
    except Exception as error:  # the promise: nothing else comes out, whatever the parser trips over
        raise UnreadableMail(UnreadableReason.UNPARSEABLE, type(error).__name__) from error


def content_hash(mail: ParsedMail) -> str:
    """SHA-256 of From, Date, Subject and decoded body, in hex: the same for copies of a mail that arrived in different ways."""
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


class _MailReader:
    """One mail being read; `defects` collects what was made do with."""

    def __init__(self, raw: bytes, own_addresses: frozenset[str]) -> None:
        self._raw, self._own = raw, own_addresses
        self._defects: dict[str, None] = {}
        self._charset: str | None = None
        """Of what nothing tells the charset of."""

    def read(self) -> ParsedMail:
        start = begun(self._raw)
        if start.cut:
            self._note("header-cut")
        if start.strange:
            self._note("mime")
        message: Mime = message_from_bytes(start.raw, policy=Cut())
        self._charset = parts.declared_charset(message)
        if self._charset is None and not start.raw.isascii():
            self._charset = guessed(unlabelled(start.raw), hints_of(start.raw))
        headers = self._headers(message)
        contents = Contents(self._note, self._try, self._ids, self._charset)
        contents.read(message)

        def one(name: str) -> str:
            return next(iter(headers.get(name, ())), "")

        def all_of(name: str, read: ReadPeople = people) -> tuple[Address, ...]:
            values = headers.get(name, [])
            if len(values) > MOST_ADDRESS_FIELDS:
                self._note("header-cut")
            found = (each.read for value in values[:MOST_ADDRESS_FIELDS] for each in self._people(value, read))
            return tuple(islice(found, MOST_ADDRESSES))

        text = self._cut("text-cut", contents.text())
        html = self._html(contents.html())
        subject = header_text(one("subject"))
        sender = self._author(headers.get("from", []))
        from_address = sender.address if sender else None
        return_path = self._return_path(headers.get("return-path", []))
        ids = self._ids(headers.get("message-id", []))
        parents = self._ids(headers.get("in-reply-to", []))
        named = (
            *self._piece_of(message),
            *self._ids(headers.get("references", [])),
            *reversed(parents[1:MOST_PARENTS]),
        )
        references = dict.fromkeys(named)
        mail = ParsedMail(
            message_id=ids[0] if ids else None,
            in_reply_to=next(iter(parents), None),
            references=tuple(references)[-MOST_REFERENCES:],
            from_=sender,
            original_sender=self._original_sender(one("x-original-sender"), one("x-original-from")),
            reply_to=all_of("reply-to"),
            to=all_of("to", recipients),
            cc=all_of("cc", recipients),
            delivered_to=tuple(
                address.address for name in ("delivered-to", "x-original-to", "envelope-to") for address in all_of(name)
            ),
            subject=subject,
            date=self._date(one("date")),
            text=text,
            html=html,
            attachments=contents.attachments(html or ""),
            automatic_reasons=automatic_reasons(
                headers,
                return_path=return_path,
                from_address=from_address,
                content_type=message.get_content_type(),
                subject=subject,
                text=text,
                own_addresses=self._own,
            ),
            unanswerable_reasons=unanswerable_reasons(
                headers, return_path=return_path, from_address=from_address, subject=subject, text=text
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
        if not mail.automatic and bounce(mail) is not None:  # no header says so, but its form does
            mail = mail.model_copy(update={"automatic_reasons": (AutomaticReason.REPORT,)})
        if not mail.automatic and not has_words(text):
            within = self._cut("text-cut", said_within(mail.attachments, lambda _: None, self._try))
            if within:
                mail = mail.model_copy(update={"text": within, "defects": (*self._defects, TEXT_WITHIN)})
        return mail

    # -- headers

    def _headers(self, message: Mime) -> dict[str, list[str]]:
        """The raw values by lower-case name, in order, 8-bit bytes decoded."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in islice(message.raw_items(), MOST_HEADERS):
            text = str(value)
            found[name.lower()].append(
                text if text.isascii() and JAPANESE not in text else eight_bit(text, self._charset)
            )
            if len(value.original if isinstance(value, Mended) else value) >= largest(name):
                self._note("header-cut")
        for name in ONCE:
            if len(found.get(name, ())) > 1:
                self._note(f"duplicate-{name}")
        return dict(found)

    def _people(self, value: str, read: ReadPeople = people) -> list[Person]:
        nobody: tuple[list[Person], bool] = ([], True)
        found, odd = self._try("address", lambda: read(value), nobody)
        if odd:
            self._note("address")
        return found

    def _author(self, values: list[str]) -> Address | None:
        """The sender, by the first From field that names one; what is doubtful about them is noted."""
        for value in values[:MOST_ADDRESS_FIELDS]:
            person, doubts = author(self._people(value))
            if person is not None:
                for doubt in doubts:
                    self._note(doubt)
                return person.read
        return None

    def _original_sender(self, sender: str, from_: str) -> Address | None:
        """X-Original-Sender is an address, X-Original-From one with its name; they need not both be there."""
        named, _ = author(self._people(from_))
        bare, _ = author(self._people(sender))
        if bare is None or (named is not None and named.address == bare.address):
            return named.read if named else None
        return bare.read

    def _ids(self, values: list[str]) -> list[str]:
        """Message ids (RFC 5322 3.6.4) without brackets, and without the folding and spaces that mailers put inside."""
        text = " ".join(clean(header_text(value)) for value in values)
        if "<" not in text and "&lt;" in text.lower():
            text = html_entities.unescape(text)
        bracketed: list[str] = []
        for inner in ID.findall(text):
            words = inner.split()
            # The brackets between two were lost; or a gateway put blanks into one.
            several = len(words) > 1 and all("@" in word.strip("@") for word in words)
            bracketed += words if several else ["".join(words)]
        if not bracketed:  # written without brackets
            words = text.split()
            bracketed = [word.strip("<>") for word in words if "@" in word or len(words) == 1]
        return [identifier[:LONGEST_ID] for identifier in bracketed if identifier]

    def _piece_of(self, message: Mime) -> tuple[str, ...]:
        """What all pieces of a mail name (RFC 2046 5.2.2): as answers to one mail do, they find each other by it."""
        if message.get_content_type() != "message/partial":
            return ()
        named = self._try("mime", lambda: parts.parameter(message, "id"), "").strip("<>")[:LONGEST_ID]
        return (named,) if named else ()

    def _return_path(self, values: list[str]) -> str | None:
        if not values:
            return None
        text = header_text(values[0])
        if NULL_PATH.match(text):
            return ""
        person = next(iter(self._people(values[0])), None)
        return person.address if person else text.strip("<>").lower()

    def _date(self, value: str) -> datetime | None:
        if not value:
            return None
        return self._try("date", lambda: mail_date(header_text(value)), None)

    def _html(self, html: str) -> str | None:
        """As it was sent; too long, then without the pictures that stand in its addresses: the words may follow them."""
        return self._cut("html-cut", html if len(html) <= LONGEST_TEXT else without_data(html)) or None

    def _cut(self, defect: str, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            self._note(defect)
        return text[:LONGEST_TEXT]

    def _note(self, defect: str) -> None:
        self._defects[defect] = None

    def _try(self, defect: str, read: Callable[[], Value], otherwise: Other) -> Value | Other:
        """`read()`, or `otherwise` with the defect noted: one bad field does not make a mail unreadable."""
        try:
            return read()
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MessageError):
            self._note(defect)
            return otherwise
