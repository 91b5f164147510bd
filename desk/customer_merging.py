"""Two records of one customer become one: all that hangs on them in one transaction, their cases by an operation (domain 9.2).

The transaction moves addresses, numbers, contracts and what belongs to no case, and retires the losers: from then on mail from
any of their addresses is the survivor's. Each of their cases then follows in its own run, which alone writes its rows; the
operation that orders it goes on after a kill, and looks once more at its end for cases that were opened meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.bulk import OPERATIONS, Asked, BulkDesk, item_rows
from desk.commands import ANSWER_WITHIN, body_hash, checked_key
from desk.errors import Conflict, Invalid, NotFound
from desk.identity import Identity
from desk.reference.customers import check_not_merged
from desk.reference.kinds import ACCOUNTS, CONTACTS
from desk.reference.records import Edit, Kind
from desk.refusals import KeyReused
from models.messages.api_cases import stored
from models.messages.cases import CommandKind
from models.messages.customers import MergeCustomersBody
from models.messages.operations import OperationState
from models.messages.reference import ContactBody
from models.messages.said import said, word
from models.records.base import table_of
from models.records.cases import Case
from models.records.customers import ContactAddress, CustomerPhone
from models.records.operations import BulkItem, BulkOperation
from models.records.reference import Account, Contact, Entitlement
from models.records.timeline import Activity
from storage.fulltext.entries import forget, keep, of_contact

MERGE = CommandKind.FOLLOW_CUSTOMER.value
NOBODYS = "merged.invalid"
"""The domain of the addresses that stand in retired contacts: their own are the survivor's (RFC 2606 keeps it free)."""
MOST_ADDRESSES = 51
MOST_PHONES = 20
FORBIDDEN = "merge-forbidden"


@dataclass(frozen=True, slots=True)
class _Side:
    """One kind of customer: the columns by which the rest of the house names it."""

    kind: Kind[Any]
    phone: Any
    case: Any
    entitlement: Any
    activity: Any


CONTACT = _Side(CONTACTS, CustomerPhone.contact_id, Case.contact_id, Entitlement.contact_id, Activity.contact_id)
ACCOUNT = _Side(ACCOUNTS, CustomerPhone.account_id, Case.account_id, Entitlement.account_id, Activity.account_id)


class CustomerMerging:
    def __init__(self, bulk: BulkDesk) -> None:
        self.bulk, self.database = bulk, bulk.database

    async def merge(
        self,
        identity: Identity,
        side: _Side,
        key: str,
        body: MergeCustomersBody,
        now: datetime,
        *,
        asked_by: str | None,
    ) -> Asked:
        """Once a key. Refused whole, before anything is written, where it cannot be: `Conflict` says why."""
        asked_by = checked_key(asked_by)
        id = uuid5(OPERATIONS, f"{identity.agent_id}/{asked_by}")
        digest = body_hash(key, f"merge-{side.kind.name}", stored(body))
        async with self.database.write() as session:
            known = await session.get(BulkOperation, id)
            if known is not None:
                if known.body_hash != digest:
                    raise KeyReused
                total = known.total
            else:
                edit = Edit(session, identity.slug, now)
                survivor, losers = await _named(edit, side, key, body)
                await _check(edit, side, survivor, losers)
                cases = await _cases(session, side, losers)
                for loser in losers:
                    await _take_over(edit, side, survivor, loser)
                await _settle(edit, side, survivor, losers)
                total = len(cases)
                session.add(
                    BulkOperation(
                        id=id,
                        actor_id=identity.agent_id,
                        key=asked_by,
                        action=MERGE,
                        body={},
                        body_hash=digest,
                        target_id=survivor.id,
                        state=OperationState.PENDING.value,
                        total=total,
                        asked_on=now,
                    )
                )
                await edit.flush(f"{side.kind.name} {key!r}")
                for some in item_rows(id, cases):
                    await session.execute(insert(table_of(BulkItem)), some)
        await self.bulk.starter.start(id, MERGE, total)
        return Asked(id, await self.bulk.ended(id, ANSWER_WITHIN), known is not None)


# ---- whether it can be -----------------------------------------------------------------------------------------------


