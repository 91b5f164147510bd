"""A server that refuses us and not the letter: all letters wait, the mailbox says why, and they leave once it is mended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from cases.opener import NewCase, insert_case
from desk.queries.mailboxes import mailbox_status
from letters.composing import Letters
from letters.refusals import RECONNECT_LAST, REFUSED_LAST, pause_after
from models.messages.mailbox_status import MailboxStatus
from models.records.mails import Suppression
from models.records.reference import Mailbox
from storage.repositories.outbox import REFUSED
from tests.mail.servers import ScriptedSmtp
from tests.support.mailroom import CUSTOMER, NOW, SALES, SUPPORT, Case, Delivery, Mailroom, Outbox, open_mailroom
from tests.support.waiting import until

HELLO: dict[str, str | None] = {"EHLO": "250-here\r\n250 AUTH PLAIN"}
OF_US: dict[str, dict[str, str | None]] = {
    "the password is wrong": {"AUTH": "535 5.7.8 username and password not accepted"},
    "the login is disabled": {"AUTH": "535 5.7.139 SmtpClientAuthentication is disabled"},
    "a login is asked for at MAIL": {"MAIL": "530 5.7.0 authentication required"},
    "and at RCPT": {"RCPT": "530 5.7.57 client was not authenticated"},
    "the sender is not ours": {"MAIL": "553 5.7.1 sender address rejected: not owned by user"},
    "and is refused at RCPT": {"RCPT": "550 5.7.1 <support@house.example>: Sender address rejected"},
    "no right to send as it": {"END": "550 5.7.60 client does not have permissions to send as this sender"},
    "the quota of the day": {"END": "550 5.4.5 daily user sending quota exceeded"},
    "the quota at RCPT": {"RCPT": "550 the domain has exceeded the max emails per hour (500) allowed"},
    "the rate": {"DATA": "451 4.7.1 rate limit exceeded"},
    "it relays for nobody": {"RCPT": "554 5.7.1 relay access denied"},
    "nor says so by a code": {"RCPT": "550 relaying denied"},
    "we are on a block list": {"END": "554 5.7.1 client host [192.0.2.1] blocked using zen.spamhaus.org"},
    "its disk is full": {"END": "452 4.3.1 insufficient system storage"},
    "it leaves": {"RCPT": "421 4.3.2 shutting down"},
}
LETTERS = 2


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        yield room


@pytest.fixture
async def case(room: Mailroom) -> Case:
    async with room.database.write() as session:
        new = NewCase(title="Printer", origin="phone", queue="support")
        made, _ = await insert_case(session, new, NOW, prefix="CAS")
    return made


@pytest.fixture
async def server(room: Mailroom) -> AsyncIterator[ScriptedSmtp]:
    """Where the mailbox hands its letters in."""
    async with ScriptedSmtp(HELLO) as running:
        await room.configure("support", "smtp", port=running.port)
        yield running


async def write(room: Mailroom, case: Case, key: str, *to: str) -> None:
    await write_all(room, case, {key: to or (CUSTOMER,)})


async def write_all(room: Mailroom, case: Case, letters: dict[str, tuple[str, ...]]) -> None:
    """At one moment; recipients by the letters' keys."""
    async with room.database.write() as session:
        for key, to in letters.items():
            await Letters(room.definitions, room.tokens).letter(
                session, case, kind="reply", key=key, text="Answer", to=to, now=NOW
            )


async def rows(room: Mailroom) -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in await room.all(Outbox)]


async def status(room: Mailroom) -> MailboxStatus:
    async with room.database.read() as session:
        return await mailbox_status(session, "support", datetime.now(UTC))


async def refused(room: Mailroom) -> bool:
    return str((await room.mailbox("support")).last_error).startswith(REFUSED)


async def all_sent(room: Mailroom) -> bool:
    return {state for state, _ in await rows(room)} == {"sent"}


async def nobody_waits(room: Mailroom) -> bool:
    return not {"queued", "sending"} & {state for state, _ in await rows(room)}


async def at_ease(room: Mailroom) -> bool:
    return await all_sent(room) and (await status(room)).last_error is None


def letters_by_connection(server: ScriptedSmtp) -> list[int]:
    return [part.count("MAIL") for part in " ".join(server.heard).split("CONNECT")[1:]]


