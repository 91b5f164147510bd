"""Replies through HTTP: how they leave, how they are taken back, and how the timeline tells of them. On both databases."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.suppressions import SuppressionReason
from models.records.mails import Outbox
from storage.repositories.suppressions import suppress
from tests.support.asking import Http, problem
from tests.support.correspondence import CUSTOMER, open_by_mail, receive
from tests.support.desks import OPENED_ON

QUOTED = "It does not help.\n\nOn Mon, Mar 24, 2031 at 10:30 AM Test Desk <support@desk.example> wrote:\n> Hold the button.\n"


async def messages(http: Http, number: str) -> list[dict[str, Any]]:
    """The emails that the timeline embeds, the newest first."""
    page = await http("grace", "GET", f"/cases/{number}/timeline")
    assert page.status_code == 200, page.text
    found: list[dict[str, Any]] = [item["message"] for item in page.json()["items"] if item["message"]]
    return found


async def test_a_reply_is_taken_back_while_it_waits(http: Http) -> None:
    number = await http.open()
    replies = f"/cases/{number}/replies"
    made = await http("grace", "POST", replies, {"text": "Hold the button.", "send_after_seconds": 100})
    assert (made.status_code, made.json()["case"]["first_response_sent"]) == (201, True)
    id = made.json()["id"]
    (shown,) = await messages(http, number)
    assert (shown["delivery"], shown["delivery_detail"], shown["sent_on"]) == ("queued", None, None)
    assert shown["not_before"] is not None
    undone = await http("grace", "POST", f"{replies}/{id}/undo", Idempotency_Key="undo-1")
    assert (undone.status_code, undone.json()["first_response_sent"]) == (200, False)
    again = await http("grace", "POST", f"{replies}/{id}/undo", Idempotency_Key="undo-1")
    assert (again.status_code, again.headers["idempotent-replay"]) == (200, "true")
    assert {each["delivery"] for each in await messages(http, number)} == {"undone"}
    assert problem(await http("grace", "POST", f"{replies}/{id}/undo")) == (409, "already-undone")
    assert problem(await http("grace", "POST", f"{replies}/{uuid4()}/undo")) == (404, "not-found")
    assert (await http("grace", "POST", f"{replies}/nobody/undo")).status_code == 422
    for seconds in (-1, 121, "soon", 1.5):
        refused = await http("grace", "POST", replies, {"text": "Hold.", "send_after_seconds": seconds})
        assert problem(refused) == (422, "invalid")


async def test_one_that_has_left_is_not_taken_back(http: Http) -> None:
    number = await http.open()
    made = await http("grace", "POST", f"/cases/{number}/replies", {"text": "Hold the button."})
    async with http.desk.house.database.write() as session:
        sent = {"state": "sent", "attempts": 1, "sent_on": OPENED_ON, "last_error": "delayed: soft 4.4.1"}
        await session.execute(update(Outbox).values(**sent))
    refused = await http("grace", "POST", f"/cases/{number}/replies/{made.json()['id']}/undo")
    assert problem(refused) == (409, "already-sent")
    (shown,) = await messages(http, number)
    assert (shown["delivery"], shown["delivery_detail"]) == ("sent", "delayed: soft 4.4.1")
    assert (shown["sent_on"], shown["not_before"]) == (OPENED_ON.isoformat().replace("+00:00", "Z"), None)


async def test_nothing_is_promised_to_a_suppressed_address(http: Http) -> None:
    number = await http.open()
    article = (await http("grace", "GET", "/articles?q=pairing")).json()["items"][0]["number"]
    assert (await http("mona", "POST", "/suppressions", {"address": CUSTOMER})).status_code == 201
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("replies", {"text": "Hold the button."}),
        ("replies", {"text": "Hold the button.", "to": ["else@customer.example"], "cc": [CUSTOMER.upper()]}),
        ("articles", {"article": article, "send": "content"}),
    ]
    for path, body in bodies:
        refused = await http("grace", "POST", f"/cases/{number}/{path}", body, Idempotency_Key=f"{path}-{len(body)}")
        assert problem(refused) == (409, "recipient-suppressed")
        assert f"DELETE /api/v1/suppressions/{CUSTOMER}" in refused.json()["detail"]
    assert (await http("grace", "POST", f"/cases/{number}/articles", {"article": article})).status_code == 201
    other = {"text": "Your colleague's mail comes back.", "to": ["else@customer.example"]}
    assert (await http("grace", "POST", f"/cases/{number}/replies", other)).status_code == 201
    assert (await http("mona", "DELETE", f"/suppressions/{CUSTOMER}")).status_code == 204
    key = {"Idempotency_Key": "replies-1"}
    assert (await http("grace", "POST", f"/cases/{number}/replies", bodies[0][1], **key)).status_code == 201


async def test_a_refusal_that_comes_from_the_case_names_no_address(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is suppressed after the desk has looked and before the case does. The address must not get into Temporal."""
    number = await http.open()

    async def late(session: AsyncSession, *_: object) -> None:
        await suppress(session, CUSTOMER, SuppressionReason.REFUSED, "550 5.1.1", OPENED_ON)

    monkeypatch.setattr("desk.commands.refuse_suppressed", late)
    refused = await http("grace", "POST", f"/cases/{number}/replies", {"text": "Hold the button."})
    assert problem(refused) == (409, "recipient-suppressed")
    assert "@" not in refused.json()["detail"]


async def test_what_is_new_in_a_mail_is_told_apart_from_what_it_quotes(http: Http) -> None:
    number = await open_by_mail(http.desk)
    await receive(http.desk, number, text=QUOTED)
    newest = next(each for each in await messages(http, number) if each["text"] == QUOTED)
    assert newest["trimmed"] == "It does not help."
    sent = next(each for each in await messages(http, number) if each["direction"] == "out")
    assert sent["trimmed"] == sent["text"]
