"""Open activities of an agent who is to be switched off: whoever takes the cases over gets them too, and is reminded of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from desk import activities
from desk.commands import CaseDesk
from desk.errors import DeskError
from desk.identity import Identity
from desk.reference.records import Edit
from models.messages.api_activities import ChangeActivityBody
from models.messages.cases import CommandKind
from models.records.cases import Case
from models.records.reference import Agent
from models.records.timeline import Activity
from policies.activities import OPEN
from storage.definitions import Definitions
from storage.engines import Database

log = structlog.get_logger(__name__)


async def hand_over_activities(
    database: Database, desk: CaseDesk, identity: Identity, leaver: UUID, heir: UUID, now: datetime
) -> None:
    """Those of a case by commands to it, the others by the desk. What the caller may not write, because its type is for other
    roles, stays with who leaves: the list of open activities names it, and nobody is kept from leaving by it."""
    async with database.read() as session:
        owner = (await session.get_one(Agent, heir)).slug
        theirs = await session.execute(
            select(Activity.id, Activity.version, Case.number)
            .outerjoin(Case, Case.id == Activity.case_id)
            .where(Activity.owner_id == leaver, Activity.status == OPEN)
            .order_by(Activity.id)
        )
        found: list[tuple[UUID, int, str | None]] = [(id, version, number) for id, version, number in theirs]
    body = ChangeActivityBody(owner=owner)
    for id, version, number in found:
        try:
            if number is not None:
                key = f"leaving/{heir}/{id}/{version}"
                await desk.command(identity, number, CommandKind.CHANGE_ACTIVITY, body, key=key, target_id=id)
                continue
            async with database.write() as session:
                organisation = await Definitions().organisation(session)
                await activities.change(Edit(session, identity.slug, now), identity, organisation, id, body, None)
        except DeskError as error:
            log.warning("activity not handed over", id=str(id), error=type(error).__name__)
