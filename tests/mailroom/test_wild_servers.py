"""Mail servers that refuse, stall, lie and number wildly: whatever one does, all other mail is taken in, nothing is lost
once it behaves, nothing is doubled, and its operator is told meanwhile.

One database for all of them, each with a mailbox and a server of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import or_, select
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from desk.queries.mailboxes import mailbox_status
from mail.imap.aioimaplib_client import connect
from mail.tokens import ReplyTokens, TokenKeys
from mailroom import reader as room_of_readers
from mailroom import tidying as tidying_room
from models.messages.mailbox_status import MailboxStatus
from models.messages.mailflow import HoldReason, MailboxJob, MailVerdict
from models.records.base import new_id
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from servers.mail.hub import MailHub
from servers.postgres import PostgresServer
from storage.engines import Database
from storage.files import FolderStore
from storage.migrate import upgrade
from storage.secrets import Keyring
from tests.mailroom.wild_behaviours import QUEUE, SERVERS, SILENCE, STORED, VICTIM, first
from tests.support.databases import sqlite_address
from tests.support.imap_server import WildImap
from tests.support.mailroom import KEYS, PASSWORD, Mailroom, letter
from tests.support.waiting import until


@asynccontextmanager
async def ward(url: str, folder: Path) -> AsyncIterator[Mailroom]:
    database, tokens = Database(url), ReplyTokens(TokenKeys(current="k1", keys=KEYS))
    try:
        room = Mailroom(cast(MailHub, None), database, FolderStore(folder), Keyring("k1", KEYS), tokens)
        await room.rule(QUEUE)
        yield room
    finally:
        await database.close()


@pytest.fixture(scope="module")
async def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mailroom]:
    folder = tmp_path_factory.mktemp("wild")
    url = sqlite_address(folder / "wild.db")
    await asyncio.to_thread(upgrade, url)
    async with ward(url, folder / "files") as room:
        yield room


@pytest.fixture(scope="module")
async def on_postgres(
    postgres: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mailroom]:
    url = await postgres.create_database("wild", template=postgres_template)
    async with ward(url, tmp_path_factory.mktemp("wild")) as room:
        yield room
    await postgres.drop_database("wild")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses of hours and minutes in parts of seconds."""
    for name, value in (
        ("RECONNECT_LAST", 0.05),
        ("LOOK_AGAIN", timedelta(seconds=0.3)),
        ("SUCCESS_EVERY", timedelta(seconds=0.1)),
    ):
        monkeypatch.setattr(room_of_readers, name, value)
    for name in ("TIDIED_FIRST", "TIDIED_LAST"):
        monkeypatch.setattr(tidying_room, name, timedelta(seconds=1))


@dataclass
class Box:
    """One mailbox with its server, and what its log says."""

    room: Mailroom
    server: WildImap
    mailbox: Mailbox

    async def log(self) -> dict[int, InboundMail]:
        async with self.room.database.read() as session:
            wanted = select(InboundMail).where(InboundMail.mailbox_id == self.mailbox.id).order_by(InboundMail.id)
            return {entry.uid: entry for entry in await session.scalars(wanted)}

    async def taken_in(self) -> list[bytes]:
        """The bytes of all that became a case, once a case; or that are held for saying nothing."""
        async with self.room.database.read() as session:
            rows = await session.scalars(
                select(InboundMail.raw_sha256).where(
                    InboundMail.mailbox_id == self.mailbox.id,
                    or_(InboundMail.case_id.is_not(None), InboundMail.reason == HoldReason.BLANK),
                    InboundMail.verdict != MailVerdict.DUPLICATE,
                )
            )
            return [await self.room.files.get(sha256) for sha256 in rows]

    async def status(self) -> MailboxStatus:
        async with self.room.database.read() as session:
            return await mailbox_status(session, self.mailbox.slug, datetime.now(UTC))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[None]:
        """By a reader whose pauses are short."""
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=0.6))
        intake = self.room.intake(
            connect=partial(connect, silence=SILENCE, patience=4 * SILENCE), asked_first=timedelta(seconds=0.5)
        )
        job = MailboxJob(mailbox_id=self.mailbox.id, slug=self.mailbox.slug)
        task = asyncio.create_task(environment.run(intake.watch_mailbox, job))
        try:
            yield
        finally:
            environment.worker_shutdown()
            with suppress(ApplicationError):
                await asyncio.wait_for(task, 20)


_boxes = iter(range(1, 10_000))


async def opened(room: Mailroom, server: WildImap, imap: Mapping[str, Any]) -> Box:
    number = next(_boxes)
    address = f"box{number}@house.example"
    settings = {"host": "127.0.0.1", "tls": "none", "user": address, "port": server.port, **imap}
    mailbox = Mailbox(
        id=new_id(),
        slug=f"box-{number}",
        address=address,
        display_name="Box",
        queue=QUEUE,
        settings={"imap": settings, "smtp": settings},
        secret=room.keyring.encrypt(PASSWORD),
    )
    await room.add(mailbox)
    return Box(room, server, mailbox)


