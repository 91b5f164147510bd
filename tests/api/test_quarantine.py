"""The quarantine over HTTP: what is held, the ways out of it, and who did it. On both databases."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from desk import quarantine
from desk.errors import Conflict
from desk.identity import Identity, agent_identity
from mailroom.arrival import LARGEST_MAIL, Arrived, HeldUnread, read_mail
from models.messages.mailflow import HoldReason, MailVerdict
from models.messages.names import case_workflow_id
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import InboundMail
from models.records.reference import DefinitionRecord, Mailbox
from tests.api.conftest import AT, World
from tests.support.mailroom import CUSTOMER, SALES, SUPPORT, letter

HELD = "/api/v1/mailboxes/support/quarantine"


@pytest.fixture
async def room(world: World) -> World:
    """Two mailboxes of the queue `support`, whose rule asks for known senders."""
    rule = {"slug": "known", "name": "Known", "queue": "support", "items": [{"name": "All mail"}]}
    async with world.house.database.write() as session:
        for slug, address in (("support", SUPPORT), ("sales", SALES)):
            session.add(
                Mailbox(
                    id=new_id(),
                    slug=slug,
                    address=address,
                    display_name=slug,
                    queue="support",
                    uidvalidity=1,
                    settings={},
                )
            )
        session.add(
            DefinitionRecord(
                id=new_id(),
                kind="record-creation-rule",
                slug="known",
                version=1,
                status="active",
                body={**rule, "allow_unknown_senders": False},
            )
        )
    return world


async def take_in(
    world: World, raw: bytes, uid: int = 1, *, refusal: HeldUnread | None = None, largest: int = LARGEST_MAIL
) -> UUID:
    """The mail in the log of `support`, as intake decides about it. `refusal`: why it could not even be fetched."""
    house = world.house
    async with house.database.read() as session:
        mailbox = (await session.scalars(select(Mailbox).where(Mailbox.slug == "support"))).one()
    rules = await house.quarantine.placing.house_rules(mailbox)
    if refusal is None:
        arrived = await read_mail(uid, raw, house.files, rules.own_addresses, largest)
    else:
        arrived = Arrived(uid, "", len(raw), refusal=refusal)
    await house.quarantine.placing.take_in(arrived, rules, mailbox.intake_epoch, 1, AT + timedelta(minutes=uid))
    async with house.database.read() as session:
        return (await session.scalars(select(InboundMail.id).where(InboundMail.uid == uid))).one()


async def ask(world: World, method: str, path: str, who: str = "mona") -> tuple[int, Any]:
    async with world.http(who) as http:
        answer = await http.request(method, path)
        return answer.status_code, answer.json()


async def agent(world: World, slug: str) -> Identity:
    async with world.house.database.read() as session:
        return await agent_identity(session, slug, *Role)


async def allow_strangers(world: World) -> None:
    """The rule's next version."""
    async with world.house.database.write() as session:
        old = (await session.scalars(select(DefinitionRecord).where(DefinitionRecord.slug == "known"))).one()
        old.status = "archived"
        await session.flush()
        body = {**old.body, "allow_unknown_senders": True, "create_contact": True}
        session.add(DefinitionRecord(id=new_id(), kind=old.kind, slug=old.slug, version=2, status="active", body=body))


async def audited(world: World, entry: UUID) -> list[tuple[str, str, Any]]:
    _, found = await ask(world, "GET", f"/api/v1/audit?kind=held-mail&object={entry}")
    return [(row["actor"], row["action"], row["changes"]) for row in found["items"]]


async def test_the_oldest_held_mail_is_first(room: World) -> None:
    stranger = letter(subject="Broken speaker")
    first = await take_in(room, stranger, 1)
    second = await take_in(room, b"\x00" * 10, 2)
    third = await take_in(room, letter(), 3)
    status, page = await ask(room, "GET", f"{HELD}?limit=2")
    one, two = page["items"]
    assert (status, one["id"], two["id"], page["next"]) == (200, str(first), str(second), str(second))
    assert one | {"explanation": ""} == {
        "id": str(first),
        "mailbox": "support",
        "received_on": "2031-03-03T09:01:00Z",
        "uid": 1,
        "reason": "sender-unknown",
        "explanation": "",
        "sender": CUSTOMER,
        "subject": "Broken speaker",
        "raw_size": len(stranger),
    }
    assert "sender-unknown" in one["explanation"]
    assert (two["sender"], two["raw_size"]) == (None, 10)
    _, rest = await ask(room, "GET", f"{HELD}?limit=2&cursor={page['next']}")
    assert ([each["id"] for each in rest["items"]], rest["next"]) == ([str(third)], None)
    assert (await ask(room, "GET", HELD.replace("support", "sales")))[1] == {"items": [], "next": None}
    for who, expected in (("ada", 200), ("carl", 403), ("kim", 403)):
        assert (await ask(room, "GET", HELD, who))[0] == expected


