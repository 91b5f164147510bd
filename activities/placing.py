"""The one transaction of a mail's arrival: ledger, message, target, delivery (design, "A mail's way", 2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.arrival import Arrived, Incoming, Refusal
from activities.bounces import BOUNCE, Bounced, take_bounce
from activities.brakes import Brakes
from activities.correlating import Correlating, Thread
from activities.mail_rows import enter, insert_delivery, insert_message, new_contact
from activities.mail_verdict import Fenced, HouseRules, ToTell, Verdict
from activities.opener import NewCase, insert_case
from models.messages.mail_facts import CreationVerdict, ForeignReason
from models.messages.mailflow import HoldReason, MailVerdict
from models.messages.record_creation import RecordCreationRule
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Account, Agent, Contact, Mailbox
from policies.entitlements import is_entitled
from policies.record_creation import CreationDecision, decide_new
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.repositories import mails
from storage.repositories.contracts import candidates, covered_case

EMAIL_ORIGIN = "email"
NO_SUBJECT = "(no subject)"
LONGEST_DESCRIPTION = 100_000

Also = Callable[[AsyncSession, InboundMail], Awaitable[None]]
"""What whoever asked writes in the same transaction, such as their audit."""


class Placing:
    def __init__(
        self, database: Database, definitions: Definitions, correlating: Correlating, brakes: Brakes | None = None
    ) -> None:
        self.database, self.definitions, self.correlating = database, definitions, correlating
        self.brakes = brakes or Brakes()

    async def house_rules(self, mailbox: Mailbox) -> HouseRules:
        """Read once a batch: a rule that changes meanwhile holds from the next batch on."""
        async with self.database.read() as session:
            active = await self.definitions.active(
                session, DefinitionKind.ORGANISATION, DefinitionKind.RECORD_CREATION_RULE
            )
            addresses = await session.scalars(select(Mailbox.address))
            bodies = [versioned.body for versioned in active[DefinitionKind.RECORD_CREATION_RULE].values()]
            rules = [body for body in bodies if isinstance(body, RecordCreationRule) and body.queue == mailbox.queue]
            rule = rules[0] if rules else None
            owner = select(Agent.id).where(Agent.slug == rule.owner) if rule and rule.owner else None
            return HouseRules(
                mailbox=mailbox,
                organisation=await self.definitions.organisation(session),
                rule=rule,
                owner_id=None if owner is None else await session.scalar(owner),
                own_addresses=frozenset(address.lower() for address in addresses),
            )

    async def take_in(
        self, arrived: Arrived, house: HouseRules, epoch: int, uidvalidity: int, now: datetime
    ) -> ToTell | None:
        """Rows, target and cursor in one transaction. Raises Fenced if the cursor is no longer ours."""
        async with self.database.write() as session:
            await self._advance(session, arrived, house, epoch, uidvalidity)
            if arrived.mail is None or arrived.refusal is not None:
                verdict = await _refused(session, arrived, house)
            else:
                verdict = await self._decide(session, arrived, arrived.mail, house, now)
            await enter(session, arrived, verdict, house, uidvalidity, now)
        self._count(arrived.mail, verdict, now)
        return verdict.news

    async def take_again(
        self, entry_id: UUID, arrived: Arrived, house: HouseRules, now: datetime, also: Also | None = None
    ) -> tuple[InboundMail | None, ToTell | None]:
        """A held mail decided anew on its own ledger row; None if it is not held any more."""
        async with self.database.write() as session:
            lock = not self.database.sqlite
            entry = await session.get(InboundMail, entry_id, with_for_update=lock)
            if entry is None or entry.verdict != MailVerdict.HELD:
                return None, None
            if arrived.mail is None or arrived.refusal is not None:
                verdict = Verdict(MailVerdict.HELD, *_reasons(arrived.refusal))
            else:
                verdict = await self._decide(session, arrived, arrived.mail, house, now, again=True)
            entry.verdict, entry.reason, entry.explanation = verdict.verdict, verdict.reason, verdict.explanation
            entry.rule, entry.message_id, entry.case_id = verdict.rule, verdict.message_id, verdict.case_id
            if also is not None:
                await also(session, entry)
        self._count(arrived.mail, verdict, now)
        return entry, verdict.news

    def _count(self, mail: Incoming | None, verdict: Verdict, now: datetime) -> None:
        if mail is not None and mail.sender and verdict.news is not None:
            self.brakes.count(mail.sender, "" if verdict.news.opens else verdict.news.number, now)

    async def hold(
        self, arrived: Arrived, refusal: Refusal, house: HouseRules, epoch: int, uidvalidity: int, now: datetime
    ) -> None:
        """Keep it in quarantine by its raw bytes alone. Raises Fenced as `take_in` does."""
        async with self.database.write() as session:
            await self._advance(session, arrived, house, epoch, uidvalidity)
            verdict = await _refused(session, replace(arrived, mail=None, refusal=refusal), house)
            await enter(session, arrived, verdict, house, uidvalidity, now)

    async def _advance(
        self, session: AsyncSession, arrived: Arrived, house: HouseRules, epoch: int, uidvalidity: int
    ) -> None:
        if not await mails.advance(session, house.mailbox.id, epoch, uidvalidity, arrived.uid):
            raise Fenced

    # ---- deciding ----------------------------------------------------------------------------------------------------

    async def _decide(
        self,
        session: AsyncSession,
        arrived: Arrived,
        mail: Incoming,
        house: HouseRules,
        now: datetime,
        *,
        again: bool = False,
    ) -> Verdict:
        related = await mails.related_messages(session, mail.named_hashes, mail.message_id_hash)
        twins = [row for row, _ in related if row.direction == "in" and row.message_id_hash == mail.message_id_hash]
        copy = next((row for row in twins if row.content_hash == mail.content_hash), None)
        if copy is not None and (copy.case_id is not None or (copy.mailbox_id == house.mailbox.id and not again)):
            return Verdict(MailVerdict.DUPLICATE, message_id=copy.id, case_id=copy.case_id)
        # A copy that another mailbox could only hold or file may still open a case here, by this queue's rule.
        message_id = copy.id if copy is not None else new_id()
        verdict = await self._place(session, mail, house, related, message_id, now)
        if copy is not None:
            copy.case_id, copy.link_method = verdict.case_id, verdict.method
        else:
            reused = bool(twins) and mail.parsed.message_id is not None
            unproven = self.correlating.dmarc_failed(mail.parsed)
            await insert_message(session, arrived, mail, house, verdict, reused=reused, unproven=unproven)
        if verdict.news is not None and verdict.news.mail:
            await insert_delivery(session, verdict.news, message_id)
        return verdict

    async def _place(
        self,
        session: AsyncSession,
        mail: Incoming,
        house: HouseRules,
        related: Sequence[tuple[EmailMessage, Case | None]],
        message_id: UUID,
        now: datetime,
    ) -> Verdict:
        if mail.came_back:
            return Verdict(MailVerdict.FILED, HoldReason.LOOP, "our own mail came back", message_id=message_id)
        bounced = await take_bounce(session, mail.parsed) if mail.parsed.automatic else None
        if bounced is not None:
            return _about_our_letter(bounced, message_id)
        thread = await self.correlating.thread(session, mail, related, house.organisation.case_prefix)
        if not house.released and self.brakes.full(mail.sender or "", thread.case.number if thread.case else "", now):
            why = f"more mail of this sender than is taken in within {self.brakes.window}"
            return Verdict(MailVerdict.HELD, HoldReason.LOOP, why, message_id=message_id)
        if thread.case is not None:
            return _attached(thread, thread.case, message_id)
        unproven = thread.target.foreign_reason is ForeignReason.DMARC_FAILED and not house.released
        if thread.quoted is not None and unproven:
            why = f"speaks of {thread.quoted.number}, but its sender is not proven (DMARC failed)"
            return Verdict(MailVerdict.HELD, HoldReason.FOREIGN_TOKEN, why, message_id=message_id)
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
        """No case that it may join: the record creation rule of the mailbox's queue decides (domain 6)."""
        contact, account = await mails.customer_of(session, mail.sender or "")
        decision = decide_new(
            house.rule,
            mail.facts(
                known_sender=contact is not None,
                entitled=await _entitled(session, house, contact, now),
            ),
            _condition_facts(mail, contact, account, house),
        )
        verdict = Verdict(
            MailVerdict.FILED,
            reason=decision.reason,
            explanation=decision.why(),
            rule=decision.rule,
            message_id=message_id,
        )
        match decision.action:
            case CreationVerdict.FILE:
                return verdict
            case CreationVerdict.HOLD:
                return replace(verdict, verdict=MailVerdict.HELD)
        if contact is None and decision.create_contact and mail.sender:
            contact = await new_contact(session, mail.sender, mail.sender_name)
        new = _new_case(mail, house, decision, contact, quoted, message_id)
        case, delivery = await insert_case(session, new, now, prefix=house.organisation.case_prefix)
        news = ToTell(case.id, case.number, case.origin, delivery.id, opens=True)
        return replace(verdict, verdict=MailVerdict.OPENED, case_id=case.id, news=news)


