"""What conditions may look at: a case's own fields and one hop to its customer, entitlement, queue and mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Uuid, and_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.snapshots import CASE, NEXT_REMINDER, OPEN_ACTIVITIES
from mail.message import BULK
from models.messages.addresses import domain_of
from models.messages.case_fields import FieldKind, names
from models.messages.notices import WorkEvent
from models.records.cases import Case, QueueItem
from models.records.commands import Command
from models.records.mails import EmailMessage
from models.records.notices import NoticeChoiceRow
from models.records.processes import ProcessInstance
from models.records.reference import Account, Agent, Contact, Entitlement
from storage.definitions import ACTIVE_FINGERPRINT, FINGERPRINT
from storage.kept import keep, named

CASE_FACTS = names(lambda field: field.stored and (field.condition or field.kind is FieldKind.INSTANT))
"""The case's own columns: what conditions may look at, and the instants that promises count from."""

OPENINGS_CHOSEN = exists().where(
    NoticeChoiceRow.kind.in_((WorkEvent.NEW_CASE.value, WorkEvent.ASSIGNED.value)), NoticeChoiceRow.way != "off"
)
"""Whether anybody has chosen to be told of what an opening can tell: nearly nobody does, and then nothing is looked for."""
WHOLE_CASE = (
    select(
        *(Case, Account, Contact, Entitlement, Agent, EmailMessage, QueueItem, ProcessInstance),
        *(OPEN_ACTIVITIES, NEXT_REMINDER, ACTIVE_FINGERPRINT, OPENINGS_CHOSEN),
    )
    .outerjoin(Account, Account.id == Case.account_id)
    .outerjoin(Contact, Contact.id == Case.contact_id)
    .outerjoin(Entitlement, Entitlement.id == Case.entitlement_id)
    .outerjoin(Agent, Agent.id == Case.owner_id)
    .outerjoin(EmailMessage, EmailMessage.id == Case.opening_mail_id)
    .outerjoin(QueueItem, and_(QueueItem.case_id == Case.id, QueueItem.live))
    .outerjoin(ProcessInstance, and_(ProcessInstance.case_id == Case.id, ProcessInstance.current))
    .where(Case.id == CASE)
)
COMMANDED_CASE = WHOLE_CASE.add_columns(Command).outerjoin(Command, Command.id == bindparam("command", type_=Uuid()))
LOCK = select(Case.id).where(Case.id == CASE).with_for_update()


class WholeCase(NamedTuple):
    """A case, and what belongs to it or is named by it."""

    case: Case
    account: Account | None
    contact: Contact | None
    entitlement: Entitlement | None
    owner: Agent | None
    opening_mail: EmailMessage | None
    item: QueueItem | None
    """Its place in a queue."""
    process: ProcessInstance | None
    """The one that is shown."""
    open_activities: int
    next_reminder: datetime | None
    fingerprint: str | None
    """Of the definitions that are in force."""
    openings_chosen: bool
    """Whether anybody has chosen to be told of new cases, or of those that are given to them."""


async def load_case(
    session: AsyncSession, case_id: UUID, command_id: UUID | None = None
) -> tuple[WholeCase, Command | None]:
    """The case, locked, and in the same statement all that its facts come from, which the session keeps; and the row of a
    command, if one is named and has a row.

    On SQLite the transaction holds the one writer's lock already. On PostgreSQL the lock comes first: whoever waited for
    it would see the case as it is now, and the rows beside it as they were before.
    """
    if session.get_bind().dialect.name != "sqlite":
        await session.execute(LOCK, {"case": case_id})
    if command_id is None:
        found = await session.execute(WHOLE_CASE, {"case": case_id})
    else:
        found = await session.execute(COMMANDED_CASE, {"case": case_id, "command": command_id})
    row = found.one_or_none()
    if row is None:
        raise LookupError(f"case {case_id} has no row")
    return _held(session, row), None if command_id is None else row[-1]


def _held(session: AsyncSession, row: Row[*tuple[Any, ...]]) -> WholeCase:
    whole = WholeCase._make(row[: len(WholeCase._fields)])
    for named_row in (whole.account, whole.contact, whole.entitlement, whole.owner, whole.opening_mail):
        if named_row is not None:
            keep(session, named_row)
    session.info[FINGERPRINT] = whole.fingerprint
    return whole


async def case_facts(session: AsyncSession, case: Case, process: ProcessInstance | None = None) -> dict[str, Any]:
    """Flat, dotted names as `models.messages.conditions.FIELDS` allows them; what is absent is None. `process`: the
    instance that is shown, where promises are judged, which may count from its stage."""
    return facts_of(
        case,
        owner=await named(session, Agent, case.owner_id),
        account=await named(session, Account, case.account_id),
        contact=await named(session, Contact, case.contact_id),
        entitlement=await named(session, Entitlement, case.entitlement_id),
        mail=await named(session, EmailMessage, case.opening_mail_id),
        process=process,
    )


def facts_of(
    case: Any,
    *,
    owner: Any,
    account: Any,
    contact: Any,
    entitlement: Any,
    mail: Any,
    process: ProcessInstance | None = None,
) -> dict[str, Any]:
    """As `case_facts`, of rows or whatever has their columns."""
    facts: dict[str, Any] = {f"case.{name}": getattr(case, name) for name in CASE_FACTS}
    facts |= {f"case.custom.{name}": value for name, value in case.custom.items()}
    facts |= {
        "case.owner": owner.slug if owner else None,
        "case.entitlement": entitlement.slug if entitlement else None,
        "queue.slug": case.queue,
        "case.stage_entered_on": _stage_entered_on(process),
        "customer.kind": "account" if account else "contact" if contact else None,
    }
    if account:
        facts |= {"account.name": account.name, "account.tier": account.tier, "account.language": account.language}
    if contact:
        facts |= {"contact.name": contact.name, "contact.email": contact.email, "contact.language": contact.language}
    if entitlement:
        facts |= {"entitlement.name": entitlement.name, "entitlement.tier": entitlement.tier}
    if mail:
        facts |= mail_facts(mail)
    return facts


def _stage_entered_on(process: ProcessInstance | None) -> datetime | None:
    entered = None if process is None else process.state.get("stage_entered_on")
    return None if entered is None else datetime.fromisoformat(entered)


def mail_facts(mail: Any) -> dict[str, Any]:
    """Of a message, or whatever has its columns."""
    return {
        "email.sender": mail.sender,
        "email.sender_domain": domain_of(mail.sender),
        "email.subject": mail.subject,
        "email.to": mail.recipients.get("to", []),
        "email.automatic": mail.automatic is not None,
        "email.bulk": mail.unanswerable in BULK,
        "email.via": mail.via,
    }