async def test_rerun_follows_the_rules_of_today(room: World) -> None:
    entry = await take_in(room, letter())
    status, still = await ask(room, "POST", f"{HELD}/{entry}/rerun")
    assert (status, still["verdict"], still["reason"], still["case"]) == (200, "held", "sender-unknown", None)
    await allow_strangers(room)
    status, done = await ask(room, "POST", f"{HELD}/{entry}/rerun", "ada")
    assert (status, done["id"], done["verdict"], done["reason"]) == (200, str(entry), "opened", None)
    async with room.house.database.read() as session:
        (case,) = await session.scalars(select(Case))
    assert done["case"] == case.number
    changes = {"verdict": ["held", "opened"], "reason": ["sender-unknown", None], "case": [None, case.number]}
    assert await audited(room, entry) == [("ada", "rerun", changes), ("mona", "rerun", {})]
    run = room.house.client.get_workflow_handle(case_workflow_id(case.number))
    assert (await run.describe()).id == case_workflow_id(case.number)
    await run.terminate("the test is over")


async def test_a_released_mail_gets_its_case_past_the_gates_once(room: World) -> None:
    entry = await take_in(room, letter())
    status, done = await ask(room, "POST", f"{HELD}/{entry}/release")
    assert (status, done["verdict"]) == (200, "opened")
    await room.house.client.get_workflow_handle(case_workflow_id(done["case"])).terminate("the test is over")
    assert [(actor, action) for actor, action, _ in await audited(room, entry)] == [("mona", "release")]
    for verb in ("rerun", "release", "dismiss"):
        status, refused = await ask(room, "POST", f"{HELD}/{entry}/{verb}")
        assert (status, refused["type"]) == (409, "/problems/on-a-case")
    assert len(await audited(room, entry)) == 1
    assert (await ask(room, "GET", HELD))[1]["items"] == []


async def test_a_dismissed_mail_is_filed_and_its_bytes_stay(room: World) -> None:
    raw = b"\x00" * 10
    entry = await take_in(room, raw)
    assert (await ask(room, "POST", f"{HELD}/{entry}/dismiss", "carl"))[0] == 403
    status, done = await ask(room, "POST", f"{HELD}/{entry}/dismiss")
    assert (status, done["verdict"], done["reason"], done["case"]) == (200, "filed", "dismissed", None)
    assert done["explanation"].startswith("was held as no-sender: ")
    assert [(actor, action) for actor, action, _ in await audited(room, entry)] == [("mona", "dismiss")]
    assert (await ask(room, "GET", HELD))[1]["items"] == []
    async with room.house.database.read() as session:
        assert await room.house.files.get((await session.get_one(InboundMail, entry)).raw_sha256) == raw


async def test_the_raw_bytes_are_saved_and_not_shown(room: World) -> None:
    given = letter("<script>alert(1)</script>")
    entry = await take_in(room, given)
    async with room.http("mona") as http:
        answer = await http.get(f"{HELD}/{entry}/raw")
    assert (answer.status_code, hashlib.sha256(answer.content).digest()) == (200, hashlib.sha256(given).digest())
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == f'attachment; filename="{entry}.eml"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await ask(room, "GET", f"{HELD}/{entry}/raw", "carl"))[0] == 403


async def test_a_mail_too_large_to_fetch_says_where_it_is(room: World) -> None:
    refusal = HeldUnread(HoldReason.TOO_LARGE, "left on the server")
    entry = await take_in(room, b"x" * 99, 7, refusal=refusal)
    for method, verb in (("POST", "rerun"), ("POST", "release"), ("GET", "raw")):
        status, refused = await ask(room, method, f"{HELD}/{entry}/{verb}")
        assert (status, refused["type"]) == (409, "/problems/not-fetched")
        assert "UID 7" in refused["detail"]
    assert await audited(room, entry) == []


async def test_a_mail_that_the_server_does_not_give_says_what_it_said(room: World) -> None:
    entry = await take_in(room, b"", 7, refusal=HeldUnread(HoldReason.NOT_DELIVERED, "FETCH: NO cannot open"))
    _, page = await ask(room, "GET", f"{HELD}?reason=not-delivered")
    assert [each["explanation"] for each in page["items"]] == ["FETCH: NO cannot open"]
    status, refused = await ask(room, "GET", f"{HELD}/{entry}/raw")
    assert (status, refused["type"]) == (409, "/problems/not-fetched")
    assert "UID 7" in refused["detail"]
    assert "FETCH: NO cannot open" in refused["detail"]


