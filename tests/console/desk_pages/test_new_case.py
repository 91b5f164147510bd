"""A new case, the customer first; the one search."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console
from desk.queries.first_steps import first_steps
from models.messages.api_cases import NoteBody, ResolveBody
from models.messages.cases import CommandKind
from tests.support.correspondence import open_by_mail
from tests.support.desks import OPENED_ON, Desk, DeskFactory
from tests.support.signed import Reader, signed_in

LONG = "L" + "o" * 299 + "ng"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_new_case_and_search(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, signed_in(desk, "grace") as reader, signed_in(desk, "sam") as other:
        number = await the_customer_comes_first(desk, reader)
        await a_likely_duplicate_is_shown(reader, number)
        await a_faulty_form_keeps_what_was_typed(reader)
        await words_lead_to_everything_that_has_them(desk, reader, other, number)
        await what_is_too_long_is_refused_beside_its_field_and_never_cut(reader, number)
        await only_a_mail_of_the_customer_is_the_first_step(desk)


async def the_customer_comes_first(desk: Desk, reader: Reader) -> str:
    assert "Who is it for?" in await reader.page("/cases/new")
    found = await reader.page("/cases/new?q=casey")
    link = re.search(r'href="(/cases/new\?customer=[^"]+)"', found)
    assert link is not None
    form = await reader.page(link[1])
    assert "15 of 15 left" in form, "what is left of their contract"
    assert 'id="ask-title"' in form
    assert "from:#ask-title" in form, "duplicates are looked for as the title is typed"
    given = {"title": "Headphones do not pair", "priority": "high", "origin": "phone", "route": "yes"}
    made = await reader.send(form, "/cases/new", given, follow=False)
    number = made.headers["location"].removeprefix("/cases/")
    case = await desk.case(number)
    assert (case.title, case.priority, case.decrement) == ("Headphones do not pair", "high", False)
    again = await reader.send(form, "/cases/new", given, follow=False)
    assert again.headers["location"] == made.headers["location"], "a form counts once"
    await desk.settled(number)
    return number


async def a_likely_duplicate_is_shown(reader: Reader, number: str) -> None:
    assert number in await reader.page("/cases/new?customer=casey"), "what they have open already"
    part = await reader.page("/part/cases/new/duplicates?customer=casey&title=My+headphones+pair+badly")
    assert number in part
    assert number not in await reader.page("/part/cases/new/duplicates?customer=casey&title=Invoice")


async def a_faulty_form_keeps_what_was_typed(reader: Reader) -> None:
    wrong = await reader.send("/cases/new?customer=casey", "/cases/new", {"title": " ", "description": "It is <b>"})
    assert wrong.status_code == 422
    assert 'href="#ask-title"' in wrong.text
    assert "It is &lt;b&gt;" in wrong.text
    long = await reader.send("/cases/new?customer=casey", "/cases/new", {"title": LONG})
    assert (long.status_code, LONG in long.text) == (422, True)
    assert re.search(r'id="fault-title">Please use at most 300 characters\.', long.text)
    gone = await reader.get("/cases/new?customer=nobody")
    assert gone.status_code == 422
    assert "Who is it for?" in gone.text


async def what_is_too_long_is_refused_beside_its_field_and_never_cut(reader: Reader, number: str) -> None:
    at = f"/cases/{number}/fields/title"
    page = await reader.page(f"/cases/{number}")
    changed = await reader.send(page, at, {"value": LONG})
    assert (changed.status_code, LONG in changed.text) == (422, True)
    assert "at most 300 characters" in changed.text
    for address in ("/search", "/customers", "/articles", "/cases"):
        long = await reader.get(f"{address}?q={'word ' * 90}", follow_redirects=True)
        assert (long.status_code, "at most 400 characters" in long.text) == (422, True), address
    templates = Path(console.__file__).parent / "templates"
    assert [path.name for path in templates.rglob("*.html") if "maxlength" in path.read_text("utf-8")] == [], (
        "a browser cuts what is pasted into such a field, and says nothing"
    )


async def only_a_mail_of_the_customer_is_the_first_step(desk: Desk) -> None:
    async with desk.house.database.read() as session:
        assert (await first_steps(session, "casey", OPENED_ON)).number is None, "by hand there are cases of theirs"
    case = await open_by_mail(desk)
    async with desk.house.database.read() as session:
        assert (await first_steps(session, "casey", OPENED_ON)).number == case
    await desk.send("grace", case, CommandKind.PICK)
    anew = await open_by_mail(desk)
    async with desk.house.database.read() as session:
        assert (await first_steps(session, "casey", OPENED_ON)).number == case, "what has come further stays in view"
    await desk.send("grace", case, CommandKind.RESOLVE, ResolveBody(resolution="They pair again."))
    async with desk.house.database.read() as session:
        assert (await first_steps(session, "casey", OPENED_ON)).number == anew, (
            "what is done gives way to what is begun"
        )


async def words_lead_to_everything_that_has_them(desk: Desk, reader: Reader, other: Reader, number: str) -> None:
    await desk.send("grace", number, CommandKind.NOTE, NoteBody(text="Reset by the blue button."))
    found = await reader.page("/search?q=button")
    assert "<mark>button</mark>" in found
    assert f"/cases/{number}#entry-" in found
    assert "No customer" not in found
    assert "/cases/new" in await reader.page("/search?q=button&in=customers"), "no hit there"
    assert "<mark>" not in await reader.page("/search?q=button&in=customers")
    jump = await reader.get(f"/search?q={number.lower()}")
    assert jump.headers["location"] == f"/cases/{number}"
    private = await desk.open(title="A private button", queue="private")
    hidden = await other.get(f"/search?q={private}")
    assert private not in re.sub(r'value="[^"]*"|<title>.*?</title>|href="[^"]*"', "", hidden.text)
