"""The customers at work: they hand their letters in over SMTP, and look into their own mailboxes over IMAP."""

from __future__ import annotations

import imaplib
import smtplib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from faults.letters import AnswerLetter, Letter, Post, plain_id, write_answer
from servers.ports import LOCALHOST

INTAKE_MARKS = "UNKEYWORD $Caseloom UNFLAGGED"
"""The IMAP search for messages that have neither of the marks that intake sets."""
TIMEOUT = 30.0


@dataclass
class Customers:
    """All customers together. `waiting` are letters that nobody has handed in yet, `spare` more than anybody planned,
    `handed_in` those that the server has answered with 250. The methods block."""

    smtp_port: int
    imap_port: int
    house: str
    passwords: Mapping[str, str]
    waiting: deque[Post]
    spare: Iterator[Letter]
    handed_in: list[Letter] = field(default_factory=list)

    def hand_in(self, count: int) -> int:
        """Hand in up to so many of the letters that can be written by now, and return how many were handed in.

        A customer who has no acknowledgement yet answers it only later.
        """
        done = 0
        with smtplib.SMTP(LOCALHOST, self.smtp_port, timeout=TIMEOUT) as server:
            for _ in range(len(self.waiting)):
                if done == count:
                    break
                post = self.waiting.popleft()
                letter = self._written(post)
                if letter is None:
                    self.waiting.append(post)
                    continue
                sender = letter.customer if letter.envelope_from is None else letter.envelope_from
                server.sendmail(sender, [self.house], letter.raw)
                self.handed_in.append(letter)
                done += 1
        return done

    def _written(self, post: Post) -> Letter | None:
        if not isinstance(post, AnswerLetter):
            return post
        got = self.postbox(post.customer)
        return write_answer(post, self.house, got[0]) if got else None

    def postbox(self, customer: str) -> list[EmailMessage]:
        """What the house has sent them, oldest first."""
        raw = _messages(self.imap_port, customer, self.passwords[customer])
        return [message_from_bytes(each, policy=policy.default) for each in raw]


@dataclass(frozen=True)
class Postbox:
    """What a customer found: Message-ID to number of copies, of each mail that answers one of theirs."""

    answers: dict[str, int] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    """Subjects of whatever answers nothing that they wrote."""


def sort_postbox(mails: Iterable[EmailMessage], written: set[str]) -> Postbox:
    """`written`: the Message-IDs of the customer's own letters."""
    found = Postbox()
    for mail in mails:
        if plain_id(mail["In-Reply-To"]) in written:
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
    uidvalidity: int


def read_inbox(port: int, address: str, password: str) -> Inbox:
    with imaplib.IMAP4(LOCALHOST, port, timeout=TIMEOUT) as server:
        server.login(address, password)
        server.select("INBOX", readonly=True)
        _, (validity,) = server.response("UIDVALIDITY")
        return Inbox(_search(server, "ALL"), _search(server, INTAKE_MARKS), int(validity or b"0"))


def _messages(port: int, user: str, password: str) -> list[bytes]:
    with imaplib.IMAP4(LOCALHOST, port, timeout=TIMEOUT) as server:
        server.login(user, password)
        server.select("INBOX", readonly=True)
        found = []
        for uid in sorted(_search(server, "ALL")):
            _, answer = server.uid("FETCH", str(uid), "(BODY.PEEK[])")
            found += [part[1] for part in answer if isinstance(part, tuple)]
        return found


def _search(server: imaplib.IMAP4, criterion: str) -> frozenset[int]:
    _, (answer,) = server.uid("SEARCH", criterion)
    return frozenset(int(uid) for uid in (answer or b"").split())
