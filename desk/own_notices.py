"""What an agent wants to be told of, and how (domain 11.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.records import Edit
from models.messages.notices import USUAL_NOTICES, MyNotices, NoticeChoice, NoticeChoices, NoticeWay, WorkEvent
from models.messages.organisation import OrganisationSettings
from models.records.notices import NoticeChoiceRow, NoticeLine
from storage.definitions import Definitions


async def my_notices(session: AsyncSession, definitions: Definitions, agent_id: UUID) -> MyNotices:
    """All kinds as they are now."""
    organisation = await definitions.organisation(session)
    chosen = await _chosen(session, agent_id)
    waiting = select(func.count()).select_from(NoticeLine).where(NoticeLine.agent_id == agent_id)
    return MyNotices(
        notices=tuple(_choice(organisation, kind, chosen.get(kind)) for kind in WorkEvent),
        waiting=await session.scalar(waiting) or 0,
    )


async def choose_notices(
    edit: Edit, definitions: Definitions, slug: str, agent_id: UUID, body: NoticeChoices
) -> dict[str, Any]:
    """These are the agent's choices from now on, and no others. What waits of a kind that they want no more is dropped."""
    before = await _chosen(edit.session, agent_id)
    changes: dict[str, list[Any]] = {
        kind.value: [before.get(kind), body.ways.get(kind)]
        for kind in WorkEvent
        if before.get(kind) is not body.ways.get(kind)
    }
    if changes:
        edit.audit("agent", slug, "notices", changes)
        await edit.session.execute(delete(NoticeChoiceRow).where(NoticeChoiceRow.agent_id == agent_id))
        for kind, way in body.ways.items():
            edit.session.add(NoticeChoiceRow(kind=kind.value, agent_id=agent_id, way=way.value))
        off = [kind.value for kind, way in body.ways.items() if way is NoticeWay.OFF]
        await edit.session.execute(delete(NoticeLine).where(NoticeLine.agent_id == agent_id, NoticeLine.kind.in_(off)))
        await edit.flush(f"agent {slug!r}")
    return (await my_notices(edit.session, definitions, agent_id)).model_dump(mode="json")


async def _chosen(session: AsyncSession, agent_id: UUID) -> dict[WorkEvent, NoticeWay]:
    rows = await session.execute(
        select(NoticeChoiceRow.kind, NoticeChoiceRow.way).where(NoticeChoiceRow.agent_id == agent_id)
    )
    return {WorkEvent(kind): NoticeWay(way) for kind, way in rows}


def _choice(organisation: OrganisationSettings, kind: WorkEvent, own: NoticeWay | None) -> NoticeChoice:
    usual = USUAL_NOTICES[kind]
    listed = [notice for notice in organisation.notices if notice.on is kind]
    # Where the organisation lists others of this kind, whom it usually concerns is told only if they choose to be.
    elsewhere = NoticeWay.OFF if listed else usual.way
    default = next((notice.way for notice in listed if notice.to == usual.to), elsewhere)
    return NoticeChoice(kind=kind, way=own or default, default=default, chosen=own is not None)
