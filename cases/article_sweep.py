"""What housekeeping looks for among articles: plans that no run knows of, or whose instant was missed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import exists, or_, select, text

from cases.sweeps import LOOKED_AT, OVERDUE_PATIENCE, GrowingPauses
from engine.articles import ArticleTeller
from models.messages.incidents import IncidentState
from models.records.articles import Article
from models.records.commands import Incident
from storage.engines import Database

ARTICLES_A_SWEEP = 300
PLANNED = text("article.due_on IS NOT NULL")
"""In the words of the partial index, so that it serves."""


class ArticleSweep:
    """Tells articles that their run knows nothing of, or has missed its instant by a minute: after an organisation file, an
    upgrade, or while the engine was away. One that is set aside waits for somebody."""

    def __init__(
        self, database: Database, teller: ArticleTeller, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.database, self.teller, self.pauses = database, teller, GrowingPauses(clock)

    async def sweep(self) -> int:
        missed = datetime.now(UTC) - OVERDUE_PATIENCE
        aside = exists().where(Incident.article_id == Article.id, Incident.state != IncidentState.DONE.value)
        wanted = select(Article.id, Article.number).where(PLANNED, ~aside)
        wanted = wanted.where(or_(~Article.kept, Article.due_on < missed)).order_by(Article.due_on, Article.id)
        async with self.database.read() as session:
            unkept = list(await session.execute(wanted.limit(LOOKED_AT)))
        pauses_over = self.pauses.due([id for id, _ in unkept], ARTICLES_A_SWEEP)
        due = [(id, number) for id, number in unkept if id in pauses_over]
        for id, number in due:
            if not await self.teller.tell(id, number):
                break
        return len(due)
