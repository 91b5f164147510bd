"""What the mails within a mail say, for one that says nothing itself: passed on as an attachment without a word."""

import re
from collections.abc import Sequence
from email import message_from_bytes

from mail.charsets import clean, decode, header_text
from mail.contents import NO_TEXT, Contents
from mail.heads import Cut, begun
from mail.kinds import AttachmentKind, bare_type
from mail.leaves import Note, Try
from mail.message import MailAttachment, UnreadableMail
from mail.parts import Mime

MOST_MAILS = 10
DEEPEST = 3
"""Mails within mails, of which each says nothing but the next."""
LONGEST_HEADER = 500
MOST_FILES = 20
CAPTION = "---------- Forwarded message ----------"
"""Programs write it so in every language, and what stands below it is shown."""
SHOWN = ("From", "Date", "To", "Cc", "Subject")
PIECE = "message/partial"
NAME_OF_PIECE = re.compile(r"message-part-(\d{1,9})-of-(\d{1,9}|unknown)")
"""As `mail.contents` names one."""
MAILS = ("message/rfc822", "message/global", "application/octet-stream")
ENCODED_LINE = re.compile(rb"^[A-Za-z0-9+/=]{60,}\r?$", re.MULTILINE)


def said_within(files: Sequence[MailAttachment], note: Note, attempt: Try, depth: int = 1) -> str:
    """The texts of the mails among these files, each below its headers; "" if there are none."""
    return "\n\n".join(found for each in files[:MOST_MAILS] if (found := _of_file(each, note, attempt, depth)))


def _of_file(file: MailAttachment, note: Note, attempt: Try, depth: int) -> str:
    kind = bare_type(file.content_type)
    piece = NAME_OF_PIECE.match(file.filename) if kind == PIECE else None
    part = [f"Part: {piece[1]} of {piece[2]}"] if piece else []
    if kind == PIECE and not (piece and piece[1] == "1"):
        if NO_TEXT.search(file.content) or ENCODED_LINE.search(file.content):
            part, words = [*part, f"Attachments: {file.filename}"], ""
        else:
            words = clean(decode(file.content, None)[0])
        return "\n".join((CAPTION, *part, "", words))
    if kind != PIECE and (file.kind is not AttachmentKind.MESSAGE or kind not in MAILS):
        return ""
    message: Mime = message_from_bytes(begun(file.content).raw, policy=Cut())
    contents = Contents(note, attempt, lambda values: [], None)
    try:
        contents.read(message)
    except UnreadableMail:  # too deep, or too much
        return ""
    text, files = contents.text(), contents.attachments("")
    if not text.strip() and depth < DEEPEST:
        text = said_within(files, note, attempt, depth + 1)
    head = part + [f"{name}: {value}" for name in SHOWN if (value := _header(message, name))]
    if files:
        head.append(f"Attachments: {', '.join(each.filename for each in files[:MOST_FILES])}")
    return "\n".join((CAPTION, *head, "", text.strip("\n"))) if head or text.strip() else ""


def _header(message: Mime, name: str) -> str:
    value = str(message.get(name, ""))[:LONGEST_HEADER]
    return " ".join(clean(header_text(value)).split())
