"""Taking mail in from a real Dovecot: cases, flags, moves, a new UIDVALIDITY, and a server that is killed."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.records.mails import InboundMail
from storage.repositories.mails import UNREADABLE, UNTIDIED
from tests.support.dovecot import Dovecot, dovecot_program
from tests.support.mailroom import (
    PASSWORD,
    SUPPORT,
    Case,
    Delivery,
    EmailMessage,
    Mailroom,
    letter,
    open_mailroom,
)
from tests.support.waiting import until


@pytest.fixture
async def dovecot() -> AsyncIterator[Dovecot]:
    async with Dovecot(dovecot_program(), {SUPPORT: PASSWORD}) as running:
        yield running


@pytest.fixture
async def room(sqlite_url: str, tmp_path: Path, dovecot: Dovecot) -> AsyncIterator[Mailroom]:
    async with open_mailroom(sqlite_url, tmp_path) as room:
        await room.rule("support")
        await room.configure(port=dovecot.port)
        yield room


async def done(room: Mailroom, count: int) -> bool:
    return await room.count(InboundMail, InboundMail.flagged) >= count


async def says(room: Mailroom, beginning: str) -> bool:
    return str((await room.mailbox("support")).last_error).startswith(beginning)


async def test_mail_becomes_cases_and_is_flagged(room: Mailroom, dovecot: Dovecot) -> None:
    first, second = letter(attachments={"log.txt": b"\x00\x01"}), letter()
    await dovecot.deliver(SUPPORT, first)
    async with room.running(room.intake().watch_mailbox):
        await until(lambda: done(room, 1))
        await dovecot.deliver(SUPPORT, second)  # while it idles
        await until(lambda: done(room, 2))
    kinds = (Case, EmailMessage, Delivery, InboundMail)
    assert [await room.count(kind) for kind in kinds] == [2] * 4
    kept = [await room.files.get(entry.raw_sha256) for entry in await room.all(InboundMail)]
    assert [raw.splitlines() for raw in kept] == [first.splitlines(), second.splitlines()]
    async with room.imap() as client:
        flags = await client.fetch_flags([1, 2])
        assert all("$Caseloom" in each and "\\Seen" not in each for each in flags.values())


async def test_mail_is_moved(room: Mailroom, dovecot: Dovecot) -> None:
    await room.configure(after="move")
    for _ in range(3):
        await dovecot.deliver(SUPPORT, letter())
    await room.taken_in(3)
    async with room.imap() as client:
        assert await client.search_after(0) == []
        assert (await client.select("Processed")).exists == 3


async def test_a_folder_that_cannot_be_made_keeps_no_mail_waiting(room: Mailroom, dovecot: Dovecot) -> None:
    await room.configure(after="move", move_to="Caseloom/Processed")  # this Dovecot's separator is a dot
    await dovecot.deliver(SUPPORT, letter())
    async with room.running(room.intake().watch_mailbox):
        await until(lambda: says(room, UNTIDIED))
        await dovecot.deliver(SUPPORT, letter())
        await until(lambda: has_cases(room, 2))
    assert "must not have '/'" in str((await room.mailbox("support")).last_error)
    await room.configure(move_to="Caseloom.Processed")
    await room.taken_in(2)
    async with room.imap() as client:
        assert await client.search_after(0) == []
        assert (await client.select("Caseloom.Processed")).exists == 2


async def has_cases(room: Mailroom, count: int) -> bool:
    return await room.count(Case) >= count


async def test_mail_is_left_as_it_is(room: Mailroom, dovecot: Dovecot) -> None:
    await room.configure(after="leave")
    await dovecot.deliver(SUPPORT, letter())
    await room.taken_in(1)
    async with room.imap() as client:
        assert (await client.fetch_flags([1]))[1] == {"\\Recent"}


async def test_a_mailbox_that_was_made_anew_doubles_nothing(room: Mailroom, dovecot: Dovecot) -> None:
    sent = [letter() for _ in range(3)]
    for raw in sent:
        await dovecot.deliver(SUPPORT, raw)
    before = {entry.uidvalidity for entry in await room.taken_in(3)}
    await dovecot.kill()
    shutil.rmtree(dovecot.maildir(SUPPORT))
    await until(lambda: time.time() > max(before) + 1)  # Dovecot takes the second for UIDVALIDITY
    await dovecot.start()
    for raw in [*reversed(sent), letter()]:
        await dovecot.deliver(SUPPORT, raw)
    entries = await room.taken_in(7)
    assert len({entry.uidvalidity for entry in entries} | before) == 2
    assert [entry.verdict for entry in entries] == ["opened"] * 3 + ["duplicate"] * 3 + ["opened"]
    assert await room.count(Case) == 4


async def test_a_server_that_is_killed_while_we_idle_is_come_back_to(room: Mailroom, dovecot: Dovecot) -> None:
    await dovecot.deliver(SUPPORT, letter())
    async with room.running(room.intake().watch_mailbox):
        await until(lambda: done(room, 1))
        await dovecot.kill()
        await until(lambda: says(room, UNREADABLE))
        await dovecot.deliver(SUPPORT, letter())
        await dovecot.start()
        await until(lambda: done(room, 2))
        await until(lambda: healed(room))
    assert await room.count(Case) == 2


async def healed(room: Mailroom) -> bool:
    return (await room.mailbox("support")).last_error is None
