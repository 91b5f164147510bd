"""What the customers write: conversations, copies, reports and worse. Shares no code with the house."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from itertools import cycle
from random import Random

WITH_FILE = 5
"""One mail in so many of a conversation carries a file."""
LARGEST_FILE = 200_000
FEWEST = 12
"""Mails with which every kind is there."""
SPARE = 1000
"""The numbers from here on belong to letters that are written because the run asks for more."""
DEEP = 1000
PARTS = 10_000
END = "\r\n"


class LetterKind(StrEnum):
    NEW = "new"
    REPLY = "reply"
    DUPLICATE = "duplicate"
    """The bytes of another letter once more."""
    REUSED = "message-id reused"
    """A new letter under the Message-ID of another."""
    BOUNCE = "bounce"
    """RFC 3464, about an acknowledgement."""
    AUTOMATIC = "automatic"
    POISON = "poison"


SHARES = {
    LetterKind.REPLY: 0.34,
    LetterKind.DUPLICATE: 0.08,
    LetterKind.REUSED: 0.03,
    LetterKind.BOUNCE: 0.06,
    LetterKind.AUTOMATIC: 0.07,
    LetterKind.POISON: 0.06,
}
"""The share of each kind among all mails, at least one of each. The rest are new."""


@dataclass(frozen=True)
class Letter:
    """One mail as it is handed in. `files` are the SHA-256 of what is attached, in hex; ids are without angle brackets.

    `thread` numbers the conversation whose one case it must end in; None: no case has it. `reasons`: what a poison
    mail may be held for.
    """

    kind: LetterKind
    customer: str
    subject: str
    message_id: str
    raw: bytes
    thread: int | None = None
    files: tuple[str, ...] = ()
    reasons: frozenset[str] = frozenset()
    envelope_from: str | None = None
    """None: the customer's address."""


@dataclass(frozen=True)
class AnswerLetter:
    """A letter that can be written only when its customer has the house's acknowledgement."""

    kind: LetterKind
    customer: str
    thread: int
    number: int


Post = Letter | AnswerLetter


def make_letters(seed: int, customers: Sequence[str], house: str, mails: int) -> list[Post]:
    """Shuffled, so that replies come before what they answer; the same for the same seed, but for the dates.

    Raises ValueError for fewer than `FEWEST`, or for more conversations than there are customers.
    """
    if mails < FEWEST:
        raise ValueError(f"--mails: at least {FEWEST}, so that every kind is there")
    counts = {kind: max(1, int(mails * share)) for kind, share in SHARES.items()}
    new = mails - sum(counts.values())
    if new > len(customers):
        raise ValueError(f"--mails: {new} conversations, but only {len(customers)} customers")
    writer = _LetterWriter(seed, house)
    rng = writer.rng
    roots = [writer.root(customer, thread) for thread, customer in enumerate(customers[:new])]
    # Who bounces gets no more mail, and a Message-ID that two letters have says nothing about who is answered: those
    # conversations stay short.
    cut = counts[LetterKind.BOUNCE]
    bounced, twins, talked = (
        roots[:cut],
        roots[cut : cut + counts[LetterKind.REUSED]],
        roots[cut + counts[LetterKind.REUSED] :],
    )
    threads: dict[int, list[Letter]] = {root.thread: [root] for root in talked if root.thread is not None}
    replies = []
    for _ in range(counts[LetterKind.REPLY]):
        thread = rng.choice(list(threads.values()))
        thread.append(writer.reply(rng.choice(thread)))
        replies.append(thread[-1])
    reused = [writer.reused(twin, new + number) for number, twin in enumerate(twins)]
    lonely = cycle(customers[new:] or customers)  # Their mail belongs to no conversation.
    half = counts[LetterKind.AUTOMATIC] // 2
    automatic = [writer.newsletter(next(lonely)) for _ in range(counts[LetterKind.AUTOMATIC] - half)]
    poison = [
        make(next(lonely)) for _, make in zip(range(counts[LetterKind.POISON]), cycle(writer.poisons()), strict=False)
    ]
    written = [*roots, *replies, *reused, *automatic, *poison]
    copies = [replace(each, kind=LetterKind.DUPLICATE) for each in _some(rng, written, counts[LetterKind.DUPLICATE])]
    answers = [
        *(AnswerLetter(LetterKind.BOUNCE, root.customer, root.thread or 0, n) for n, root in enumerate(bounced)),
        *(
            AnswerLetter(LetterKind.AUTOMATIC, root.customer, root.thread or 0, n)
            for n, root in enumerate(_some(rng, talked, half))
        ),
    ]
    made: list[Post] = [*written, *copies, *answers]
    rng.shuffle(made)
    return made


