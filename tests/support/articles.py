"""Articles of a desk under test, and their runs moved through time."""

from __future__ import annotations

from sqlalchemy import select

from models.messages.names import article_workflow_id
from models.records.articles import Article, ArticleVersion
from models.records.reference import Audit
from tests.support.timed_runs import TimedRuns
from tests.support.waiting import until
from workflows.article import ArticleWorkflow


class Articles(TimedRuns):
    """What tests look at and move. An article is named by its slug."""

    table, workflow = Article, ArticleWorkflow
    id_of = staticmethod(article_workflow_id)

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
