"""Contracts of a desk under test: made, changed as the API would change them, and their runs moved through time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.records import Edit, Item
from engine.contracts import ContractTeller
from models.messages.entitlements import EntitlementDefinition
from models.messages.names import entitlement_workflow_id
from models.records.reference import Audit, Entitlement
from tests.support.desks import Desk
from tests.support.timed_runs import TimedRuns
from tests.support.waiting import until
from workflows.entitlement import EntitlementWorkflow

Change = Callable[[Edit], Awaitable[Item[Any]]]


class Contracts(TimedRuns):
    """What tests do with the contracts of a desk. `now` is what the desk's clock shows to whoever changes one."""

    table, workflow = Entitlement, EntitlementWorkflow
    id_of = staticmethod(entitlement_workflow_id)

    def __init__(self, desk: Desk, now: datetime) -> None:
        super().__init__(desk)
        self.now = now

    async def make(self, slug: str, start: str, end: str, *, active: bool = True, **fields: Any) -> UUID:
        given = {"slug": slug, "name": slug, "account": "aurora", "total_terms": 5, "start": start, "end": end}
        body = EntitlementDefinition.model_validate(given | fields)
        item = await self.change(lambda edit: ENTITLEMENTS.create(edit, body))
        if active:
            await self.activate(slug)
        return item.id

    async def activate(self, slug: str) -> Item[Any]:
        return await self.change(lambda edit: ENTITLEMENTS.activate(edit, slug), tell=True)

    async def deactivate(self, slug: str) -> Item[Any]:
        return await self.change(lambda edit: ENTITLEMENTS.deactivate(edit, slug), tell=True)

    async def change(self, change: Change, *, tell: bool = False) -> Item[Any]:
        """`tell`: as the API does after the commit."""
        async with self.desk.house.database.write() as session:
            item = await change(Edit(session, "mona", self.now))
        if tell:
            await ContractTeller(self.desk.house.client).tell(item.id, item.body.slug)
        return item

    async def row(self, slug: str) -> Entitlement:
        async with self.desk.house.database.read() as session:
            return (await session.scalars(select(Entitlement).where(Entitlement.slug == slug))).one()

    async def audited(self, slug: str) -> list[tuple[str, str]]:
        async with self.desk.house.database.read() as session:
            rows = select(Audit).where(Audit.kind == "entitlement", Audit.object_id == slug).order_by(Audit.id)
            return [(row.actor, row.action) for row in await session.scalars(rows)]

    async def stands(self, slug: str, status: str, *, timed: bool = True) -> Entitlement:
        """Once its run has looked at it."""

        async def so() -> bool:
            row = await self.row(slug)
            return row.status == status and (row.due_on is not None) == timed

        await until(so)
        row = await self.row(slug)
        await self.settled(row.id)
        return row