async def test_whatever_it_refuses_us_for_the_letters_wait_and_leave_once_it_is_mended(
    room: Mailroom, case: Case, server: ScriptedSmtp
) -> None:
    wrong: dict[str, object] = {}
    async with room.running(room.outbox(first_pause=0.05).drain_outbox):
        for name, script in OF_US.items():
            server.play({**HELLO, **script})
            server.heard.clear()
            # To two domains: what is refused for one of them alone is told of its letter.
            await write_all(room, case, {f"reply/{name}/1": (CUSTOMER,), f"reply/{name}/2": (SALES,)})

            async def tried(times: int = LETTERS) -> bool:
                return await refused(room) and server.heard.count("CONNECT") > times

            await until(tried)
            shown, waiting = await status(room), (await rows(room))[-LETTERS:]
            said = next(iter(script.values())) or ""
            if {attempts for _, attempts in waiting} - {0, 1} or "failed" in {state for state, _ in waiting}:
                wrong[name] = waiting
            if shown.trouble != "refused" or said.split(" ", 1)[1][:20] not in str(shown.last_error):
                wrong[name] = (shown.state, shown.last_error)
            if max(letters_by_connection(server)[1:]) > 1:  # once it is known
                wrong[name] = letters_by_connection(server)
            server.mails.clear()
            server.play(HELLO)
            await until(lambda: at_ease(room))
            if len(server.mails) != LETTERS:
                wrong[name] = len(server.mails)
    assert wrong == {}
    assert {attempts for _, attempts in await rows(room)} == {1}, "a refusal of us is no attempt"
    assert await room.count(Delivery, Delivery.kind == "send-failed") == 0
    assert await room.all(Suppression) == []


async def test_the_mailbox_says_that_letters_wait_because_it_is_refused(
    room: Mailroom, case: Case, server: ScriptedSmtp
) -> None:
    server.play({**HELLO, "AUTH": "535 5.7.8 no"})
    await write(room, case, "reply/1")
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(last_success=datetime.now(UTC)))
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: refused(room))
    shown = await status(room)
    assert (shown.state, shown.trouble, shown.send_queue.due, await rows(room)) == (
        "send-refused",
        "refused",
        1,
        [("queued", 0)],
    )


async def test_a_mailbox_that_is_changed_is_tried_at_once(room: Mailroom, case: Case, server: ScriptedSmtp) -> None:
    server.play({**HELLO, "AUTH": "535 5.7.8 no"})
    await write(room, case, "reply/1")
    async with room.running(room.outbox(first_pause=250.0).drain_outbox):
        await until(lambda: refused(room))
        server.play(HELLO)
        async with room.database.write() as session:
            await session.execute(update(Mailbox).where(Mailbox.slug == "support").values(version=Mailbox.version + 1))
        await until(lambda: all_sent(room))


async def test_what_is_refused_for_one_alone_fails_once_others_have_left(room: Mailroom, case: Case) -> None:
    for number, answer in enumerate(
        ("550 5.7.1 relaying denied", "553 5.7.1 sender address rejected", "550 5.7.60 no")
    ):
        room.hub.answers[CUSTOMER] = answer
        await write(room, case, f"reply/{number}/denied")
        await write(room, case, f"reply/{number}/1", SALES)
        await write(room, case, f"reply/{number}/2", SALES)
        async with room.running(room.outbox(first_pause=0.05).drain_outbox):
            await until(lambda: nobody_waits(room))
        assert [state for state, _ in await rows(room)][-3:] == ["failed", "sent", "sent"]
    assert await room.count(Delivery, Delivery.kind == "send-failed") == 3
    assert await room.all(Suppression) == []
    assert (await status(room)).last_error is None


async def test_letters_to_a_domain_that_is_refused_hold_up_no_others(room: Mailroom, case: Case) -> None:
    staff = [f"{name}@staff.example" for name in ("mona", "grace", "sam")]
    room.hub.answers |= dict.fromkeys(staff, "550 5.7.1 relay access denied")

    async def states() -> list[str]:
        return [state for state, _ in await rows(room)]

    for number, address in enumerate(staff):
        await write(room, case, f"reply/staff/{number}", address)
    async with room.running(room.outbox(first_pause=250.0, first_retry=timedelta(seconds=0.05)).drain_outbox):
        await until(lambda: refused(room))
        assert await states() == ["queued"] * 3, "it could be we who are refused"
        await write(room, case, "reply/1", CUSTOMER)

        async def each_waits_alone() -> bool:
            found = (await rows(room))[:3]
            asked = all(attempts for _, attempts in found)
            return asked and [state for state, _ in found] == ["failed", "queued", "queued"]

        # It fails by its second refusal, with another one accepted in between; the others wait, and the mailbox is well.
        await until(each_waits_alone)
        assert await at_rest(room)
        await write(room, case, "reply/2", CUSTOMER)
        await until(lambda: nobody_waits(room))
        assert await states() == ["failed"] * 3 + ["sent", "sent"]
    assert await room.all(Suppression) == []


