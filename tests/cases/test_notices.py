"""Notices: to whom, in whose words, by whose clock (domain 4.1); and what the organisation wants to be told of its cases.

The desk has no worker: each step is called as a retry would call it. The promise is made at 09:00 UTC and fails at 09:15.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from desk.organisation.faults import OrganisationErrors
from models.messages.api_cases import ReplyBody, ResolveBody
from models.messages.cases import CommandKind, DeliveryInput, LapseInput
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent, Contact, Queue
from tests.support.correspondence import mail, must_hear
from tests.support.desks import OPENED_ON, Desk
from tests.support.hands import PRESENT, Hands, activities, run
from tests.support.organisations import add, settings

TEXTS = {
    "en": {
        "subject": "{{ promise.name }} {{ promise.event }}",
        "body": "{{ case.number }} of {{ owner.name }} in {{ queue.name }}, {{ promise.kpi }} {{ promise.status }} until"
        " {{ promise.deadline }} {{ case.link }}",
    },
    "de": {"subject": "Frist", "body": "Bis {{ promise.deadline }}{{ case.link }}, {{ contact.name }}"},
}
KPIS = [{"slug": "answer", "name": "Answer", "role": "first-response"}]


def promise(*actions: dict[str, Any]) -> dict[str, Any]:
    item = {
        "name": "Answered",
        "kpi": "answer",
        "success": {"all": [{"field": "case.first_response_sent", "value": True}]},
        "warn_after": "10 minutes",
        "fail_after": "15 minutes",
        "actions": list(actions),
    }
    return {"slug": "gold", "name": "Gold", "items": [item]}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: these tests look at who is written to and in which words."""
    return sqlite_url


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await settings(desk, case_url="https://desk.example/cases/{number}")
    await add(desk, {"templates": [{"slug": "told", "name": "Told", "texts": TEXTS}], "kpis": KPIS})
    return desk


async def told(desk: Desk, hands: Hands, *actions: dict[str, Any]) -> list[EmailMessage]:
    """The notices that follow when the promise of this case comes near, and then fails."""
    for minutes in (10, 15):
        late = LapseInput(case_id=hands.case.id, now=OPENED_ON + timedelta(minutes=minutes))
        await run(activities(desk)["lapse_clocks"], late)
    return await notices(desk)


async def notices(desk: Desk) -> list[EmailMessage]:
    async with desk.house.database.read() as session:
        rows = select(EmailMessage).join(Outbox, Outbox.message_id == EmailMessage.id).where(Outbox.kind == "notice")
        return list(await session.scalars(rows.order_by(EmailMessage.id)))


def to(letters: list[EmailMessage]) -> list[list[str]]:
    return [letter.recipients["to"] for letter in letters]


async def test_a_notice_is_in_the_organisations_words_and_the_readers_zone(desk: Desk) -> None:
    notify = {"on": "failure", "do": "notify", "template": "told"}
    await add(desk, {"slas": [promise({**notify, "to": "queue"}, {**notify, "to": "customer"})]})
    async with desk.house.database.write() as session:
        await session.execute(update(Contact).values(language="de"))
        await session.execute(update(Agent).where(Agent.slug == "grace").values(time_zone="Asia/Tokyo"))
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.PICK)
    number = hands.case.number
    inside, outside = await told(desk, hands)
    assert inside.subject == f"Answered failure [{number}]"
    assert inside.text == (
        f"{number} of Grace in Gold, answer noncompliant until 2031-03-27 18:15 JST https://desk.example/cases/{number}"
    )
    assert (outside.recipients["to"], outside.text) == (["casey@customer.example"], "Bis 2031-03-27 10:15 CET, Casey")


@pytest.mark.parametrize(
    ("reader", "addresses"),
    [
        ("owner", ["grace@desk.example"]),
        ("queue", ["grace@desk.example"]),
        ("manager", ["mona@desk.example"]),
        ("team:lab", ["grace@desk.example"]),
        ("customer", ["casey@customer.example"]),
        ("duty@house.example", ["duty@house.example"]),
    ],
)
async def test_a_notice_reaches_whom_it_names(desk: Desk, reader: str, addresses: list[str]) -> None:
    await add(desk, {"slas": [promise({"on": "warning", "do": "notify", "to": reader})]})
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.PICK)
    (letter,) = await told(desk, hands)
    assert letter.recipients["to"] == addresses
    assert "Deadline: 2031-03-27 10:15 CET." in letter.text, "without a template, by the organisation's clock"
    assert ("https://desk.example" in letter.text) is (reader != "customer")


async def test_readers_of_two_zones_get_a_letter_each_and_nobody_two(desk: Desk) -> None:
    await add(desk, {"slas": [promise({"on": "warning", "do": "notify", "to": "queue"})]})
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug == "sam").values(time_zone="America/New_York"))
        await session.execute(update(Queue).where(Queue.slug == "standard").values(signature="Standard"))
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.ROUTE, None, "queue standard")
    letters = await told(desk, hands)
    assert sorted(to(letters)) == [["grace@desk.example"], ["sam@desk.example"]]
    assert {letter.text.partition("Deadline: ")[2][:20] for letter in letters} == {
        "2031-03-27 10:15 CET",
        "2031-03-27 05:15 EDT",
    }


