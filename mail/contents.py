"""What a mail holds: its texts and its files, from the tree of its parts."""

from __future__ import annotations

import hashlib
import html as html_entities
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from mail import cms, parts, tnef
from mail.bodies import FOR_WANT_OF_OTHERS, HTML, PLAIN, READ_AS_TEXT, Bodies
from mail.charsets import clean, decode, html_charset
from mail.filenames import kind_of, safe_filename
from mail.kinds import (
    CALENDAR_TYPES,
    CERTIFICATES_CMS,
    CMS_TYPE,
    COMPOUND_MAGIC,
    OUTLOOK_TYPE,
    TNEF_MAGIC,
    TNEF_TYPE,
    UNTOLD,
    AttachmentKind,
    bare_type,
    is_outlook_message,
    picture_type,
    with_method,
)
from mail.leaves import Leaf, Leaves, Note, Try
from mail.located import base_of, by_content_ids, place
from mail.message import MailAttachment
from mail.parts import Mime
from mail.plaintext import PGP_MESSAGE, extract_uuencoded, take_signature, unflow

MOST_UUENCODED = 100
"""Files within the texts."""
LOOKED_AT = 4096
"""Bytes of a part without a type that are looked at to tell what it is."""

CID = re.compile(r"cid:([^\s\"'<>)]{1,998})", re.IGNORECASE)
LOOKS_LIKE_HTML = re.compile(rb"\s{0,99}(?:<!--.{0,500}?-->\s{0,99})?<(?:!doctype\s+html|html|body)\b", re.I | re.S)
NO_NAME = re.compile(
    r"(att\d{0,9}|body|message|mail|e-?mail|text|untitled|unbenannt|noname|unnamed|unknown|part[ ._\d]{0,9}|nachricht|"
    r"content|html|index|mime-attachment|mailbody|msg)?[ _\d]{0,9}(\.(txt|text|html?|dat|md|rtf))?",
    re.IGNORECASE,
)
"""What programs call a text that has no name of its own."""
REACTION = "text/vnd.google.email-reaction+json"
"""An emoji as Gmail tells it to itself; the text and HTML beside it say the same to others."""
KNOWN_MAIN_TYPES = {"application", "image", "audio", "video", "message", "multipart", "font", "model"}
ARCHIVE = "application/zip"
FILES = (
    (COMPOUND_MAGIC, "application/octet-stream"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ARCHIVE),
)
"""How files begin that are called text."""
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text has in any charset but UTF-16, which has a name."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that has a name, or is called an attachment: a file, or the letter."""

    leaf: Leaf
    kind: str
    name: str
    attached: bool
    content: bytes
    content_id: str | None


