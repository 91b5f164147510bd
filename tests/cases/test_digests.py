"""News that is gathered into one letter: each line once, by the reader's clock (domain 11.1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from cases.digests import DigestSweep
from models.messages.api_cases import NoteBody
from models.messages.cases import CommandKind
from models.records.mails import EmailMessage
from models.records.notices import NoticeLine
from models.records.reference import Agent, Mailbox
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import Hands
from tests.support.notices import GRACE, SAM, choose, hears, told
from tests.support.organisations import add, settings


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await settings(desk, case_url="https://desk.example/{number}")
    return desk


async def test_news_is_gathered_into_one_letter_and_each_line_is_told_once(desk: Desk) -> None:
    await choose(desk, grace="hourly", sam="mention daily")
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "grace").values(time_zone="Asia/Tokyo"))
    first, second = await Hands.opened(desk), await Hands.opened(desk)
    await first.do(CommandKind.PICK)
    await hears(desk, first.case.number)
    await second.do(CommandKind.NOTE, NoteBody(text="@sam?"))
    assert await told(desk) == []
    house = desk.house
    now = OPENED_ON + timedelta(minutes=59)
    sweep = DigestSweep(house.database, house.definitions, house.letters, now=lambda: now)
    assert (await sweep.sweep(), await told(desk)) == (0, [])
    now = OPENED_ON + timedelta(hours=1)
    other = DigestSweep(house.database, house.definitions, house.letters, now=lambda: now)
    assert await sweep.sweep() + await other.sweep() == 1
    async with house.database.read() as session:
        letter = (await session.scalars(select(EmailMessage).order_by(EmailMessage.id.desc()).limit(1))).one()
    assert await told(desk) == [("News of your cases", GRACE)]
    lines = letter.text.splitlines()[:3]
    assert [line.partition("JST  ")[2].partition(":")[0] for line in lines] == [
        "New case",
        "New case",
        "The customer wrote",
    ]
    assert lines[0].endswith(f"[{first.case.number}]  https://desk.example/{first.case.number}")
    assert letter.case_id is None
    now = OPENED_ON + timedelta(days=1)
    assert await sweep.sweep() == 1
    assert await told(desk) == [("News of your cases", SAM)]
    assert await sweep.sweep() == 0


async def test_a_digest_waits_for_a_mailbox_and_is_in_the_organisations_words(desk: Desk) -> None:
    texts = {"en": {"subject": "{{ digest.count }} new", "body": "{{ digest.lines }} of {{ organisation.name }}"}}
    await add(desk, {"templates": [{"slug": "gathered", "name": "Gathered", "texts": texts}]})
    await settings(desk, digest_template="gathered")
    await choose(desk, grace="new-case hourly")
    await Hands.opened(desk)
    house = desk.house
    seconds = 0.0
    sweep = DigestSweep(
        house.database,
        house.definitions,
        house.letters,
        clock=lambda: seconds,
        now=lambda: OPENED_ON + timedelta(hours=1),
    )
    async with house.database.write() as session:
        await session.execute(update(Mailbox).values(active=False))
    assert (await sweep.sweep(), await sweep.sweep()) == (1, 0), "not tried again at once"
    async with house.database.write() as session:
        assert len(list(await session.scalars(select(NoticeLine.id)))) == 1
        await session.execute(update(Mailbox).values(active=True))
    seconds = 10.0
    assert await sweep.sweep() == 1
    assert await told(desk) == [("1 new", GRACE)]


async def test_who_has_left_reads_no_digest(desk: Desk) -> None:
    await choose(desk, grace="new-case daily")
    await Hands.opened(desk)
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "grace").values(active=False))
    house = desk.house
    sweep = DigestSweep(house.database, house.definitions, house.letters, now=lambda: OPENED_ON + timedelta(days=2))
    await sweep.sweep()
    assert (await sweep.sweep(), await told(desk)) == (0, [])
