"""Telling the run of an article that somebody has changed its instants. Safe to repeat."""

from __future__ import annotations

from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from engine.standing import STANDING
from models.messages.articles import ArticleRun
from models.messages.names import ARTICLE_CHANGED, ARTICLE_WORKFLOW, CASES_QUEUE, article_workflow_id

log = structlog.get_logger(__name__)


class ArticleTeller:
    def __init__(self, client: Client, *, task_queue: str = CASES_QUEUE) -> None:
        self.client, self.task_queue = client, task_queue

    async def tell(self, id: UUID, number: str) -> bool:
        """Signal the article's run, starting one if there is none. False if the engine does not answer: then housekeeping
        tells it, because its row still says that nobody has looked at it."""
        try:
            await self.client.start_workflow(
                ARTICLE_WORKFLOW,
                ArticleRun(article_id=id, number=number),
                id=article_workflow_id(id),
                task_queue=self.task_queue,
                static_summary=f"Article {number}",
                start_signal=ARTICLE_CHANGED,
                **STANDING,
            )
        except (RPCError, RuntimeError) as error:
            log.warning("a changed article is left to housekeeping", article=number, error=type(error).__name__)
            return False
        return True
