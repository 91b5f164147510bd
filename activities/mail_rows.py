"""The one transaction of a mail's arrival: ledger, message, target and delivery together (design, "A mail's way", 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.arrival import Arrived, Incoming, Refusal
from activities.opener import NewCase, insert_case
from models.messages.mail_facts import (
    CandidateCase,
    CreationVerdict,
    ForeignReason,
    MailFacts,
    MailLinkFacts,
    Target,
)
from models.messages.cases import CaseStatus
from models.messages.mailflow import DeliveryKind, HoldReason, MailVerdict
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.records.base import new_id
from models.records.cases import Case, Delivery
from models.records.mails import Attachment, EmailMessage, InboundMail, MessageLink
from models.records.reference import Account, Agent, Contact, Mailbox
from policies.correlation import correlate
from policies.record_creation import CreationDecision, decide_new
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.repositories import mails

EMAIL_ORIGIN = "email"
NO_SUBJECT = "(no subject)"
LONGEST_CHAIN = 10
"""Merges of merges that are followed."""


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


@dataclass(frozen=True)
class ToTell:
    """A case that must hear of what was committed."""

    case_id: UUID
    number: str
    origin: str
    delivery_id: UUID
    opens: bool


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


@dataclass(frozen=True)
class Thread:
    """Where a mail belongs."""

    target: Target
    cases: dict[str, Case]

    @property
    def case(self) -> Case | None:
        return self.cases.get(self.target.number) if self.target.number else None

    @property
    def quoted(self) -> Case | None:
        """The case that the mail speaks of but may not join."""
        return self.cases.get(self.target.foreign_of) if self.target.foreign_of else None


class MailRows:
    def __init__(self, database: Database, definitions: Definitions) -> None:
        self.database, self.definitions = database, definitions

    async def house_rules(self, mailbox: Mailbox) -> HouseRules:
        """Read once a batch: a rule that changes meanwhile holds from the next batch on."""
        kinds = (DefinitionKind.ORGANISATION, DefinitionKind.RECORD_CREATION_RULE)
        async with self.database.read() as session:
            active = await self.definitions.active(session, *kinds)
            addresses = await session.scalars(select(Mailbox.address))
            bodies = [versioned.body for versioned in active[DefinitionKind.RECORD_CREATION_RULE].values()]
            rule = next(
                (body for body in bodies if isinstance(body, RecordCreationRule) and body.queue == mailbox.queue), None
            )
            owner = await session.scalar(select(Agent.id).where(Agent.slug == rule.owner)) if rule and rule.owner else None
            return HouseRules(
                mailbox=mailbox,
                organisation=await self.definitions.organisation(session),
                rule=rule,
                owner_id=owner,
                own_addresses=frozenset(address.lower() for address in addresses),
            )

    async def take_in(
        self, arrived: Arrived, house: HouseRules, epoch: int, uidvalidity: int, now: datetime
    ) -> ToTell | None:
        """Rows, target and cursor in one transaction. Raises Fenced if the cursor is no longer ours."""
        async with self.database.write() as session:
            if not await mails.advance(session, house.mailbox.id, epoch, uidvalidity, arrived.uid):
                raise Fenced
            verdict = await self._decide(session, arrived, house, now)
            await _enter(session, arrived, verdict, house, uidvalidity, now)
        return verdict.news

    async def hold(
        self, arrived: Arrived, refusal: Refusal, house: HouseRules, epoch: int, uidvalidity: int, now: datetime
    ) -> None:
        """Keep it in quarantine, by its raw bytes alone."""
        async with self.database.write() as session:
            if not await mails.advance(session, house.mailbox.id, epoch, uidvalidity, arrived.uid):
                raise Fenced
            held = Verdict(MailVerdict.HELD, reason=refusal.reason, explanation=refusal.explanation)
            await _enter(session, arrived, held, house, uidvalidity, now)

    # ---- deciding ------------------------------------------------------------------------------------------------------

    async def _decide(self, session: AsyncSession, arrived: Arrived, house: HouseRules, now: datetime) -> Verdict:
        mail = arrived.mail
        if mail is None or arrived.refusal is not None:
            return await _refuse(session, arrived, house)
        related = await mails.related_messages(session, mail.named_hashes, mail.message_id_hash)
        copy, reused = _copies(mail, [message for message, _ in related])
        if copy is not None and (copy.case_id is not None or copy.mailbox_id == house.mailbox.id):
            return Verdict(MailVerdict.DUPLICATE, message_id=copy.id, case_id=copy.case_id)
        # A copy that another mailbox could only hold or file may still open a case here, by this queue's rule.
        message_id = copy.id if copy is not None else new_id()
        verdict = await self._place(session, mail, house, related, message_id, now)
        if copy is not None:
            copy.case_id = verdict.case_id
        else:
            await _insert_message(session, message_id, mail, arrived, house, verdict.case_id, reused=reused)
        if verdict.news is not None and not verdict.news.opens:
            session.add(_delivery(verdict.news, message_id))
        return verdict

    async def _place(
        self,
        session: AsyncSession,
        mail: Incoming,
        house: HouseRules,
        related: Sequence[Any],
        message_id: UUID,
        now: datetime,
    ) -> Verdict:
        if mail.loop or mail.sender in house.own_addresses:
            return Verdict(MailVerdict.FILED, HoldReason.LOOP, "our own mail came back", message_id=message_id)
        thread = await _thread(session, mail, related)
        if thread.case is not None:
            case, method = thread.case, thread.target.method
            return Verdict(
                MailVerdict.ATTACHED,
                explanation=f"joins {case.number} by {method}",
                message_id=message_id,
                case_id=case.id,
                news=ToTell(case.id, case.number, case.origin, new_id(), opens=False),
            )
        if thread.quoted is not None and thread.target.foreign_reason is ForeignReason.DMARC_FAILED:
            return Verdict(
                MailVerdict.HELD,
                HoldReason.FOREIGN_TOKEN,
                f"speaks of {thread.quoted.number}, but its sender is not proven (DMARC failed)",
                message_id=message_id,
            )
        return await self._by_rule(session, mail, house, thread.quoted, message_id, now)

    async def _by_rule(
        self,
        session: AsyncSession,
        mail: Incoming,
        house: HouseRules,
        quoted: Case | None,
        message_id: UUID,
        now: datetime,
    ) -> Verdict:
        contact = await mails.contact_of(session, mail.sender) if mail.sender else None
        account = await session.get(Account, contact.account_id) if contact and contact.account_id else None
        decision = decide_new(
            house.rule,
            mail.facts(known_sender=contact is not None),
            _condition_facts(mail, contact, account, house),
        )
        ledger = {"explanation": decision.why(), "rule": decision.rule, "message_id": message_id}
        match decision.action:
            case CreationVerdict.FILE:
                return Verdict(MailVerdict.FILED, decision.reason, **ledger)
            case CreationVerdict.HOLD:
                return Verdict(MailVerdict.HELD, decision.reason, **ledger)
        if contact is None and decision.create_contact and mail.sender:
            contact = Contact(id=new_id(), name=mail.sender_name or mail.sender, email=mail.sender)
            session.add(contact)
        new = _new_case(mail, house, decision, contact, quoted, message_id)
        case, delivery = await insert_case(session, new, now, prefix=house.organisation.case_prefix)
        news = ToTell(case.id, case.number, case.origin, delivery.id, opens=True)
        return Verdict(MailVerdict.OPENED, case_id=case.id, news=news, **ledger)