async def plays(room: Mailroom, name: str) -> None:
    given, number = SERVERS[name], list(SERVERS).index(name)
    async with WildImap(given.wild, **given.options) as server:
        box = await opened(room, server, given.imap)

        def mail(uid: int) -> bytes:
            return given.texts.get(uid) or letter(from_=f"uid{uid}@customer{number}.example")

        sent = {uid: mail(uid) for uid in given.uids}
        for uid, raw in sent.items():
            server.deliver(uid, raw)
        others = [] if given.waits else [uid for uid in sent if not given.holds or uid != VICTIM]

        async def taken() -> bool:
            there = await box.taken_in()
            return all(sent[uid] in there for uid in others)

        async def is_told() -> bool:
            return given.told is None or given.told(await box.status())

        async def is_held() -> bool:
            held = [entry for entry in (await box.log()).values() if entry.verdict == MailVerdict.HELD]
            return not given.holds or any(given.holds in str(entry.explanation) for entry in held)

        async with box.read():
            await until(taken)
            await until(is_told)
            await until(is_held)
            sent[given.later] = mail(given.later)
            server.deliver(given.later, sent[given.later])
            if not given.waits:
                others.append(given.later)
                await until(taken)
            if given.settled and given.holds:
                return
            if not given.settled:
                server.uidvalidity = min(server.uidvalidity, 7)
                server.tame()
            others = list(sent)
            await until(taken)
            if given.done is not None:
                await until(lambda: given.done is None or given.done(server))

            async def all_there() -> bool:
                there = await box.taken_in()
                listed = [
                    *server.inbox.messages.values(),
                    *(raw for other in server.others.values() for raw in other.messages.values()),
                ]
                return all(raw in there for raw in listed)

            await until(all_there)

            async def all_well() -> bool:
                status = await box.status()
                return given.blank or (status.quarantined == 0 and (given.settled or status.last_error is None))

            await until(all_well)
        there = await box.taken_in()
        assert len(there) == len(set(there))
        assert set(there) >= set(sent.values())


@pytest.mark.parametrize("name", SERVERS)
async def test_all_other_mail_is_taken_in_and_nothing_is_lost(on_sqlite: Mailroom, name: str) -> None:
    await plays(on_sqlite, name)


@pytest.mark.parametrize("name", STORED)
async def test_what_it_says_is_stored_on_postgresql_too(on_postgres: Mailroom, name: str) -> None:
    await plays(on_postgres, name)


@pytest.mark.parametrize("how", ["BYE", "BYE and the connection stays open", "no word", "another tag"])
async def test_a_connection_that_worked_is_renewed_at_once_and_without_a_word(
    on_sqlite: Mailroom, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take a quarter of an hour, if it were a failure."""
    monkeypatch.setattr(room_of_readers, "RECONNECT_FIRST", 1000.0)
    monkeypatch.setattr(room_of_readers, "RECONNECT_LAST", 1000.0)
    ending = {
        "BYE": first(1, b"+ idling\r\n* BYE you are idle\r\n", ends=True),
        "BYE and the connection stays open": first(1, b"+ idling\r\n* bye you are idle\r\n"),
        "no word": first(1, b"+ idling\r\n", ends=True),
        "another tag": first(1, b"XYZ1 OK something else\r\n"),
    }
    async with WildImap({"IDLE": ending[how]}) as server:
        box = await opened(on_sqlite, server, {})
        async with box.read():
            await until(lambda: server.connections == 2)
            raw = letter(from_=f"renewed@{how[:3].strip()}{len(how)}.example")
            server.deliver(1, raw)

            async def taken() -> bool:
                return await box.taken_in() == [raw]

            await until(taken)
            assert (await box.status()).last_error is None


@pytest.mark.parametrize("after", ["leave", "flag", "move"])
async def test_what_was_missed_is_found_whatever_becomes_of_mail_on_the_server(on_sqlite: Mailroom, after: str) -> None:
    async with WildImap() as server:
        box = await opened(on_sqlite, server, {"after": after})
        sent = [letter(from_=f"missed{uid}@{after}.example") for uid in (7, 3)]
        server.deliver(7, sent[0])

        def all_of(expected: list[bytes]) -> Callable[[], Any]:
            async def taken() -> bool:
                return await box.taken_in() == expected

            return taken

        async with box.read():
            await until(all_of(sent[:1]))
            server.deliver(3, sent[1])
            await until(all_of(sent))
        assert await box.taken_in() == sent
