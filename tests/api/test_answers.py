"""What is the first response to a customer: whom a reply reaches, which channels count, and what is left if it is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import insert, update

from models.records.base import new_id, table_of
from models.records.cases import Case
from models.records.customers import ContactAddress
from models.records.reference import Contact
from tests.support.asking import Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import add, settings

pytestmark = pytest.mark.usefixtures("patience")

LATER = {"text": "Hold the button.", "send_after_seconds": 60}


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk() as desk, asked(desk) as made:
        people = [
            {"slug": "robin", "name": "Robin", "email": "robin@partner.example", "account": "aurora"},
            {"slug": "zoe", "name": "Zoe", "email": "zoe@elsewhere.example"},
        ]
        await add(desk, {"contacts": people})
        yield made


async def sent(http: Http, number: str) -> bool:
    return bool((await http.desk.case(number)).first_response_sent)


async def promise(http: Http, number: str) -> str:
    return str((await http.desk.kpis(number))["first-response"][-1]["status"])


async def reply(http: Http, number: str, **body: Any) -> str:
    answer = await http("grace", "POST", f"/cases/{number}/replies", LATER | body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def without_contact(http: Http, **fields: Any) -> str:
    number = await http.open()
    async with http.desk.house.database.write() as session:
        await session.execute(update(Case).where(Case.number == number).values(contact_id=None, **fields))
    return number


@pytest.mark.parametrize(
    ("to", "cc", "counts"),
    [
        (None, [], True),
        (["casey@customer.example"], [], True),
        (["Casey@Customer.Example"], [], True),
        (["robin@partner.example"], [], True),
        (["lab@vendor.example"], ["robin@partner.example"], True),
        (["zoe@elsewhere.example"], [], False),
        (["lab@vendor.example"], [], False),
        (["sam@desk.example"], [], False),
    ],
)
async def test_a_reply_to_anybody_of_the_customers_account(
    http: Http, to: list[str] | None, cc: list[str], counts: bool
) -> None:
    number = await http.open()
    await reply(http, number, **({"to": to} if to else {}), cc=cc)
    assert await sent(http, number) is counts
    assert await promise(http, number) == ("succeeded" if counts else "in-progress")


async def test_a_reply_on_a_case_without_contact(http: Http) -> None:
    for to, fields, counts in (
        ("robin@partner.example", {}, True),
        ("new.person@customer.example", {}, True),
        ("new.person@customer.example", {"account_id": None}, True),
        ("sam@desk.example", {}, False),
    ):
        number = await without_contact(http, **fields)
        await reply(http, number, to=[to])
        assert await sent(http, number) is counts, (to, fields)


async def test_a_completed_call_counts_and_other_activities_do_not(http: Http) -> None:
    for kind, verb, counts in (
        ("phone-call", "complete", True),
        ("phone-call", "cancel", False),
        ("task", "complete", False),
        ("letter", "complete", False),
        ("appointment", "complete", False),
    ):
        number = await http.open()
        made = await http("grace", "POST", f"/cases/{number}/activities", {"kind": kind, "title": "Call"})
        assert await sent(http, number) is False, "an open one says nothing yet"
        await http("grace", "POST", f"/activities/{made.json()['id']}/{verb}")
        assert await sent(http, number) is counts, (kind, verb)
        assert await promise(http, number) == ("succeeded" if counts else "in-progress")


async def test_which_channels_count_is_the_organisations_choice(http: Http) -> None:
    await settings(http.desk, first_response_channels=["letter"])
    number = await http.open()
    await reply(http, number)
    assert await sent(http, number) is False
    for kind, counts in (("phone-call", False), ("letter", True)):
        made = await http("grace", "POST", f"/cases/{number}/activities", {"kind": kind, "title": "It"})
        await http("grace", "POST", f"/activities/{made.json()['id']}/complete")
        assert await sent(http, number) is counts
    body = {"organisation": {"name": "Test Desk", "first_response_channels": ["email", "pigeon"]}}
    with pytest.raises(Exception, match="pigeon"):
        await add(http.desk, body)


async def test_by_hand_with_a_reason(http: Http) -> None:
    number = await http.open()
    assert problem(await http("grace", "POST", f"/cases/{number}/first-response", {"reason": "\u200b"}))[0] == 422
    assert problem(await http("grace", "POST", f"/cases/{number}/first-response"))[0] == 422
    done = await http("grace", "POST", f"/cases/{number}/first-response", {"reason": "At the counter."})
    assert (done.status_code, done.json()["first_response_sent"]) == (200, True)
    assert await promise(http, number) == "succeeded"
    (entry,) = await http.desk.timeline(number, "first-response")
    assert entry.text == "At the counter."
    await http("grace", "POST", f"/cases/{number}/resolve", {"resolution": "Done."})
    closed = await http("grace", "POST", f"/cases/{number}/first-response", {"reason": "Too late."})
    assert problem(closed) == (409, "case-not-active")


async def test_a_lost_reply_takes_the_answer_back_only_if_there_was_no_other(http: Http) -> None:
    async def call(number: str) -> None:
        made = await http("grace", "POST", f"/cases/{number}/activities", {"kind": "phone-call", "title": "Call"})
        await http("grace", "POST", f"/activities/{made.json()['id']}/complete")

    async def by_hand(number: str) -> None:
        await http("grace", "POST", f"/cases/{number}/first-response", {"reason": "At the counter."})

    async def colleague(number: str) -> None:
        await reply(http, number, to=["robin@partner.example"])

    async def vendor(number: str) -> None:
        await reply(http, number, to=["lab@vendor.example"])

    for other, left in ((None, False), (call, True), (by_hand, True), (colleague, True), (vendor, False)):
        number = await http.open()
        letter = await reply(http, number)
        if other is not None:
            await other(number)
        assert await sent(http, number) is True
        undone = await http("grace", "POST", f"/cases/{number}/replies/{letter}/undo")
        assert undone.status_code == 200, undone.text
        assert await sent(http, number) is left, other
        assert await promise(http, number) == ("succeeded" if left else "in-progress")


async def test_a_contact_that_mail_made_is_named_by_its_id(http: Http) -> None:
    id, account = new_id(), (await http.desk.case(await http.open())).account_id
    row = {"id": id, "slug": None, "name": "Kai", "email": "kai@customer.example", "account_id": account}
    async with http.desk.house.database.write() as session:
        await session.execute(insert(table_of(Contact)), row | {"active": True, "version": 1})
        await session.execute(insert(ContactAddress).values(address=row["email"], contact_id=id))
    number = await http.open(contact=str(id))
    again = await http.open()
    away = await http("grace", "PATCH", f"/cases/{number}", {"contact": "casey"}, If_Match="*")
    assert away.status_code == 200, away.text
    named = await http("grace", "PATCH", f"/cases/{again}", {"contact": str(id)}, If_Match="*")
    assert (named.status_code, named.json()["customer"]["contact"]["id"]) == (200, str(id))
    other = await http("grace", "PATCH", f"/cases/{again}", {"customer": str(id)}, If_Match="*")
    assert other.status_code == 200, other.text
    await reply(http, again)
    assert await sent(http, again) is True
    renamed = await http("mona", "PATCH", f"/contacts/{id}", {"name": "Kai Ito"}, If_Match="*")
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Kai Ito")
