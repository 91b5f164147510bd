"""What becomes of mail on its server once it is taken in: flagged, moved or left, on good servers and on poor ones.

On both databases. A death is played by `kill -9` at a failpoint, and by running the activity again over its rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from mail.imap.client import ImapRefused
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from tests.mail.servers import Proxy
from tests.support.deaths import killed_at
from tests.support.mailroom import SALES, SUPPORT, Case, Delivery, EmailMessage, Mailroom, letter, open_mailroom
from tests.support.waiting import until

POOR = ("IDLE", "MOVE", "UIDPLUS", "KEYWORDS")


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support")
        yield room


@pytest.fixture
async def poor(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    """The same on a server without extensions."""
    async with open_mailroom(database_url, tmp_path, without=POOR) as room:
        await room.rule("support")
        await room.configure(poll_seconds=1)
        yield room


async def run(room: Mailroom, count: int, slug: str = "support") -> list[InboundMail]:
    """Wait until that many mails are done in the mail log, and the reader is idle. Returns the log of all mailboxes."""

    async def done() -> bool:
        return await room.count(InboundMail, InboundMail.flagged) >= count and await looked(room, slug)

    await forget(room, slug)
    async with room.running(room.intake().watch_mailbox, slug):
        await until(done)
    return await room.all(InboundMail)


async def forget(room: Mailroom, slug: str = "support") -> None:
    async with room.database.write() as session:
        await session.execute(update(Mailbox).where(Mailbox.slug == slug).values(last_success=None))


async def looked(room: Mailroom, slug: str = "support") -> bool:
    return (await room.mailbox(slug)).last_success is not None


async def in_folder(room: Mailroom, folder: str) -> list[bytes]:
    """The mails of a folder, oldest first; none if it does not exist."""
    async with room.imap() as client:
        try:
            await client.select(folder)
        except ImapRefused:
            return []
        return list((await client.fetch_many(await client.search_after(0))).values())


async def one_each(room: Mailroom, count: int) -> None:
    kinds = (Case, EmailMessage, Delivery, InboundMail)
    assert [await room.count(kind) for kind in kinds] == [count] * len(kinds)


class TestMove:
    @pytest.fixture(autouse=True)
    async def policy(self, room: Mailroom) -> None:
        await room.configure(after="move", move_to="Taken in")

    async def test_mail_is_moved_with_its_mark_once_it_is_stored(self, room: Mailroom) -> None:
        sent = [await room.arrives() for _ in range(3)]
        assert all(entry.flagged for entry in await run(room, 3))
        assert await in_folder(room, "INBOX") == []
        assert await in_folder(room, "Taken in") == sent
        async with room.imap() as client:
            await client.select("Taken in")
            flags = await client.fetch_flags([1, 2, 3])
        assert all("$Caseloom" in each and "\\Seen" not in each for each in flags.values())

    async def test_held_mail_is_moved_too(self, room: Mailroom) -> None:
        await room.arrives(from_="")
        (entry,) = await run(room, 1)
        assert entry.verdict == "held"
        assert len(await in_folder(room, "Taken in")) == 1

    async def test_what_was_too_large_to_fetch_stays(self, room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mailroom.fetching.LARGEST_FETCH", 2_000)
        large = await room.arrives("x" * 3_000)
        small = await room.arrives()
        entries = await run(room, 2)
        assert [entry.reason for entry in entries] == ["too-large", None]
        assert (await in_folder(room, "INBOX"), await in_folder(room, "Taken in")) == ([large], [small])
        async with room.imap() as client:
            assert "$Caseloom" in (await client.fetch_flags([1]))[1]

    @pytest.mark.parametrize("point", ["intake.committed", "intake.marked", "intake.moved", "intake.flagged"])
    async def test_a_death_at_any_step_moves_each_mail_once(self, room: Mailroom, point: str, tmp_path: Path) -> None:
        sent = [await room.arrives() for _ in range(3)]
        await killed_at(room, "intake", point)
        await run(room, 3)
        await one_each(room, 3)
        assert (await in_folder(room, "INBOX"), await in_folder(room, "Taken in")) == ([], sent)

    async def test_what_is_done_is_done_again_without_harm(self, room: Mailroom) -> None:
        sent = await room.arrives()
        await run(room, 1)
        stranger = await room.arrives()  # arrives after the rows were made; has another UID
        async with room.database.write() as session:
            await session.execute(update(InboundMail).values(flagged=False))
        await run(room, 2)
        await one_each(room, 2)
        assert await in_folder(room, "Taken in") == [sent, stranger]

    async def test_a_mail_that_somebody_took_away_is_passed_over(self, room: Mailroom, tmp_path: Path) -> None:
        await room.arrives()
        kept = await room.arrives()
        await killed_at(room, "intake", "intake.committed:2")
        async with room.imap() as client:
            await client.move([1], "Elsewhere")
        await run(room, 2)
        assert await in_folder(room, "Taken in") == [kept]
        assert len(await in_folder(room, "Elsewhere")) == 1

    async def test_after_a_new_uidvalidity_nothing_is_named_by_its_old_uid(self, room: Mailroom) -> None:
        await room.configure(after="leave")
        await room.arrives()
        await run(room, 1)
        await room.configure(after="move")
        async with room.database.write() as session:
            # As if UID 1 had been another mail, of a folder that was made anew meanwhile, and was never tidied.
            await session.execute(update(Mailbox).values(uidvalidity=1, last_uid=9))
            await session.execute(update(InboundMail).values(uidvalidity=1, uid=9, flagged=False))
        await run(room, 2)
        entries = await room.all(InboundMail)
        assert [(entry.uid, entry.verdict, entry.flagged) for entry in entries] == [
            (9, "opened", True),
            (1, "duplicate", True),
        ]
        assert await room.count(Case) == 1


async def has_cases(room: Mailroom, count: int) -> bool:
    return await room.count(Case) >= count


class TestLeave:
    async def test_the_server_is_only_read(self, room: Mailroom) -> None:
        await room.configure(after="leave")
        sent = [await room.arrives() for _ in range(3)]
        entries = await run(room, 3)
        assert [entry.verdict for entry in entries] == ["opened"] * 3
        async with room.imap() as client:
            flags = await client.fetch_flags([1, 2, 3])
        # The server does not even notice that somebody has looked.
        assert flags == {uid: frozenset({"\\Recent"}) for uid in (1, 2, 3)}
        assert await in_folder(room, "INBOX") == sent

    @pytest.mark.parametrize("point", ["intake.committed", "intake.flagged"])
    async def test_a_death_at_any_step_takes_nothing_in_twice(self, room: Mailroom, point: str, tmp_path: Path) -> None:
        await room.configure(after="leave")
        for _ in range(3):
            await room.arrives()
        await killed_at(room, "intake", point)
        await run(room, 3)
        await one_each(room, 3)

    async def test_mail_that_comes_later_is_seen(self, room: Mailroom) -> None:
        await room.configure(after="leave")
        async with room.running(room.intake().watch_mailbox):
            await until(lambda: looked(room))
            await room.arrives()
            await until(lambda: has_cases(room, 1))


class TestPoorServer:
    async def test_it_is_polled_and_marked_with_a_standard_flag(self, poor: Mailroom) -> None:
        async with poor.running(poor.intake().watch_mailbox):
            await until(lambda: looked(poor))
            await poor.arrives()
            await until(lambda: has_cases(poor, 1))
        await run(poor, 1)
        async with poor.imap() as client:
            assert "\\Flagged" in (await client.fetch_flags([1]))[1]

    async def test_where_nothing_can_be_moved_mail_is_flagged_and_the_operator_told(self, poor: Mailroom) -> None:
        await poor.configure(after="move")
        async with poor.imap() as client:
            await poor.arrives()
            await client.noop()
            await client.add_flag([1], "\\Deleted")  # by somebody else, who may take it back
        await poor.arrives()
        await run(poor, 2)
        assert len(await in_folder(poor, "INBOX")) == 2
        assert await in_folder(poor, "Processed") == []

        async def told() -> bool:
            return "neither MOVE nor UIDPLUS" in str((await poor.mailbox("support")).last_error)

        async with poor.running(poor.intake().watch_mailbox):
            await poor.arrives()
            await until(told)
        await poor.configure(after="flag")
        await run(poor, 3)
        assert (await poor.mailbox("support")).last_error is None


async def test_two_mailboxes_of_a_server_are_read_side_by_side(room: Mailroom) -> None:
    await room.rule("sales")
    async with room.running(room.intake().watch_mailbox), room.running(room.intake().watch_mailbox, "sales"):
        await until(lambda: looked(room))
        await until(lambda: looked(room, "sales"))
        await room.arrives()
        await room.arrives(to=SALES)
        await until(lambda: has_cases(room, 2))
    assert sorted(case.queue or "" for case in await room.all(Case)) == ["sales", "support"]


async def test_a_broken_mailbox_does_not_stop_the_others(room: Mailroom) -> None:
    await room.rule("sales")
    await room.configure("sales", folder="No such folder")

    async def trouble() -> bool:
        return (await room.mailbox("sales")).last_error is not None

    async with room.running(room.intake().watch_mailbox, "sales"):
        await until(trouble)
        async with room.running(room.intake().watch_mailbox):
            await room.arrives()
            await until(lambda: has_cases(room, 1))
    assert (await room.mailbox("support")).last_error is None


async def test_a_slow_line_is_no_hung_reader(room: Mailroom) -> None:
    """One fetch may take minutes; the heartbeats, without which another worker would begin anew, go on."""
    beats: list[tuple[int, int, int]] = []
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.3))
    environment.on_heartbeat = lambda *details: beats.append(details)
    await room.hub.deliver(SUPPORT, letter("x" * 70 + "\n" + "y" * 4_000_000))
    async with Proxy(room.hub.imap_port) as proxy:
        proxy.pace = 0.02
        await room.configure(port=proxy.port)
        task = asyncio.create_task(environment.run(room.intake().watch_mailbox, room.jobs["support"]))
        await until(lambda: has_cases(room, 1))
        environment.worker_shutdown()
        with pytest.raises(ApplicationError):
            await asyncio.wait_for(task, 10)
    assert len([cursor for _, uidvalidity, cursor in beats if uidvalidity and not cursor]) >= 5
