"""Whom a mail would go to, looked at before its command is sent: here a refusal may name an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.answers import customer_addresses
from desk.errors import Conflict, Invalid
from letters.addresses import own_addresses
from models.messages.addresses import canonical_address
from models.messages.cases import CommandKind, ProblemType
from models.messages.said import joined, said
from models.records.cases import Case
from models.records.reference import Mailbox
from storage.repositories.suppressions import suppressed_among


async def refuse_suppressed(session: AsyncSession, case: Case, kind: CommandKind, body: dict[str, Any] | None) -> None:
    """`Invalid` naming a recipient of our own; `Conflict` naming those who are on the suppression list: to accept a mail to
    them would be a lie."""
    given = body or {}
    if kind is not CommandKind.REPLY and not (kind is CommandKind.ATTACH_ARTICLE and given.get("send")):
        return
    to = given.get("to") or (await customer_addresses(session, case))[:1]
    named = list(dict.fromkeys([*to, *given.get("cc", ())]))
    await _refuse_own(session, to, given.get("cc", ()))
    listed = await suppressed_among(session, named)
    if listed:
        found = [address for address in named if address in listed]
        raise Conflict(
            ProblemType.RECIPIENT_SUPPRESSED.value,
            said(
                "on the suppression list, so that no mail is sent there: {found}; a manager lifts it with DELETE"
                " /api/v1/suppressions/{first}",
                found=joined(found),
                first=found[0],
            ),
        )


async def _refuse_own(session: AsyncSession, to: Sequence[str], cc: Sequence[str]) -> None:
    """`Invalid` naming a recipient that is an address of ours: what is sent there comes back, and is filed."""
    own = own_addresses((await session.scalars(select(Mailbox).where(Mailbox.active))).all())
    for field, named in (("to", to), ("cc", cc)):
        for address in named:
            if canonical_address(address) in own:
                raise Invalid(field, said("{address} is an address of this house, and no customer's", address=address))