async def at_rest(room: Mailroom) -> bool:
    return (await status(room)).last_error is None


async def test_a_letter_that_is_refused_while_others_leave_is_no_trouble_of_the_mailbox(
    room: Mailroom, case: Case, server: ScriptedSmtp
) -> None:
    server.play(HELLO)
    await write(room, case, "reply/0")
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(last_success=datetime.now(UTC)))
    for sender in (room.outbox(), room.outbox(first_pause=0.05)):  # the second knows of the first by the rows alone
        async with room.running(sender.drain_outbox):
            await until(lambda: all_sent(room))
    server.play({**HELLO, "RCPT": "554 5.7.1 relay access denied"})
    await write(room, case, "reply/1", CUSTOMER)
    async with room.running(room.outbox(first_pause=0.05).drain_outbox):

        async def put_off() -> bool:
            return (await rows(room))[-1] == ("queued", 1)

        await until(put_off)
        shown = await status(room)
        assert (shown.state, shown.last_error, shown.send_queue.due) == ("ok", None, 0)
        assert "relay access denied" in str((await room.all(Outbox))[-1].last_error)
        # A second domain tells that it is not the recipient.
        await write(room, case, "reply/2", SALES)
        await until(lambda: refused(room))
        server.play(HELLO)
        await until(lambda: at_rest(room))


async def test_one_recipient_gets_it_while_the_other_waits(room: Mailroom, case: Case) -> None:
    room.hub.answers[CUSTOMER] = "550 5.7.1 relaying denied"
    await write(room, case, "reply/1", CUSTOMER, SALES)
    async with room.running(room.outbox(first_pause=0.05, first_retry=timedelta(seconds=0.5)).drain_outbox):

        async def waits() -> bool:
            return (await room.all(Outbox))[0].envelope_to == [CUSTOMER]

        await until(waits)
        assert (await status(room)).last_error is None, "the other was accepted, so it is not we"
        room.hub.answers.clear()
        await until(lambda: all_sent(room))
    assert (len(await room.received()), len(await room.received(SALES))) == (1, 1)


async def test_what_operators_read_of_it_names_no_customer(room: Mailroom, case: Case, server: ScriptedSmtp) -> None:
    server.play({**HELLO, "RCPT": f"554 5.7.1 <{CUSTOMER}>: <{SUPPORT}> may not relay"})
    await write(room, case, "reply/1")
    async with room.running(room.outbox().drain_outbox):
        await until(lambda: refused(room))
    told = str((await room.mailbox("support")).last_error)
    assert (CUSTOMER in told, SUPPORT in told) == (False, True)


async def test_a_connection_that_is_lost_before_the_letter_is_nobodys_fault(
    room: Mailroom, case: Case, server: ScriptedSmtp
) -> None:
    for step in ("MAIL", "RCPT"):
        server.play({**HELLO, step: ""})
        await write(room, case, f"reply/{step}")

        async def noted() -> bool:
            return (await status(room)).trouble == "sending"

        async with room.running(room.outbox(first_pause=0.05).drain_outbox):
            await until(noted)
            server.play(HELLO)
            await until(lambda: at_ease(room))
    assert await rows(room) == [("sent", 1), ("sent", 1)]


async def test_a_letter_that_is_refused_for_itself_stands_in_nobodys_way(
    room: Mailroom, case: Case, server: ScriptedSmtp
) -> None:
    server.play({**HELLO, "END": "554 5.7.1 a virus was found"})
    await write(room, case, "reply/1")
    async with room.running(room.outbox(first_retry=timedelta(hours=1)).drain_outbox):
        await until(lambda: nobody_waits(room))
    assert ([state for state, _ in await rows(room)], (await status(room)).last_error) == (["failed"], None)


@pytest.mark.parametrize(("refused", "last"), [(True, REFUSED_LAST), (False, RECONNECT_LAST)])
def test_pauses_grow_to_a_bound(refused: bool, last: float) -> None:
    pauses = [pause_after(failures, refused=refused) for failures in range(1, 100)]
    assert pauses == sorted(pauses)
    assert pauses[:3] == [1.0, 2.0, 4.0]
    assert pauses[-1] == last
