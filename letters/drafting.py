"""A letter before it is written: its heading, its place in the thread and its signature, from what is known."""

from __future__ import annotations

import html as html_entities
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mail.compose import subject_reply, thread
from models.records.cases import Case
from models.records.mails import EmailMessage

LONGEST_SUBJECT = 900
"""Characters before our number, so that the header's line stays within 998 (RFC 5322 2.1.1) and the number on it."""


@dataclass(frozen=True)
class Draft:
    kind: str
    key: str
    subject: str
    text: str
    html: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    automatic: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    not_before: datetime | None = None


def answer_to(message_id: str, before: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    return (message_id, thread(tuple(dict.fromkeys(before)), message_id)) if message_id else (None, ())


def subject_of(case: Case, opening: EmailMessage | None) -> str:
    """ "Re:" and the stem of the mail that opened the case; the title of one that did not come by mail."""
    return subject_reply(opening.subject) if opening and opening.subject.strip() else case.title


def with_number(subject: str, number: str) -> str:
    line = one_line(subject)[:LONGEST_SUBJECT].rstrip()
    return line if f"[{number}]" in line else f"{line} [{number}]".strip()


def one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def signed(text: str, html: str | None, signature: str | None) -> tuple[str, str | None]:
    """Both forms with the signature below; "-- " is how programs know one (RFC 3676 4.3)."""
    if signature is None:
        return text, html
    rich = None if html is None else f"{html}\n<p>-- <br>{as_html(signature)}</p>"
    return f"{text.rstrip()}\n\n-- \n{signature}", rich


def as_html(text: str) -> str:
    return html_entities.escape(text).replace("\n", "<br>")
