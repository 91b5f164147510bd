"""How much the pages ask of the database: bounds, so that no page grows by a statement for each row, or unnoticed."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.asked import asked
from benchmarks.pages import fill
from bootstrap import House, build
from console.cookies import COOKIE
from desk.sessions import begin
from models.messages.cases import CaseStatus
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Agent, Mailbox
from models.records.timeline import TimelineEntry
from settings import Settings
from starting.web import site
from storage.engines import Database
from tests.support.databases import sqlite_address

CASES = 200
FEW, MANY = 30, 3_000


@dataclass(frozen=True)
class Looked:
    """A page of a desk of some years: how many statements it took, and its bytes."""

    statements: list[str]
    size: int


class Reader:
    """Somebody with all roles, who owns cases and has read some of them; and the two cases with few and many entries."""

    def __init__(self, client: httpx.AsyncClient, short: str, long: str) -> None:
        self.client, self.short, self.long = client, short, long

    async def look(self, address: str) -> Looked:
        """The second look: the first one reads what is kept for the next."""
        await self.client.get(address)
        with asked() as statements:
            answer = await self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return Looked([each.text for each in statements], len(answer.content))


@pytest.fixture(scope="module")
async def reader(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reader]:
    folder = tmp_path_factory.mktemp("pages")
    shutil.copy(sqlite_template, folder / "caseloom.db")
    async with AsyncExitStack() as stack:
        database = Database(sqlite_address(folder / "caseloom.db"))
        stack.push_async_callback(database.close)
        # Pages are read from rows: the engine is never asked.
        client = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
        house = build(Settings.model_construct(data=folder, temporal_ui=None), database, client)
        now = datetime.now(UTC)
        await fill(house, CASES, now)
        short, long = await _two_cases(house, now)
        secret = await _signed_in(house, now)
        browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(site(house)),
            base_url="http://127.0.0.1",
            cookies={COOKIE: secret},
            timeout=60,
        )
        yield Reader(await stack.enter_async_context(browser), short, long)


async def _signed_in(house: House, now: datetime) -> str:
    async with house.database.write() as session:
        agent = await session.scalar(select(Agent.id).where(Agent.slug == "agent-0"))
        assert agent is not None
        await session.execute(update(Agent).where(Agent.id == agent).values(roles=[role.value for role in Role]))
        return await begin(session, agent, now=now, address="127.0.0.1", program="a test")


async def _two_cases(house: House, now: datetime) -> tuple[str, str]:
    """Open cases that are alike but for how much was said on them: every third entry is a mail, the others are notes."""
    async with house.database.write() as session:
        wanted = select(Case.id, Case.number).where(Case.status == CaseStatus.ACTIVE).order_by(Case.number.desc())
        short, long = (await session.execute(wanted.limit(2))).all()
        alike: dict[str, Any] = {
            "title": "Router",
            "account_id": None,
            "contact_id": None,
            "owner_id": None,
            "queue": "queue-1",
        }
        alike |= {"owner_team_id": None, "priority": "normal", "created_on": now - timedelta(days=300), "version": 2}
        await session.execute(update(Case).where(Case.id.in_([short.id, long.id])).values(**alike))
        mailbox = (await session.scalars(select(Mailbox.id))).one()
        agent = await session.scalar(select(Agent.id).where(Agent.slug == "agent-1"))
        for case, count in ((short, FEW), (long, MANY)):
            mails, entries = [], []
            for place in range(count):
                at, mail = now - timedelta(minutes=count - place), new_id()
                if place % 3 == 0:
                    mails.append(
                        {
                            "id": mail, "direction": "in", "case_id": case.id, "mailbox_id": mailbox, "message_id": "x",
                            "message_id_hash": mail.hex, "content_hash": mail.hex, "references": [], "defects": [],
                            "sender": "mira@customer.example", "recipients": {}, "subject": "Router", "text": "It is broken.",
                        }
                    )  # fmt: skip
                by_mail = {"kind": "mail", "subject_id": mail, "actor_id": None, "text": None}
                note = {
                    "kind": "note",
                    "subject_id": None,
                    "actor_id": agent,
                    "text": "Asked them for the serial number.",
                }
                entry = by_mail if place % 3 == 0 else note
                entries.append({"id": new_id(), "case_id": case.id, "key": f"said/{place}", "at": at, **entry})
            await session.execute(insert(EmailMessage), mails)
            await session.execute(insert(TimelineEntry), entries)
        return short.number, long.number


BOUNDS = {
    # Three of each: who asks, their preferences, what is in force.
    "/": 32,
    "/cases": 17,
    "/cases?view=available": 18,
    "/part/cases/counts": 18,
    "/team": 8,
    "/notices": 6,
    "/part/notices/count": 5,
    "/part/operations/mark": 14,
    "/customers/account-0": 20,
    "/figures": 22,
    # The case with all around it, 30 entries with mails, files and activities, process, promises, fields, and the composer.
    "/cases/{case}": 42,
    "/part/cases/{case}": 32,
}
"""Statements of a page at most. One that needs one more for something new may have it; one that needs it for each row may not."""


@pytest.mark.parametrize("page", BOUNDS)
async def test_a_page_asks_no_more_than_so_many_statements(reader: Reader, page: str) -> None:
    found = await reader.look(page.format(case=reader.long))
    assert len(found.statements) <= BOUNDS[page], "\n".join(found.statements)


@pytest.mark.parametrize("page", ["/cases/{case}", "/part/cases/{case}"])
async def test_a_case_of_3000_entries_opens_like_one_of_30(reader: Reader, page: str) -> None:
    """In statements and in bytes: its newest entries come along, the others on request."""
    few, many = [await reader.look(page.format(case=case)) for case in (reader.short, reader.long)]
    assert len(many.statements) == len(few.statements), set(many.statements) ^ set(few.statements)
    assert many.size == pytest.approx(few.size, rel=0.05)


async def test_no_page_asks_the_same_question_twice(reader: Reader) -> None:
    """Of a case: who asks, what they may see and what is in force is known after the first time."""
    found = (await reader.look(f"/cases/{reader.long}")).statements
    twice = {text for text in found if found.count(text) > 1}
    # Who asks is found in a transaction of its own; files are of mails, and of notes.
    allowed = ("FROM definition", "FROM attachment", "FROM agent ", "FROM email_message", "FROM outbox")
    assert not {text for text in twice if not any(each in text for each in allowed)}