def _attached(thread: Thread, case: Case, message_id: UUID) -> Verdict:
    return Verdict(
        MailVerdict.ATTACHED,
        explanation=f"joins {case.number} by {thread.target.method}",
        message_id=message_id,
        case_id=case.id,
        news=ToTell(case.id, case.number, case.origin, new_id(), mail=True),
        method=thread.target.method,
    )


def _about_our_letter(bounced: Bounced, message_id: UUID) -> Verdict:
    letter, delivery = bounced.letter, bounced.delivery
    news = None
    if letter.case_id is not None and delivery is not None:
        news = ToTell(letter.case_id, delivery.number, delivery.origin, delivery.id)
    return Verdict(
        MailVerdict.FILED,
        BOUNCE,
        bounced.explanation,
        message_id=message_id,
        case_id=letter.case_id,
        news=news,
    )


def _reasons(refusal: Refusal | None) -> tuple[str, str]:
    if refusal is None:
        raise ValueError("a mail that was read was not refused")
    return refusal.reason, refusal.explanation


def _new_case(
    mail: Incoming,
    house: HouseRules,
    decision: CreationDecision,
    contact: Contact | None,
    quoted: Case | None,
    message_id: UUID,
) -> NewCase:
    """Title = subject; customer = the contact's account; what the matching item says overrides (domain 6.1)."""
    item = decision.item
    return NewCase(
        title=mail.parsed.subject.strip()[:300] or NO_SUBJECT,
        description=mail.parsed.text[:LONGEST_DESCRIPTION] or None,
        origin=EMAIL_ORIGIN,
        account_id=contact.account_id if contact else None,
        contact_id=contact.id if contact else None,
        priority=(item.priority if item else None) or "normal",
        case_type=item.case_type if item else None,
        subject=item.subject if item else None,
        product=item.product if item else None,
        owner_id=house.owner_id,
        queue=house.mailbox.queue,
        opening_rule=decision.rule,
        opening_mail_id=message_id,
        linked_case_id=quoted.id if quoted else None,
    )


