"""Cases that are like another one, each with its reasons, for those who may see it (domain 1.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.records.base import new_id
from models.records.mails import EmailMessage
from models.records.reference import Mailbox
from tests.api.conftest import AT, World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What both databases find alike is tested in tests/storage/fulltext."""
    return sqlite_url


async def similar(world: World, who: str, number: str, **params: Any) -> list[tuple[str, list[str], list[str]]]:
    async with world.http(who) as http:
        answer = await http.get(f"/api/v1/cases/{number}/similar", params=params)
    assert answer.status_code == 200, answer.text
    return [(each["number"], each["words"], each["same"]) for each in answer.json()["items"]]


async def test_what_shares_most_comes_first_with_what_it_shares(world: World) -> None:
    this = await world.case(title="The headphones do not pair", product="one", subject="bluetooth")
    mailed = await world.case(title="Question", account_id=None, contact_id=None)
    by_title = await world.case(title="Pairing a headphone", account_id=None, subject="bluetooth")
    hidden = await world.case("inner", title="Headphones never pair", product="one")
    await world.case(title="Headphones are loud")
    await world.case(title="Headphones pair", status="cancelled", merged_into=this.number)
    await _mail(world, mailed.id, "My headphones will not pair with the telephone.")
    first = (by_title.number, ["headphones", "pair"], ["contact", "subject"])
    second: tuple[str, list[str], list[str]] = (mailed.number, ["headphones", "pair"], [])
    assert await similar(world, "carl", this.number) == [first, second]
    third = (hidden.number, ["headphones", "pair"], ["account", "contact", "product"])
    assert await similar(world, "berta", this.number) == [third, first, second]
    assert await similar(world, "mona", this.number, limit=1) == [third]
    async with world.http("carl") as http:
        assert (await http.get(f"/api/v1/cases/{hidden.number}/similar")).status_code == 404


async def _mail(world: World, case_id: Any, text: str) -> None:
    box, id = new_id(), new_id()
    async with world.house.database.write() as session:
        session.add(Mailbox(id=box, slug="m", address="m@house.example", display_name="M", settings={}))
        await session.flush()
        about = {"mailbox_id": box, "case_id": case_id, "subject": "Question", "text": text, "sender": "a@b.example"}
        keys = {"message_id": "x", "message_id_hash": id.hex, "content_hash": id.hex}
        session.add(EmailMessage(id=id, direction="in", references=[], recipients={}, defects=[], **about, **keys))


async def test_of_a_short_title_the_description_counts_too(world: World) -> None:
    this = await world.case(title="Question", description="The kettle leaks at the handle")
    other = await world.case(title="Kettle leaks", account_id=None, contact_id=None)
    await world.case(title="Question")
    assert await similar(world, "berta", this.number) == [(other.number, ["kettle", "leaks"], [])]


async def test_an_opening_names_what_the_customer_has_opened_lately(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.opening.OPEN_WITHIN", 0.0)
    body = {"title": "The headphones do not pair", "origin": "phone", "customer": "ito-works"}
    async with world.http("carl") as http:
        first = (await http.post("/api/v1/cases", json=body)).json()
        assert first["possible_duplicates"] == []
    now = AT.fromisoformat(first["created_on"])
    lately: dict[str, Any] = {"created_on": now - timedelta(days=13)}
    twin = await world.case(title="Headphones: no pairing", status="resolved", **lately)
    await world.case("inner", title="Headphones do not pair", **lately)
    await world.case(title="Headphones do not pair", created_on=now - timedelta(days=15))
    await world.case(title="Headphones do not pair", account_id=None, **lately)
    await world.case(title="Headphones do not pair", status="cancelled", **lately)
    await world.case(title="The invoice is wrong", **lately)
    async with world.http("carl") as http:
        headers = {"Idempotency-Key": "again"}
        answers = [(await http.post("/api/v1/cases", json=body, headers=headers)).json() for _ in range(2)]
    found = [[(each["number"], each["words"]) for each in answer["possible_duplicates"]] for answer in answers]
    assert found[0] == found[1] == [(first["number"], ["headphones", "pair"]), (twin.number, ["headphones", "pair"])]
    async with world.http("ada") as http:
        tag = {"If-Match": (await http.get("/api/v1/organisation")).headers["etag"]}
        changed = await http.patch("/api/v1/organisation", json={"duplicates_within_days": 0}, headers=tag)
        assert changed.status_code == 200, changed.text
    async with world.http("carl") as http:
        assert (await http.post("/api/v1/cases", json=body)).json()["possible_duplicates"] == []
