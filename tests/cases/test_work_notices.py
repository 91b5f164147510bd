"""What happens to cases, told to each of the house's people as they chose, and to nobody of their own acts (domain 11.1).

The desk has no worker: each step is called as a retry would call it. Grace and Mona may see everything here; Sam is no member
of the queue `gold`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.messages.api_cases import NoteBody, ResolveBody
from models.messages.cases import CommandKind, LapseInput
from models.records.cases import Case
from models.records.reference import Agent, Queue
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import Hands, activities, run
from tests.support.notices import ADA, GRACE, MONA, SAM, choose, hears, told
from tests.support.organisations import add, settings


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: these tests look at who is told of what."""
    return sqlite_url


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await settings(desk, case_url="https://desk.example/{number}")
    return desk


async def test_by_default_people_hear_of_mentions_and_of_nothing_else(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.PICK)
    await hands.do(CommandKind.ASSIGN, None, "agent sam")
    await hears(desk, hands.case.number)
    assert await told(desk) == []
    await hands.do(CommandKind.NOTE, NoteBody(text="@sam, @grace and @nobody: casey@mona.example wrote."))
    assert await told(desk) == [("Grace mentions you", SAM)], "not Grace, who wrote it"
    (note,) = await desk.timeline(hands.case.number, "note")
    assert note.data["mentions"] == ["sam"]


async def test_each_hears_of_what_they_chose_and_not_of_their_own_acts(desk: Desk) -> None:
    await choose(desk, grace="at-once", mona="assigned at-once")
    hands = await Hands.opened(desk)
    assert await told(desk) == [("New case", GRACE)]
    await hands.do(CommandKind.PICK)
    assert await told(desk) == [], "her own act"
    await hears(desk, hands.case.number)
    assert await told(desk) == [("The customer wrote", GRACE)]
    await hears(desk, hands.case.number, sender=GRACE)
    assert await told(desk) == [], "her own mail"
    await hands.do(CommandKind.ASSIGN, None, "agent mona")
    assert await told(desk) == [("Assigned to you", MONA)]
    await hands.do(CommandKind.RELEASE)
    assert await told(desk) == [], "given back, and to nobody"
    await hands.do(CommandKind.ROUTE, None, "queue standard")
    assert await told(desk) == [], "into a queue that she is no member of"
    hands.agent = "mona"
    await hands.do(CommandKind.ROUTE, None, "queue gold")
    await hands.do(CommandKind.ASSIGN, None, "agent grace")
    assert await told(desk) == [("New case", GRACE), ("Assigned to you", GRACE)]


async def test_a_rule_that_gives_a_new_case_to_somebody_tells_them_once(desk: Desk) -> None:
    await choose(desk, grace="at-once")
    async with desk.house.database.read() as session:
        grace = (await session.scalars(select(Agent.id).where(Agent.slug == "grace"))).one()
    await Hands.opened(desk, owner_id=grace)
    assert await told(desk) == [("Assigned to you", GRACE)]


async def test_what_the_organisation_lists_is_told_in_its_words_unless_somebody_chose_otherwise(desk: Desk) -> None:
    texts = {"en": {"subject": "{{ actor.name }}!: {{ note.text }}", "body": "{{ case.link }}"}}
    await add(desk, {"templates": [{"slug": "called", "name": "Called", "texts": texts}]})
    listed = [
        {"on": "mention", "to": "mentioned", "template": "called"},
        {"on": "assigned", "to": "owner", "way": "at-once"},
        {"on": "new-case", "to": "manager"},
        {"on": "reply", "to": "duty@house.example"},
    ]
    await settings(desk, notices=listed)
    await choose(desk, sam="off")
    hands = await Hands.opened(desk)
    assert await told(desk) == [("New case", MONA)]
    await hands.do(CommandKind.NOTE, NoteBody(text="@mona and @sam"))
    assert await told(desk) == [("Grace!", MONA)]
    await hands.do(CommandKind.ASSIGN, None, "agent sam")
    assert await told(desk) == [], "Sam wants to hear nothing"
    await hears(desk, hands.case.number)
    assert await told(desk) == [("The customer wrote", "duty@house.example")]
    await choose(desk, sam="reply at-once")
    await hears(desk, hands.case.number, text="Once more.")
    assert sorted(await told(desk)) == [("The customer wrote", "duty@house.example"), ("The customer wrote", SAM)]


async def test_only_who_may_see_the_case_is_told_of_a_mention(desk: Desk) -> None:
    async with desk.house.database.write() as session:
        await session.execute(update(Queue).where(Queue.slug == "gold").values(private=True))
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.NOTE, NoteBody(text="@sam @mona"))
    assert await told(desk) == [("Grace mentions you", MONA)]
    await hands.do(CommandKind.PICK)
    await hands.do(CommandKind.RESOLVE, ResolveBody(resolution="Done."))
    await hands.do(CommandKind.NOTE, NoteBody(text="@sam"))
    assert await told(desk) == [], "where it last stood, it is as private"


@pytest.mark.parametrize("without", [(), ("grace",), ("grace", "mona")])
async def test_a_word_on_a_closed_case_always_reaches_somebody(desk: Desk, without: tuple[str, ...]) -> None:
    """Whoever is away or wants to hear nothing is passed over: the owner, then the queue's owner, managers, administrators."""
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.PICK)
    await hands.do(CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
    expected = {(): GRACE, ("grace",): MONA, ("grace", "mona"): ADA}[without]
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug.in_(without)).values(active=False))
    await hears(desk, hands.case.number)
    assert await told(desk) == [("The customer wrote on a closed case", expected)]
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).values(active=True))
        await session.execute(update(Case).values(owner_id=None))
    await choose(desk, **dict.fromkeys(without, "off"))
    await hears(desk, hands.case.number, text="Again.")
    # Without an owner of its own the case is its last queue's, whose owner is Mona.
    assert await told(desk) == [("The customer wrote on a closed case", ADA if "mona" in without else MONA)]
    await choose(desk, **dict.fromkeys(("grace", "mona", "ada", "sam"), "off"))
    await hears(desk, hands.case.number, text="And again.")
    assert await told(desk) == [("The customer wrote on a closed case", MONA)], "all have switched it off"


async def test_a_near_deadline_is_told_to_the_owner_by_their_clock(desk: Desk) -> None:
    await choose(desk, grace="deadline at-once")
    item = {"name": "Answered", "kpi": "first-response", "warn_after": "10 minutes", "fail_after": "15 minutes"}
    success = {"all": [{"field": "case.first_response_sent", "value": True}]}
    await add(desk, {"slas": [{"slug": "gold", "name": "Gold", "items": [{**item, "success": success}]}]})
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.PICK)
    for minutes in (10, 10, 15):
        late = LapseInput(case_id=hands.case.id, now=OPENED_ON + timedelta(minutes=minutes))
        await run(activities(desk)["lapse_clocks"], late)
    assert await told(desk) == [("Due soon", GRACE)]
