"""Reports of figures leave once for each period, as a page and as CSV, whatever the house was doing when they fell due."""

from __future__ import annotations

import asyncio
import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cases.figure_reports import ReportSweep
from letters.composing import Letters
from letters.figure_page import in_words
from letters.figure_words import WORDS, spoken
from letters.outgoing import compose_outgoing
from mail.tokens import ReplyTokens, TokenKeys
from models.messages.figures import FigureName, FigureUnit
from models.records.base import new_id
from models.records.entering import AgentPreferences
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Agent, DefinitionRecord, Mailbox
from storage.definitions import Definitions
from storage.engines import Database
from storage.figures.registry import FIGURES
from storage.figures.sweep import FigureSweep
from storage.files import FolderStore
from storage.secrets import Keyring
from tests.storage.figures.telling import World, world_of

DUE = datetime(2031, 3, 10, 6, tzinfo=UTC)
"""Monday at 7 in Berlin."""
REPORT: dict[str, Any] = {
    "slug": "weekly",
    "name": "The week <in> figures",
    "figures": ["resolved", "first-response-time", "csat"],
    "by": "customer",
    "recipients": ["mona@house.example", "board@house.example"],
}


async def put_in_force(world: World, at: datetime, version: int = 1, **given: Any) -> None:
    async with world.database.write() as session:
        values = {"kind": "figure-report", "slug": "weekly", "version": version, "status": "active"}
        session.add(DefinitionRecord(id=new_id(), **values, activated_on=at, body=REPORT | given))


async def letters_of(world: World) -> list[tuple[Outbox, EmailMessage, list[Attachment]]]:
    async with world.database.read() as session:
        found = []
        for row in (await session.scalars(select(Outbox).order_by(Outbox.id))).all():
            message = await session.get_one(EmailMessage, row.message_id)
            attached = await session.scalars(select(Attachment).where(Attachment.message_id == message.id))
            found.append((row, message, list(attached)))
        return found


async def test_a_report_leaves_once_for_each_period(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    world = await world_of(database)
    keys = Keyring.load(tmp_path / "keys")
    files, definitions = FolderStore(tmp_path / "files"), Definitions()
    letters = Letters(definitions, ReplyTokens(TokenKeys(current=keys.current, keys=keys.keys)))
    now = DUE - timedelta(seconds=1)
    sweeps = [ReportSweep(database, definitions, letters, files, every=0, now=lambda: now) for _ in range(2)]
    try:
        await world.tell(
            (
                "3 09:00 email high ito gold | pick 5 berta | answer 10 berta | resolve 60 berta",
                "4 09:00 phone high aurora gold | pick 5 berta | answer 90 berta | resolve 100 berta",
                "5 09:00 phone high aurora support | pick 5 berta | answer 9 berta | resolve 20 berta",
            )
        )
        await put_in_force(world, DUE - timedelta(days=2), queue="gold")
        assert await sweeps[0].sweep() == 0, "it is not due yet"
        now = DUE
        assert await sweeps[0].sweep() == 0, "what happened in the period is still being counted"
        counting = FigureSweep(database, definitions, every=0)
        while await counting.sweep():
            pass
        await asyncio.gather(*(sweep.sweep() for sweep in sweeps))
        assert [await sweep.sweep() for sweep in sweeps] == [0, 0], "once for each period"
        await assert_letter(world, files)
        async with database.write() as session:
            mona = Agent(id=new_id(), slug="mona-reads", name="Mona", email="Mona@house.example", roles=["manager"])
            session.add(mona)
            await session.flush()
            session.add(AgentPreferences(agent_id=mona.id, body={"language": "de-CH"}))
        # The house was away for three weeks: each week has its report, one by one.
        now = DUE + timedelta(days=22)
        assert await sweeps[1].sweep() == 3
        keys_written = [row.key for row, *_ in await letters_of(world)]
        weeks = [f"figures/weekly/week/2031-03-{day:02d}" for day in (3, 10, 17, 24)]
        assert keys_written == [weeks[0], *(key for week in weeks[1:] for key in (week, f"{week}/en"))]
        await assert_german(world)
    finally:
        await database.close()


async def assert_german(world: World) -> None:
    """Of who reads German; the other one stays in the organisation's language."""
    (row, message, attached), (other, english, _) = (await letters_of(world))[1:3]
    assert (row.envelope_to, other.envelope_to) == (["mona@house.example"], ["board@house.example"])
    assert message.subject == "The week <in> figures, 2031-03-10 bis 2031-03-16"
    assert "Gelöste Fälle: 0 (davor: 2)" in message.text
    assert "Resolved cases: 0 (before: 2)" in english.text
    assert ">Kennzahl</th>" in (message.html or "")
    assert [each.filename for each in attached] == ["weekly-2031-03-10.csv"]


def test_every_figure_has_a_german_title() -> None:
    assert set(WORDS["de"].titles) == set(FigureName)
    assert {outcome for figure in FIGURES for outcome in figure.apart} == set(WORDS["de"].outcomes)
    assert (in_words(79.25, FigureUnit.PERCENT, "EUR", ","), in_words(3.29, FigureUnit.MONEY, "EUR", ",")) == (
        "79,2 %",
        "3,29 EUR",
    )
    assert [spoken(*asked) for asked in (("de-AT", "en"), (None, "de"), ("fr", "de"), ("fr", "nl"))] == [
        *("de", "de", "de", "en"),
    ]


async def assert_letter(world: World, files: FolderStore) -> None:
    ((row, message, attached),) = await letters_of(world)
    assert row.envelope_to == ["mona@house.example", "board@house.example"]
    assert message.subject == "The week <in> figures, 2031-03-03 to 2031-03-09"
    assert message.html is not None
    assert "<h1>The week &lt;in&gt; figures</h1>" in message.html
    assert "50 min" in message.html, "(10 + 90) / 2 minutes to the first response"
    assert "Resolved cases: 2 (before: 0)" in message.text
    (table,) = attached
    assert table.filename == "weekly-2031-03-03.csv"
    content = (await files.get(table.sha256)).decode()
    lines = [(line["figure"], line["key"], line["value"]) for line in csv.DictReader(StringIO(content))]
    assert lines[:3] == [("resolved", "", "2"), ("resolved", "aurora", "1"), ("resolved", "ito", "1")]
    assert lines[-1] == ("csat", "", ""), "nobody was asked"
    async with world.database.read() as session:
        mailbox = await session.get_one(Mailbox, world.mailbox)
        mail = await compose_outgoing(message, attached, mailbox, files)
    assert b"Auto-Submitted: auto-generated" in mail
    assert b"weekly-2031-03-03.csv" in mail
