"""Entitlements: contracts with a life cycle (domain 3.2), and the books that their balances must agree with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.contract_times import dethrone_others, enter
from desk import audit
from desk.errors import Conflict, Invalid
from desk.reference.bodies import as_stored, plain
from desk.reference.contract_bodies import check_contract, check_default, exact
from desk.reference.ledger import ledger_sums
from desk.reference.records import Edit, Item, Kind
from desk.reference.references import slugs_of
from models.messages.contract_warnings import ContractWarning
from models.messages.entitlements import (
    Allocation,
    ChannelTerms,
    DecreaseOn,
    EntitlementDefinition,
    EntitlementStatus,
)
from models.messages.said import said, word
from models.messages.storable import LATEST, day_fault
from models.messages.terms import as_number
from models.records.base import new_id
from models.records.reference import Entitlement, EntitlementChannel
from policies import zones
from policies.entitlements import renewal_dates, status_at
from storage.definitions import Definitions

DRAFT, WAITING, ACTIVE = EntitlementStatus.DRAFT, EntitlementStatus.WAITING, EntitlementStatus.ACTIVE
EXPIRED, CANCELLED = EntitlementStatus.EXPIRED, EntitlementStatus.CANCELLED

BEYOND = said("as long as the old one, it would end after the year {latest}", latest=LATEST)

VERBS: dict[EntitlementStatus, tuple[str, ...]] = {
    DRAFT: ("change", "activate"),
    WAITING: ("deactivate", "cancel", "extend"),
    ACTIVE: ("deactivate", "cancel", "extend", "set-default"),
    EXPIRED: ("renew",),
    CANCELLED: ("renew",),
}
"""What each state allows (domain 3.2)."""


async def local_day(session: AsyncSession, now: datetime) -> date:
    """The organisation's date: contracts begin and end at its midnight."""
    organisation = await Definitions().organisation(session)
    return zones.local_day(now, organisation.time_zone)


def expect(row: Entitlement, verb: str, *expected: EntitlementStatus) -> None:
    """`Conflict` `entitlement-state` unless the contract is in one of these states."""
    status = EntitlementStatus(row.status)
    if status not in expected:
        raise Conflict(
            "entitlement-state",
            said(
                "the entitlement {slug!r} is {status}, and takes no {verb!r} now",
                slug=row.slug,
                status=word(status.value),
                verb=verb,
            ),
            allowed=VERBS[status],
        )


