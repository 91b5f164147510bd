"""So many mails a minute to a domain: in order, past restarts, and in nobody else's way. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from models.messages.mailflow import OutboxState
from models.records.base import new_id
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Mailbox
from storage.engines import Database
from storage.repositories import outbox
from tests.support.mailroom import NOW

SECOND = timedelta(seconds=1)


class Post:
    """A house with two mailboxes, and no server: what is claimed counts as sent a second later."""

    def __init__(self, database: Database, mailboxes: dict[str, UUID]) -> None:
        self.database, self.mailboxes = database, mailboxes
        self.names: dict[UUID, str] = {}

    async def write(self, name: str, *to: str, mailbox: str = "support") -> None:
        async with self.database.write() as session:
            message = EmailMessage(
                id=new_id(), direction="out", mailbox_id=self.mailboxes[mailbox], message_id=name, message_id_hash=name,
                content_hash=name, references=[], sender="s@house.example", recipients={}, subject="", text="", defects=[],
            )  # fmt: skip
            session.add(message)
            await session.flush()
            row = Outbox(
                id=new_id(), key=name, mailbox_id=self.mailboxes[mailbox], message_id=message.id, envelope_to=list(to),
                envelope_from="s@house.example", state=OutboxState.QUEUED, kind="reply",
            )  # fmt: skip
            session.add(row)
        self.names[row.id] = name

    async def send(self, now: datetime, most: int | None = 2, mailbox: str = "support", limit: int = 50) -> list[str]:
        """The names of what a sender, newly started, may hand in at that instant."""
        async with self.database.write() as session:
            taken = await outbox.take_epoch(session, self.mailboxes[mailbox])
            assert taken is not None
            claimed = await outbox.claim(session, taken.id, taken.outbox_epoch, now, limit, per_domain=most)
        async with self.database.write() as session:
            await outbox.mark_sent(session, [row.id for row in claimed], taken.outbox_epoch, now + SECOND)
        return [self.names[row.id] for row in claimed]

    async def waits(self) -> dict[str, timedelta | None]:
        async with self.database.read() as session:
            rows = await session.execute(select(Outbox.key, Outbox.not_before).where(Outbox.state == "queued"))
            return {key: None if until is None else until - NOW for key, until in rows}


@pytest.fixture
async def post(database_url: str) -> AsyncIterator[Post]:
    database = Database(database_url)
    try:
        mailboxes = {slug: new_id() for slug in ("support", "sales")}
        async with database.write() as session:
            for slug, id in mailboxes.items():
                address = f"{slug}@house.example"
                session.add(Mailbox(id=id, slug=slug, address=address, display_name=slug, queue=None, settings={}))
        yield Post(database, mailboxes)
    finally:
        await database.close()


async def test_what_exceeds_waits_in_its_order(post: Post) -> None:
    for number in range(5):
        await post.write(f"big-{number}", f"ada{number}@Big.example")
    await post.write("small", "bob@small.example")
    assert await post.send(NOW) == ["big-0", "big-1", "small"]
    minute = timedelta(minutes=1)
    assert await post.waits() == {"big-2": minute, "big-3": minute, "big-4": minute}
    await post.write("big-5", "late@big.example")
    assert await post.send(NOW + 30 * SECOND) == [], "a later one does not overtake"
    assert await post.send(NOW + minute) == [], "they left a second after they were claimed"
    assert await post.send(NOW + minute + SECOND) == ["big-2", "big-3"]
    assert await post.send(NOW + 2 * minute + 2 * SECOND) == ["big-4", "big-5"]
    assert await post.waits() == {}


async def test_a_full_domain_holds_up_nobody_behind_it(post: Post) -> None:
    for number in range(20):
        await post.write(f"big-{number}", "ada@big.example")
    await post.write("small", "bob@small.example")
    assert await post.send(NOW, limit=5) == ["big-0", "big-1", "small"]
    assert len(await post.waits()) == 18


async def test_a_mail_to_two_domains_waits_for_the_fuller_one(post: Post) -> None:
    await post.write("one", "ada@big.example")
    await post.write("two", "ada@big.example", "eve@big.example")
    await post.write("both", "bob@small.example", "ada@big.example")
    await post.write("small", "bob@small.example")
    assert await post.send(NOW) == ["one", "two", "small"]
    assert list(await post.waits()) == ["both"]


async def test_all_mailboxes_count(post: Post) -> None:
    await post.write("one", "ada@big.example")
    await post.write("two", "ada@big.example", mailbox="sales")
    await post.write("three", "ada@big.example", mailbox="sales")
    assert await post.send(NOW) == ["one"]
    assert await post.send(NOW + SECOND, mailbox="sales") == ["two"]
    assert list(await post.waits()) == ["three"]


async def test_a_name_that_is_part_of_another_and_one_in_another_script_are_told_apart(post: Post) -> None:
    for number in range(3):
        await post.write(f"big-{number}", "ada@big.example")
        await post.write(f"other-{number}", "ada@notbig.example")
        await post.write(f"foreign-{number}", "ada@bücher_100%.example")
    assert sorted(await post.send(NOW)) == ["big-0", "big-1", "foreign-0", "foreign-1", "other-0", "other-1"]


async def test_without_a_limit_all_leave(post: Post) -> None:
    for number in range(5):
        await post.write(f"big-{number}", "ada@big.example")
    assert len(await post.send(NOW, most=None)) == 5