async def test_one_larger_than_intake_takes_can_be_released_if_it_was_fetched(room: World) -> None:
    raw = letter("x" * 3000)
    room.house.quarantine.largest_mail = 2000
    entry = await take_in(room, raw, largest=2000)
    _, page = await ask(room, "GET", f"{HELD}?reason=too-large")
    assert [each["id"] for each in page["items"]] == [str(entry)]
    assert (await ask(room, "GET", f"{HELD}?reason=blank"))[1]["items"] == []
    assert (await ask(room, "GET", f"{HELD}?reason=dull"))[0] == 422
    status, still = await ask(room, "POST", f"{HELD}/{entry}/rerun")
    assert (status, still["verdict"], still["reason"]) == (200, "held", "too-large")
    status, done = await ask(room, "POST", f"{HELD}/{entry}/release")
    assert (status, done["verdict"]) == (200, "opened")
    await room.house.client.get_workflow_handle(case_workflow_id(done["case"])).terminate("the test is over")


async def test_a_mail_that_fails_again_stays_held_and_says_so(room: World, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = await take_in(room, letter(subject="Secret plans"))

    async def poisoned(*given: Any, **named: Any) -> Any:
        raise RuntimeError("Secret plans")

    monkeypatch.setattr(room.house.quarantine.placing, "_decide", poisoned)
    for verb in ("rerun", "release"):
        status, still = await ask(room, "POST", f"{HELD}/{entry}/{verb}")
        assert (status, still["verdict"], still["reason"]) == (200, "held", "intake-failed")
        assert still["explanation"] == "RuntimeError, when it was run again"
    monkeypatch.undo()
    (shown,) = (await ask(room, "GET", HELD))[1]["items"]
    assert (shown["sender"], shown["subject"]) == (CUSTOMER, "Secret plans")
    status, done = await ask(room, "POST", f"{HELD}/{entry}/release")
    assert (status, done["verdict"]) == (200, "opened")
    await room.house.client.get_workflow_handle(case_workflow_id(done["case"])).terminate("the test is over")


async def test_an_entry_is_found_in_its_own_mailbox_alone(room: World) -> None:
    entry = await take_in(room, letter())
    elsewhere = (
        f"/api/v1/mailboxes/sales/quarantine/{entry}",
        f"{HELD}/{uuid4()}",
        f"{HELD.replace('support', 'x')}/{entry}",
    )
    for path in elsewhere:
        for method, verb in (("POST", "rerun"), ("POST", "release"), ("GET", "raw")):
            status, refused = await ask(room, method, f"{path}/{verb}")
            assert (status, refused["type"]) == (404, "/problems/not-found")
    assert (await ask(room, "GET", HELD.replace("support", "x")))[0] == 404


async def test_a_mail_that_is_decided_meanwhile_is_not_decided_twice(room: World) -> None:
    """The command's first look finds the mail held; by the time of its decision, under the row's lock, it is not."""
    entry, case = await take_in(room, letter()), await room.case()
    placing = room.house.quarantine.placing
    rules_of = placing.house_rules

    async def slow(mailbox: Mailbox) -> Any:
        async with room.house.database.write() as session:
            opened = {"verdict": "opened", "case_id": case.id}
            await session.execute(update(InboundMail).where(InboundMail.id == entry).values(**opened))
        return await rules_of(mailbox)

    placing.house_rules = slow  # type: ignore[method-assign]
    status, refused = await ask(room, "POST", f"{HELD}/{entry}/release")
    assert (status, refused["type"]) == (409, "/problems/on-a-case")
    assert await audited(room, entry) == []


async def test_of_two_operators_who_decide_at_once_one_does(room: World) -> None:
    """Each has seen the mail held: what the second asks for is not done to what the first has made of it."""
    house, seen = room.house, (MailVerdict.HELD, HoldReason.NO_SENDER)
    mona, ada = await agent(room, "mona"), await agent(room, "ada")
    for uid in range(1, 4):
        entry = await take_in(room, letter(from_=""), uid)
        both = await asyncio.gather(
            quarantine.rerun(house.database, house.quarantine, mona, "support", entry, AT, release=True, seen=seen),
            quarantine.dismiss(house.database, ada, "support", entry, AT, "no use", seen),
            return_exceptions=True,
        )
        (late,) = [each for each in both if isinstance(each, BaseException)]
        assert isinstance(late, Conflict), late
        assert late.type == quarantine.DECIDED
        assert len(await audited(room, entry)) == 1


async def test_two_who_put_a_mail_on_the_same_case_at_once_are_both_answered(room: World) -> None:
    house, case = room.house, await room.case()
    entry = await take_in(room, letter(from_=""))
    mona, ada = await agent(room, "mona"), await agent(room, "ada")
    both = await asyncio.gather(
        *(
            quarantine.attach(house.database, house.quarantine, who, "support", entry, case.number, AT)
            for who in (mona, ada)
        )
    )
    assert [each["case"] for each in both] == [case.number] * 2
    assert len(await audited(room, entry)) == 1
