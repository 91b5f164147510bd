"""An agent's unfinished reply: content, not state, so the desk writes it without the case's workflow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from models.messages.api_cases import DraftBody, stored
from models.records.cases import Case, ReplyDraft


async def save_draft(session: AsyncSession, identity: Identity, case: Case, body: DraftBody, now: datetime) -> None:
    """Keep it in place of the former one; an empty text removes it."""
    await session.execute(
        delete(ReplyDraft).where(ReplyDraft.case_id == case.id, ReplyDraft.agent_id == identity.agent_id)
    )
    if body.text:
        session.add(ReplyDraft(case_id=case.id, agent_id=identity.agent_id, body=stored(body), saved_on=now))
    await session.flush()


async def draft(session: AsyncSession, identity: Identity, case: Case) -> DraftBody:
    """This agent's draft on the case; an empty one if there is none."""
    body = await session.scalar(
        select(ReplyDraft.body).where(ReplyDraft.case_id == case.id, ReplyDraft.agent_id == identity.agent_id)
    )
    return DraftBody(text="") if body is None else DraftBody.model_validate(body)
