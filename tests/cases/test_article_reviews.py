"""Reviewers are told of an article that was marked for review: once, as they chose, in their language, and not of their own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlalchemy import delete, select, update

from cases.article_reviews import ReviewSweep
from cases.digests import DigestSweep
from desk.reference import article_life, article_writing
from desk.reference.records import Edit
from models.messages.articles import ArticleBody, SubmitBody
from models.messages.faults import faults
from models.messages.notices import WorkNotice
from models.records.entering import AgentPreferences
from models.records.mails import EmailMessage
from models.records.notices import NoticeLine
from models.records.reference import Agent
from tests.support.desks import OPENED_ON, Desk
from tests.support.notices import ADA, GRACE, MONA, choose, told
from tests.support.organisations import settings


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing here is said in SQL that differs between them."""
    return sqlite_url


class Reviews:
    def __init__(self, desk: Desk) -> None:
        house = desk.house
        self.desk, self.made = desk, 0
        self.sweeps = [
            ReviewSweep(house.database, house.definitions, house.letters, clock=self._later) for _ in range(2)
        ]
        self.clock = 0.0

    def _later(self) -> float:
        self.clock += 10_000
        return self.clock

    async def submit(self, by: str, reviewer: str | None = None) -> str:
        self.made += 1
        slug = f"article-{self.made}"
        async with self.desk.house.database.write() as session:
            edit = Edit(session, by, OPENED_ON)
            await article_writing.create(edit, ArticleBody(slug=slug, title="Pairing", content="Words"), None)
            await article_life.submit(edit, slug, SubmitBody(reviewer=reviewer))
        return slug

    async def told(self) -> list[tuple[str, str]]:
        """By both workers' housekeeping, and again."""
        for _ in range(2):
            for sweep in self.sweeps:
                await sweep.sweep()
        return await told(self.desk)

    async def last(self) -> EmailMessage:
        async with self.desk.house.database.read() as session:
            return (await session.scalars(select(EmailMessage).order_by(EmailMessage.id.desc()).limit(1))).one()


async def test_a_reviewer_is_told_once_as_they_chose(desk: Desk) -> None:
    reviews, house = Reviews(desk), desk.house
    await reviews.submit("grace", "mona")
    assert await reviews.told() == [("To review", MONA)]
    letter = await reviews.last()
    assert (letter.case_id, "Grace asks for a review of KA-" in letter.text) == (None, True)
    await reviews.submit("mona", "mona")
    assert await reviews.told() == [], "nobody is told of their own acts"

    slug = await reviews.submit("grace", "mona")
    async with house.database.write() as session:
        await article_life.approve(Edit(session, "ada", OPENED_ON), slug)
    assert await reviews.told() == [], "it was decided meanwhile"

    await choose(desk, mona="review hourly")
    await reviews.submit("grace", "mona")
    assert await reviews.told() == []
    async with house.database.read() as session:
        line = (await session.scalars(select(NoticeLine))).one()
    assert (line.case_id, line.kind, "To review: Pairing" in line.line) == (None, "review", True)
    digests = DigestSweep(house.database, house.definitions, house.letters, now=lambda: line.due_on)
    assert await digests.sweep() == 1
    assert await told(desk) == [("News of your cases", MONA)]
    await choose(desk, mona="review off")
    await reviews.submit("grace", "mona")
    assert await reviews.told() == []


async def test_without_a_name_whoever_is_in_charge_is_told_in_their_language(desk: Desk) -> None:
    reviews, house = Reviews(desk), desk.house
    async with house.database.write() as session:
        mona = (await session.scalars(select(Agent.id).where(Agent.slug == "mona"))).one()
        session.add(AgentPreferences(agent_id=mona, body={"language": "de-AT"}))
    await reviews.submit("grace")
    assert await reviews.told() == [("To review", ADA), ("Zu prüfen", MONA)]
    async with house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "grace").values(roles=["agent", "knowledge-manager"]))
    await reviews.submit("mona")
    assert await reviews.told() == [("To review", GRACE)]
    async with house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "grace").values(roles=["agent"]))
        await session.execute(delete(AgentPreferences))
    await settings(desk, notices=[{"on": "review", "to": "team:lab"}, {"on": "review", "to": "kb@desk.example"}])
    await reviews.submit("mona", "ada")
    assert await reviews.told() == [("To review", GRACE), ("To review", "kb@desk.example")]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"on": "review", "to": "owner"}, "'owner' is somebody of a case"),
        ({"on": "reply", "to": "reviewer"}, "'reviewer' is somebody only on 'review'"),
    ],
)
def test_a_notice_of_nobody_is_refused(wrong: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why) as caught:
        WorkNotice.model_validate(wrong)
    assert [path for path, _ in faults(caught.value, wrong)] == [("to",)]
