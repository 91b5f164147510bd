"""Mails that a server lists and does not deliver, however it says so: all others are taken in at once, those are held by
their UID with what the server said, and taken in when it relents. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.mailbox import MailboxActivities
from desk.queries.mailboxes import mailbox_status
from mail.imap.aioimaplib_client import connect
from mailroom import reader as room_of_readers
from mailroom.arrival import read_mail
from mailroom.quarantine import NotHeld, dismiss
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason, MailVerdict
from models.records.reference import Mailbox
from storage.repositories.mails import UNREADABLE
from tests.mail.failing import Failing, FailingImap
from tests.support.mailroom import NOW, SUPPORT, Case, Delivery, InboundMail, Mailroom, open_mailroom
from tests.support.waiting import until

SILENCE = 1.5
"""Seconds: longer than a busy machine stalls, so that it is the server who is silent."""
ASKED_FIRST = timedelta(seconds=1)
SAID = {
    Failing.REFUSES: "FETCH: NO [SERVERBUG] cannot open",
    Failing.BAD: "FETCH: BAD [SERVERBUG] cannot open",
    Failing.LEAVES_OUT: "SEARCH still lists it",
    Failing.EMPTIES: "without a byte of the",
    Failing.HANGS_UP: "FETCH: connection closed by the server",
    Failing.SAYS_BYE: "FETCH: the server said BYE cannot open message 3",
    Failing.SAYS_BYE_AND_STAYS: "FETCH: the server said BYE cannot open message 3",
    Failing.STALLS: "FETCH: no answer within 1.5 s",
}


@asynccontextmanager
async def behind(database_url: str, folder: Path, **options: Any) -> AsyncIterator[tuple[Mailroom, FailingImap]]:
    async with (
        open_mailroom(database_url, folder) as room,
        FailingImap(room.hub.imap_port, **options) as server,
    ):
        await room.rule("support")
        await room.configure(port=server.port)
        yield room, server


@pytest.fixture
async def failing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Mailroom, FailingImap]]:
    monkeypatch.setattr(room_of_readers, "RECONNECT_LAST", 0.05)
    async with behind(database_url, tmp_path) as found:
        yield found


def reader(room: Mailroom, **options: Any) -> MailboxActivities:
    given = {"connect": partial(connect, silence=SILENCE, patience=SILENCE), "asked_first": ASKED_FIRST}
    return room.intake(**{**given, **options})


def has(room: Mailroom, count: int) -> Callable[[], Any]:
    async def enough() -> bool:
        return await room.count(InboundMail, InboundMail.flagged) >= count

    return enough


async def by_uid(room: Mailroom) -> list[InboundMail]:
    return sorted(await room.all(InboundMail), key=lambda entry: entry.uid)


async def none_waits(room: Mailroom) -> bool:
    held = await room.count(InboundMail, InboundMail.reason == HoldReason.NOT_DELIVERED)
    return held == 0 and await room.count(InboundMail, ~InboundMail.flagged) == 0


async def expect_all_taken_in(room: Mailroom, sent: list[bytes]) -> None:
    entries = await by_uid(room)
    assert [entry.verdict for entry in entries] == [MailVerdict.OPENED] * len(sent)
    assert [await room.files.get(entry.raw_sha256) for entry in entries] == sent
    assert [entry.raw_size for entry in entries] == [len(raw) for raw in sent]
    assert [await room.count(kind) for kind in (Case, Delivery)] == [len(sent)] * 2
    assert len(set(room.told.opened)) == len(sent)
    async with room.imap() as client:
        assert await client.search_unflagged("$Caseloom") == []


@pytest.mark.parametrize("how", SAID)
async def test_it_is_held_with_what_the_server_said_and_stops_nobody(
    failing: tuple[Mailroom, FailingImap], how: Failing
) -> None:
    room, server = failing
    sent = [await room.arrives() for _ in range(5)]
    server.fails[3] = how
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 5))
        sent.append(await room.arrives())
        await until(has(room, 6))
        entries = await by_uid(room)
        server.fails.clear()
        assert [entry.verdict for entry in entries] == ["opened", "opened", "held", "opened", "opened", "opened"]
        held = entries[2]
        assert (held.reason, held.raw_sha256, held.raw_size) == (HoldReason.NOT_DELIVERED, "", len(sent[2]))
        assert SAID[how] in str(held.explanation)
        await until(lambda: none_waits(room))
    await expect_all_taken_in(room, sent)


async def test_the_status_of_the_mailbox_counts_it(failing: tuple[Mailroom, FailingImap]) -> None:
    room, server = failing
    await room.arrives()
    server.fails[1] = Failing.REFUSES
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 1))
    async with room.database.read() as session:
        status = await mailbox_status(session, "support", datetime.now(UTC))
    assert [(each.reason, each.count) for each in status.quarantine] == [(HoldReason.NOT_DELIVERED, 1)]
    assert (status.quarantined, status.backlog) == (1, 0)


@pytest.mark.parametrize("how", [Failing.REFUSES, Failing.STALLS, Failing.HANGS_UP])
async def test_a_server_that_fails_at_its_size_too(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Failing
) -> None:
    monkeypatch.setattr(room_of_readers, "RECONNECT_LAST", 0.05)
    async with behind(database_url, tmp_path, sizes_too=True) as (room, server):
        sent = [await room.arrives() for _ in range(3)]
        server.fails[2] = how
        async with room.running(reader(room).watch_mailbox):
            await until(has(room, 3))
            assert [entry.verdict for entry in await by_uid(room)] == ["opened", "held", "opened"]
            server.fails.clear()
            await until(lambda: none_waits(room))
        await expect_all_taken_in(room, sent)


async def test_a_large_mail_may_take_as_long_as_its_size_allows(failing: tuple[Mailroom, FailingImap]) -> None:
    """Longer than the patience with any command: else it would be asked for again for ever, or held."""
    room, server = failing
    sent = [await room.arrives(), await room.arrives("x" * 70 * 4_000 + "\n"), await room.arrives()]
    server.fails[2] = Failing.TRICKLES
    began = asyncio.get_running_loop().time()
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 3))
    assert asyncio.get_running_loop().time() - began > SILENCE
    assert len(server.asked) == 1
    await expect_all_taken_in(room, sent)


async def test_after_a_lost_connection_it_asks_for_one_at_a_time_and_then_for_many_again(
    failing: tuple[Mailroom, FailingImap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_of_readers, "BATCH", 4)
    room, server = failing
    for _ in range(8):
        await room.arrives()
    server.fails[2] = Failing.HANGS_UP
    async with room.running(reader(room, asked_first=timedelta(hours=1)).watch_mailbox):
        await until(has(room, 8))
    assert server.asked == [[1, 2, 3, 4], [1], [2], [2], [3], [4], [5], [6, 7, 8]]


async def test_a_server_that_gives_nothing_at_all_is_in_trouble_itself(database_url: str, tmp_path: Path) -> None:
    """Not each of its mails is held: one a try, and the mailbox says what the server says."""
    async with behind(database_url, tmp_path) as (room, server):
        sent = [await room.arrives() for _ in range(10)]
        server.fails = dict.fromkeys(range(1, 11), Failing.REFUSES)

        async def told() -> bool:
            error = (await room.mailbox("support")).last_error or ""
            return error.startswith(f"{UNREADABLE}FETCH: NO [SERVERBUG]")

        async with room.running(reader(room).watch_mailbox):
            await until(told)
            server.fails.clear()
            assert await room.count(InboundMail) < len(sent) / 2
            await until(has(room, 10))
            await until(lambda: none_waits(room))
        await expect_all_taken_in(room, sent)


async def move_away(room: Mailroom, uid: int) -> None:
    """What another program does to the mail, past the failing server."""
    account = (await room.mailbox("support")).settings["imap"]
    await room.configure(port=room.hub.imap_port)
    async with room.imap() as client:
        await client.move([uid], "Elsewhere")
    await room.configure(port=account["port"])


async def test_what_a_search_no_longer_lists_is_gone_and_nobodys(failing: tuple[Mailroom, FailingImap]) -> None:
    room, server = failing
    sent = [await room.arrives() for _ in range(3)]

    async def away() -> None:
        server.before_fetch = None
        await move_away(room, 2)

    server.before_fetch = away
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 2))
        sent.append(await room.arrives())
        await until(has(room, 3))
    del sent[1]
    assert [entry.uid for entry in await by_uid(room)] == [1, 3, 4]
    await expect_all_taken_in(room, sent)


async def test_a_held_one_that_is_gone_from_the_server_is_filed(failing: tuple[Mailroom, FailingImap]) -> None:
    room, server = failing
    await room.arrives()
    await room.arrives()
    server.fails[1] = Failing.LEAVES_OUT
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 2))
        await move_away(room, 1)
        await until(lambda: none_waits(room))
    entry = (await by_uid(room))[0]
    assert (entry.verdict, entry.reason, entry.raw_sha256) == (MailVerdict.FILED, FileReason.GONE, "")
    assert "was held as not-delivered" in str(entry.explanation)


async def test_after_a_new_uidvalidity_it_is_read_under_its_new_uid(failing: tuple[Mailroom, FailingImap]) -> None:
    room, server = failing
    await room.arrives()
    server.fails[1] = Failing.REFUSES
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 1))
    async with room.database.write() as session:
        await session.execute(update(Mailbox).values(uidvalidity=1, last_uid=9))
        await session.execute(update(InboundMail).values(uidvalidity=1))
    server.fails.clear()
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 2))
    verdicts = [(entry.verdict, entry.reason) for entry in await room.all(InboundMail)]
    assert verdicts == [(MailVerdict.FILED, FileReason.GONE), (MailVerdict.OPENED, None)]


async def test_a_reader_that_starts_anew_asks_again_and_a_mail_that_is_known_is_a_duplicate(
    failing: tuple[Mailroom, FailingImap],
) -> None:
    room, server = failing
    raw = await room.arrives()
    await room.hub.deliver(SUPPORT, raw)
    server.fails[2] = Failing.EMPTIES
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 2))
    server.fails.clear()
    async with room.running(reader(room).watch_mailbox):
        await until(lambda: none_waits(room))
    assert [entry.verdict for entry in await by_uid(room)] == [MailVerdict.OPENED, MailVerdict.DUPLICATE]
    assert await room.count(Case) == 1


# ---- the operator ----------------------------------------------------------------------------------------------------


async def one_held(room: Mailroom, server: FailingImap) -> InboundMail:
    server.fails[1] = Failing.REFUSES
    async with room.running(reader(room).watch_mailbox):
        await until(has(room, 1))
    (entry,) = await room.all(InboundMail)
    assert entry.reason == HoldReason.NOT_DELIVERED
    return entry


async def test_an_operator_asks_for_it_again(failing: tuple[Mailroom, FailingImap]) -> None:
    room, server = failing
    sent = await room.arrives()
    entry = await one_held(room, server)
    quarantine = reader(room).intake.quarantine
    server.fails[1] = Failing.SAYS_BYE
    after = await quarantine.rerun(entry.id, NOW)
    assert (after.verdict, after.reason) == (MailVerdict.HELD, HoldReason.NOT_DELIVERED)
    assert "BYE cannot open message 1" in str(after.explanation)
    server.fails.clear()
    after = await quarantine.rerun(entry.id, NOW)
    assert (after.verdict, await room.files.get(after.raw_sha256)) == (MailVerdict.OPENED, sent)
    with pytest.raises(NotHeld):
        await quarantine.rerun(entry.id, NOW)
    async with room.running(reader(room).watch_mailbox):
        await until(lambda: none_waits(room))
    await expect_all_taken_in(room, [sent])


async def test_an_operator_learns_that_it_is_gone(failing: tuple[Mailroom, FailingImap]) -> None:
    room, server = failing
    await room.arrives()
    entry = await one_held(room, server)
    await move_away(room, 1)
    after = await reader(room).intake.quarantine.rerun(entry.id, NOW)
    assert (after.verdict, after.reason) == (MailVerdict.FILED, FileReason.GONE)


async def test_what_an_operator_dismissed_is_not_asked_for_again(failing: tuple[Mailroom, FailingImap]) -> None:
    room, server = failing
    await room.arrives()
    entry = await one_held(room, server)
    await dismiss(room.database, entry.id)
    server.fails.clear()
    server.asked.clear()
    await room.arrives()
    async with room.running(reader(room, asked_first=timedelta(0)).watch_mailbox):
        await until(has(room, 2))
        await room.arrives()
        await until(has(room, 3))
    assert [uid for asked in server.asked for uid in asked] == [2, 3]


# ---- the heartbeat ---------------------------------------------------------------------------------------------------


async def test_the_reader_beats_while_mails_are_read(
    failing: tuple[Mailroom, FailingImap], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the fault run: mail that took longer to read than a heartbeat may be missed ended every attempt there."""
    room, _ = failing
    beats = during = 0

    async def slow(*given: Any) -> Any:
        nonlocal during
        before = beats
        await asyncio.sleep(1.5)
        during = beats - before
        return await read_mail(*given)

    def beat(*_: Any) -> None:
        nonlocal beats
        beats += 1

    monkeypatch.setattr(room_of_readers, "read_mail", slow)
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.3))
    environment.on_heartbeat = beat
    await room.arrives()
    task = asyncio.create_task(environment.run(reader(room).watch_mailbox, room.jobs["support"]))
    await until(has(room, 1))
    environment.worker_shutdown()
    with pytest.raises(ApplicationError):
        await asyncio.wait_for(task, 10)
    assert during >= 5