def _condition_facts(
    mail: Incoming, contact: Contact | None, account: Account | None, house: HouseRules
) -> dict[str, Any]:
    sender = mail.sender
    facts: dict[str, Any] = {
        "email.sender": sender,
        "email.sender_domain": sender.rpartition("@")[2] if sender else None,
        "email.subject": mail.parsed.subject,
        "email.to": [to.address for to in mail.parsed.to],
        "email.automatic": mail.parsed.automatic,
        "email.has_attachments": bool(mail.attachments),
        "queue.slug": house.mailbox.queue,
        "case.title": mail.parsed.subject,
        "case.origin": EMAIL_ORIGIN,
        "customer.kind": "account" if account else "contact" if contact else None,
    }
    if contact is not None:
        facts |= {"contact.name": contact.name, "contact.email": contact.email, "contact.language": contact.language}
    if account is not None:
        facts |= {"account.name": account.name, "account.tier": account.tier, "account.language": account.language}
    return facts


async def _entitled(session: AsyncSession, house: HouseRules, contact: Contact | None, now: datetime) -> bool:
    """Asked only where the rule requires an entitlement (domain 6.3)."""
    if house.rule is None or not house.rule.require_entitlement:
        return True
    if contact is None:
        return False
    asked = await covered_case(
        session,
        account_id=contact.account_id,
        contact_id=contact.id,
        origin=EMAIL_ORIGIN,
        product=None,
        decrement=True,
    )
    today = now.astimezone(ZoneInfo(house.organisation.time_zone)).date()
    return is_entitled(await candidates(session, asked), asked, today)


async def _refused(session: AsyncSession, arrived: Arrived, house: HouseRules) -> Verdict:
    """Held by its bytes. The same bytes once more, as after a change of UIDVALIDITY, are a duplicate."""
    reason, explanation = _reasons(arrived.refusal)
    known = await mails.held_copy(session, house.mailbox.id, arrived.raw_sha256) if arrived.raw_sha256 else None
    if known is not None:
        return Verdict(MailVerdict.DUPLICATE, reason, message_id=known.message_id)
    return Verdict(MailVerdict.HELD, reason, explanation)
