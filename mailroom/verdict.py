"""What is decided of an arriving mail, by which rules, and who must hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from engine.dispatch import ToTell
from letters.addresses import addressed_queue
from mailroom.arrival import Incoming
from models.messages.mail_facts import LinkMethod
from models.messages.mailflow import MailVerdict
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.records.reference import Mailbox
from policies.record_creation import CreationDecision


class NotHeld(LookupError):
    """There is no such mail that waits for a decision (any more)."""


class DecidedMeanwhile(NotHeld):
    """Something else became of it than whoever decides has seen."""


class OnACase(NotHeld):
    """It is on a case already. A mail is not moved from one case to another here."""

    def __init__(self, number: str) -> None:
        super().__init__(f"it is on the case {number}")
        self.number = number


class NoSuchCase(LookupError):
    """The case that an operator names does not exist."""


class Fenced(Exception):
    """Another reader took a later epoch: this one stops at once, and nothing of the transaction stays."""


@dataclass(frozen=True)
class MonitoredQueue:
    """What makes cases of the mail of one queue (domain 6.1): its active rule, and the agent whom that names as owner."""

    queue: str | None
    rule: RecordCreationRule | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True)
class HouseRules:
    """What decides about the mails of one batch. `queues`: those that the mailbox's addresses lead to, by slug."""

    mailbox: Mailbox
    organisation: OrganisationSettings
    own_addresses: frozenset[str]
    queues: Mapping[str | None, MonitoredQueue] = field(default_factory=dict)
    released: bool = False
    """An operator vouches for the mail: neither rules nor brakes nor an unproven sender hold or file it."""
    onto: str | None = None
    """The number of the case that an operator files it on."""

    @property
    def by_hand(self) -> bool:
        """An operator has decided that the mail belongs on a case, whatever it is."""
        return self.released or self.onto is not None

    def monitored(self, mail: Incoming) -> MonitoredQueue:
        """The queue that this mail addresses."""
        queue = addressed_queue(self.mailbox, mail.recipients)
        return self.queues.get(queue) or MonitoredQueue(queue)


@dataclass(frozen=True)
class Verdict:
    """What became of a mail, for its row of the mail log."""

    verdict: MailVerdict
    reason: str | None = None
    explanation: str | None = None
    rule: str | None = None
    item: str | None = None
    message_id: UUID | None = None
    case_id: UUID | None = None
    news: ToTell | None = None
    method: LinkMethod | None = None
    decision: CreationDecision | None = None
    """Where a rule was asked: each clause that was looked at."""
