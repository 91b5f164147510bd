"""The customers' side: they write over SMTP, and read their own mailboxes over IMAP. Shares no code with the house."""

from __future__ import annotations

import hashlib
import imaplib
import re
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from random import Random

from servers.ports import LOCALHOST

WITH_FILE = 5
"""One mail in so many carries a file."""
LARGEST_FILE = 200_000
INTAKE_MARKS = "UNKEYWORD $Caseloom UNFLAGGED"
"""What IMAP calls a message without either of the marks that intake sets."""
TIMEOUT = 30.0


@dataclass(frozen=True)
class Letter:
    """One customer's one mail. `files` are the SHA-256 of what is attached, in hex; ids are without angle brackets."""

    customer: str
    subject: str
    message_id: str
    raw: bytes
    files: tuple[str, ...]


def make_letters(seed: int, customers: Iterable[str], house: str) -> list[Letter]:
    """A letter from each customer's address to the house's; the same bytes for the same seed, but for the date."""
    rng = Random(seed)
    made = []
    for index, customer in enumerate(customers):
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"] = f"Customer {index:03d} <{customer}>", house
        mail["Subject"] = f"Trouble {index:03d} of run {seed}"
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{seed}.{index:03d}@{customer.rpartition('@')[2]}>"
        mail.set_content(f"It does not pair.\n\nYours,\nCustomer {index:03d}\n")
        files = []
        if index % WITH_FILE == 0:
            content = rng.randbytes(rng.randint(1, LARGEST_FILE))
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=f"log {index}.bin")
            files.append(hashlib.sha256(content).hexdigest())
        made.append(Letter(customer, str(mail["Subject"]), plain_id(mail["Message-ID"]), mail.as_bytes(), tuple(files)))
    return made


def hand_in(port: int, house: str, letters: Iterable[Letter]) -> None:
    """Each by its own transaction; the server's 250 means that it lies in the house's mailbox."""
    with smtplib.SMTP(LOCALHOST, port, timeout=TIMEOUT) as server:
        for letter in letters:
            server.sendmail(letter.customer, [house], letter.raw)


@dataclass
class Postbox:
    """What a customer found: Message-ID to number of copies, of each mail that answers theirs."""

    answers: dict[str, int] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    """Subjects of whatever answers nothing that they wrote."""


def read_postbox(port: int, letter: Letter, password: str) -> Postbox:
    found = Postbox()
    for raw in _messages(port, letter.customer, password, "ALL"):
        mail = message_from_bytes(raw, policy=policy.default)
        if plain_id(mail["In-Reply-To"]) == letter.message_id:
            own = plain_id(mail["Message-ID"])
            found.answers[own] = found.answers.get(own, 0) + 1
        else:
            found.strange.append(str(mail["Subject"]))
    return found


@dataclass(frozen=True)
class Inbox:
    """The house's own mailbox as its IMAP server has it."""

    uids: frozenset[int]
    unmarked: frozenset[int]


def read_inbox(port: int, address: str, password: str) -> Inbox:
    with imaplib.IMAP4(LOCALHOST, port, timeout=TIMEOUT) as server:
        server.login(address, password)
        server.select("INBOX", readonly=True)
        return Inbox(_search(server, "ALL"), _search(server, INTAKE_MARKS))


def _messages(port: int, user: str, password: str, criterion: str) -> list[bytes]:
    with imaplib.IMAP4(LOCALHOST, port, timeout=TIMEOUT) as server:
        server.login(user, password)
        server.select("INBOX", readonly=True)
        found = []
        for uid in sorted(_search(server, criterion)):
            _, answer = server.uid("FETCH", str(uid), "(BODY.PEEK[])")
            found += [part[1] for part in answer if isinstance(part, tuple)]
        return found


def _search(server: imaplib.IMAP4, criterion: str) -> frozenset[int]:
    _, (answer,) = server.uid("SEARCH", criterion)
    return frozenset(int(uid) for uid in (answer or b"").split())


def plain_id(value: str | None) -> str:
    """A Message-ID without folding white space and angle brackets."""
    return re.sub(r"[\s<>]", "", value or "")
