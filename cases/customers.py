"""Customers who have gone up in others, and the cases that still name them (domain 9.2)."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.cases import CaseStatus
from models.messages.operations import ItemState
from models.records.cases import Case
from models.records.operations import BulkItem, BulkOperation
from models.records.reference import Account, Contact
from storage.kept import named

R = TypeVar("R", Account, Contact)


async def survivor(session: AsyncSession, record: type[R], id: UUID | None) -> R | None:
    """The record itself, or whom it has gone up in; None: there is none."""
    row = await named(session, record, id)
    while row is not None and row.merged_into_id is not None:
        row = await named(session, record, row.merged_into_id)
    return row


async def add_left_behind(session: AsyncSession, operation_id: UUID, most: int) -> list[BulkItem]:
    """Cases that the merge has not reached, as part of its operation: they were opened while it was asked for.

    One that is opening now follows its customer by itself.
    """
    operation = await session.get_one(BulkOperation, operation_id)
    reached = select(BulkItem.case_id).where(BulkItem.operation_id == operation_id)
    found = await session.execute(
        select(Case.id, Case.number)
        .where(of_merged(operation.target_id), Case.status != CaseStatus.OPENING, Case.id.not_in(reached))
        .order_by(Case.id)
        .limit(most)
    )
    last = await session.scalar(select(func.max(BulkItem.position)).where(BulkItem.operation_id == operation_id))
    begin = -1 if last is None else last
    items = [
        BulkItem(
            operation_id=operation_id,
            position=position,
            number=number,
            case_id=id,
            state=ItemState.PENDING.value,
            result=None,
        )
        for position, (id, number) in enumerate(found, begin + 1)
    ]
    session.add_all(items)
    if items:
        await session.execute(
            update(BulkOperation)
            .where(BulkOperation.id == operation_id)
            .values(total=BulkOperation.total + len(items))
            .execution_options(synchronize_session=False)
        )
    return items


def of_merged(id: UUID | None) -> Any:
    """The condition that a case names somebody who has gone up in this account or contact."""
    accounts = select(Account.id).where(Account.merged_into_id == id)
    contacts = select(Contact.id).where(Contact.merged_into_id == id)
    return or_(Case.account_id.in_(accounts), Case.contact_id.in_(contacts))
