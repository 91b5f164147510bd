"""What a contract's page shows beside its books: its open cases by the reader's sight, and the contracts around it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.contract_times import of_its_customer
from desk.queries.visibility import Sight
from desk.reference.entitlements import ENTITLEMENTS, VERBS
from desk.reference.records import Item
from models.messages.cases import CaseStatus
from models.messages.entitlements import DecreaseOn, EntitlementDefinition, EntitlementStatus
from models.records.cases import Case
from models.records.promises import LedgerEntry
from models.records.reference import Entitlement

MOST_CASES = 100


@dataclass(frozen=True, slots=True)
class OpenCase:
    """`taken`: the terms of the contract that the case holds now."""

    number: str
    title: str
    origin: str
    taken: Decimal


@dataclass(frozen=True, slots=True)
class ContractPage:
    """`successors`: drafts and contracts that renew it; `others`: what else its customer has in force."""

    item: Item[EntitlementDefinition]
    status: EntitlementStatus
    verbs: tuple[str, ...]
    cases: tuple[OpenCase, ...]
    further: bool
    successors: tuple[str, ...]
    others: tuple[Item[EntitlementDefinition], ...]


async def contract_page(session: AsyncSession, row: Entitlement, sight: Sight) -> ContractPage:
    item = (await ENTITLEMENTS.items(session, [row]))[0]
    cases = await _cases(session, row.id, sight)
    following = select(Entitlement.slug).where(Entitlement.predecessor_id == row.id).order_by(Entitlement.id)
    others = select(Entitlement).where(
        of_its_customer(row), Entitlement.id != row.id, Entitlement.status == EntitlementStatus.ACTIVE
    )
    status = EntitlementStatus(row.status)
    return ContractPage(
        item=item,
        status=status,
        verbs=VERBS[status],
        cases=tuple(cases[:MOST_CASES]),
        further=len(cases) > MOST_CASES,
        successors=tuple(await session.scalars(following.limit(20))),
        others=tuple(
            await ENTITLEMENTS.items(session, list(await session.scalars(others.order_by(Entitlement.slug).limit(50))))
        ),
    )


async def _cases(session: AsyncSession, entitlement: UUID, sight: Sight) -> list[OpenCase]:
    held = (
        select(func.sum(LedgerEntry.terms))
        .where(LedgerEntry.case_id == Case.id, LedgerEntry.entitlement_id == entitlement)
        .scalar_subquery()
    )
    wanted = select(Case.number, Case.title, Case.origin, held.label("moved")).where(
        Case.entitlement_id == entitlement, Case.status.in_((CaseStatus.ACTIVE, CaseStatus.OPENING)), sight.cases()
    )
    rows = await session.execute(wanted.order_by(Case.id).limit(MOST_CASES + 1))
    return [OpenCase(each.number, each.title, each.origin, -(each.moved or Decimal(0))) for each in rows]


def exchanged(old: Item[Any], new: Item[Any], cases: tuple[OpenCase, ...]) -> tuple[Decimal, Decimal]:
    """What both contracts would have left if these cases counted on the new one (domain 3.4)."""
    back = sum((each.taken for each in cases), Decimal(0))
    at_once = new.body.decrease_on is DecreaseOn.CREATION
    before = Decimal(str(old.facts["remaining_terms"])), Decimal(str(new.facts["remaining_terms"]))
    return before[0] + back, before[1] - (len(cases) if at_once else 0)