def spare_letters(seed: int, customers: Sequence[str], house: str) -> Iterator[Letter]:
    """Without end, a new letter and its reply in turn: for a run that has places left and no letters."""
    writer = _LetterWriter(seed, house)
    writer.written = SPARE
    for thread, customer in enumerate(cycle(reversed(customers)), start=SPARE):
        root = writer.root(customer, thread)
        yield from (root, writer.reply(root))


def write_answer(answer: AnswerLetter, house: str, acknowledgement: EmailMessage) -> Letter:
    """The answer's letter, about that acknowledgement."""
    domain = answer.customer.rpartition("@")[2]
    own = f"answer.{answer.kind}.{answer.thread}.{answer.number}@{domain}"
    about = plain_id(acknowledgement["Message-ID"])
    if answer.kind is LetterKind.BOUNCE:
        return _report(answer, house, own, about)
    mail = _mail(answer.customer, house, "Away: Re: your acknowledgement", own)
    mail["Auto-Submitted"] = "auto-replied"
    mail["In-Reply-To"] = mail["References"] = f"<{about}>"
    mail.set_content("I am on holidays.\n")
    return Letter(answer.kind, answer.customer, str(mail["Subject"]), own, mail.as_bytes(), answer.thread)


def _report(answer: AnswerLetter, house: str, own: str, about: str) -> Letter:
    domain = answer.customer.rpartition("@")[2]
    head = _mail(f"mailer-daemon@{domain}", house, "Undelivered mail", own).as_bytes().decode().rstrip()
    mark = f"=_{answer.thread}"
    raw = END.join(
        [
            head,
            f'Content-Type: multipart/report; report-type=delivery-status; boundary="{mark}"',
            *("", f"--{mark}", "Content-Type: text/plain", "", "There is no such user."),
            *(f"--{mark}", "Content-Type: message/delivery-status", ""),
            *(f"Reporting-MTA: dns; mx.{domain}", "", f"Final-Recipient: rfc822; {answer.customer}"),
            *("Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 no such user"),
            *("", f"--{mark}", "Content-Type: text/rfc822-headers", ""),
            *(f"From: <{house}>", f"To: <{answer.customer}>", f"Message-ID: <{about}>"),
            *("", f"--{mark}--", ""),
        ]
    )
    return Letter(answer.kind, answer.customer, "Undelivered mail", own, raw.encode(), answer.thread, envelope_from="")


