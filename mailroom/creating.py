"""A case made of a mail: what the record creation rule of the queue that it addresses says (domain 6.1-6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cases.fields import of_item
from cases.opener import NewCase, insert_opening
from engine.dispatch import ToTell
from mail.addresses import NAME_IS_ADDRESS
from mailroom.arrival import Incoming
from mailroom.rows import new_contact
from mailroom.verdict import HouseRules, MonitoredQueue, Verdict
from models.messages.addresses import domain_of
from models.messages.base import LONGEST_ADDRESS
from models.messages.mail_facts import CreationVerdict, FileReason, LinkMethod
from models.messages.mailflow import DeliveryKind, MailVerdict
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import CreationAction, CreationItem, RecordCreationRule
from models.messages.said import joined, said
from models.messages.storable import is_blank
from policies.entitlements import is_entitled
from policies.record_creation import CreationDecision, decide_new
from policies.zones import local_day
from storage.repositories.contracts import candidates, covered_case
from storage.repositories.mails import KnownAccount, KnownCase, KnownContact, Sender

EMAIL_ORIGIN = "email"
NO_SUBJECT = "(no subject)"
LONGEST_DESCRIPTION = 100_000
CustomerIds = tuple[UUID | None, UUID | None]
"""Account and contact."""
NOBODY: CustomerIds = (None, None)


async def by_rule(
    session: AsyncSession,
    mail: Incoming,
    house: HouseRules,
    sender: Sender,
    quoted: KnownCase | None,
    message_id: UUID,
    now: datetime,
) -> Verdict:
    """No case that it may join: the record creation rule of the queue that it addresses decides (domain 6)."""
    monitored = house.monitored(mail)
    contact, account = sender.contact, sender.account
    asked, facts = mail.facts(known_sender=contact is not None), _condition_facts(mail, contact, account, monitored)
    decision = decide_new(monitored.rule, asked, facts)
    why = decision.why()
    if house.released:
        why, decision = (
            said("released by hand; by the rules: {why}", why=why),
            _released(decision, known=contact is not None),
        )
    elif decision.action is CreationVerdict.OPEN and not await entitled(
        session, house.organisation, monitored.rule, decision.item, ids_of(contact), now
    ):
        decision = decide_new(monitored.rule, asked.model_copy(update={"entitled": False}), facts)
        why = decision.why()
    if decision.reason is FileReason.AUTOMATIC:
        why = said("{why} ({reasons})", why=why, reasons=joined(mail.reasons))
    verdict = Verdict(
        MailVerdict.FILED,
        reason=decision.reason,
        explanation=why,
        rule=decision.rule,
        item=decision.item.name if decision.item else None,
        message_id=message_id,
        decision=decision,
    )
    match decision.action:
        case CreationVerdict.FILE:
            return verdict
        case CreationVerdict.HOLD:
            return replace(verdict, verdict=MailVerdict.HELD)
        case CreationVerdict.OPEN:
            pass
    sender_is_new = contact is None and mail.sender and mail.sender not in house.own_addresses
    if sender_is_new and decision.create_contact and mail.sender and len(mail.sender) <= LONGEST_ADDRESS:
        # A name that looks like somebody's address would be taken for them.
        name = "" if NAME_IS_ADDRESS in mail.parsed.defects else mail.sender_name
        contact = await new_contact(session, mail.sender, name)
    given, left_out = await of_item(session, house.organisation, decision.item)
    if left_out:
        verdict = replace(verdict, explanation=f"{verdict.explanation}; left out: {'; '.join(left_out)}")
    new = _new_case(mail, monitored, decision, contact, quoted, message_id, given)
    case = await insert_opening(session, new, now, prefix=house.organisation.case_prefix)
    news = ToTell(case.id, case.number, EMAIL_ORIGIN, case.delivery_id, DeliveryKind.OPEN)
    # What says that a machine wrote it was overruled, so that our answers are answers to it.
    method = LinkMethod.OPERATOR if house.released and mail.automatic is not None else None
    return replace(verdict, verdict=MailVerdict.OPENED, case_id=case.id, news=news, method=method)


def _released(decision: CreationDecision, *, known: bool) -> CreationDecision:
    """Opened, whatever the rules say; what the item that matched says of cases holds, if it makes any."""
    item = decision.item if decision.item and decision.item.action is CreationAction.OPEN_CASE else None
    opened = {"action": CreationVerdict.OPEN, "reason": None, "item": item, "create_contact": not known}
    return decision.model_copy(update=opened)


def _new_case(
    mail: Incoming,
    monitored: MonitoredQueue,
    decision: CreationDecision,
    contact: KnownContact | None,
    quoted: KnownCase | None,
    message_id: UUID,
    given: dict[str, Any],
) -> NewCase:
    """Title = subject; customer = the contact's account; what the matching item says overrides (domain 6.1)."""
    subject = mail.parsed.subject.strip()[:300]
    return NewCase(
        title=NO_SUBJECT if is_blank(subject) else subject,
        description=mail.parsed.text[:LONGEST_DESCRIPTION] or None,
        origin=EMAIL_ORIGIN,
        account_id=contact.account_id if contact else None,
        contact_id=contact.id if contact else None,
        **given,
        owner_id=monitored.owner_id,
        queue=monitored.queue,
        opening_rule=decision.rule,
        opening_mail_id=message_id,
        linked_case_id=quoted.id if quoted else None,
    )


