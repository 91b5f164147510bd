"""Taking out of use what a file no longer lists."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.organisation.states import PLAIN, states
from desk.reference import definitions
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.records import Edit
from models.messages.entitlements import EntitlementStatus
from models.messages.said import joined, said, word
from models.records.reference import Entitlement
from storage.definitions import DefinitionKind

RETIRABLE: tuple[str, ...] = (
    *PLAIN,
    ENTITLEMENTS.name,
    *(kind.value for kind in DefinitionKind if kind is not DefinitionKind.ORGANISATION),
)


async def ended(session: AsyncSession, slugs: Iterable[str]) -> set[str]:
    """Those of these contracts that are over: cancelled, or past their last day. Nothing is left to retire of them."""
    over = Entitlement.status.in_([EntitlementStatus.CANCELLED.value, EntitlementStatus.EXPIRED.value])
    return set(await session.scalars(select(Entitlement.slug).where(Entitlement.slug.in_(list(slugs)), over)))


async def retire(edit: Edit, kind: str, slug: str) -> bool:
    """Deactivate it, or cancel a contract; False if it is out of use already. What still needs it refuses, and says what.

    Raises `DeskError`.
    """
    if kind not in RETIRABLE:
        raise Invalid(
            "kind",
            said("{kind!r} cannot be retired; one of: {retirable}", kind=word(kind), retirable=joined(RETIRABLE)),
        )
    if kind == ENTITLEMENTS.name and slug in await ended(edit.session, [slug]):
        return False
    before = await states(edit.session, [(kind, slug)])
    if kind in PLAIN:
        await PLAIN[kind].deactivate(edit, slug)
    elif kind == ENTITLEMENTS.name:
        await ENTITLEMENTS.cancel(edit, slug)
    else:
        await definitions.deactivate(edit, DefinitionKind(kind), slug)
    return await states(edit.session, [(kind, slug)]) != before or kind == ENTITLEMENTS.name
