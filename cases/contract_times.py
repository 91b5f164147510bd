"""The timed states of contracts (domain 3.2): waiting, active and expired, from midnight to midnight of the organisation."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases import incidents
from cases.attempts import raise_if_it_may_still_be_done
from cases.contract_warnings import warn
from engine.failpoints import failpoint
from letters.composing import Letters
from models.messages.entitlements import EntitlementStatus, KeepInput, Standing
from models.records.base import new_id
from models.records.reference import Audit, Entitlement
from policies.entitlements import next_change, status_at
from storage.definitions import Definitions
from storage.engines import Database
from storage.errors import name_of, place_of

log = structlog.get_logger(__name__)

TIMED = (EntitlementStatus.WAITING, EntitlementStatus.ACTIVE)
"""The states that the dates end by themselves."""
CLOCKS_DIFFER = timedelta(minutes=1)
"""By as much as the machines of one house may disagree."""
TIMER = "timer"
"""The actor of what nobody did by hand."""


class ContractTimes:
    """What `EntitlementWorkflow` has written."""

    def __init__(self, database: Database, definitions: Definitions, letters: Letters) -> None:
        self.database, self.definitions, self.letters = database, definitions, letters

    async def kept(self, given: KeepInput, *, last: bool) -> Standing | None:
        """As `keep`; what cannot be done is set aside as an incident. `last`: of the tries that a fault of ours gets."""
        try:
            return await self.keep(given)
        except Exception as error:  # noqa: BLE001 - each is classed, and raised or set aside
            raise_if_it_may_still_be_done(error, last=last)
            log.error("a contract is set aside", error=name_of(error), at=place_of(error))
            return await self._set_aside(given, error)

    async def _set_aside(self, given: KeepInput, error: Exception) -> Standing | None:
        async with self.database.write() as session:
            row = await session.get(Entitlement, given.entitlement_id, with_for_update=True)
            if row is None:
                return None
            incident = await incidents.note_of_contract(session, row.id, given.now, error)
            row.due_on = None
            return Standing(status=EntitlementStatus(row.status), due=None, incident=incident.id)

    async def keep(self, given: KeepInput) -> Standing | None:
        """Have the contract stand as its dates say at `now`, and give the warnings that are due. Safe to repeat. None: there
        is no such contract.

        A draft and a cancelled contract stay as they are: only people bring them into force.
        """
        async with self.database.write() as session:
            row = await session.get(Entitlement, given.entitlement_id, with_for_update=True)
            if row is None:
                return None
            due, warns = None, False
            if row.status in TIMED:
                organisation = await self.definitions.organisation(session)
                zone = organisation.time_zone
                status = status_at(row.start, row.end, given.now, zone)
                due = next_change(row.start, row.end, given.now, zone)
                if _is_ahead(row, status, due, given.now):
                    status = EntitlementStatus.ACTIVE
                await enter(session, row, status, given.now, TIMER, status.value)
                if status is EntitlementStatus.ACTIVE:
                    warning = await warn(session, self.letters, organisation, row, given.now)
                    warns = warning is not None and (due is None or warning < due)
                    due = warning if warns else due
            row.due_on = due
            await incidents.end_of_contract(session, row.id, given.now)
            failpoint("contract.written")
            standing = Standing(status=EntitlementStatus(row.status), due=due, warns=warns)
        failpoint("contract.committed")
        return standing


def _is_ahead(row: Entitlement, status: EntitlementStatus, due: datetime | None, now: datetime) -> bool:
    """Whether the contract is in force by a clock that is a little ahead of this one: whoever activated it at midnight. It
    does not go back for that moment."""
    return (
        row.status == EntitlementStatus.ACTIVE
        and status is EntitlementStatus.WAITING
        and due is not None
        and due - now <= CLOCKS_DIFFER
    )


async def enter(
    session: AsyncSession, row: Entitlement, status: EntitlementStatus, now: datetime, actor: str, action: str
) -> None:
    """Give an activated contract the state that its dates say, with audit. An active default dethrones the other one."""
    if status != row.status:
        _audit(session, row, now, actor, action, {"status": [row.status, status.value]})
        row.status = status.value
        row.version += 1
    if row.is_default and status is EntitlementStatus.ACTIVE:
        await dethrone_others(session, row, now, actor)
    await session.flush()


async def dethrone_others(session: AsyncSession, row: Entitlement, now: datetime, actor: str) -> None:
    """A customer has one default contract on any day: one that begins after the last day of this one follows it (domain 3.5)."""
    others = select(Entitlement).where(
        of_its_customer(row), Entitlement.is_default, Entitlement.id != row.id, Entitlement.start <= row.end
    )
    for other in await session.scalars(others.with_for_update()):
        other.is_default = False
        other.version += 1
        _audit(session, other, now, actor, "set-default", {"default": [True, False]})


def of_its_customer(row: Entitlement) -> ColumnElement[bool]:
    """Contracts of the same account, or of the same contact without one."""
    return Entitlement.account_id == row.account_id if row.account_id else Entitlement.contact_id == row.contact_id


def _audit(
    session: AsyncSession, row: Entitlement, now: datetime, actor: str, action: str, changes: dict[str, list[object]]
) -> None:
    session.add(
        Audit(id=new_id(), at=now, actor=actor, kind="entitlement", object_id=row.slug, action=action, changes=changes)
    )
