"""What becomes of an activity that arrives without a case: the record creation rule of its queue or type decides (domain 6.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.fields import of_item
from cases.opener import NewCase
from desk.activities import Arrived, add, become, customer_of
from desk.commands import checked_key, command_id
from desk.errors import Invalid
from desk.identity import Identity
from desk.queries.visibility import visible_queue
from desk.reference.records import Edit
from desk.reference.references import Names
from mailroom.creating import customer_facts, entitled
from mailroom.rows import new_contact
from models.messages.api_activities import ConvertActivityBody, NewActivityBody
from models.messages.base import EmailAddress
from models.messages.mail_facts import CreationVerdict, MailFacts
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.messages.said import said
from models.records.cases import Case
from models.records.commands import Command
from models.records.customers import CustomerPhone
from models.records.reference import Account, Agent, Contact
from models.records.timeline import Activity
from policies.phone_numbers import normal_number
from policies.record_creation import CreationDecision, decide_new, rule_for
from storage.definitions import DefinitionKind, Definitions
from storage.repositories.mails import customer_of as contact_of

ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)
ORIGIN = "phone"
SOMEBODY = "somebody"
"""Whom the policy is told of where nobody said who it is from: an unknown sender, and not none."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An activity that was looked at. `decision` None: no rule watches where it arrives."""

    account_id: UUID | None
    contact_id: UUID | None
    address: str | None
    rule: RecordCreationRule | None = None
    decision: CreationDecision | None = None

    @property
    def opens(self) -> bool:
        return self.decision is not None and self.decision.action is CreationVerdict.OPEN

    @property
    def kept(self) -> Arrived:
        """As the row of an activity that opened no case says it."""
        return Arrived(self.account_id, self.contact_id, self.told("kept"))

    def told(self, outcome: str) -> dict[str, Any] | None:
        decision = self.decision
        if self.rule is None or decision is None:
            return None
        return {
            "rule": self.rule.slug,
            "item": decision.item.name if decision.item else None,
            "outcome": outcome,
            "reason": str(decision.reason) if decision.reason else None,
            "why": decision.why(),
        }


async def look_at(
    session: AsyncSession,
    identity: Identity,
    definitions: Definitions,
    organisation: OrganisationSettings,
    body: NewActivityBody,
    now: datetime,
) -> Arrival:
    """Whose it is, and what the rule makes of it. `Invalid` names a field that names nothing."""
    if body.queue is not None:
        await visible_queue(session, identity, body.queue)
        await Names(session).require("queue", body.queue, "queue")
    account, contact, address = await _customer(session, organisation, body)
    active = await definitions.active(session, DefinitionKind.RECORD_CREATION_RULE)
    bodies = [each.body for each in active[DefinitionKind.RECORD_CREATION_RULE].values()]
    rule = rule_for((each for each in bodies if isinstance(each, RecordCreationRule)), body.kind, body.queue)
    if rule is None:
        return Arrival(account, contact, address)
    facts = await _facts(session, body, rule, account, contact, address)
    asked = MailFacts(sender=address or SOMEBODY, known_sender=account is not None or contact is not None)
    decision = decide_new(rule, asked, facts)
    if decision.action is CreationVerdict.OPEN and not await entitled(
        session, organisation, rule, decision.item, (account, contact), now, rule.origin or ORIGIN
    ):
        decision = decide_new(rule, asked.model_copy(update={"entitled": False}), facts)
    return Arrival(account, contact, address, rule, decision)


