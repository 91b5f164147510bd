"""The intake's rows: the mailbox's cursor and its fence, the mail log, and which message is known already.

The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.addresses import canonical_address
from models.messages.cases import OPEN_STATUSES
from models.messages.mail_facts import FileReason, SenderProof
from models.messages.mailflow import DeliveryKind, HoldReason, MailVerdict
from models.messages.slas import KpiStatus
from models.records.base import Long, UtcInstant, looked_for, table_of
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.customers import ContactAddress
from models.records.mails import EmailMessage, InboundMail, MessageLink
from models.records.promises import KpiRow
from models.records.reference import Account, Contact, Mailbox

ERROR_LENGTH = 500
UNREADABLE, LOGIN_REFUSED = "IMAP: ", "IMAP login: "
"""How a mailbox's `last_error` begins while it cannot be read. The second one says that somebody has to change the account."""
UNTIDIED = "IMAP after intake: "
"""How it begins while mail is read, and the server does not let it be flagged or moved."""

# Rows are read and written as such where each mail passes: the tables are the records' own.
_mailboxes, _cases, _deliveries = table_of(Mailbox).c, table_of(Case).c, table_of(Delivery).c
_messages, _links = table_of(EmailMessage).c, table_of(MessageLink).c
_contacts, _accounts = table_of(Contact).c, table_of(Account).c
_addresses = table_of(ContactAddress).c

# ---- the cursor and its fence ----------------------------------------------------------------------------------------


async def take_epoch(session: AsyncSession, mailbox_id: UUID) -> Mailbox | None:
    """The mailbox with a new intake epoch: from now on no earlier reader can move its cursor."""
    return await session.scalar(
        update(Mailbox).where(Mailbox.id == mailbox_id).values(intake_epoch=Mailbox.intake_epoch + 1).returning(Mailbox)
    )


def _ours(mailbox_id: UUID, epoch: int) -> ColumnElement[bool]:
    return and_(Mailbox.id == mailbox_id, Mailbox.intake_epoch == epoch)


async def begin_folder(session: AsyncSession, mailbox_id: UUID, epoch: int, uidvalidity: int) -> int | None:
    """The last UID taken in under this UIDVALIDITY; 0 if the server has a new one, whose UIDs mean something else.

    None: another reader took a later epoch.
    """
    found = (
        await session.execute(select(Mailbox.uidvalidity, Mailbox.last_uid).where(_ours(mailbox_id, epoch)))
    ).one_or_none()
    if found is None:
        return None
    if found[0] == uidvalidity:
        return int(found[1])
    await session.execute(update(Mailbox).where(_ours(mailbox_id, epoch)).values(uidvalidity=uidvalidity, last_uid=0))
    # What was to be flagged under the old numbers can no longer be named to the server.
    await session.execute(
        update(InboundMail)
        .where(InboundMail.mailbox_id == mailbox_id, InboundMail.uidvalidity != uidvalidity, ~InboundMail.flagged)
        .values(flagged=True)
    )
    # Nor can what it did not deliver under them: it is read again, like all other mail, under its new one.
    await session.execute(
        update(InboundMail)
        .where(InboundMail.uidvalidity != uidvalidity, *_undelivered(mailbox_id))
        .values(
            verdict=MailVerdict.FILED,
            reason=FileReason.GONE,
            explanation=f"was held as {HoldReason.NOT_DELIVERED}, until the server numbered its mail anew: it is read again",
        )
    )
    return 0


_TO = bindparam("to", type_=Long)
_ADVANCE = (
    update(table_of(Mailbox))
    .where(
        _mailboxes.id == bindparam("mailbox"),
        _mailboxes.intake_epoch == bindparam("epoch"),
        _mailboxes.uidvalidity == bindparam("folder"),
    )
    .values(last_uid=case((_mailboxes.last_uid < _TO, _TO), else_=_mailboxes.last_uid))
    .returning(_mailboxes.id)
)


async def advance(session: AsyncSession, mailbox_id: UUID, epoch: int, uidvalidity: int, uid: int) -> bool:
    """Move the cursor up to this UID, if it is not there yet; False, and nothing moved, if the mailbox is another reader's."""
    given = {"mailbox": mailbox_id, "epoch": epoch, "folder": uidvalidity, "to": uid}
    return await session.scalar(_ADVANCE, given) is not None


