"""An article is published and expires by durable timers (domain 8): years ahead, whatever dies or is changed meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from bootstrap import make_workers, sandbox
from cases import article_times
from cases.article_sweep import ArticleSweep
from desk.reference import article_life, article_writing
from desk.reference.articles import Shown
from desk.reference.records import Edit
from engine.articles import ArticleTeller
from models.messages.articles import ArticleBody, PublishBody, VersionLevel
from models.messages.names import CASES_QUEUE
from policies.articles import next_change
from tests.support.articles import Articles
from tests.support.asking import asked, problem
from tests.support.desks import COLD, WARM, Desk, DeskFactory
from tests.support.temporal import time_skipping_server
from tests.support.waiting import BOUND, until

YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """It suggests a new run after a few dozen events instead of 4,096."""
    async with time_skipping_server({"limit.historyCount.suggestContinueAsNew": "40"}) as environment:
        yield environment


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The statements run on both databases in tests/activities and tests/api."""
    return sqlite_url


@pytest.fixture(params=[WARM, COLD], ids=["warm", "cold"])
async def idle(request: pytest.FixtureRequest, open_desk: DeskFactory) -> AsyncIterator[Desk]:
    """A desk on which nobody works yet."""
    async with open_desk(work=False, cached=request.param) as desk:
        yield desk


def worker(desk: Desk) -> Worker:
    (made,) = make_workers(desk.house, queues=(CASES_QUEUE,), runner=sandbox())
    return made


async def change(desk: Desk, change: Callable[[Edit], Awaitable[Shown]], *, tell: bool = True) -> Shown:
    async with desk.house.database.write() as session:
        made = await change(Edit(session, "mona", datetime.now(UTC)))
    if tell:
        assert await ArticleTeller(desk.house.client).tell(made.root.id, made.root.number)
    return made


async def approved(desk: Desk, slug: str) -> None:
    async with desk.house.database.write() as session:
        edit = Edit(session, "mona", datetime.now(UTC))
        await article_writing.create(edit, ArticleBody(slug=slug, title=slug, content="Words"), None)
        await article_life.approve(edit, slug)


async def test_years_ahead_over_the_death_of_a_worker_and_new_runs(idle: Desk) -> None:
    articles, now = Articles(idle), datetime.now(UTC)
    await approved(idle, "later")
    plan = PublishBody(at=now + 8 * YEAR, expires_on=now + 20 * YEAR)
    async with worker(idle):
        made = await change(idle, lambda edit: article_life.publish(edit, "later", plan))
        await articles.kept("later")
        for _ in range(8):
            await ArticleTeller(idle.house.client).tell(made.root.id, made.root.number)
            await articles.settled(made.root.id)
        await articles.forward_to(made.root.id, now + 7 * YEAR)
        assert await articles.states("later") == {"1.0": "scheduled"}, "not before its instant"
    async with worker(idle):
        await articles.forward_to(made.root.id, now + 8 * YEAR)
        await articles.come_to("later", "1.0", "published")
    async with worker(idle):
        await articles.forward_to(made.root.id, now + 20 * YEAR)
        await articles.come_to("later", "1.0", "expired")
        await articles.is_over(made.root.id)
    told = [action for actor, action in await articles.audited("later") if actor == "timer"]
    assert told == ["publish version 1.0", "expired version 1.0"]
    assert await articles.replay() > 1, "a long history goes on in a new run"


async def test_another_plan_reaches_a_run_that_waits(idle: Desk) -> None:
    articles, now = Articles(idle), datetime.now(UTC)
    await approved(idle, "moved")
    async with worker(idle):
        made = await change(idle, lambda edit: article_life.publish(edit, "moved", PublishBody(at=now + 9 * HOUR)))
        await articles.kept("moved")
        await change(
            idle, lambda edit: article_writing.new_version(edit, "moved", VersionLevel.MINOR, None), tell=False
        )
        await change(idle, lambda edit: article_life.unschedule(edit, "moved"))
        await articles.is_over(made.root.id)
        await change(idle, lambda edit: article_life.publish(edit, "moved", PublishBody(at=now + 9 * HOUR)))
        await articles.kept("moved")
        await change(idle, lambda edit: article_life.publish(edit, "moved", PublishBody(at=now + 2 * HOUR)))
        root = await articles.kept("moved")
        assert root.due_on == now + 2 * HOUR
        await articles.forward_to(root.id, now + 2 * HOUR)
        await articles.come_to("moved", "1.0", "published")
        await articles.is_over(root.id)
    assert await articles.replay() == 2


async def test_a_machine_that_was_dead_over_the_instant(idle: Desk) -> None:
    """The desk dies before it can tell the run; whoever wakes up first finds it."""
    articles, now = Articles(idle), datetime.now(UTC)
    await approved(idle, "late")
    made = await change(idle, lambda edit: article_life.publish(edit, "late", PublishBody(at=now + HOUR)), tell=False)
    sweep = ArticleSweep(idle.house.database, ArticleTeller(idle.house.client))
    assert await sweep.sweep() == 1
    async with worker(idle):
        await articles.kept("late")
        assert await sweep.sweep() == 0, "its run knows"
        await articles.forward_to(made.root.id, now + HOUR)
        await articles.come_to("late", "1.0", "published")
        await articles.is_over(made.root.id)
    await articles.replay()


async def test_a_fault_is_an_incident_and_is_tried_again_by_hand(
    open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk() as desk, asked(desk) as http:
        articles, now = Articles(desk), datetime.now(UTC)

        def broken(*_: object) -> None:
            raise RuntimeError("a value of somebody's")

        await approved(desk, "broken")
        made = await change(
            desk, lambda edit: article_life.publish(edit, "broken", PublishBody(at=now + HOUR)), tell=False
        )
        monkeypatch.setattr("desk.incidents.ANSWER_WITHIN", BOUND)
        monkeypatch.setattr(article_times, "next_change", broken)
        await ArticleTeller(desk.house.client).tell(made.root.id, made.root.number)
        await articles.is_over(made.root.id)
        (incident,) = (await http("mona", "GET", "/incidents?state=open")).json()["items"]
        assert (incident["article"], incident["case"], incident["error"]) == (made.root.number, None, "RuntimeError")
        sweep = ArticleSweep(desk.house.database, ArticleTeller(desk.house.client))
        assert await sweep.sweep() == 0, "housekeeping leaves it to people"
        assert problem(await http("mona", "POST", f"/incidents/{incident['id']}/retry")) == (500, "fault")
        monkeypatch.setattr(article_times, "next_change", next_change)
        done = await http("mona", "POST", f"/incidents/{incident['id']}/retry")
        assert (done.status_code, done.json()["state"]) == (200, "done"), done.text
        await articles.forward_to(made.root.id, now + HOUR)
        await articles.come_to("broken", "1.0", "published")

        async def over() -> bool:
            return (await articles.root("broken")).due_on is None

        await until(over)
        await articles.replay()
