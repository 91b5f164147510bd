"""The operator's view of mailboxes over HTTP, and its gauges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.client import WorkflowExecutionStatus

from models.messages.names import mailbox_workflow_id, outbox_workflow_id
from models.records.base import new_id
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from storage.repositories.mails import LOGIN_REFUSED
from tests.api.conftest import World

STATUS = "/api/v1/mailboxes/status"


async def two_mailboxes(world: World) -> None:
    now = datetime.now(UTC)
    async with world.house.database.write() as session:
        support = Mailbox(
            id=new_id(), slug="support", address="support@house.example", display_name="Support", settings={},
            last_success=now, backlog=70, oldest_unfetched=now - timedelta(hours=1),
        )  # fmt: skip
        sales = Mailbox(
            id=new_id(), slug="sales", address="sales@house.example", display_name="Sales", settings={},
            last_error=f"{LOGIN_REFUSED}mail.example:993 refuses the login of sales",
        )  # fmt: skip
        session.add_all([support, sales])
        await session.flush()
        for uid in (1, 2):
            session.add(
                InboundMail(
                    id=new_id(), mailbox_id=support.id, uidvalidity=1, uid=uid, raw_sha256="", raw_size=1,
                    received_on=now, verdict="held", reason="too-large",
                )
            )  # fmt: skip


async def test_all_mailboxes_are_told_in_one_answer(world: World) -> None:
    await two_mailboxes(world)
    async with world.http("mona") as http:
        sales, support = (await http.get(STATUS)).json()
        assert (await http.get("/api/v1/mailboxes/support/status")).json() == support
        assert (await http.get("/api/v1/mailboxes/press/status")).status_code == 404
    assert (sales["mailbox"], sales["state"], sales["trouble"]) == ("sales", "auth-failed", "login")
    assert (support["mailbox"], support["state"], support["backlog"]) == ("support", "behind", 70)
    assert [(each["reason"], each["count"]) for each in support["quarantine"]] == [("too-large", 2)]
    assert support["taken_in_24h"] == {"held": 2}
    assert "backlog" in support["advice"]


async def test_managers_and_administrators_see_it(world: World) -> None:
    await two_mailboxes(world)
    for path in (STATUS, "/api/v1/mailboxes/support/status"):
        for who, expected in (("mona", 200), ("ada", 200), ("carl", 403), ("kim", 403), (None, 401)):
            async with world.http(who) as http:
                assert (await http.get(path)).status_code == expected


async def test_every_mailbox_has_its_gauges(world: World) -> None:
    await two_mailboxes(world)
    async with world.http(None) as http:
        text = (await http.get("/metrics")).text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("caseloom_mailbox"))
    assert lines['caseloom_mailbox_backlog{mailbox="support"}'] == "70.0"
    assert lines['caseloom_mailbox_quarantine{mailbox="support",reason="too-large"}'] == "2.0"
    assert lines['caseloom_mailbox_state{mailbox="sales",state="auth-failed"}'] == "1.0"
    assert lines['caseloom_mailbox_state{mailbox="sales",state="ok"}'] == "0.0"
    assert lines['caseloom_mailbox_bounces_24h{mailbox="sales"}'] == "0.0"
    assert 0 <= float(lines['caseloom_mailbox_last_success_age_seconds{mailbox="support"}']) < 600
    assert 3600 <= float(lines['caseloom_mailbox_oldest_unfetched_age_seconds{mailbox="support"}']) < 4200
    assert not any("age_seconds" in name and "sales" in name for name in lines)
    assert "caseloom_suppressed_addresses 0.0" in text


async def test_a_new_mailbox_is_taken_up_and_one_activated_again_too(world: World) -> None:
    server = {"host": "127.0.0.1", "port": 1, "tls": "none", "user": "press"}
    body = {"slug": "press", "address": "press@house.example", "display_name": "Press", "imap": server, "smtp": server}
    names = mailbox_workflow_id("press"), outbox_workflow_id("press")

    async def end_both() -> None:
        for name in names:
            await world.house.client.get_workflow_handle(name).terminate("the test goes on")

    async with world.http("ada") as http:
        assert (await http.post("/api/v1/mailboxes", json=body)).status_code == 201
        await end_both()
        assert (await http.post("/api/v1/mailboxes/press/deactivate")).status_code == 200
        for name in names:
            description = await world.house.client.get_workflow_handle(name).describe()
            assert description.status is WorkflowExecutionStatus.TERMINATED
        assert (await http.post("/api/v1/mailboxes/press/activate")).status_code == 200
        await end_both()