async def ours(session: AsyncSession, mailbox_id: UUID, epoch: int) -> Mailbox | None:
    """The mailbox as it is now; None if another reader took a later epoch."""
    return await session.scalar(select(Mailbox).where(_ours(mailbox_id, epoch)))


async def note_success(
    session: AsyncSession,
    mailbox_id: UUID,
    epoch: int,
    now: datetime,
    backlog: int = 0,
    oldest_unfetched: datetime | None = None,
    untidied: str | None = None,
    notice: str | None = None,
) -> int | None:
    """Wall time, for operators, what lies past the cursor, why mail is not flagged or moved as it should be, and what the
    server wants people to read.

    A trouble with sending stays as it is: only the sender takes it back. Returns the version of the mailbox's settings,
    or None if the mailbox is another reader's.
    """
    facts = {"last_success": now, "backlog": backlog, "oldest_unfetched": oldest_unfetched, "notice": notice}
    version = await session.scalar(
        update(Mailbox)
        .where(_ours(mailbox_id, epoch))
        .values(**facts)
        .returning(Mailbox.version)
        .execution_options(synchronize_session=False)
    )
    ours = [Mailbox.last_error.startswith(kind) for kind in (UNREADABLE, LOGIN_REFUSED, UNTIDIED)]
    if untidied is not None:
        ours.append(Mailbox.last_error.is_(None))
    await session.execute(
        update(Mailbox)
        .where(_ours(mailbox_id, epoch), or_(*ours))
        .values(last_error=f"{UNTIDIED}{untidied}"[:ERROR_LENGTH] if untidied else None)
    )
    return version


async def note_trouble(
    session: AsyncSession, mailbox_id: UUID, epoch: int, error: str, *, login_refused: bool = False
) -> None:
    kind = LOGIN_REFUSED if login_refused else UNREADABLE
    await session.execute(
        update(Mailbox).where(_ours(mailbox_id, epoch)).values(last_error=f"{kind}{error}"[:ERROR_LENGTH])
    )


# ---- the mail log ----------------------------------------------------------------------------------------------------


async def unflagged_uids(session: AsyncSession, mailbox_id: UUID, uidvalidity: int) -> list[int]:
    """Committed, but perhaps not yet flagged on the server, ascending."""
    return list(
        await session.scalars(
            select(InboundMail.uid)
            .where(InboundMail.mailbox_id == mailbox_id, InboundMail.uidvalidity == uidvalidity, ~InboundMail.flagged)
            .order_by(InboundMail.uid)
        )
    )


async def known_uids(session: AsyncSession, mailbox_id: UUID, uidvalidity: int, first: int, last: int) -> set[int]:
    """The UIDs in this range that are in the mail log."""
    wanted = select(InboundMail.uid).where(
        InboundMail.mailbox_id == mailbox_id,
        InboundMail.uidvalidity == uidvalidity,
        InboundMail.uid >= first,
        InboundMail.uid <= last,
    )
    return set(await session.scalars(wanted))


async def unfetched_uids(session: AsyncSession, mailbox_id: UUID, uidvalidity: int, uids: Sequence[int]) -> set[int]:
    """Those whose bytes were left on the server, because they were too many to fetch."""
    return set(
        await session.scalars(
            select(InboundMail.uid).where(
                InboundMail.mailbox_id == mailbox_id,
                InboundMail.uidvalidity == uidvalidity,
                InboundMail.uid.in_(uids),
                InboundMail.raw_sha256 == "",
            )
        )
    )


async def mark_flagged(session: AsyncSession, mailbox_id: UUID, uidvalidity: int, uids: Sequence[int]) -> None:
    await session.execute(
        update(InboundMail)
        .where(InboundMail.mailbox_id == mailbox_id, InboundMail.uidvalidity == uidvalidity, InboundMail.uid.in_(uids))
        .values(flagged=True)
        .execution_options(synchronize_session=False)
    )


def _undelivered(mailbox_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        InboundMail.mailbox_id == mailbox_id,
        InboundMail.verdict == MailVerdict.HELD,
        InboundMail.reason == HoldReason.NOT_DELIVERED,
    )


async def undelivered(session: AsyncSession, mailbox_id: UUID, uidvalidity: int) -> list[InboundMail]:
    """Held, because the server lists them and does not give them."""
    wanted = select(InboundMail).where(InboundMail.uidvalidity == uidvalidity, *_undelivered(mailbox_id))
    return list(await session.scalars(wanted.order_by(InboundMail.uid)))


