"""The suppression list over HTTP: who may, what is shown, and that every change is on record. On both databases."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from models.messages.suppressions import SuppressionReason
from models.records.base import new_id
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Mailbox
from storage.repositories.suppressions import suppress, suppressed_among
from tests.api.conftest import AT, World

LIST = "/api/v1/suppressions"


async def ask(world: World, method: str, path: str = "", who: str = "mona", **given: Any) -> tuple[int, Any]:
    async with world.http(who) as http:
        answer = await http.request(method, LIST + path, **given)
        return answer.status_code, answer.json() if answer.content else None


async def add(world: World, address: str, **given: Any) -> tuple[int, Any]:
    return await ask(world, "POST", json={"address": address, **given})


async def test_an_operator_adds_sees_and_lifts(world: World) -> None:
    status, made = await add(world, "Gone@Customer.example", detail="asked to be left alone")
    assert (status, made["address"], made["reason"], made["added_by"]) == (
        201,
        "gone@customer.example",
        "operator",
        "mona",
    )
    assert (made["detail"], made["letter"], made["case"]) == ("asked to be left alone", None, None)
    assert await ask(world, "GET") == (200, {"items": [made], "next": None})
    status, refused = await add(world, "gone@customer.example")
    assert (status, refused["type"]) == (409, "/problems/already-suppressed")
    assert await ask(world, "DELETE", "/gone@CUSTOMER.example", who="ada") == (204, None)
    assert await ask(world, "GET") == (200, {"items": [], "next": None})
    status, missing = await ask(world, "DELETE", "/gone@customer.example")
    assert (status, missing["type"]) == (404, "/problems/not-found")
    async with world.http("mona") as http:
        audited = (await http.get("/api/v1/audit?kind=suppression")).json()["items"]
    assert [(row["actor"], row["action"], row["object"]) for row in audited] == [
        ("ada", "delete", made["id"]),
        ("mona", "create", made["id"]),
    ]
    assert audited[0]["changes"]["address"] == ["gone@customer.example", None]


async def test_what_a_bounce_put_there_names_its_letter_and_case(world: World) -> None:
    case = await world.case()
    async with world.house.database.write() as session:
        mailbox = Mailbox(id=new_id(), slug="s", address="s@house.example", display_name="S", queue=None, settings={})
        session.add(mailbox)
        await session.flush()
        message = EmailMessage(
            id=new_id(), direction="out", mailbox_id=mailbox.id, case_id=case.id, message_id="m", message_id_hash="m",
            content_hash="m", references=[], sender="s@house.example", recipients={}, subject="", text="", defects=[],
        )  # fmt: skip
        session.add(message)
        await session.flush()
        letter = Outbox(
            id=new_id(), key="reply/1", mailbox_id=mailbox.id, case_id=case.id, message_id=message.id, kind="reply",
            envelope_to=["ada@ito.example"], envelope_from="s@house.example", state="bounced",
        )  # fmt: skip
        session.add(letter)
        await session.flush()
        for _ in range(2):
            await suppress(session, "Ada@Ito.example", SuppressionReason.BOUNCED, "5.1.1", AT, outbox_id=letter.id)
    _, page = await ask(world, "GET")
    (shown,) = page["items"]
    assert (shown["address"], shown["reason"], shown["detail"]) == ("ada@ito.example", "bounced", "5.1.1")
    assert (shown["letter"], shown["case"], shown["added_by"]) == (str(message.id), case.number, None)
    async with world.house.database.read() as session:
        found = await suppressed_among(session, ["ADA@ito.example", "eve@ito.example"])
        assert found == {"ADA@ito.example"}
        assert await session.scalar(select(Outbox.state)) == "bounced"


async def test_pages_by_cursor_and_by_address(world: World) -> None:
    for number in range(5):
        await add(world, f"a{number}@customer.example")
    seen, following = [], "?limit=2"
    while following:
        status, page = await ask(world, "GET", following)
        assert status == 200
        seen += [item["address"] for item in page["items"]]
        following = f"?limit=2&cursor={page['next']}" if page["next"] else ""
    assert seen == [f"a{number}@customer.example" for number in range(5)]
    _, one = await ask(world, "GET", "?address=A3@customer.example")
    assert [item["address"] for item in one["items"]] == ["a3@customer.example"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"address": "nobody"},
        {"address": "a@b,c@d"},
        {"address": "a@b\r\n"},
        {"address": "a@b\0"},
        {"address": "a@" + "b" * 300},
        {"address": "a@b.example", "detail": "x" * 501},
        {"address": "a@b.example", "detail": "\0"},
        {"address": "a@b.example", "reason": "bounced"},
    ],
)
async def test_what_is_no_address_is_refused(world: World, body: dict[str, Any]) -> None:
    status, refused = await ask(world, "POST", json=body)
    assert (status, refused["type"]) == (422, "/problems/invalid")
    assert (await ask(world, "GET"))[1]["items"] == []


@pytest.mark.parametrize("address", ["a/b@customer.example", "a%b@customer.example", "o'brien+x@customer.example"])
async def test_odd_addresses_can_be_lifted(world: World, address: str) -> None:
    assert (await add(world, address))[0] == 201
    assert (await ask(world, "DELETE", f"/{quote(address)}"))[0] == 204


@pytest.mark.parametrize("path", ["/%00", "/" + "a" * 400, "?cursor=x", "?limit=0", "?address=%00"])
async def test_what_is_no_question_is_refused(world: World, path: str) -> None:
    method = "GET" if path.startswith("?") else "DELETE"
    assert (await ask(world, method, path))[0] == 422


async def test_agents_may_not(world: World) -> None:
    for who in ("carl", "kim"):
        assert (await ask(world, "GET", who=who))[0] == 403
        assert (await ask(world, "POST", who=who, json={"address": "a@b.example"}))[0] == 403
        assert (await ask(world, "DELETE", "/a@b.example", who=who))[0] == 403
