"""Whoever is to review an article is told when somebody has marked it: at once or in their digest, as they chose (domain 8).

Housekeeping looks for what was marked. The letters and the note that nobody is left to be told are one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.readers import at_address, reading
from cases.sweeps import GrowingPauses
from cases.work_notices import NewLine, choices, digest_line, hearing_of, wanted_of
from letters.composing import Letters
from letters.notice_words import OF_WORK
from letters.noticing import Notice, NoticeReader
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.messages.articles import ArticleStatus
from models.messages.notices import REVIEWER, NoticeWay, WorkEvent, team_of
from models.messages.reference import Role
from models.records.articles import Article, ArticleVersion
from models.records.reference import Agent, Team, TeamMember
from storage.definitions import Definitions
from storage.engines import Database

A_SWEEP = 100
IN_CHARGE = (Role.KNOWLEDGE_MANAGER, Role.MANAGER, Role.ADMINISTRATOR)
"""Who reviews what was marked for nobody in particular: the first of these that there are."""

log = structlog.get_logger(__name__)


class ReviewSweep:
    """Tells reviewers of versions that were marked for review since the last look."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        letters: Letters,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database, self.definitions, self.letters, self.now = database, definitions, letters, now
        self.pauses = GrowingPauses(clock)

    async def sweep(self) -> int:
        """How many versions were marked. One that fails by a fault of ours is left alone for a while, and keeps no other one."""
        marked = select(ArticleVersion.id).where(ArticleVersion.submitted_by.is_not(None))
        async with self.database.read() as session:
            due = list(await session.scalars(marked.order_by(ArticleVersion.modified_on).limit(A_SWEEP)))
        ready = self.pauses.due(due, A_SWEEP)
        for id in due:
            if id in ready:
                await self._tell(id, self.now())
        return len(ready)

    async def _tell(self, id: UUID, now: datetime) -> None:
        """Nobody is told of what was decided, or taken back, meanwhile."""
        async with self.database.write() as session:
            marked = select(ArticleVersion).where(ArticleVersion.id == id, ArticleVersion.submitted_by.is_not(None))
            content = await session.scalar(marked.with_for_update())
            if content is None:
                return
            by, content.submitted_by = content.submitted_by, None
            if content.status != ArticleStatus.IN_REVIEW:
                return
            try:
                await self._write(session, content, by or "", now)
            except (NoMailbox, CannotRender) as error:
                log.warning("reviewers are not told", id=str(id), error=type(error).__name__)

    async def _write(self, session: AsyncSession, content: ArticleVersion, by: str, now: datetime) -> None:
        organisation = await self.definitions.organisation(session)
        root = await session.get_one(Article, content.article_id)
        actor = await session.scalar(select(Agent).where(Agent.slug == by))
        chosen, told = await choices(session, WorkEvent.REVIEW), {actor.email} if actor is not None else set[str]()
        article = {
            "number": root.number,
            "title": content.title,
            "version": f"{content.major}.{content.minor}",
            "language": content.language,
        }
        facts = {"article": article, "actor": {"name": actor.name if actor is not None else ""}}
        for wanted in wanted_of(organisation.notices, WorkEvent.REVIEW):
            readers = [each for each in await _readers(session, content, wanted.to) if each.address not in told]
            for reader, way in hearing_of(readers, chosen, wanted.way):
                key = f"notice/review/{content.id}/{root.version}/{len(told)}"
                notice = Notice(key, wanted.template, OF_WORK[WorkEvent.REVIEW], facts)
                told.add(reader.address)
                if way is NoticeWay.AT_ONCE:
                    await self.letters.notice_of_no_case(session, notice, reader, None, now)
                else:
                    said = await self.letters.said_of_no_case(session, notice, reader)
                    line = NewLine(key, WorkEvent.REVIEW, " ".join(said.subject.split()), now)
                    session.add(await digest_line(session, self.definitions, organisation, reader, way, line))


async def _readers(session: AsyncSession, content: ArticleVersion, to: str) -> list[NoticeReader]:
    if (team := team_of(to)) is not None:
        members = select(Agent).join(TeamMember, TeamMember.agent_id == Agent.id)
        return await _agents(session, members.join(Team, Team.id == TeamMember.team_id).where(Team.slug == team))
    if to != REVIEWER:
        return [await at_address(session, to)]
    if content.reviewer_id is not None:
        return await _agents(session, select(Agent).where(Agent.id == content.reviewer_id))
    everybody = list(await session.scalars(select(Agent).where(Agent.active).order_by(Agent.email)))
    in_charge = ([agent for agent in everybody if role in agent.roles] for role in IN_CHARGE)
    return list(await reading(session, next((some for some in in_charge if some), [])))


async def _agents(session: AsyncSession, wanted: Select[Agent]) -> list[NoticeReader]:
    return list(await reading(session, await session.scalars(wanted.where(Agent.active).order_by(Agent.email))))