async def held_copy(session: AsyncSession, mailbox_id: UUID, raw_sha256: str) -> InboundMail | None:
    """The quarantined mail of the same bytes: how a mail that cannot be parsed is known again."""
    return await session.scalar(
        select(InboundMail)
        .where(
            InboundMail.mailbox_id == mailbox_id,
            InboundMail.verdict == MailVerdict.HELD,
            InboundMail.raw_sha256 == raw_sha256,
        )
        .limit(1)
    )


# ---- who knows a message ---------------------------------------------------------------------------------------------


class KnownMessage(NamedTuple):
    """What the intake asks of a message that is stored already."""

    id: UUID
    direction: str
    case_id: UUID | None
    mailbox_id: UUID
    message_id_hash: str
    content_hash: str
    link_method: str | None
    automatic: str | None


class KnownCase(NamedTuple):
    """What the intake asks of a case. `merged_into`: the number of the one that it went up in, or is about to."""

    id: UUID
    number: str
    origin: str
    status: str
    merged_into: str | None


class KnownContact(NamedTuple):
    """Whom a mail is from."""

    id: UUID
    name: str
    email: str
    account_id: UUID | None = None
    language: str | None = None


class KnownAccount(NamedTuple):
    name: str
    tier: str | None
    language: str | None


class Sender(NamedTuple):
    """Who writes, if we know them, and how many mails of theirs came lately; not more than were asked for are counted."""

    contact: KnownContact | None
    account: KnownAccount | None
    lately: int


# Built once: for every mail, a statement that is built anew costs more than the database takes to answer it.
_survivors = table_of(Case).alias("survivor")
_RETIRING = (
    select(_survivors.c.number)
    .join_from(_survivors, table_of(Delivery), _deliveries.subject_id == _survivors.c.id)
    .where(_deliveries.case_id == _cases.id, _deliveries.kind == DeliveryKind.RETIRE, ~_deliveries.done)
    .order_by(_survivors.c.id)
    .limit(1)
    .correlate(table_of(Case))
    .scalar_subquery()
)
CASE_COLUMNS = (
    _cases.id,
    _cases.number,
    _cases.origin,
    _cases.status,
    # What is about to be merged counts as merged: else a second mail could put its parts together in another way.
    func.coalesce(_cases.merged_into, _RETIRING).label("merged_into"),
)
"""The columns of a `KnownCase`."""
_MESSAGE_COLUMNS = [_messages[name] for name in KnownMessage._fields]
RELATED = (
    select(*_MESSAGE_COLUMNS, *CASE_COLUMNS)
    .outerjoin_from(table_of(EmailMessage), table_of(Case), _cases.id == _messages.case_id)
    .where(
        _messages.id.in_(
            select(_messages.id)
            .where(_messages.message_id_hash.in_(bindparam("known", expanding=True)))
            .union(select(_links.message_id).where(_links.named_hash == bindparam("own")))
        )
    )
    .order_by(_messages.id)
)
CASE_IDS = bindparam("cases", type_=Uuid(), expanding=True)
PARTICIPANTS = union_all(
    select(_messages.case_id, _messages.sender, _messages.recipients).where(_messages.case_id.in_(CASE_IDS)),
    select(_cases.id, _addresses.address, cast(null(), JSON))
    .join_from(table_of(Case), table_of(ContactAddress), _addresses.contact_id == _cases.contact_id)
    .where(_cases.id.in_(CASE_IDS)),
)
NUMBERED = select(*CASE_COLUMNS).where(_cases.number.in_(looked_for("numbers", expanding=True)))
IN_WINDOW = and_(
    _messages.sender == looked_for("sender"),
    _messages.sender_proof == bindparam("proof"),
    _messages.recorded_at >= bindparam("since", type_=UtcInstant()),
    _messages.direction == "in",
)
"""Mails of a sender that came since then, as well proven as the one that is asked for; what is held has no part in it."""
_one = select(literal(1).label("one")).subquery("one")
SENDER = select(
    select(func.count())
    .select_from(select(_messages.id).where(IN_WINDOW).limit(bindparam("most", type_=Integer)).subquery())
    .scalar_subquery(),
    *(_contacts[name] for name in KnownContact._fields),
    *(_accounts[name] for name in KnownAccount._fields),
).select_from(
    _one.outerjoin(table_of(ContactAddress), _addresses.address == looked_for("sender"))
    .outerjoin(table_of(Contact), _contacts.id == _addresses.contact_id)
    .outerjoin(table_of(Account), _accounts.id == _contacts.account_id)
)
_MESSAGE_WIDTH, _CONTACT_WIDTH = len(KnownMessage._fields), len(KnownContact._fields)