class Opening:
    """The case that an activity opens, in two steps of one transaction: what the case is, and the activity as its own."""

    def __init__(
        self,
        identity: Identity,
        organisation: OrganisationSettings,
        body: NewActivityBody,
        arrival: Arrival,
        now: datetime,
    ) -> None:
        self.identity, self.organisation, self.body, self.now = identity, organisation, body, now
        self.arrival = arrival

    async def case(self, session: AsyncSession) -> NewCase:
        """With the contact that is made of an unknown sender, if the rule wants one."""
        rule, decision, address = self.arrival.rule, self.arrival.decision, self.arrival.address
        if rule is None or decision is None:
            raise AssertionError("an activity that no rule watches opens no case")
        if decision.create_contact and address is not None:
            contact, _ = await contact_of(session, address)  # two calls at once make one contact
            made = contact.id if contact else (await new_contact(session, address, self.body.sender_name or "")).id
            self.arrival = replace(self.arrival, contact_id=made)
        given, _ = await of_item(session, self.organisation, decision.item)
        owner = select(Agent.id).where(Agent.slug == rule.owner, Agent.active) if rule.owner else None
        return NewCase(
            title=self.body.title,
            description=self.body.description,
            origin=rule.origin or ORIGIN,
            account_id=self.arrival.account_id,
            contact_id=self.arrival.contact_id,
            **given,
            owner_id=await session.scalar(owner) if owner is not None else None,
            queue=self.body.queue or rule.queue,
            opening_rule=rule.slug,
        )

    async def activity(self, session: AsyncSession, case: Case) -> None:
        """The activity is the case's from its beginning."""
        edit = Edit(session, self.identity.slug, self.now)
        arrived = Arrived(self.arrival.account_id, self.arrival.contact_id, self.arrival.told("opened"))
        id = await add(edit, self.identity, self.organisation, self.body, arrived)
        body = ConvertActivityBody()
        await become(
            session, case, id=id, identity=self.identity, organisation=self.organisation, body=body, now=self.now
        )


async def opened_before(session: AsyncSession, identity: Identity, key: str | None) -> bool:
    """Whether this agent's request with this key has opened a case already: then it gets the same answer."""
    if key is None:
        return False
    return await session.get(Command, command_id(identity.agent_id, checked_key(key))) is not None


async def activity_of(session: AsyncSession, number: str) -> UUID:
    """The activity that a case was made of."""
    made = (
        select(Activity.id)
        .join(Case, Case.id == Activity.case_id)
        .where(Case.number == number, Activity.creation.is_not(None))
        .order_by(Activity.id)
        .limit(1)
    )
    return (await session.scalars(made)).one()


async def _customer(
    session: AsyncSession, organisation: OrganisationSettings, body: NewActivityBody
) -> tuple[UUID | None, UUID | None, str | None]:
    """Account, contact, and the address of a sender who is neither."""
    if body.customer is not None or body.sender is None:
        return *await customer_of(Names(session), session, body.customer), None
    if "@" in body.sender:
        try:
            address = ADDRESS.validate_python(body.sender)
        except ValidationError:
            raise Invalid("sender", said("must be one address or a phone number")) from None
        contact, _ = await contact_of(session, address)
        return (contact.account_id, contact.id, None) if contact is not None else (None, None, address)
    normal = normal_number(body.sender, organisation.country)
    if normal is None:
        raise Invalid("sender", said("must be one address or a phone number, such as +49 30 1234567"))
    return *await _of_number(session, normal), None


async def _of_number(session: AsyncSession, normal: str) -> tuple[UUID | None, UUID | None]:
    """Whom a number belongs to: one contact; of colleagues who share it, their account; else nobody."""
    people = list(
        await session.scalars(
            select(Contact)
            .join(CustomerPhone, CustomerPhone.contact_id == Contact.id)
            .where(CustomerPhone.normal == normal, Contact.active)
        )
    )
    if len(people) == 1:
        return people[0].account_id, people[0].id
    accounts = {person.account_id for person in people} | set(
        await session.scalars(
            select(Account.id)
            .join(CustomerPhone, CustomerPhone.account_id == Account.id)
            .where(CustomerPhone.normal == normal, Account.active)
        )
    )
    return (accounts.pop(), None) if len(accounts) == 1 else (None, None)


async def _facts(
    session: AsyncSession,
    body: NewActivityBody,
    rule: RecordCreationRule,
    account_id: UUID | None,
    contact_id: UUID | None,
    address: str | None,
) -> dict[str, Any]:
    account = await session.get(Account, account_id) if account_id else None
    contact = await session.get(Contact, contact_id) if contact_id else None
    return {
        "activity.title": body.title,
        "activity.description": body.description,
        "activity.duration_minutes": body.duration_minutes,
        "activity.sender": address or body.sender,
        "queue.slug": body.queue or rule.queue,
        "case.title": body.title,
        "case.origin": rule.origin or ORIGIN,
        **{f"activity.fields.{name}": value for name, value in body.fields.items()},
        **customer_facts(contact, account),
    }
