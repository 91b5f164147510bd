"""The activity of `ArticleWorkflow`: one transaction, safe to repeat."""

from __future__ import annotations

from temporalio import activity

from cases.article_times import ArticleTimes
from cases.attempts import TRIES
from models.messages.articles import ArticleStanding, KeepArticle


class ArticleActivities:
    def __init__(self, times: ArticleTimes) -> None:
        self.times = times

    @activity.defn
    async def keep_article(self, given: KeepArticle) -> ArticleStanding | None:
        """Publish what is due and let expire what has had its time, and answer when that comes next."""
        return await self.times.kept(given, last=activity.info().attempt >= TRIES)
