"""The house's people read every notice by the clock and in the language that they have set for themselves (domain 4.1, 11.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from cases.contract_warnings import readers_of as readers_of_contract
from cases.digests import DigestSweep
from cases.free_reminders import ReminderSweep
from letters import notice_words
from letters.contract_notices import OF_CONTRACTS
from models.messages.api_cases import NoteBody
from models.messages.cases import CommandKind, LapseInput
from models.messages.templates import MailTemplate
from models.records.base import new_id
from models.records.entering import AgentPreferences
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent, Entitlement
from models.records.timeline import Activity
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import Hands, activities, run
from tests.support.notices import GRACE, choose
from tests.support.organisations import add, settings

LATER = OPENED_ON + timedelta(days=3650)
PROMISE = {
    "name": "Answered",
    "kpi": "first-response",
    "success": {"all": [{"field": "case.first_response_sent", "value": True}]},
    "warn_after": "10 minutes",
    "fail_after": "15 minutes",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await settings(desk, case_url="https://desk.example/{number}")
    async with desk.house.database.write() as session:
        grace = (await session.scalars(select(Agent.id).where(Agent.slug == "grace"))).one()
        session.add(AgentPreferences(agent_id=grace, body={"language": "de", "time_zone": "Asia/Tokyo"}))
    return desk


async def read_by(desk: Desk, address: str) -> list[tuple[str, str]]:
    async with desk.house.database.read() as session:
        rows = select(EmailMessage).join(Outbox, Outbox.message_id == EmailMessage.id).where(Outbox.kind == "notice")
        found = await session.scalars(rows.order_by(EmailMessage.id))
        return [(each.subject, each.text) for each in found if each.recipients["to"] == [address]]


def own_words() -> dict[str, MailTemplate]:
    found = {name: each for name, each in vars(notice_words).items() if isinstance(each, MailTemplate)}
    return (
        found | {f"OF_WORK {event}": each for event, each in notice_words.OF_WORK.items()} | {"contract": OF_CONTRACTS}
    )


@pytest.mark.parametrize("words", own_words().values(), ids=own_words())
def test_the_engine_has_words_of_its_own_in_each_language(words: MailTemplate) -> None:
    assert set(words.texts) == {"en", "de"}


@pytest.mark.parametrize("to", ["owner", "queue", GRACE])
async def test_a_promise_of_which_the_organisation_has_no_words(desk: Desk, to: str) -> None:
    actions = [{"on": on, "do": "notify", "to": to} for on in ("warning", "failure")]
    steps = [{"after": "1 hour", "actions": [{"do": "notify", "to": to}]}]
    items = [{**PROMISE, "actions": actions, "escalation": steps}]
    await add(desk, {"slas": [{"slug": "gold", "name": "Gold", "items": items}]})
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.PICK)
    for minutes in (10, 15, 75):
        late = LapseInput(case_id=hands.case.id, now=OPENED_ON + timedelta(minutes=minutes))
        await run(activities(desk)["lapse_clocks"], late)
    (near, near_text), (late_, late_text), (later, _) = await read_by(desk, GRACE)
    subjects = ["Answered: Warnung", "Answered: verfehlt", "Answered: Eskalation, Stufe 1"]
    assert [each.partition(" [")[0] for each in (near, late_, later)] == subjects
    assert "ist bald fällig.\nFrist: " in near_text
    assert "ist verfehlt.\nFrist: " in late_text
    if to != GRACE:
        assert "JST" in near_text
        assert "Besitzer: Grace." in late_text


async def test_what_happened_to_a_case_at_once_and_in_a_digest(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    hands.agent = "mona"
    await hands.do(CommandKind.NOTE, NoteBody(text="@grace, look!"))
    ((subject, _),) = await read_by(desk, GRACE)
    assert subject.startswith("Mona erwähnt Sie: ")
    await choose(desk, grace="hourly")
    await hands.do(CommandKind.NOTE, NoteBody(text="@grace, once more!"))
    house = desk.house
    assert await DigestSweep(house.database, house.definitions, house.letters, now=lambda: LATER).sweep() == 1
    _, (subject, text) = await read_by(desk, GRACE)
    assert subject == "Neues von Ihren Fällen: 1"
    assert " JST  Mona erwähnt Sie: " in text


async def test_an_activity_that_is_due(desk: Desk) -> None:
    async with desk.house.database.write() as session:
        grace = (await session.scalars(select(Agent.id).where(Agent.slug == "grace"))).one()
        due = datetime.now(UTC) - timedelta(hours=1)
        given = {"kind": "task", "status": "open", "title": "Anrufen", "due": due, "created_on": due}
        session.add(Activity(id=new_id(), owner_id=grace, **given))
    await ReminderSweep(desk.house.database, desk.house.letters).sweep()
    ((subject, text),) = await read_by(desk, GRACE)
    assert subject == "Fällig: Anrufen"
    assert text.startswith("Anrufen (task) gehört zu keinem Fall und ist fällig: ")
    assert "JST" in text


@pytest.mark.parametrize("to", ["owner", GRACE])
async def test_a_contract_that_runs_low(desk: Desk, to: str) -> None:
    async with desk.house.database.write() as session:
        row = (await session.scalars(select(Entitlement).limit(1))).one()
        row.owner_id = (await session.scalars(select(Agent.id).where(Agent.slug == "grace"))).one()
        (reader,) = await readers_of_contract(session, row, to)
    assert (reader.address, reader.language) == (GRACE, "de")
