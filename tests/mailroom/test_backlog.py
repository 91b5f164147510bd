"""What the reader of a mailbox tells its operators: how much lies past the cursor, since when, and why it cannot read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.mailbox import MailboxActivities
from mailroom import reader as room_of_readers
from storage.repositories.mails import LOGIN_REFUSED, UNREADABLE
from tests.support.mailroom import InboundMail, Mailroom, open_mailroom
from tests.support.waiting import until


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support")
        yield room


async def test_a_backlog_is_told_while_it_is_worked_off(room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_of_readers, "BATCH", 3)
    began = datetime.now(UTC) - timedelta(seconds=2)  # INTERNALDATE has whole seconds
    for _ in range(7):
        await room.arrives()
    intake, go_on = room.intake().intake, asyncio.Event()
    taking_in = intake.placing.take_in

    async def held_up(*given: Any) -> Any:
        await go_on.wait()
        return await taking_in(*given)

    intake.placing.take_in = held_up  # type: ignore[method-assign, assignment]

    async def backlog() -> int:
        return (await room.mailbox("support")).backlog

    async with room.running(MailboxActivities(intake).watch_mailbox):
        await until(lambda: is_(backlog, 7))
        mailbox = await room.mailbox("support")
        assert mailbox.oldest_unfetched is not None
        assert began <= mailbox.oldest_unfetched <= datetime.now(UTC)
        go_on.set()
        await until(lambda: is_(backlog, 0))
    assert (await room.mailbox("support")).oldest_unfetched is None
    assert await room.count(InboundMail) == 7


async def is_(what: Any, expected: object) -> bool:
    return bool(await what() == expected)


async def test_a_refused_login_is_told_apart_and_forgotten_once_it_works(room: Mailroom) -> None:
    async def error() -> str:
        return (await room.mailbox("support")).last_error or ""

    right = (await room.mailbox("support")).secret
    await change(room, secret=room.keyring.encrypt("guess"))
    async with room.running(room.intake().watch_mailbox):
        await until(lambda: begins(error, LOGIN_REFUSED))
    await change(room, secret=right)
    async with room.running(room.intake().watch_mailbox):
        await until(lambda: is_(error, ""))
    settings = (await room.mailbox("support")).settings
    await change(room, settings={**settings, "imap": {**settings["imap"], "port": 1}})
    async with room.running(room.intake().watch_mailbox):
        await until(lambda: begins(error, UNREADABLE))


async def begins(what: Any, words: str) -> bool:
    return bool((await what()).startswith(words))


async def change(room: Mailroom, **columns: Any) -> None:
    async with room.database.write() as session:
        mailbox = await session.merge(await room.mailbox("support"))
        for name, value in columns.items():
            setattr(mailbox, name, value)


async def test_changed_settings_and_the_switch_are_seen_by_the_reader_that_runs(
    room: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_of_readers, "SUCCESS_EVERY", timedelta(0))
    monkeypatch.setattr(room_of_readers, "RECONNECT_LAST", 0.05)
    good = await room.mailbox("support")

    async def success() -> bool:
        return (await room.mailbox("support")).last_success is not None

    async def error() -> str:
        return (await room.mailbox("support")).last_error or ""

    async with room.running(room.intake().watch_mailbox) as reading:
        await until(success)
        await change(room, secret=room.keyring.encrypt("guess"), version=2)
        await room.arrives()  # wakes it from its wait, which may be long
        await until(lambda: begins(error, LOGIN_REFUSED))
        await change(room, secret=good.secret, version=3)
        await until(lambda: is_(error, ""))
        await room.arrives()
        await until(lambda: is_(lambda: room.count(InboundMail), 2))
        await change(room, active=False, version=4)
        await room.arrives()
        assert await asyncio.wait_for(reading, 20) is False
