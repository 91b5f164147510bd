"""Brakes that need no header (email promise 7): counted from the rows, over all mailboxes, and told. On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from mailroom.correlating import Correlating
from mailroom.placing import Placing
from mailroom.quarantine import Quarantine
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import EmailMessage, InboundMail
from tests.support.mailroom import NOW, SALES, SUPPORT, Mailroom, letter, open_mailroom


@pytest.fixture
async def room(database_url: str, tmp_path: Path) -> AsyncIterator[Mailroom]:
    async with open_mailroom(database_url, tmp_path) as room:
        await room.rule("support")
        await room.rule("sales")
        yield room


def verdicts(entries: list[InboundMail]) -> list[str]:
    return [entry.verdict for entry in entries]


async def test_so_many_cases_of_one_sender_and_then_its_mail_is_held(room: Mailroom) -> None:
    await room.settings(new_cases_per_sender=3, mails_per_sender_and_case=50)
    for _ in range(5):
        await room.arrives()
    await room.arrives(from_="eve@elsewhere.example")
    entries = await room.taken_in(6)
    assert verdicts(entries) == ["opened"] * 3 + ["held"] * 2 + ["opened"]
    held = [entry for entry in entries if entry.verdict == "held"]
    assert {(entry.reason, entry.explanation) for entry in held} == {
        ("loop", "3 cases opened by this sender within 10 minutes, which is the most allowed")
    }
    assert await room.count(Case) == 4


async def test_the_count_outlives_a_restart_and_is_one_over_all_mailboxes(room: Mailroom) -> None:
    await room.settings(new_cases_per_sender=3)
    await room.arrives()
    await room.taken_in(1)
    await room.arrives()
    await room.taken_in(2)
    await room.arrives(to=SALES)
    await room.arrives(to=SALES)
    assert verdicts(await room.taken_in(4, "sales")) == ["opened"] * 3 + ["held"]


async def test_so_many_mails_on_one_case_and_the_case_hears_of_it_once(room: Mailroom) -> None:
    await room.settings(new_cases_per_sender=50, mails_per_sender_and_case=3)
    await room.arrives(message_id="<first@x>")
    for _ in range(4):
        await room.arrives(in_reply_to="<first@x>")
    entries = await room.taken_in(5)
    (case,) = await room.all(Case)
    assert verdicts(entries) == ["opened", "attached", "attached", "held", "held"]
    assert {entry.explanation for entry in entries[3:]} == {
        f"3 mails of this sender on {case.number} within 10 minutes, which is the most taken in"
    }
    (told,) = [row for row in await room.all(Delivery) if row.kind == "braked"]
    assert (told.case_id, told.subject_id) == (case.id, entries[3].message_id)
    assert room.told.delivered[-1] == (case.number, told.id)
    # The sender may still write about something else.
    await room.arrives()
    assert (await room.taken_in(6))[-1].verdict == "opened"


async def test_a_closed_case_is_no_way_round_the_cap_on_new_cases(room: Mailroom) -> None:
    await room.settings(new_cases_per_sender=2, mails_per_sender_and_case=50)
    await room.arrives(message_id="<first@x>")
    await room.arrives()
    await room.taken_in(2)
    async with room.database.write() as session:
        await session.execute(update(Case).values(status="resolved"))
    await room.arrives(in_reply_to="<first@x>")
    assert (await room.taken_in(3))[-1].verdict == "held"


async def test_the_window_passes_and_a_release_goes_past_it(room: Mailroom) -> None:
    await room.settings(new_cases_per_sender=1, sender_window_minutes=5)
    await room.arrives()
    await room.arrives()
    _, held = await room.taken_in(2)
    quarantine = Quarantine(
        room.database, room.files, Placing(room.database, room.definitions, Correlating(room.tokens)), room.told
    )
    now = held.received_on
    assert (await quarantine.rerun(held.id, now)).verdict == "held"
    assert (await quarantine.rerun(held.id, now, release=True)).verdict == "opened"
    async with room.database.write() as session:
        await session.execute(update(EmailMessage).values(recorded_at=NOW.replace(year=2020)))
    await room.arrives()
    assert (await room.taken_in(3))[-1].verdict == "opened"


async def test_our_own_mail_that_comes_back_is_filed(room: Mailroom) -> None:
    await room.hub.deliver(SUPPORT, letter(from_=SUPPORT))
    (entry,) = await room.taken_in(1)
    assert (entry.verdict, entry.reason) == ("filed", "loop")


async def test_only_our_signature_makes_a_loop_header_ours(room: Mailroom) -> None:
    await room.arrives(message_id="<first@x>")
    (first,) = await room.taken_in(1)
    for position, value in enumerate((SUPPORT, "desk@other.example", room.tokens.sign("CAS-01042-A1B2C3"))):
        await room.arrives(in_reply_to="<first@x>", x_caseloom_loop=value)
        entry = (await room.taken_in(position + 2))[-1]
        assert (entry.verdict, entry.case_id) == ("attached", first.case_id)
    assert [message.automatic for message in await room.all(EmailMessage)] == [None, None, None, "own-loop"]
