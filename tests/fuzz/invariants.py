"""What holds for every input: the parser's promise, and that of all that reads its result when a mail arrives."""

import re
import unicodedata

from mail.authentication import dmarc
from mail.bounces import bounce
from mail.contents import MOST_UUENCODED
from mail.filenames import LONGEST, RESERVED
from mail.kinds import AttachmentKind
from mail.leaves import MOST_PARTS
from mail.message import MailAttachment, ParsedMail, UnreadableMail
from mail.parse import (
    LONGEST_ID,
    LONGEST_TEXT,
    MOST_ADDRESSES,
    MOST_REFERENCES,
    content_hash,
    parse,
)
from mail.quotes import strip_quote
from mail.sanitised import Images, page

OWN = frozenset({"support@house.example"})
LINE_BREAKS = re.compile(r"[\r\n\0\u2028\u2029\x85]")
HARMFUL = re.compile(
    r"<(script|iframe|form|input|object|embed|base|link|style|svg|math)\b|<[^>]*\son\w+\s*=|<[^>]*javascript:"
)
LARGEST_PAGE = 50_000
HEADER = re.compile(rb"[!-9;-~]+:")


class Broken(AssertionError):
    """An invariant that does not hold."""


def check(raw: bytes, *, copies: bool = False) -> ParsedMail | None:
    """The mail, None if it is unreadable. `copies`: also that a copy by another way has the same content hash.

    Raises `Broken`, or whatever the parser lets through.
    """
    try:
        mail = parse(raw, OWN)
    except UnreadableMail:
        return None
    _storable(mail)
    _bounded(mail)
    for attachment in mail.attachments:
        _harmless(attachment)
    _read_on(mail)
    if copies and HEADER.match(raw):
        copy = parse(b"Received: from elsewhere\r\n" + raw, OWN)
        # A 501st header is not read; then the two do differ.
        _holds(content_hash(copy) == content_hash(mail) or "header-cut" in copy.defects, "content hash of a copy")
    return mail


def _holds(condition: bool, what: str) -> None:
    if not condition:
        raise Broken(what)


def _storable(mail: ParsedMail) -> None:
    """No NUL and no lone surrogate anywhere (the dump would raise), and nothing changes on the way."""
    dumped = mail.model_dump_json()
    dumped.encode()
    _holds("\\u0000" not in dumped.replace("\\\\", ""), "NUL")
    back = ParsedMail.model_validate_json(dumped)
    _holds(back == mail, "round trip")
    _holds(content_hash(back) == content_hash(mail), "content hash")


def _bounded(mail: ParsedMail) -> None:
    _holds(len(mail.text) <= LONGEST_TEXT and len(mail.html or "") <= LONGEST_TEXT, "length of the text")
    _holds("\r" not in mail.text, "line ends of the text")
    _holds(len(mail.attachments) <= MOST_PARTS + MOST_UUENCODED, "number of attachments")
    _holds(len(mail.references) <= MOST_REFERENCES, "number of references")
    people = (*mail.to, *mail.cc, *mail.reply_to, *((mail.from_,) if mail.from_ else ()))
    _holds(max(len(mail.to), len(mail.cc), len(mail.reply_to)) <= MOST_ADDRESSES, "number of addresses")
    for person in people:
        _holds("@" in person.address and person.address == person.address.lower(), f"address {person.address!r}")
    ids = [each for each in (mail.message_id, mail.in_reply_to, *mail.references) if each is not None]
    _holds(all(0 < len(each) <= LONGEST_ID for each in ids), "length of an id")
    lines = [mail.subject, *ids, *(text for person in people for text in (person.name, person.address))]
    lines += [value for values in mail.headers.values() for value in values]
    _holds(not any(LINE_BREAKS.search(line) for line in lines), "line break in a header")


def _harmless(attachment: MailAttachment) -> None:
    name = attachment.filename
    _holds(0 < len(name) <= LONGEST, "length of a file name")
    _holds(not re.search(r"[/\\:<>|?*\"]", name) and not name.startswith("."), f"file name {name!r}")
    _holds(not any(unicodedata.category(each).startswith("C") for each in name), f"control in file name {name!r}")
    _holds(not RESERVED.fullmatch(name), f"reserved file name {name!r}")
    _holds(attachment.size == len(attachment.content), "size of an attachment")
    _holds(attachment.content_type.isascii() and attachment.kind in AttachmentKind, "kind of an attachment")


def _read_on(mail: ParsedMail) -> None:
    """What follows on parsing when a mail arrives or is shown."""
    visible, tail = strip_quote(mail.text)
    kept = [line for line in f"{visible}\n{tail}".split("\n") if line.strip()]
    _holds(kept == [line for line in mail.text.split("\n") if line.strip()], "text lost in folding")
    if mail.html and len(mail.html) < LARGEST_PAGE:
        shown = page(mail.html, mail.text, Images.REMOTE).lower()
        _holds(not HARMFUL.search(shown), "a page that does harm")
    dmarc(mail.auth_results, "mx.example")
    report = bounce(mail)
    _holds(report is None or all("@" in each.address for each in report.recipients), "address of a bounce")