async def _named(edit: Edit, side: _Side, key: str, body: MergeCustomersBody) -> tuple[Any, list[Any]]:
    """The rows, locked in the order of their ids, so that two merges at once wait for each other."""
    ids: list[UUID] = []
    for position, one in enumerate((key, *body.losers)):
        try:
            ids.append((await side.kind.row(edit.session, one)).id)
        except NotFound:
            if not position:
                raise
            raise Invalid(
                f"losers[{position - 1}]", said("there is no {kind} {one!r}", kind=word(side.kind.name), one=one)
            ) from None
    for position, id in enumerate(ids[1:]):
        if id in ids[: position + 1]:
            raise Invalid(f"losers[{position}]", said("is named already"))
    table = side.kind.table
    locked = select(table).where(table.id.in_(ids)).order_by(table.id).with_for_update()
    rows = {row.id: row for row in await edit.session.scalars(locked.execution_options(populate_existing=True))}
    return rows[ids[0]], [rows[id] for id in ids[1:]]


async def _check(edit: Edit, side: _Side, survivor: Any, losers: Sequence[Any]) -> None:
    for row in (survivor, *losers):
        check_not_merged(side.kind.name, row)
    if not survivor.active:
        raise Conflict(
            FORBIDDEN,
            said(
                "the {kind} {survivor!r} is not in use; activate it first",
                kind=side.kind.name,
                survivor=_name(survivor),
            ),
        )
    if side is CONTACT:
        accounts = {row.account_id for row in (survivor, *losers)} - {None}
        if len(accounts) > 1:
            raise Conflict(
                FORBIDDEN, said("the contacts belong to different accounts; merge those first, or move the contacts")
            )
    else:
        above, seen = survivor.parent_id, set[UUID]()
        while above is not None and above not in seen:
            seen.add(above)
            above = await edit.session.scalar(select(Account.parent_id).where(Account.id == above))
        if below := [loser for loser in losers if loser.id in seen]:
            raise Conflict(
                FORBIDDEN,
                said(
                    "the account {survivor!r} lies below {below!r}; merge it into that, or move it",
                    survivor=_name(survivor),
                    below=_name(below[0]),
                ),
            )
    ids = [row.id for row in (survivor, *losers)]
    numbers = select(func.count(CustomerPhone.normal.distinct())).where(side.phone.in_(ids))
    if (await edit.session.scalar(numbers) or 0) > MOST_PHONES:
        raise Conflict(
            FORBIDDEN,
            said(
                "together they have more than {most_phones} phone numbers; remove some first", most_phones=MOST_PHONES
            ),
        )
    addresses = select(func.count()).select_from(ContactAddress).where(ContactAddress.contact_id.in_(ids))
    if side is CONTACT and (await edit.session.scalar(addresses) or 0) > MOST_ADDRESSES:
        raise Conflict(
            FORBIDDEN,
            said(
                "together they have more than {most_addresses} addresses; remove some first",
                most_addresses=MOST_ADDRESSES,
            ),
        )


def _name(row: Any) -> str:
    return str(row.slug or row.id)


# ---- what moves at once ----------------------------------------------------------------------------------------------


async def _cases(session: AsyncSession, side: _Side, losers: Sequence[Any]) -> list[tuple[str, UUID | None]]:
    """Of the losers; one that is opening follows by itself."""
    ids = [loser.id for loser in losers]
    rows = await session.execute(
        select(Case.number, Case.id).where(side.case.in_(ids), Case.status != "opening").order_by(Case.id)
    )
    return [(number, id) for number, id in rows]