def _condition_facts(
    mail: Incoming, contact: KnownContact | None, account: KnownAccount | None, monitored: MonitoredQueue
) -> dict[str, Any]:
    sender = mail.sender
    said = {
        "email.sender": sender,
        "email.sender_domain": domain_of(sender) if sender else None,
        "email.subject": mail.parsed.subject,
        "email.to": [to.address for to in mail.parsed.to],
        "email.automatic": mail.automatic is not None,
        "email.bulk": mail.parsed.bulk,
        "email.via": mail.via,
        "email.has_attachments": bool(mail.attachments),
    }
    return arriving_facts(said, contact, account, monitored.queue)


def arriving_facts(said: Mapping[str, Any], contact: Any, account: Any, queue: str | None) -> dict[str, Any]:
    """What the items of a rule may look at. `said`: the facts `email.*`; `contact`, `account`: the sender's, or what has
    their columns."""
    facts: dict[str, Any] = {
        **said,
        "queue.slug": queue,
        "case.title": said["email.subject"],
        "case.origin": EMAIL_ORIGIN,
        **customer_facts(contact, account),
    }
    return facts


def customer_facts(contact: Any, account: Any) -> dict[str, Any]:
    """What the items of a rule may look at of whom something comes from; without one of the two, nothing of that."""
    facts: dict[str, Any] = {"customer.kind": "account" if account else "contact" if contact else None}
    if contact is not None:
        facts |= {"contact.name": contact.name, "contact.email": contact.email, "contact.language": contact.language}
    if account is not None:
        facts |= {"account.name": account.name, "account.tier": account.tier, "account.language": account.language}
    return facts


def ids_of(contact: Any) -> CustomerIds:
    """Of a sender who is a contact, or has the columns of one."""
    return NOBODY if contact is None else (contact.account_id, contact.id)


async def entitled(
    session: AsyncSession,
    organisation: OrganisationSettings,
    rule: RecordCreationRule | None,
    item: CreationItem | None,
    customer: CustomerIds,
    now: datetime,
    origin: str = EMAIL_ORIGIN,
) -> bool:
    """Whether the case that this item would open is covered; asked where the rule requires it (domain 6.3). Of whom nobody
    knows, nothing is."""
    if rule is None or not rule.require_entitlement:
        return True
    account_id, contact_id = customer
    if customer == NOBODY:
        return False
    asked = await covered_case(
        session,
        account_id=account_id,
        contact_id=contact_id,
        origin=origin,
        product=item.product if item else None,
        decrement=True,
    )
    today = local_day(now, organisation.time_zone)
    return is_entitled(await candidates(session, asked), asked, today)
