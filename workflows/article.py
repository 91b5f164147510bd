"""ArticleWorkflow: one run per article with a plan. It waits for the instants at which versions are published and expire."""

from __future__ import annotations

from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.article import ArticleActivities
    from models.messages.articles import ArticleRun, ArticleStanding, KeepArticle
    from models.messages.names import ARTICLE_CHANGED, ARTICLE_WORKFLOW
    from workflows.timed import Timed


@workflow.defn(name=ARTICLE_WORKFLOW)
class ArticleWorkflow:
    @workflow.init
    def __init__(self, given: ArticleRun) -> None:
        self.timed = Timed(
            given.number,
            ArticleActivities.keep_article,
            lambda now: KeepArticle(article_id=given.article_id, now=now),
            partial(_details, given),
            _awaited,
        )

    @workflow.run
    async def run(self, given: ArticleRun) -> None:
        """Until no version has an instant to come. Whoever plans one again starts it again."""
        if await self.timed.keep():
            workflow.continue_as_new(given)

    @workflow.signal(name=ARTICLE_CHANGED, description="Somebody changed the article's plan: look at it again")
    def changed(self) -> None:
        self.timed.changed()


def _awaited(standing: ArticleStanding) -> str:
    return standing.next or ""


def _details(given: ArticleRun, standing: ArticleStanding | None) -> str:
    if standing is None:
        return f"Article **{given.number}** is no longer there"
    if standing.incident is not None:
        return f"Article **{given.number}**: **incident** `{standing.incident}`"
    if standing.due is None:
        return f"Article **{given.number}**: nothing is planned"
    return f"Article **{given.number}**: {standing.next} on {standing.due:%Y-%m-%d %H:%M} UTC"
