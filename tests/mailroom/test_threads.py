"""The order in which the mails of threads arrive does not change which case each ends in (email promise 5).

Here as intake decides it: what is to be merged is followed as if it had been. What the cases make of it: see
tests/scenarios/test_threads.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import update

from mail.keys import message_id_hash
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from models.records.commands import Command
from models.records.reference import Agent
from storage.repositories.threads import MOST_SIBLING_CASES
from tests.support.intake import Intake, intake_of
from tests.support.mailroom import SUPPORT, Case, Delivery, EmailMessage, InboundMail
from tests.support.threads import Named, ThreadMail, write_thread

SEED = 20310327
THREADS = 12
ORDERS, AT_A_TIME = 100, 25
PEOPLE = [f"{name}@customer.example" for name in ("ada", "bob", "cleo", "dan", "eve", "fay", "gus", "hal")]


@pytest.fixture
async def intake(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Intake]:
    async with intake_of(sqlite_url, tmp_path) as made:
        yield made


@pytest.fixture
async def either(database_url: str, tmp_path: Path) -> AsyncIterator[Intake]:
    async with intake_of(database_url, tmp_path, trusted="mx.house.example") as made:
        yield made


def some_threads() -> list[ThreadMail]:
    rng = Random(SEED)
    written = []
    for thread in range(THREADS):
        people = rng.sample(PEOPLE, k=rng.randint(1, 4))
        style = (Named.ALL, Named.SUFFIX)[thread % 2]
        written += write_thread(rng, thread, rng.randint(2, 6), people, SUPPORT, style)
    return written


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, ORDERS, AT_A_TIME))
async def test_any_order_of_arrival_ends_in_the_same_cases(intake: Intake, first: int) -> None:
    mails = some_threads()
    read = {mail.message_id: await intake.read(mail.raw) for mail in mails}
    put_together = 0
    for order in range(first, first + AT_A_TIME):
        seed = SEED + order
        print(f"seed {seed}")
        await intake.forget()
        for mail in Random(seed).sample(mails, k=len(mails)):
            await intake.take(read[mail.message_id])
        found = await intake.cases()
        assert len(found) == len(mails), "every mail is in a case"
        of_thread: defaultdict[int, set[str]] = defaultdict(set)
        for mail in mails:
            of_thread[mail.thread].add(found[mail.message_id])
        split = {thread: cases for thread, cases in of_thread.items() if len(cases) != 1}
        assert not split, f"seed {seed}: threads in several cases"
        assert len({number for cases in of_thread.values() for number in cases}) == THREADS, f"seed {seed}: mixed"
        losers = Counter(row.case_id for row in await intake.retiring())
        assert set(losers.values()) <= {1}, f"seed {seed}: a case was to go up in two others"
        put_together += len(losers)
    assert put_together, "no thread was ever split: these orders show nothing"


# ---- what puts parts together, and what does not ---------------------------------------------------------------------

ADA, BOB, EVE = (f"{name}@customer.example" for name in ("ada", "bob", "eve"))
FORGED = "mx.house.example; dmarc=fail (p=none) header.from=customer.example"


async def logged(intake: Intake) -> InboundMail:
    """The latest row of the mail log."""
    return (await intake.room.all(InboundMail))[-1]


async def two_parts(intake: Intake) -> tuple[Case, Case]:
    """A thread: b and c answer a, and d answers c. So far b and d have come."""
    await intake.takes(from_=ADA, message_id="<b@x>", in_reply_to="<a@x>")
    await intake.takes(from_=ADA, message_id="<d@x>", in_reply_to="<c@x>", text="It is still broken.")
    one, other = await intake.room.all(Case)
    return one, other


async def test_answers_to_a_mail_that_has_not_come_are_of_one_case(either: Intake) -> None:
    await either.takes(from_=ADA, message_id="<b@x>", in_reply_to="<a@x>")
    news = await either.takes(from_=ADA, message_id="<c@x>", in_reply_to="<a@x>")
    (case,) = await either.room.all(Case)
    assert news is not None
    assert (news.number, news.retire) == (case.number, ())
    assert (await logged(either)).explanation == f"joins {case.number} by sibling"
    assert (await either.room.all(EmailMessage))[-1].link_method == "sibling"


async def test_the_mail_between_two_parts_lets_the_younger_go_up_in_the_older(either: Intake) -> None:
    one, other = await two_parts(either)
    news = await either.takes(from_=ADA, message_id="<c@x>", in_reply_to="<a@x>")
    (retire,) = await either.retiring()
    assert (retire.case_id, retire.subject_id, retire.done) == (other.id, one.id, False)
    assert news is not None
    assert [(told.number, told.delivery_id) for told in news.retire] == [(other.number, retire.id)]
    entry = await logged(either)
    assert (entry.verdict, entry.case_id) == ("attached", one.id)
    assert f"joins {one.number}" in str(entry.explanation)
    assert f"{other.number} is part of its thread" in str(entry.explanation)


async def test_what_is_to_be_merged_counts_as_merged(either: Intake) -> None:
    one, other = await two_parts(either)
    await either.takes(from_=ADA, message_id="<c@x>", in_reply_to="<a@x>")
    # a third part, which the younger of the two is then shown to be of
    await either.takes(from_=ADA, message_id="<f@x>", in_reply_to="<e@x>")
    await either.takes(from_=ADA, message_id="<e@x>", in_reply_to="<d@x>")
    third = (await either.room.all(Case))[-1]
    found = {row.case_id: row.subject_id for row in await either.retiring()}
    assert found == {other.id: one.id, third.id: one.id}
    # an answer to what is about to go up, and the root at last
    news = await either.takes(from_=ADA, message_id="<g@x>", in_reply_to="<f@x>")
    assert news is not None
    assert news.number == one.number
    await either.takes(from_=ADA, message_id="<a@x>")
    assert len(await either.retiring()) == 2
    assert set((await either.cases()).values()) == {one.number}


@pytest.mark.parametrize("kept", ["an agent's command", "a merge that was refused"])
async def test_a_part_that_somebody_works_on_stays(either: Intake, kept: str) -> None:
    one, other = await two_parts(either)
    agent = (await either.room.all(Agent))[0]
    if kept == "an agent's command":
        command = {"kind": "pick", "body": {}, "body_hash": "", "state": "done", "key": "k"}
        await either.room.add(Command(id=new_id(), case_id=other.id, actor_id=agent.id, **command))
    else:
        refused = {"number": other.number, "kind": DeliveryKind.RETIRE, "done": True, "outcome": "kept"}
        await either.room.add(Delivery(id=new_id(), case_id=other.id, subject_id=one.id, **refused))
    before = len(await either.retiring())
    await either.takes(from_=ADA, message_id="<c@x>", in_reply_to="<a@x>")
    assert len(await either.retiring()) == before
    entry = await logged(either)
    # The child waits where somebody works; the sibling is the older part.
    assert entry.case_id == other.id
    assert f"{one.number} is of the same thread, but stays" in str(entry.explanation)


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"from_": EVE}, "opened"),
        ({"from_": ADA, "authentication_results": FORGED}, "attached"),
        ({"from_": ADA, "auto_submitted": "auto-generated"}, "attached"),
    ],
    ids=["a stranger", "an unproven sender", "a machine"],
)
async def test_who_may_not_puts_nothing_together(either: Intake, headers: dict[str, str], verdict: str) -> None:
    cases = await two_parts(either)
    named = {"message_id": "<c@x>", "in_reply_to": "<a@x>", "references": "<b@x> <d@x> <a@x>"}
    await either.takes(**named, **headers)
    assert await either.retiring() == []
    entry = await logged(either)
    assert entry.verdict == verdict
    if headers["from_"] == EVE:
        assert (await either.room.all(Case))[-1].linked_case_id in {case.id for case in cases}


async def test_an_id_that_half_the_world_names_is_no_evidence(either: Intake) -> None:
    people = [ADA, *(f"reader-{number}@elsewhere.example" for number in range(MOST_SIBLING_CASES))]
    for reader in people[:-1]:
        await either.takes(from_=reader, in_reply_to="<newsletter@x>")
    await either.takes(from_=ADA, in_reply_to="<newsletter@x>")
    assert (await logged(either)).verdict == "attached"
    await either.takes(from_=people[-1], in_reply_to="<newsletter@x>")
    await either.takes(from_=ADA, in_reply_to="<newsletter@x>")
    assert (await logged(either)).verdict == "opened"


async def test_cases_that_one_mail_opened_in_several_queues_stay_apart(either: Intake) -> None:
    """Their mail has a row on each: the same Message-ID (domain 6.5)."""
    one, other = await two_parts(either)
    async with either.room.database.write() as session:
        await session.execute(
            update(EmailMessage).where(EmailMessage.case_id == other.id).values(message_id_hash=message_id_hash("b@x"))
        )
    await either.takes(from_=ADA, message_id="<e@x>", in_reply_to="<b@x>")
    assert (await logged(either)).case_id in (one.id, other.id)
    assert await either.retiring() == []
