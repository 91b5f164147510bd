"""Entitlements of a customer as the facts that policies decide on, and the locks that a movement of terms takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, cast, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.entitlements import ChannelBalance, CoveredCase, EntitlementFacts
from models.records.commands import Incident
from models.records.reference import Contact, Entitlement, EntitlementChannel, Product
from storage.kept import keep, named

TIMED = text("entitlement.status IN ('waiting', 'active')")
"""In the words of the partial index, so that it serves."""

READ = "contracts read"
"""Where a session keeps the rows of `candidates`."""

# Built once: every opening asks it. An owner that there is not is NULL, and equals none.
_THEIRS = (
    select(Entitlement, EntitlementChannel)
    .outerjoin(EntitlementChannel, EntitlementChannel.entitlement_id == Entitlement.id)
    .where(
        or_(
            Entitlement.account_id == bindparam("account", type_=Uuid()),
            Entitlement.account_id == bindparam("parent", type_=Uuid()),
            Entitlement.contact_id == bindparam("contact", type_=Uuid()),
        )
    )
    .order_by(Entitlement.slug, EntitlementChannel.id)
)


async def covered_case(
    session: AsyncSession,
    *,
    account_id: UUID | None,
    contact_id: UUID | None,
    origin: str,
    product: str | None,
    decrement: bool = True,
) -> CoveredCase:
    """What asks for an entitlement: a case, or one that is to be."""
    contact = await named(session, Contact, contact_id)
    return CoveredCase(
        account_id=account_id,
        contact_id=contact_id,
        contact=contact.slug if contact else None,
        parent_account_id=contact.account_id if contact and account_id is None else None,
        origin=origin,
        product=product,
        families=await _families(session, product),
        decrement=decrement,
    )


async def _families(session: AsyncSession, product: str | None) -> frozenset[str]:
    """Those that a product lies in, however deep."""
    found: set[str] = set()
    while product is not None:
        product = await session.scalar(select(Product.family).where(Product.slug == product))
        if product is None or product in found:
            break
        found.add(product)
    return frozenset(found)


async def candidates(session: AsyncSession, case: CoveredCase) -> list[EntitlementFacts]:
    """Every entitlement of the customer, whatever its state."""
    owners = {"account": case.account_id, "parent": case.parent_account_id, "contact": case.contact_id}
    if not any(owners.values()):
        return []
    found: dict[UUID, tuple[Entitlement, list[EntitlementChannel]]] = {}
    for row, line in await session.execute(_THEIRS, owners):
        keep(session, row)
        lines = found.setdefault(row.id, (row, []))[1]
        if line is not None:
            lines.append(line)
    session.info.setdefault(READ, {}).update(found)
    return [facts(row, lines) for row, lines in found.values()]


async def locked(session: AsyncSession, id: UUID) -> tuple[Entitlement, Sequence[EntitlementChannel]]:
    """The entitlement's row, then its channel lines in id order, locked: every movement takes them in this order.

    SQLite ignores FOR UPDATE: there the whole transaction holds the one writer's lock, and what it has read stands.
    """
    known: tuple[Entitlement, Sequence[EntitlementChannel]] | None = session.info.get(READ, {}).get(id)
    if known is not None and session.get_bind().dialect.name == "sqlite":
        return known
    row = await session.scalar(
        select(Entitlement).where(Entitlement.id == id).with_for_update().execution_options(populate_existing=True)
    )
    if row is None:
        raise LookupError(f"entitlement {id} has no row")
    lines = await session.scalars(
        select(EntitlementChannel)
        .where(EntitlementChannel.entitlement_id == id)
        .order_by(EntitlementChannel.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return row, list(lines)


async def unkept_contracts(session: AsyncSession, missed: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Id and slug of contracts in force, or waiting to be, that no run of theirs knows, or whose run should have done
    something before `missed`; the oldest first. One that is set aside waits for somebody."""
    aside = exists().where(Incident.entitlement_id == Entitlement.id, Incident.state != "done")
    rows = await session.execute(
        select(Entitlement.id, Entitlement.slug)
        .where(TIMED, or_(Entitlement.due_on.is_(None), Entitlement.due_on < missed), ~aside)
        .order_by(Entitlement.id)
        .limit(limit)
    )
    return [(id, slug) for id, slug in rows]


async def warning_contracts(session: AsyncSession) -> list[tuple[str, list[dict[str, Any]]]]:
    """Slug and warnings of contracts in force, or waiting to be, that have some."""
    rows = await session.execute(
        select(Entitlement.slug, Entitlement.warnings)
        .where(TIMED, cast(Entitlement.warnings, String) != "[]")
        .order_by(Entitlement.slug)
    )
    return [(slug, warnings) for slug, warnings in rows]


def facts(row: Entitlement, lines: Iterable[EntitlementChannel]) -> EntitlementFacts:
    return EntitlementFacts.model_validate(
        {
            "id": row.id,
            "slug": row.slug,
            "status": row.status,
            "start": row.start,
            "end": row.end,
            "account_id": row.account_id,
            "contact_id": row.contact_id,
            "restricted": row.restricted,
            "allocation": row.allocation,
            "decrease_on": row.decrease_on,
            "remaining_terms": row.remaining_terms,
            "channels": [
                ChannelBalance(origin=o.origin, total_terms=o.total_terms, remaining_terms=o.remaining_terms)
                for o in lines
            ],
            "products": row.products,
            "contacts": row.contacts,
            "default": row.is_default,
        }
    )
