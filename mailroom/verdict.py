"""What is decided of an arriving mail, by which rules, and who must hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from engine.dispatch import ToTell
from letters.addresses import addressed_queue
from mailroom.arrival import Incoming
from models.messages.mail_facts import LinkMethod
from models.messages.mailflow import MailVerdict
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import CreationItem, RecordCreationRule
from models.records.reference import Mailbox

RELEASED = "released"
"""The rule that an operator's release stands for where a queue has none."""


class Fenced(Exception):
    """Another reader took a later epoch: this one stops at once, and nothing of the transaction stays."""


@dataclass(frozen=True)
class MonitoredQueue:
    """What makes cases of the mail of one queue (domain 6.1): its active rule, and the agent whom that names as owner."""

    queue: str | None
    rule: RecordCreationRule | None = None
    owner_id: UUID | None = None

    def without_gates(self) -> MonitoredQueue:
        rule = self.rule or RecordCreationRule(
            slug=RELEASED, name="Released by hand", queue=self.queue or "none", items=(CreationItem(name="All"),)
        )
        open_to_all = {"allow_unknown_senders": True, "create_contact": True, "require_entitlement": False}
        return replace(self, rule=rule.model_copy(update=open_to_all))


@dataclass(frozen=True)
class HouseRules:
    """What decides about the mails of one batch. `queues`: those that the mailbox's addresses lead to, by slug."""

    mailbox: Mailbox
    organisation: OrganisationSettings
    own_addresses: frozenset[str]
    queues: Mapping[str | None, MonitoredQueue] = field(default_factory=dict)
    released: bool = False
    """An operator vouches for the mail: neither brakes nor gates nor an unproven sender hold it."""

    def monitored(self, mail: Incoming) -> MonitoredQueue:
        """The queue that this mail addresses."""
        queue = addressed_queue(self.mailbox, mail.recipients)
        found = self.queues.get(queue) or MonitoredQueue(queue)
        return found.without_gates() if self.released else found


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