class Contents:
    """The texts and files of one mail. `note` is told what was made do with; `attempt` runs what odd input makes raise."""

    def __init__(self, note: Note, attempt: Try, ids: Callable[[list[str]], list[str]], charset: str | None) -> None:
        self._note, self._try, self._ids, self._charset = note, attempt, ids, charset
        self._bodies = Bodies()
        self._attachments: list[MailAttachment] = []
        self._named: list[_Text] = []
        self._wanting: list[tuple[int, str, str]] = []
        self._uuencoded = self._nameless = 0
        self._places: dict[str, str] = {}
        """SHA-256 of files by where they were found."""
        self._bases: dict[str, None] = {}
        """Of the HTML."""
        self._html = ""

    def read(self, message: Mime) -> None:
        for leaf in Leaves(self._note, self._try, self._charset).of(message):
            self._take(leaf)
        self._choose()
        if self._wanting and self._bodies.blank():
            for group, kind, text in self._wanting:
                self._bodies.add(group, kind, text)
        html = self._bodies.html()
        self._html, files = self._try(
            "mime",
            lambda: by_content_ids(html, self._attachments, self._places, tuple(self._bases)),
            (html, self._attachments),
        )
        self._attachments = list(files)

    def text(self) -> str:
        return self._bodies.text()

    def html(self) -> str:
        """As it was sent; but pictures that it shows by where they were found, or by name, have content ids."""
        return self._html

    def attachments(self, html: str) -> tuple[MailAttachment, ...]:
        """Whether an image belongs to the text is told by the HTML: dispositions, types and content ids are set at random."""
        if not any(each.content_id for each in self._attachments):
            return tuple(self._attachments)
        shown = {unquote(html_entities.unescape(found)) for found in CID.findall(html)}
        return tuple(_shown(each) if each.content_id in shown else each for each in self._attachments)

    # -- the parts

    def _take(self, leaf: Leaf) -> None:
        part = leaf.part
        kind = self._kind(part)
        name = self._try("filename", lambda: parts.filename(part), "")
        if kind == REACTION and leaf.alternative:
            return
        if not name and kind not in READ_AS_TEXT:
            name = self._try("filename", lambda: parts.name_beside(part), "")
        content = self._try("encoding", lambda: parts.content(part), b"")
        if part.defects:  # those of its encoding, too
            self._note("mime")
        attached = parts.disposition(part) == "attachment"
        content_id = next(iter(self._ids([str(part.get("content-id", ""))])), None)
        if found := self._try("mime", lambda: place(part, leaf.base), ""):
            self._places.setdefault(found, hashlib.sha256(content).hexdigest())
        if kind in READ_AS_TEXT and leaf.wrapping is None:
            text = _Text(leaf, kind, name, attached, content, content_id)
            if not name and not attached:
                self._nameless += 1
                self._take_text(text)
            else:
                self._named.append(text)
                # Its place among the files, which it gives up if it turns out to be the letter.
                self._attach(name, kind, content, content_id)
            return
        if content.startswith(TNEF_MAGIC):  # whatever it calls itself
            kind, name = TNEF_TYPE, name or "winmail.dat"
            if self._open(leaf.group, content):
                return
        if is_outlook_message(content):
            kind = OUTLOOK_TYPE
        if kind in FOR_WANT_OF_OTHERS and not attached:
            told, _ = decode(content, self._parameter(part, "charset") or None)
            self._wanting.append((leaf.group, kind, _lines(told)))
        if not (attached or name or leaf.wrapping) and _may_be_text(kind, content):
            told, _ = decode(content, self._parameter(part, "charset") or None)
            self._wanting.append(
                (leaf.group, "text/html" if LOOKS_LIKE_HTML.match(content) else "text/plain", _lines(told))
            )
        if kind == "message/external-body" and (address := self._reference(part)):
            self._wanting.append((leaf.group, "text/plain", address))
        if kind == "message/partial" and not name:
            number, total = self._parameter(part, "number"), self._parameter(part, "total")
            name = f"message-part-{number}-of-{total or 'unknown'}"
        if kind in CALENDAR_TYPES:
            kind = with_method(kind, self._parameter(part, "method"), content)
        if leaf.wrapping:
            kind, name = leaf.wrapping, name or "smime.p7m"
        elif self._certificates(part, kind, name, content):
            kind, name = CERTIFICATES_CMS, name or "smime.p7c"
        self._attach(name, kind, content, content_id)

    def _reference(self, part: Mime) -> str:
        """Where the content of a part is that the mail only refers to (RFC 2046 5.2.3, RFC 2017)."""
        if address := self._parameter(part, "url"):
            return address
        site, folder, name = (self._parameter(part, each) for each in ("site", "directory", "name"))
        return "/".join(filter(None, (f"ftp://{site}", folder.strip("/"), name))) if site and name else ""

    def _certificates(self, part: Mime, kind: str, name: str, content: bytes) -> bool:
        if kind != CMS_TYPE:
            return kind in UNTOLD and name.lower().endswith(".p7m") and cms.holds_certificates_alone(content)
        declared = self._parameter(part, "smime-type").lower() == "certs-only" or name.lower().endswith(".p7c")
        return declared or cms.holds_certificates_alone(cms.out_of_armour(content) or content)

    def _open(self, group: int, content: bytes) -> bool:
        """Takes what Outlook's container holds in its place; a broken one, or a meeting, is kept as it came."""
        try:
            held = tnef.opened(content)
        except ValueError:
            return False
        self._wanting += [(group, kind, _lines(text)) for kind, text in held.bodies]
        for each in held.files:
            kind = each.content_type.lower() if parts.KIND.fullmatch(each.content_type.lower()) else ""
            name = each.name or ("message.dat" if kind == TNEF_TYPE else "")
            self._attach(
                name, kind or kind_of(name) or "application/octet-stream", each.content, each.content_id or None
            )
        return not held.says_more

    def _kind(self, part: Mime) -> str:
        kind: str = part.get_content_type()
        if kind.startswith("multipart/"):  # one without boundary or parts: what it holds is text
            self._note("mime")
            return "text/plain"
        declared = str(part.get("content-type", "")).strip()
        if declared and "/" not in declared.partition(";")[0]:
            # A type that is none: the name tells more than the stdlib, which takes it for text.
            guessed = kind_of(self._try("filename", lambda: parts.filename(part), ""))
            if guessed or parts.disposition(part) == "attachment":
                self._note("mime")
                return guessed or "application/octet-stream"
        elif not parts.KIND.fullmatch(kind):
            self._note("mime")
            return "application/octet-stream"
        if kind in READ_AS_TEXT and (file := self._file_called_text(part)):
            self._note("mime")
            return file
        if kind == "text/plain":
            whole = self._try("encoding", lambda: parts.content(part), b"")
            name = self._try("filename", lambda: parts.filename(part), "")
            if name and NO_TEXT.search(whole[:LOOKED_AT]) and not self._parameter(part, "charset"):
                self._note("mime")  # a file whose type is told as text, or not at all
                return kind_of(name) or "application/octet-stream"
            # Declared as text, a whole document: who writes about HTML has a word before or behind it.
            is_document = not declared or whole.rstrip()[-7:].lower() == b"</html>"
            return "text/html" if is_document and LOOKS_LIKE_HTML.match(whole[:LOOKED_AT]) else kind
        return kind

    def _file_called_text(self, part: Mime) -> str | None:
        """The type of a file that is called text: known by its first bytes, as no text has them, whatever charset it names."""
        whole = self._try("encoding", lambda: parts.content(part), b"")
        known = next((kind for beginning, kind in FILES if whole.startswith(beginning)), None) or picture_type(whole)
        if known is None or not NO_TEXT.search(whole[:LOOKED_AT]):
            return None
        name = self._try("filename", lambda: parts.filename(part), "")
        # Many kinds of documents begin as an archive does, and are none to their readers.
        return kind_of(name) or ("application/octet-stream" if name and known == ARCHIVE else known)

    def _choose(self) -> None:
        """Of the texts that have names, those that are the letter. What a mail says in several ways is its letter,
        whatever it is called; and so is the only text there is."""
        chosen = [each for each in self._named if each.leaf.alternative and not each.attached]
        if not chosen and not self._nameless:
            chosen = self._only_text()
        elif not chosen and self._bodies.blank():
            chosen = [each for each in self._only_text() if not each.attached or NO_NAME.fullmatch(each.name)]
        for text in chosen:
            self._take_text(text)
            if not text.attached or NO_NAME.fullmatch(text.name):
                # Else it may be the letter or a file: it is shown as both.
                self._forget(text)

    def _only_text(self) -> list[_Text]:
        shown = [each for each in self._named if not each.attached]
        nameless = [each for each in self._named if NO_NAME.fullmatch(each.name)]
        return (self._named if len(self._named) == 1 else shown or nameless)[:1]

    def _forget(self, text: _Text) -> None:
        digest = hashlib.sha256(text.content).hexdigest()
        for index, each in enumerate(self._attachments):
            if each.sha256 == digest and bare_type(each.content_type) == text.kind:
                del self._attachments[index]
                return

    def _attach(self, name: str | None, kind: str, content: bytes, content_id: str | None) -> None:
        attachment = MailAttachment(
            filename=safe_filename(name, bare_type(kind)),
            content_type=kind,
            content_id=content_id,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        if attachment.kind in (AttachmentKind.TNEF, AttachmentKind.ENCRYPTED):
            self._note(attachment.kind)
        self._attachments.append(attachment)

    def _take_text(self, found: _Text) -> None:
        part, data = found.leaf.part, found.content
        kind = "text/plain" if found.kind in PLAIN else found.kind
        charset = self._parameter(part, "charset") or None
        if charset is None and kind in HTML:
            charset = html_charset(data)
        text, fitted = decode(data, charset, self._charset)
        if not fitted:
            self._note("charset")
        text = _lines(text)
        if kind == "text/plain":
            text = self._plain(found.leaf, text)
        elif base := self._try("mime", lambda: base_of(part, found.leaf.base), ""):
            self._bases[base] = None
        self._bodies.add(found.leaf.group, kind, text)

    def _plain(self, leaf: Leaf, text: str) -> str:
        part = leaf.part
        if self._parameter(part, "format").lower() == "flowed":
            text = unflow(text, delsp=self._parameter(part, "delsp").lower() == "yes")
        text, files = extract_uuencoded(text, most=MOST_UUENCODED - self._uuencoded)
        self._uuencoded += len(files)
        for name, content in files:  # of which nothing but the name tells a type
            if not (content.startswith(TNEF_MAGIC) and self._open(leaf.group, content)):
                kind = TNEF_TYPE if content.startswith(TNEF_MAGIC) else kind_of(name)
                self._attach(name, kind or "application/octet-stream", content, None)
        text, signature = take_signature(text)
        if signature:
            self._attach("signature.asc", "application/pgp-signature", signature.encode(), None)
        if PGP_MESSAGE.search(text) or cms.out_of_armour(text.encode()) is not None:
            self._note(AttachmentKind.ENCRYPTED)
        return text

    def _parameter(self, part: Mime, name: str) -> str:
        found: str = self._try(name, lambda: parts.parameter(part, name), "")
        return found


def _shown(attachment: MailAttachment) -> MailAttachment:
    """One that the HTML shows. Programs call a picture octet-stream, "application/jpg" or "image/jpg"; a page that shows it
    must know what it is."""
    told = picture_type(attachment.content)
    return attachment.model_copy(update={"inline": True} | ({"content_type": told} if told else {}))


def _may_be_text(kind: str, content: bytes) -> bool:
    """Whether what has an unknown type, and no name, may be a letter all the same; what is sealed is none."""
    main = kind.partition("/")[0]
    if kind in FOR_WANT_OF_OTHERS or (main in KNOWN_MAIN_TYPES and kind not in UNTOLD) or b"-----BEGIN PGP" in content:
        return False
    return NO_TEXT.search(content[:LOOKED_AT]) is None


def _lines(text: str) -> str:
    return clean(text).replace("\r\n", "\n").replace("\r", "\n")