async def related_messages(
    session: AsyncSession, named: Iterable[str], own: str
) -> list[tuple[KnownMessage, KnownCase | None]]:
    """Stored messages whose Message-ID hash is among `named` (parents, and copies of the mail itself), and those that
    name `own` in their In-Reply-To or References (children that came before their parent), each with its case."""
    found = []
    for row in await session.execute(RELATED, {"known": [*named, own], "own": own}):
        message = KnownMessage._make(row[:_MESSAGE_WIDTH])
        case = None if message.case_id is None else KnownCase._make(row[_MESSAGE_WIDTH:])
        found.append((message, case))
    return found


async def cases_of_numbers(session: AsyncSession, numbers: Iterable[str]) -> list[KnownCase]:
    return [KnownCase._make(row) for row in await session.execute(NUMBERED, {"numbers": list(numbers)})]


async def participants(session: AsyncSession, case_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """The addresses that have a part in each case: its contact, and senders and recipients of its mail; canonical."""
    wanted = list(case_ids)
    found: dict[UUID, set[str]] = {case_id: set() for case_id in wanted}
    for case_id, address, recipients in await session.execute(PARTICIPANTS, {"cases": wanted}):
        found[case_id].add(canonical_address(address))
        found[case_id].update(canonical_address(each) for to in (recipients or {}).values() for each in to)
    return found


async def sender_of(
    session: AsyncSession, address: str, since: datetime, most: int, proof: SenderProof = SenderProof.UNKNOWN
) -> Sender:
    """Who has this address, and how many mails so proven, `most` at most, came from it since then (wall time)."""
    asked = {"sender": address, "proof": proof.value, "since": since, "most": most}
    count, *columns = (await session.execute(SENDER, asked)).one()
    contact, account = columns[:_CONTACT_WIDTH], columns[_CONTACT_WIDTH:]
    known = None if contact[0] is None else KnownContact._make(contact)
    return Sender(known, None if known is None or account[0] is None else KnownAccount._make(account), count)


async def customer_of(session: AsyncSession, address: str) -> tuple[Contact | None, Account | None]:
    """The contact of this address, and the account that it belongs to."""
    found = await session.execute(
        select(Contact, Account)
        .join(ContactAddress, ContactAddress.contact_id == Contact.id)
        .outerjoin(Account, Account.id == Contact.account_id)
        .where(ContactAddress.address == address)
    )
    row = found.one_or_none()
    return (None, None) if row is None else (row[0], row[1])


# ---- sweeps ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UndoneDelivery:
    id: UUID
    case_id: UUID
    number: str
    kind: str
    origin: str


async def undone_deliveries(session: AsyncSession, before: datetime, limit: int) -> list[UndoneDelivery]:
    """Deliveries recorded before that wall time which no case has confirmed, oldest first."""
    found = await session.execute(
        select(Delivery.id, Delivery.case_id, Delivery.number, Delivery.kind, Case.origin)
        .join(Case, Case.id == Delivery.case_id)
        .where(~Delivery.done, Delivery.recorded_at < before)
        .order_by(Delivery.recorded_at, Delivery.id)
        .limit(limit)
    )
    return [UndoneDelivery(*row) for row in found]


async def overdue_kpis(session: AsyncSession, before: datetime) -> list[tuple[str, str]]:
    """`(case number, KPI)` of running instances on open cases whose next deadline lies before that instant."""
    warned = and_(KpiRow.status == KpiStatus.IN_PROGRESS, KpiRow.warning_at < before)
    failed = and_(KpiRow.status.in_((KpiStatus.IN_PROGRESS, KpiStatus.NEARING)), KpiRow.failure_at < before)
    found = await session.execute(
        select(Case.number, KpiRow.kpi)
        .join(Case, Case.id == KpiRow.case_id)
        .where(or_(warned, failed, KpiRow.escalates_at < before), Case.status.in_(OPEN_STATUSES))
        .order_by(KpiRow.failure_at)
    )
    return [(number, kpi) for number, kpi in found]