async def _take_over(edit: Edit, side: _Side, survivor: Any, loser: Any) -> None:
    session = edit.session
    await _phones(session, side, survivor, loser)
    await _contracts(edit, side, survivor, loser)
    free = update(Activity).where(side.activity == loser.id, Activity.case_id.is_(None))
    await session.execute(_quietly(free.values({side.activity.key: survivor.id})))
    if side is CONTACT:
        await _addresses(session, survivor, loser)
    else:
        for person in await session.scalars(select(Contact).where(Contact.account_id == loser.id).order_by(Contact.id)):
            person.account_id, person.version = survivor.id, person.version + 1
            edit.audit("contact", _name(person), "change", {"account": [_name(loser), _name(survivor)]})
        for child in await session.scalars(select(Account).where(Account.parent_id == loser.id).order_by(Account.id)):
            child.parent_id, child.version = survivor.id, child.version + 1
            edit.audit("account", _name(child), "change", {"parent": [_name(loser), _name(survivor)]})
    for column in ("account_id", "tier", "language"):
        if hasattr(loser, column) and getattr(survivor, column) is None:
            setattr(survivor, column, getattr(loser, column))
    loser.merged_into_id, loser.active, loser.version = survivor.id, False, loser.version + 1


async def _addresses(session: AsyncSession, survivor: Contact, loser: Contact) -> None:
    last = await session.scalar(
        select(func.max(ContactAddress.position)).where(ContactAddress.contact_id == survivor.id)
    )
    theirs = select(ContactAddress).where(ContactAddress.contact_id == loser.id).order_by(ContactAddress.position)
    for position, row in enumerate((await session.scalars(theirs)).all(), (last or 0) + 1):
        row.contact_id, row.position = survivor.id, position
    loser.email = f"{loser.id}@{NOBODYS}"


async def _phones(session: AsyncSession, side: _Side, survivor: Any, loser: Any) -> None:
    mine = list(await session.scalars(select(CustomerPhone).where(side.phone == survivor.id)))
    known, last = {each.normal for each in mine}, max((each.position for each in mine), default=-1)
    theirs = select(CustomerPhone).where(side.phone == loser.id).order_by(CustomerPhone.position)
    for row in (await session.scalars(theirs)).all():
        if row.normal in known:
            await session.delete(row)
        else:
            last += 1
            known.add(row.normal)
            setattr(row, side.phone.key, survivor.id)
            row.position = last
    await session.flush()


async def _contracts(edit: Edit, side: _Side, survivor: Any, loser: Any) -> None:
    """They are the survivor's; a customer has one default, and the survivor's own goes first (domain 3.5)."""
    session, old, new = edit.session, _name(loser), _name(survivor)
    has_default = await session.scalar(
        select(func.count()).where(side.entitlement == survivor.id, Entitlement.is_default)
    )
    theirs = side.entitlement == loser.id
    if side is CONTACT:
        # Contracts of their account may list them.
        account = loser.account_id or survivor.account_id
        theirs = or_(theirs, Entitlement.account_id == account) if account is not None else theirs
    for row in await session.scalars(select(Entitlement).where(theirs).order_by(Entitlement.id).with_for_update()):
        changes: dict[str, list[Any]] = {}
        if getattr(row, side.entitlement.key) == loser.id:
            setattr(row, side.entitlement.key, survivor.id)
            changes[side.kind.name] = [old, new]
            if row.is_default and has_default:
                row.is_default = False
                changes["default"] = [True, False]
        named = {loser.slug, str(loser.id)}
        if side is CONTACT and named & set(row.contacts):
            listed = list(dict.fromkeys(new if each in named else each for each in row.contacts))
            changes["contacts"] = [list(row.contacts), listed]
            row.contacts = listed
        if changes:
            row.version += 1
            edit.audit("entitlement", row.slug, "change", changes)


async def _settle(edit: Edit, side: _Side, survivor: Any, losers: Sequence[Any]) -> None:
    """The audit on both sides, and what a search finds."""
    survivor.version += 1
    for loser in losers:
        name = side.kind.name
        edit.audit(name, _name(loser), "merge", {"merged_into": [None, _name(survivor)], "active": [True, False]})
        edit.audit(name, _name(survivor), "merge", {"merged": [None, _name(loser)]})
        forget(edit.session, loser.id)
    await edit.flush(f"{side.kind.name} {_name(survivor)!r}")
    if side is CONTACT:
        body: ContactBody = (await CONTACTS.bodies(edit.session, [survivor]))[0]
        words = " ".join((body.email, *body.addresses, *body.phones))
        keep(edit.session, of_contact(survivor.id, survivor.name, words))


def _quietly(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