async def test_what_cannot_be_said_is_told_on_the_timeline_and_stops_no_clock(desk: Desk) -> None:
    await add(desk, {"slas": [promise({"on": "warning", "do": "notify", "to": "customer"})]})
    hands = await Hands.opened(desk, contact_id=None)
    assert await told(desk, hands) == []
    (entry,) = await desk.timeline(hands.case.number, "not-notified")
    assert entry.text == "nobody to tell"
    assert (await desk.kpis(hands.case.number))["answer"][-1]["status"] == "noncompliant"


@pytest.mark.parametrize(
    ("template", "where", "message"),
    [
        ("acknowledgement", "slas", "'mail' is not known to a notice of an SLA"),
        ("told", "record_creation_rules", "'promise' is not known to an acknowledgement"),
        ("told", "notices", "'promise' is not known to a notice of what happened to a case"),
    ],
)
async def test_a_template_is_refused_where_it_could_not_be_rendered(
    desk: Desk, template: str, where: str, message: str
) -> None:
    notify = {"on": "failure", "do": "notify", "to": "owner", "template": template}
    rule = {"slug": "r", "name": "R", "queue": "gold", "items": [{"name": "All"}], "auto_reply_template": template}
    using = {
        "slas": add(desk, {"slas": [promise(notify)]}),
        "record_creation_rules": add(desk, {"record_creation_rules": [rule]}),
        "notices": settings(desk, notices=[{"on": "reply", "to": "owner", "template": template}]),
    }
    wanted = using.pop(where)
    for other in using.values():
        other.close()
    with pytest.raises(OrganisationErrors, match=message):
        await wanted


async def test_a_template_in_use_does_not_begin_to_speak_of_what_its_users_do_not_know(desk: Desk) -> None:
    texts = {"en": {"subject": "S", "body": "{{ promise.deadline }}"}}
    with pytest.raises(OrganisationErrors, match="'promise' is not known to an acknowledgement"):
        await add(desk, {"templates": [{"slug": "acknowledgement", "name": "A", "texts": texts}]})


# ---- what happens to cases -------------------------------------------------------------------------------------------


async def hears(desk: Desk, number: str, **fields: Any) -> None:
    letter = await mail(desk, **fields)
    delivery = await must_hear(desk, number, letter.id)
    case = await desk.case(number)
    given = DeliveryInput(case_id=case.id, now=PRESENT, version=case.version, delivery_id=delivery.id)
    for _ in range(2):
        await run(activities(desk)["apply_delivery"], given)


async def test_by_default_somebody_learns_that_the_customer_wrote_on_a_closed_case(desk: Desk) -> None:
    hands = await Hands.opened(desk)
    await hands.do(CommandKind.PICK)
    await hears(desk, hands.case.number)
    assert await notices(desk) == [], "an open case is looked at anyway"
    await hands.do(CommandKind.REPLY, ReplyBody(text="Hold the button."))
    await hands.do(CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
    await hears(desk, hands.case.number, text="It fell off again.")
    (letter,) = await notices(desk)
    assert letter.recipients["to"] == ["grace@desk.example"]
    assert letter.subject.startswith("The customer wrote on a closed case: It does not pair")
    await hears(desk, hands.case.number, automatic="auto-replied")
    assert len(await notices(desk)) == 1, "a machine's answer is nobody's word"
    (entry,) = await desk.timeline(hands.case.number, "notified")
    assert entry.data["event"] == "answer-to-closed"


async def test_new_cases_and_replies_are_told_where_the_organisation_wants_it(desk: Desk) -> None:
    wanted = [{"on": "new-case", "to": "queue"}, {"on": "reply", "to": "owner"}]
    await settings(desk, notices=wanted)
    hands = await Hands.opened(desk)
    assert to(await notices(desk)) == [["grace@desk.example"]]
    await hands.do(CommandKind.PICK)
    await hears(desk, hands.case.number)
    assert [letter.subject.partition(":")[0] for letter in await notices(desk)] == ["New case", "The customer wrote"]
    await hands.do(CommandKind.RESOLVE, ResolveBody(resolution="Paired."))
    await hears(desk, hands.case.number)
    assert to(await notices(desk))[2:] == [["grace@desk.example"]], "a word on a closed case always reaches somebody"


# ---- the role of a KPI -----------------------------------------------------------------------------------------------


async def test_a_kpis_role_is_data_and_not_its_name(desk: Desk) -> None:
    await add(desk, {"slas": [promise()]})
    hands = await Hands.opened(desk)
    case = await desk.case(hands.case.number)
    assert case.first_response_by == OPENED_ON + timedelta(minutes=15)
    assert case.resolve_by is None
    await hands.do(CommandKind.REPLY, ReplyBody(text="Hold the button.", send_after_seconds=60))
    assert (await desk.kpis(case.number))["answer"][-1]["status"] == "succeeded"
    await hands.do(CommandKind.UNDO_REPLY, None, "made")
    assert (await desk.kpis(case.number))["answer"][-1]["status"] == "in-progress", "it runs again by its role"


async def test_a_kpi_called_resolution_can_be_given_no_role(desk: Desk) -> None:
    item = promise()["items"][0] | {
        "kpi": "resolution",
        "success": {"all": [{"field": "case.status", "value": "resolved"}]},
    }
    await add(desk, {"slas": [{"slug": "gold", "name": "Gold", "items": [item]}]})
    hands = await Hands.opened(desk)
    assert (await desk.case(hands.case.number)).resolve_by == OPENED_ON + timedelta(minutes=15)
    await add(desk, {"kpis": [{"slug": "resolution", "name": "Resolution", "role": "none"}]})
    hands = await Hands.opened(desk)
    assert (await desk.case(hands.case.number)).resolve_by is None
