"""ArticleWorkflow: one run per article with a plan. It waits for the instants at which versions are published and expire."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.article import ArticleActivities
    from models.messages.articles import ArticleRun, ArticleStanding, KeepArticle
    from models.messages.names import ARTICLE_CHANGED, ARTICLE_WORKFLOW

TIMEOUT = timedelta(seconds=10)
TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: an article must not stay hidden because a database was away. A fault of ours ends in an incident after
three of them (`cases.attempts`)."""


@workflow.defn(name=ARTICLE_WORKFLOW)
class ArticleWorkflow:
    @workflow.init
    def __init__(self, given: ArticleRun) -> None:
        self.changes = 0

    @workflow.run
    async def run(self, given: ArticleRun) -> None:
        """Until no version has an instant to come. Whoever plans one again starts it again."""
        while True:
            heard = self.changes
            standing = await self._keep(given)
            if standing is None or standing.due is None:
                if heard == self.changes:
                    return
                continue  # somebody has changed it meanwhile
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(given)
            await self._wait(given, standing, heard)

    @workflow.signal(name=ARTICLE_CHANGED, description="Somebody changed the article's plan: look at it again")
    def changed(self) -> None:
        self.changes += 1

    async def _keep(self, given: ArticleRun) -> ArticleStanding | None:
        standing = await workflow.execute_activity_method(
            ArticleActivities.keep_article,
            KeepArticle(article_id=given.article_id, now=workflow.now()),
            start_to_close_timeout=TIMEOUT,
            retry_policy=TRIES,
            summary=given.number,
        )
        workflow.set_current_details(_details(given, standing))
        return standing

    async def _wait(self, given: ArticleRun, standing: ArticleStanding, heard: int) -> None:
        """One timer. The server cuts it at a hundred years: then nothing is due yet, and the next one is set."""
        due = standing.due or workflow.now()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.changes != heard,
                timeout=max((due - workflow.now()).total_seconds(), 0.001),
                timeout_summary=f"{given.number} {standing.next or ''}".strip(),
            )


def _details(given: ArticleRun, standing: ArticleStanding | None) -> str:
    if standing is None:
        return f"Article **{given.number}** is no longer there"
    if standing.incident is not None:
        return f"Article **{given.number}**: **incident** `{standing.incident}`"
    if standing.due is None:
        return f"Article **{given.number}**: nothing is planned"
    return f"Article **{given.number}**: {standing.next} on {standing.due:%Y-%m-%d %H:%M} UTC"
