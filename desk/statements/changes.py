"""What was agreed of a contract, and when: its terms on its first day, and each change of them since, as its audit tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.reference import Audit, Entitlement, EntitlementChannel

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Agreed:
    """Terms that came or went at an instant, of the whole and by origin."""

    at: datetime
    terms: Decimal
    lines: dict[str, Decimal]
    by: str | None = None
    """Who agreed to it last, where it is known."""


async def agreed(
    session: AsyncSession, row: Entitlement, lines: Iterable[EntitlementChannel], begins: datetime
) -> list[Agreed]:
    """In their order; they add up to the totals of today. What was agreed before the contract `begins` counts from then."""
    audit = select(Audit).where(Audit.kind == "entitlement", Audit.object_id == row.slug).order_by(Audit.at, Audit.id)
    found: dict[datetime, Agreed] = {}
    for each in await session.scalars(audit):
        terms, by_origin = _of(each.changes)
        if terms or by_origin:
            at = max(each.at, begins)
            before = found.get(at, Agreed(at, ZERO, {}))
            found[at] = Agreed(at, before.terms + terms, _sum(before.lines, by_origin), each.actor)
    # What no audit tells, such as of a contract that is older than it, was there from the beginning.
    told = sum((each.terms for each in found.values()), ZERO)
    told_lines: dict[str, Decimal] = {}
    for change in found.values():
        told_lines = _sum(told_lines, change.lines)
    now = {line.origin: line.total_terms for line in lines}
    missing = _sum(now, {origin: -terms for origin, terms in told_lines.items()})
    if told != row.total_terms or any(missing.values()):
        first = min(found, default=begins)
        before = found.get(first, Agreed(first, ZERO, {}))
        found[first] = Agreed(first, before.terms + row.total_terms - told, _sum(before.lines, missing), before.by)
    return [found[at] for at in sorted(found)]


def _of(changes: dict[str, Any]) -> tuple[Decimal, dict[str, Decimal]]:
    """What one entry of the audit has changed of the terms."""
    old, new = changes.get("total_terms", (0, 0))
    before, after = (dict(_channels(side)) for side in changes.get("channels", ((), ())))
    by_origin = _sum(after, {origin: -terms for origin, terms in before.items()})
    return _number(new) - _number(old), {origin: terms for origin, terms in by_origin.items() if terms}


def _channels(listed: Any) -> Iterator[tuple[str, Decimal]]:
    for each in listed or ():
        yield each["origin"], _number(each["total_terms"])


def _number(value: Any) -> Decimal:
    return ZERO if value is None else Decimal(str(value))


def _sum(one: dict[str, Decimal], other: dict[str, Decimal]) -> dict[str, Decimal]:
    return {origin: one.get(origin, ZERO) + other.get(origin, ZERO) for origin in dict.fromkeys([*one, *other])}