class Entitlements(Kind[EntitlementDefinition]):
    name = "entitlement"
    body = EntitlementDefinition

    async def bodies(self, session: AsyncSession, rows: Sequence[Entitlement]) -> list[EntitlementDefinition]:
        accounts = await slugs_of(session, "account", [row.account_id for row in rows])
        contacts = await slugs_of(session, "contact", [row.contact_id for row in rows])
        owners = await slugs_of(session, "agent", [row.owner_id for row in rows])
        channels = await self._channels(session, rows)
        return [
            as_stored(
                EntitlementDefinition,
                slug=row.slug,
                name=row.name,
                description=row.description,
                owner=owners[row.owner_id],
                account=accounts[row.account_id],
                contact=contacts[row.contact_id],
                start=row.start,
                end=row.end,
                restricted=row.restricted,
                allocation=Allocation(row.allocation),
                decrease_on=DecreaseOn(row.decrease_on),
                total_terms=row.total_terms,
                sla=row.sla,
                tier=row.tier,
                channels=tuple(
                    as_stored(ChannelTerms, origin=c.origin, total_terms=c.total_terms) for c in channels[row.id]
                ),
                products=tuple(row.products),
                contacts=tuple(row.contacts),
                warnings=tuple(map(ContractWarning.model_validate, row.warnings)),
                default=row.is_default,
            )
            for row in rows
        ]

    async def columns(self, edit: Edit, body: EntitlementDefinition) -> dict[str, Any]:
        return {
            **body.model_dump(
                include={"slug", "name", "description", "start", "end", "restricted", "total_terms", "sla", "tier"},
            ),
            "account_id": await edit.names.require("account", body.account, "account"),
            "contact_id": await edit.names.require("contact", body.contact, "contact"),
            "owner_id": await edit.names.require("agent", body.owner, "owner"),
            "allocation": body.allocation.value,
            "decrease_on": body.decrease_on.value,
            "products": list(body.products),
            "contacts": list(body.contacts),
            "warnings": [warning.model_dump(mode="json") for warning in body.warnings],
            "is_default": body.default,
        }

    async def create(
        self, edit: Edit, body: EntitlementDefinition, template: str | None = None, *, at_once: bool = False
    ) -> Item[EntitlementDefinition]:
        """A draft, with all its terms. `template`: what it was copied from, for the record. `at_once`: it is activated in
        the same step, so that a default takes the place of the other one then."""
        item = await self._draft(edit, body, None, template)
        if not at_once:
            await check_default(edit.session, await edit.session.get_one(Entitlement, item.id))
        return item

    async def _draft(
        self, edit: Edit, body: EntitlementDefinition, predecessor: UUID | None, template: str | None
    ) -> Item[EntitlementDefinition]:
        body = exact(body)
        await self._check(edit, body, None)
        row = Entitlement(
            id=new_id(),
            status=DRAFT,
            version=1,
            remaining_terms=body.total_terms,
            predecessor_id=predecessor,
            template=template,
            **await self.columns(edit, body),
        )
        edit.session.add(row)
        await edit.flush(f"entitlement {body.slug!r}")
        await self.relate(edit, row, body)
        await edit.flush(f"entitlement {body.slug!r}")
        self._audit(edit, row, "create", audit.difference({}, plain(body)))
        return (await self.items(edit.session, [row]))[0]

    async def relate(self, edit: Edit, row: Entitlement, body: EntitlementDefinition) -> None:
        """Channel lines, and balances: whatever the ledger has taken stays taken when totals change."""
        taken = await ledger_sums(edit.session, row.id)
        row.remaining_terms = body.total_terms + sum(taken.values(), Decimal(0))
        await edit.session.execute(delete(EntitlementChannel).where(EntitlementChannel.entitlement_id == row.id))
        for channel in body.channels:
            edit.session.add(
                EntitlementChannel(
                    id=new_id(),
                    entitlement_id=row.id,
                    origin=channel.origin,
                    total_terms=channel.total_terms,
                    remaining_terms=channel.total_terms + taken.get(channel.origin, Decimal(0)),
                )
            )

    async def check(self, edit: Edit, body: EntitlementDefinition, row: Entitlement | None) -> None:
        await check_contract(edit, body)

    async def change(
        self, edit: Edit, key: str, patch: Mapping[str, Any], if_match: str | None
    ) -> Item[EntitlementDefinition]:
        row = await self.row(edit.session, key, lock=True)
        body = (await self.bodies(edit.session, [row]))[0]
        if any(name not in plain(body) or plain(body)[name] != value for name, value in patch.items()):
            expect(row, "change", DRAFT)
        item = await super().change(edit, key, patch, if_match)
        await check_default(edit.session, row)
        return item

    async def replace(
        self, edit: Edit, row: Entitlement, old: EntitlementDefinition, new: EntitlementDefinition
    ) -> audit.Changes:
        return await super().replace(edit, row, old, exact(new))

    def is_active(self, row: Entitlement) -> bool:
        return row.status == ACTIVE

    async def facts(self, session: AsyncSession, rows: Sequence[Entitlement]) -> list[Mapping[str, Any]]:
        channels = await self._channels(session, rows)
        before = await slugs_of(session, "entitlement", [row.predecessor_id for row in rows])
        return [
            {
                "status": row.status,
                "total_terms": as_number(row.total_terms),
                "remaining_terms": as_number(row.remaining_terms),
                "channels": [
                    {
                        "origin": channel.origin,
                        "total_terms": as_number(channel.total_terms),
                        "remaining_terms": as_number(channel.remaining_terms),
                    }
                    for channel in channels[row.id]
                ],
                "predecessor": before[row.predecessor_id],
                "template": row.template,
            }
            for row in rows
        ]

    # ---- the life cycle ----------------------------------------------------------------------------------------------

    async def activate(self, edit: Edit, key: str) -> Item[EntitlementDefinition]:
        row = await self.row(edit.session, key, lock=True)
        expect(row, "activate", DRAFT)
        body = (await self.bodies(edit.session, [row]))[0]
        await edit.names.check(body)
        await edit.check_words(body)
        await self._settle(edit, row, "activate")
        return (await self.items(edit.session, [row]))[0]

    async def deactivate(self, edit: Edit, key: str) -> Item[EntitlementDefinition]:
        """Back to draft, to be edited."""
        return await self._become(edit, key, "deactivate", DRAFT, WAITING, ACTIVE)

    async def cancel(self, edit: Edit, key: str) -> Item[EntitlementDefinition]:
        return await self._become(edit, key, "cancel", CANCELLED, WAITING, ACTIVE)

    async def renew(self, edit: Edit, key: str) -> Item[EntitlementDefinition]:
        """A new draft from today, as long as the old contract, all terms open again; the old one stays as it is."""
        row = await self.row(edit.session, key, lock=True)
        expect(row, "renew", EXPIRED, CANCELLED)
        old = (await self.bodies(edit.session, [row]))[0]
        try:
            start, end = renewal_dates(old.start, old.end, await local_day(edit.session, edit.now))
        except OverflowError:
            raise Invalid("end", BEYOND) from None
        if day_fault(end) is not None:
            raise Invalid("end", BEYOND)
        slug = await self._free_slug(edit, old.slug)
        # An owner who has left is nobody's to copy: managers look after it until it has another one.
        owner = None if old.owner is None or await edit.names.find("agent", old.owner) is None else old.owner
        copied = {"slug": slug, "start": start, "end": end, "default": False, "owner": owner}
        return await self._draft(edit, old.model_copy(update=copied), row.id, row.template)

    async def set_default(self, edit: Edit, key: str) -> Item[EntitlementDefinition]:
        """The one that new cases of this customer get (domain 3.5)."""
        row = await self.row(edit.session, key, lock=True)
        expect(row, "set-default", ACTIVE)
        await dethrone_others(edit.session, row, edit.now, edit.actor)
        if not row.is_default:
            row.is_default = True
            row.version += 1
            self._audit(edit, row, "set-default", {"default": [False, True]})
        await edit.flush(f"entitlement {row.slug!r}")
        return (await self.items(edit.session, [row]))[0]

    async def put(self, edit: Edit, row: Entitlement, new: EntitlementDefinition) -> audit.Changes:
        """Give a contract in force other terms at once: deactivated, changed and activated in one step.

        What the ledger has taken stays taken. A cancelled contract stays cancelled.
        """
        changes = await self.replace(edit, row, (await self.bodies(edit.session, [row]))[0], new)
        if row.status == DRAFT or (changes and row.status != CANCELLED):
            await self._settle(edit, row, "activate")
        return changes

    async def _settle(self, edit: Edit, row: Entitlement, action: str) -> None:
        zone = (await Definitions().organisation(edit.session)).time_zone
        status = status_at(row.start, row.end, edit.now, zone)
        if status is WAITING:
            await check_default(edit.session, row)
        await enter(edit.session, row, status, edit.now, edit.actor, action)
        row.due_on = None  # until its run has looked at it again

    async def _become(
        self, edit: Edit, key: str, verb: str, status: EntitlementStatus, *expected: EntitlementStatus
    ) -> Item[EntitlementDefinition]:
        row = await self.row(edit.session, key, lock=True)
        expect(row, verb, *expected)
        self._audit(edit, row, verb, {"status": [row.status, status.value]})
        row.status = status.value
        row.due_on = None
        row.version += 1
        await edit.flush(f"entitlement {row.slug!r}")
        return (await self.items(edit.session, [row]))[0]

    async def _free_slug(self, edit: Edit, slug: str) -> str:
        stem, _, number = slug.rpartition("-")
        stem, following = (stem, int(number) + 1) if stem and number.isdecimal() else (slug, 2)
        while True:
            candidate = f"{stem[: 62 - len(str(following))]}-{following}"
            if await edit.session.scalar(select(Entitlement.id).where(Entitlement.slug == candidate)) is None:
                return candidate
            following += 1

    async def _channels(
        self, session: AsyncSession, rows: Sequence[Entitlement]
    ) -> dict[UUID, list[EntitlementChannel]]:
        found: dict[UUID, list[EntitlementChannel]] = {row.id: [] for row in rows}
        wanted = select(EntitlementChannel).where(EntitlementChannel.entitlement_id.in_(found))
        for channel in await session.scalars(wanted.order_by(EntitlementChannel.id)):
            found[channel.entitlement_id].append(channel)
        return found


ENTITLEMENTS = Entitlements()
