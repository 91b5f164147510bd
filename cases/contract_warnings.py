"""Warnings of contracts given: each once for ever, in the transaction that keeps the contract (domain 3.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.readers import at_address, reading
from letters.composing import Letters
from letters.contract_notices import OF_CONTRACTS
from letters.noticing import Notice, NoticeReader
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.messages.contract_warnings import ContractWarning, WarnedContract
from models.messages.notices import team_of
from models.messages.organisation import OrganisationSettings
from models.messages.reference import Role
from models.messages.said import said
from models.records.base import new_id
from models.records.reference import (
    Account,
    Agent,
    Contact,
    Entitlement,
    EntitlementChannel,
    Team,
    TeamMember,
    WarnedRecord,
)
from policies.contract_warnings import crosses, due_warnings, next_warning


async def warn(
    session: AsyncSession, letters: Letters, organisation: OrganisationSettings, row: Entitlement, now: datetime
) -> datetime | None:
    """Give every warning of a contract in force that is due and was not given; the instant of the next one.

    The caller has locked the row. A letter that nobody can be sent is noted as such: nothing is tried for ever.
    """
    if not row.warnings:
        return None
    lines = await session.scalars(select(EntitlementChannel).where(EntitlementChannel.entitlement_id == row.id))
    contract = warned_contract(row, lines)
    due = list(due_warnings(contract, now, organisation.time_zone))
    given = set(await session.scalars(select(WarnedRecord.key).where(WarnedRecord.entitlement_id == row.id)))
    for each in due:
        if each.key not in given:
            given.add(each.key)
            id = new_id()
            notice = await _notice(session, organisation, row, contract.warnings[each.position], id)
            told, unsent = await _send(session, letters, row, contract.warnings[each.position].to, notice, now)
            session.add(WarnedRecord(id=id, entitlement_id=row.id, key=each.key, at=now, told=told, unsent=unsent))
    return next_warning(contract, now, organisation.time_zone)


def warned_contract(row: Entitlement, lines: Iterable[EntitlementChannel]) -> WarnedContract:
    return WarnedContract(
        start=row.start,
        end=row.end,
        total_terms=row.total_terms,
        remaining_terms=row.remaining_terms,
        channels={line.origin: (line.total_terms, line.remaining_terms) for line in lines},
        warnings=tuple(map(ContractWarning.model_validate, row.warnings)),
    )


def stir(row: Entitlement, line: EntitlementChannel | None, before: Decimal, line_before: Decimal | None) -> None:
    """Have the contract's run look at it, if this movement has brought a balance to a threshold: its row says that nobody
    has looked at it since, and housekeeping tells the run."""
    for warning in map(ContractWarning.model_validate, row.warnings):
        if warning.origin is None:
            reached = crosses(warning, row.total_terms, before, row.remaining_terms)
        elif line is not None and line_before is not None and warning.origin == line.origin:
            reached = crosses(warning, line.total_terms, line_before, line.remaining_terms)
        else:
            reached = False
        if reached:
            row.due_on = None


async def _notice(
    session: AsyncSession, organisation: OrganisationSettings, row: Entitlement, warning: ContractWarning, id: UUID
) -> Notice:
    total, remaining = row.total_terms, row.remaining_terms
    if warning.origin is not None:
        line = select(EntitlementChannel).where(
            EntitlementChannel.entitlement_id == row.id, EntitlementChannel.origin == warning.origin
        )
        of_line = (await session.scalars(line)).one()
        total, remaining = of_line.total_terms, of_line.remaining_terms
    owner = await session.get(Agent, row.owner_id) if row.owner_id else None
    facts: dict[str, dict[str, str | datetime]] = {
        "contract": {
            "name": row.name,
            "slug": row.slug,
            "customer": await customer_name(session, row),
            "channel": warning.origin or "",
            "remaining": _plain(remaining),
            "total": _plain(total),
            "days": str(warning.days_left or ""),
            "end": row.end.isoformat(),
        },
        "owner": {"name": owner.name if owner else ""},
        "organisation": {"name": organisation.name},
    }
    return Notice(f"notice/contract/{id}", warning.template, OF_CONTRACTS, facts)


async def _send(
    session: AsyncSession, letters: Letters, row: Entitlement, to: str, notice: Notice, now: datetime
) -> tuple[int, str | None]:
    """How many were written to, and why not all were, if so."""
    told = 0
    try:
        for reader in await readers_of(session, row, to):
            each = replace(notice, key=f"{notice.key}/{told}")
            await letters.notice_of_no_case(session, each, reader, None, now)
            told += 1
    except (NoMailbox, CannotRender) as error:
        return told, str(error)
    return told, None if told else said("nobody to tell")


async def customer_name(session: AsyncSession, row: Entitlement) -> str:
    table, id = (Account, row.account_id) if row.account_id else (Contact, row.contact_id)
    return await session.scalar(select(table.name).where(table.id == id)) or ""


async def readers_of(session: AsyncSession, row: Entitlement, to: str) -> Sequence[NoticeReader]:
    """The people that a reader of `ContractReader` stands for, none that have left."""
    everybody = select(Agent).where(Agent.active).order_by(Agent.email)
    if (team := team_of(to)) is not None:
        of_team = select(TeamMember.agent_id).join(Team, Team.id == TeamMember.team_id).where(Team.slug == team)
        return await reading(session, await session.scalars(everybody.where(Agent.id.in_(of_team))))
    if to not in ("owner", "manager"):
        return [await at_address(session, to)]
    found = list(await session.scalars(everybody))
    owners = [agent for agent in found if agent.id == row.owner_id and to == "owner"]
    return await reading(session, owners or [agent for agent in found if Role.MANAGER in agent.roles])


def _plain(terms: Decimal) -> str:
    return f"{terms.normalize() + Decimal(0):f}"
