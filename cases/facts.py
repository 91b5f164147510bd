"""What conditions may look at: a case's own fields and one hop to its customer, entitlement, queue and mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.case_fields import FieldKind, names
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Account, Agent, Contact, Entitlement
from storage.definitions import ACTIVE_FINGERPRINT, FINGERPRINT

CASE_FACTS = names(lambda field: field.stored and (field.condition or field.kind is FieldKind.INSTANT))
"""The case's own columns: what conditions may look at, and the instants that promises count from."""

ALL_OF_CASE = (
    select(Case, Account, Contact, Entitlement, Agent, EmailMessage, ACTIVE_FINGERPRINT)
    .outerjoin(Account, Account.id == Case.account_id)
    .outerjoin(Contact, Contact.id == Case.contact_id)
    .outerjoin(Entitlement, Entitlement.id == Case.entitlement_id)
    .outerjoin(Agent, Agent.id == Case.owner_id)
    .outerjoin(EmailMessage, EmailMessage.id == Case.opening_mail_id)
)
WHOLE_CASE = ALL_OF_CASE.where(Case.id == bindparam("case", type_=Uuid()))
NUMBERED_CASE = ALL_OF_CASE.where(Case.number == bindparam("number"))
LOCKED_CASE = WHOLE_CASE.with_for_update(of=Case)


async def load_case(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> Case:
    """The case, and in the same statement all that its facts come from, so that `session.get` finds them at hand."""
    found = await session.execute(LOCKED_CASE if lock else WHOLE_CASE, {"case": case_id})
    row = found.one_or_none()
    if row is None:
        raise LookupError(f"case {case_id} has no row")
    return _held(session, row)


async def find_case(session: AsyncSession, number: str) -> Case | None:
    """As `load_case`, by the case's number; None if there is no such case."""
    row = (await session.execute(NUMBERED_CASE, {"number": number})).one_or_none()
    return None if row is None else _held(session, row)


def _held(session: AsyncSession, row: Row[*tuple[Any, ...]]) -> Case:
    # The session's identity map keeps a record only as long as somebody holds it.
    case: Case = row[0]
    session.info[f"case {case.id}"] = row
    session.info[FINGERPRINT] = row[-1]
    return case


async def case_facts(session: AsyncSession, case: Case) -> dict[str, Any]:
    """Flat, dotted names as `models.messages.conditions.FIELDS` allows them; what is absent is None."""
    facts: dict[str, Any] = {f"case.{name}": getattr(case, name) for name in CASE_FACTS}
    facts |= {f"case.custom.{name}": value for name, value in case.custom.items()}
    owner = await session.get(Agent, case.owner_id) if case.owner_id else None
    account = await session.get(Account, case.account_id) if case.account_id else None
    contact = await session.get(Contact, case.contact_id) if case.contact_id else None
    entitlement = await session.get(Entitlement, case.entitlement_id) if case.entitlement_id else None
    facts |= {
        "case.owner": owner.slug if owner else None,
        "case.entitlement": entitlement.slug if entitlement else None,
        "queue.slug": case.queue,
        "customer.kind": "account" if account else "contact" if contact else None,
    }
    if account:
        facts |= {"account.name": account.name, "account.tier": account.tier, "account.language": account.language}
    if contact:
        facts |= {"contact.name": contact.name, "contact.email": contact.email, "contact.language": contact.language}
    if entitlement:
        facts |= {"entitlement.name": entitlement.name, "entitlement.tier": entitlement.tier}
    if case.opening_mail_id:
        mail = await session.get(EmailMessage, case.opening_mail_id)
        if mail:
            facts |= mail_facts(mail)
    return facts


def mail_facts(mail: EmailMessage) -> dict[str, Any]:
    return {
        "email.sender": mail.sender,
        "email.sender_domain": mail.sender.rpartition("@")[2],
        "email.subject": mail.subject,
        "email.to": mail.recipients.get("to", []),
        "email.automatic": mail.automatic is not None,
    }
