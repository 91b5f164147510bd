"""What is decided of an arriving mail, by which rules, and who must hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from models.messages.mail_facts import LinkMethod
from models.messages.mailflow import MailVerdict
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.records.reference import Mailbox


class Fenced(Exception):
    """Another reader took a later epoch: this one stops at once, and nothing of the transaction stays."""


@dataclass(frozen=True)
class HouseRules:
    """What decides about the mails of one batch."""

    mailbox: Mailbox
    organisation: OrganisationSettings
    rule: RecordCreationRule | None
    owner_id: UUID | None
    own_addresses: frozenset[str]
    released: bool = False
    """An operator vouches for the mail: neither brakes nor an unproven sender hold it."""


@dataclass(frozen=True)
class ToTell:
    """A case that must hear of what was committed."""

    case_id: UUID
    number: str
    origin: str
    delivery_id: UUID
    opens: bool = False
    mail: bool = False
    """Its delivery is this mail, and is still to be written."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mail, for its ledger row."""

    verdict: MailVerdict
    reason: str | None = None
    explanation: str | None = None
    rule: str | None = None
    message_id: UUID | None = None
    case_id: UUID | None = None
    news: ToTell | None = None
    method: LinkMethod | None = None
