"""When a submission server refuses us and not a letter: which refusals those are, and how long to wait (email promise 12)."""

from __future__ import annotations

from uuid import UUID

from mail.answers import Concern, Step
from mail.bounce_words import ADDRESS
from mail.smtp import Answer, SendKind, SendOutcome, SmtpUnavailable
from models.messages.addresses import domain_of
from storage.repositories.outbox import FIRST_ID

RECONNECT_FIRST, RECONNECT_LAST = 1.0, 60.0
"""Seconds until a server that does not answer is tried again: its mails are not touched meanwhile."""
REFUSED_LAST = 300.0
"""The same where a server refuses us: logins that fail often are locked."""


class RefusedUs(Exception):
    """The server takes no letter of ours: all of them wait. The text has its words, and names no customer."""


class Refusals:
    """What one sender has seen of its server. A refusal that can be meant for a letter alone is, once others were accepted
    and it is refused again."""

    def __init__(self) -> None:
        self.accepted = 0
        """Letters."""
        self.leaves = False
        """Whether letters of ours were accepted lately, and we were not refused since. Then a refusal that may be meant for one
        recipient's domain is that letter's alone, until a second domain is refused as well."""
        self.after = FIRST_ID
        """The letter at which we were refused last: the next one to be tried is another, so that none stands in the way."""
        self._doubted: dict[UUID, int] = {}
        """Letters whose refusal may be meant for us, and how many others had been accepted by then."""
        self.domains: set[str] = set()
        """Whose recipients were refused since the last letter that was accepted, and nothing but them. Letters to others are
        tried before theirs: as long as it is one domain, that may be meant and not we."""

    def of_us(self, id: UUID, outcome: SendOutcome) -> Answer | None:
        """The answer by which the server refuses us; None if what became of the letter `id` is about it alone."""
        concerned = [each for each in outcome.recipients.values() if each.waits]
        if outcome.those(SendKind.ACCEPTED):
            self.leaves = True
        if not concerned:
            if outcome.those(SendKind.ACCEPTED):
                self.accepted += 1
                self.domains.clear()
            return None
        sure = next((each for each in concerned if each.concern is Concern.US), None)
        if sure is None and self.accepted > self._doubted.get(id, self.accepted):
            del self._doubted[id]
            return None
        self._doubted[id] = self.accepted
        self.after = id
        refused = _refused_domains(outcome)
        self.domains = self.domains | refused if refused else set()
        return sure or concerned[0]

    @property
    def of_one_domain(self) -> bool:
        """Whether what was refused is best told of its letters, and not of the mailbox."""
        return self.leaves and len(self.domains) == 1

    def another_round(self) -> bool:
        """Whether letters were passed over; from now on they have their turn again."""
        passed_over, self.after = self.after != FIRST_ID, FIRST_ID
        return passed_over


def _refused_domains(outcome: SendOutcome) -> set[str]:
    """Of the recipients, if the refusal may be meant for them alone; nothing, if it came before or behind them."""
    concerned = {address: said for address, said in outcome.recipients.items() if said.waits}
    of_them = all(
        said.step is Step.RCPT and said.concern is Concern.EITHER and said.code for said in concerned.values()
    )
    return {domain_of(address) for address in concerned} if of_them else set()


def trouble(where: str, refusal: Answer, own: str) -> RefusedUs | SmtpUnavailable:
    """What an operator reads of a refusal of us. Servers repeat addresses; of them, only our own is told."""
    said = ADDRESS.sub(lambda found: found[0] if found[0].lower() == own.lower() else "(an address)", refusal.text)
    if refusal.code is None:
        return SmtpUnavailable(f"{where}: {said}")
    return RefusedUs(f"{where}: {refusal.code} {said}")


def pause_after(failures: int, first: float = RECONNECT_FIRST, *, refused: bool) -> float:
    """Seconds until the next try: doubled each time."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(first * doubled, REFUSED_LAST if refused else RECONNECT_LAST)
