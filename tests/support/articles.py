"""Articles of a desk under test, and their runs moved through time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Replayer

from bootstrap import sandbox
from models.messages.names import article_workflow_id
from models.records.articles import Article, ArticleVersion
from models.records.reference import Audit
from tests.support.desks import A_MOMENT, Desk
from tests.support.waiting import BOUND, until
from workflows.article import ArticleWorkflow


class Articles:
    """What tests look at and move. An article is named by its slug."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def root(self, slug: str) -> Article:
        async with self.desk.house.database.read() as session:
            return (await session.scalars(select(Article).where(Article.slug == slug))).one()

    async def states(self, slug: str, language: str = "en") -> dict[str, str]:
        """The state of each version, by its number."""
        root = await self.root(slug)
        wanted = select(ArticleVersion).where(ArticleVersion.article_id == root.id, ArticleVersion.language == language)
        async with self.desk.house.database.read() as session:
            rows = await session.scalars(wanted.order_by(ArticleVersion.major, ArticleVersion.minor))
            return {f"{row.major}.{row.minor}": row.status for row in rows}

    async def audited(self, slug: str) -> list[tuple[str, str]]:
        async with self.desk.house.database.read() as session:
            rows = select(Audit).where(Audit.kind == "article", Audit.object_id == slug).order_by(Audit.id)
            return [(row.actor, row.action) for row in await session.scalars(rows)]

    async def kept(self, slug: str) -> Article:
        """Once its run knows of its plan, and rests."""

        async def so() -> bool:
            return (await self.root(slug)).kept

        await until(so)
        root = await self.root(slug)
        await self.settled(root.id)
        return root

    async def come_to(self, slug: str, version: str, status: str, language: str = "en") -> None:
        async def so() -> bool:
            return (await self.states(slug, language)).get(version) == status

        await until(so)
        await self.settled((await self.root(slug)).id)

    def handle(self, id: UUID) -> WorkflowHandle[Any, Any]:
        return self.desk.house.client.get_workflow_handle(article_workflow_id(id))

    async def settled(self, id: UUID) -> None:
        async with asyncio.timeout(BOUND):
            while await self._works(id):
                await asyncio.sleep(0.02)

    async def _works(self, id: UUID) -> bool:
        try:
            found = (await self.handle(id).describe()).raw_description
        except RPCError:
            return False
        return found.HasField("pending_workflow_task") or bool(found.pending_activities)

    async def is_over(self, id: UUID) -> None:
        async def over() -> bool:
            return (await self.handle(id).describe()).status is WorkflowExecutionStatus.COMPLETED

        await until(over)

    async def forward_to(self, id: UUID, instant: datetime) -> None:
        """Move that run's own clock a moment past `instant`."""
        handle = self.handle(id)
        left = instant - await self.desk.temporal.get_current_time(handle) + A_MOMENT
        await self.desk.temporal.fast_forward(handle, left)

    async def replay(self) -> int:
        """Every run of every article replays; the answer is how many did. Those that are open are ended."""
        replayer = Replayer(
            workflows=[ArticleWorkflow], data_converter=pydantic_data_converter, workflow_runner=sandbox()
        )
        async with self.desk.house.database.read() as session:
            ids = list(await session.scalars(select(Article.id)))
        replayed = 0
        for id in ids:
            async for run in self.desk.house.client.list_workflows(f"WorkflowId = '{article_workflow_id(id)}'"):
                handle = self.desk.house.client.get_workflow_handle(run.id, run_id=run.run_id)
                await replayer.replay_workflow(await handle.fetch_history())
                replayed += 1
                if run.status is WorkflowExecutionStatus.RUNNING:
                    await handle.terminate("the test is over")
        return replayed