class _LetterWriter:
    """Writes letters, each with its own number in the Message-ID."""

    def __init__(self, seed: int, house: str) -> None:
        self.seed, self.house, self.rng = seed, house, Random(seed)
        self.written = 0
        self.chains: dict[str, list[str]] = {}
        """By Message-ID: all that it descends from, the first of the conversation first."""

    def _id(self, customer: str) -> str:
        self.written += 1
        return f"{self.seed}.{self.written:03d}@{customer.rpartition('@')[2]}"

    def root(self, customer: str, thread: int) -> Letter:
        mail = _mail(customer, self.house, f"Trouble {thread:03d} of run {self.seed}", self._id(customer))
        return self._letter(LetterKind.NEW, customer, mail, thread)

    def reply(self, parent: Letter) -> Letter:
        """With all References or a suffix that holds the parent, as mail programs cut them: in any order it finds home."""
        subject = parent.subject if parent.subject.startswith("Re: ") else f"Re: {parent.subject}"
        own = self._id(parent.customer)
        mail = _mail(parent.customer, self.house, subject, own)
        chain = [*self.chains.get(parent.message_id, []), parent.message_id]
        self.chains[own] = chain
        mail["In-Reply-To"] = f"<{parent.message_id}>"
        kept = chain[self.rng.randrange(len(chain)) :]
        mail["References"] = " ".join(f"<{each}>" for each in kept)
        return self._letter(LetterKind.REPLY, parent.customer, mail, parent.thread)

    def reused(self, twin: Letter, thread: int) -> Letter:
        mail = _mail(twin.customer, self.house, f"Other trouble {thread:03d} of run {self.seed}", twin.message_id)
        return self._letter(LetterKind.REUSED, twin.customer, mail, thread)

    def newsletter(self, customer: str) -> Letter:
        mail = _mail(customer, self.house, f"News {self.written:03d} of run {self.seed}", self._id(customer))
        mail["Auto-Submitted"] = "auto-generated"
        return self._letter(LetterKind.AUTOMATIC, customer, mail, None)

    def _letter(self, kind: LetterKind, customer: str, mail: EmailMessage, thread: int | None) -> Letter:
        mail.set_content(f"It does not pair.\n\nYours,\nnumber {self.written:03d}\n")
        files = []
        if self.written % WITH_FILE == 0:
            content = self.rng.randbytes(self.rng.randint(1, LARGEST_FILE))
            name = f"log {self.written}.bin"
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
            files.append(hashlib.sha256(content).hexdigest())
        own, raw = plain_id(mail["Message-ID"]), mail.as_bytes()
        return Letter(kind, customer, str(mail["Subject"]), own, raw, thread, tuple(files))

    def poisons(self) -> list[Callable[[str], Letter]]:
        return [self._deep, self._wide, self._garbage]

    def _deep(self, customer: str) -> Letter:
        lines = []
        for level in range(DEEP):
            lines += [f'Content-Type: multipart/mixed; boundary="b{level}"', "", f"--b{level}"]
        return self._poison(customer, "nested", [*lines, "", "deep down"], "too-deep", "too-many-parts", "unparseable")

    def _wide(self, customer: str) -> Letter:
        lines = ['Content-Type: multipart/mixed; boundary="b"', "", *(["--b", "", "x"] * PARTS), "--b--"]
        return self._poison(customer, "many", lines, "too-many-parts")

    def _garbage(self, customer: str) -> Letter:
        noise = [self.rng.randbytes(120).translate(None, b"\r\n\0.") for _ in range(30)]
        raw = b"\r\n".join([b"\x7f\xff" + each for each in noise]) + b"\r\n"
        return Letter(
            LetterKind.POISON, customer, "garbage", "", raw, reasons=frozenset({"no-sender", "blank", "unparseable"})
        )

    def _poison(self, customer: str, what: str, lines: Sequence[str], *reasons: str) -> Letter:
        own = self._id(customer)
        head = _mail(customer, self.house, f"Poison, {what}", own).as_bytes().decode().rstrip()
        raw = END.join([head, *lines, ""]).encode()
        return Letter(LetterKind.POISON, customer, f"Poison, {what}", own, raw, reasons=frozenset(reasons))


def _mail(sender: str, house: str, subject: str, message_id: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Somebody <{sender}>", house, subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message_id}>"
    return mail


def _some(rng: Random, letters: Sequence[Letter], count: int) -> Iterator[Letter]:
    return iter(rng.sample(letters, min(count, len(letters))))


def plain_id(value: str | None) -> str:
    """A Message-ID without folding white space and angle brackets."""
    return re.sub(r"[\s<>]", "", value or "")
