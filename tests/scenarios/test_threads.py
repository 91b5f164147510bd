"""Threads whose mails arrive in any order, through real intake and real cases: each ends in one case (email promise 5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select
from temporalio.testing import ActivityEnvironment

from activities.mailbox import MailboxActivities
from models.messages.cases import CaseStatus
from models.messages.mailflow import DeliveryKind, MailboxJob
from models.messages.slas import OPEN_KPI_STATUSES
from models.records.cases import Case
from models.records.mails import EmailMessage, InboundMail, Outbox
from servers.mail.hub import MailHub
from tests.support.correspondence import SUPPORT, mail, must_hear, tell
from tests.support.desks import WARM, Desk, DeskFactory
from tests.support.mailboxes import mail_server, served
from tests.support.mailroom import letter
from tests.support.organisations import add, balance
from tests.support.rest import at_rest
from tests.support.threads import ThreadMail, write_thread
from tests.support.waiting import until

SEED = 20310327
THREADS, ORDERS = 6, 3
PEOPLE = [f"{name}@customer.example" for name in ("ada", "bob", "cleo", "dan")]
ALMOST_NONE = 1
"""Cases kept in memory: each is replayed whenever its turn comes; see tests/scenarios/test_racing_mails.py."""
REST_WITHIN = 180.0


@pytest.mark.timeout(600)
# What the SDK says when it takes back a local activity that has just ended: usual with a small cache, and harmless.
@pytest.mark.filterwarnings("default:Cannot find activity to cancel")
@pytest.mark.parametrize(
    ("database_url", "cached"),
    [("sqlite", WARM), ("postgres", ALMOST_NONE)],
    indirect=["database_url"],
    ids=["sqlite-warm", "postgres-cold"],
)
async def test_each_thread_ends_in_one_case(open_desk: DeskFactory, tmp_path: Path, cached: int) -> None:
    rng = Random(SEED)
    print(f"seed {SEED}")
    async with open_desk(cached=cached) as desk, mail_server(tmp_path) as hub:
        await add(desk, "tests/organisations/threads.yaml")
        job = await served(desk, hub)
        threads: list[list[ThreadMail]] = []
        for order in range(ORDERS):
            written = [
                write_thread(rng, order * THREADS + thread, rng.randint(4, 6), PEOPLE, SUPPORT)
                for thread in range(THREADS)
            ]
            threads += written
            mails = [mail for thread in written for mail in thread]
            rng.shuffle(mails)
            # In two bursts: what the first has split may have been merged or not when the second comes.
            half = rng.randrange(len(mails))
            await arrive(desk, hub, job, mails[:half])
            if rng.random() < 0.5:
                await rest(desk)
            await arrive(desk, hub, job, mails[half:])
        await rest(desk)

        cases = await all_cases(desk)
        losers = [case for case in cases.values() if case.merged_into is not None]
        assert len(losers) >= ORDERS, "hardly a thread was split: these orders show nothing"
        assert {case.status for case in cases.values() if case.merged_into is None} == {CaseStatus.ACTIVE}
        assert len(cases) - len(losers) == len(threads)
        for thread in threads:
            await of_one_case(desk, thread)
        for loser in losers:
            await gone_up(desk, loser)
        active = len(threads)
        assert await balance(desk, "flat") == (500 - active, {"email": float(400 - active)})
        await late_mail(desk, hub, job, losers[0])
        assert await desk.histories_replay() > len(cases), "no case was woken after it had gone up"


# ---- arriving --------------------------------------------------------------------------------------------------------


async def arrive(desk: Desk, hub: MailHub, job: MailboxJob, mails: Sequence[ThreadMail]) -> None:
    """By IMAP, in this order; each case is told of them meanwhile."""
    before = await count(desk)
    for each in mails:
        await hub.deliver(SUPPORT, each.raw)
    async with reading(desk, job):
        await until(lambda: has(desk, before + len(mails)), 60.0)


@asynccontextmanager
async def reading(desk: Desk, job: MailboxJob) -> AsyncIterator[None]:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=1))
    task = asyncio.create_task(environment.run(MailboxActivities(desk.house.intake).watch_mailbox, job))
    try:
        yield
    finally:
        environment.worker_shutdown()
        await asyncio.gather(task, return_exceptions=True)


async def count(desk: Desk) -> int:
    async with desk.house.database.read() as session:
        return await session.scalar(select(func.count()).select_from(InboundMail)) or 0


async def has(desk: Desk, wanted: int) -> bool:
    return await count(desk) >= wanted


async def rest(desk: Desk) -> None:
    """Every delivery was made, and no run has anything left to do."""

    async def made() -> bool:
        return all(delivery.done for delivery in await desk.deliveries())

    await until(made, REST_WITHIN)
    await at_rest(desk, await desk.numbers(), REST_WITHIN)


# ---- what must be so -------------------------------------------------------------------------------------------------


async def all_cases(desk: Desk) -> dict[str, Case]:
    async with desk.house.database.read() as session:
        return {case.number: case for case in await session.scalars(select(Case))}


async def of_one_case(desk: Desk, thread: Sequence[ThreadMail]) -> None:
    """The mails, once each on the timeline, and the acknowledgements that its parts have sent."""
    async with desk.house.database.read() as session:
        named = EmailMessage.message_id.in_([mail.message_id for mail in thread])
        rows = list(await session.scalars(select(EmailMessage).where(named)))
        assert len(rows) == len(thread)
        (case_id,) = {row.case_id for row in rows}
        case = await session.get_one(Case, case_id)
        letters = list(await session.scalars(select(EmailMessage.id).where(Outbox.case_id == case.id, SENT)))
    assert (case.status, case.merged_into) == (CaseStatus.ACTIVE, None)
    told = Counter(entry.subject_id for entry in await desk.timeline(case.number, "mail"))
    assert told == Counter(row.id for row in rows)
    acknowledged = [entry.subject_id for entry in await desk.timeline(case.number, "acknowledgement")]
    assert sorted(letters, key=str) == sorted(acknowledged, key=str)
    assert len(await desk.timeline(case.number, "adopted")) == len(letters) - 1


SENT = EmailMessage.id == Outbox.message_id


async def gone_up(desk: Desk, loser: Case) -> None:
    """Nothing of it is left: it has no clock and no queue item, and its contract got the term back."""
    assert (loser.status, loser.status_reason, loser.queue) == (CaseStatus.CANCELLED, "merged", None)
    assert not [item for item in await desk.items(loser.number) if item.live]
    statuses = {body["status"] for bodies in (await desk.kpis(loser.number)).values() for body in bodies}
    assert statuses, "it had promises"
    assert not statuses & set(OPEN_KPI_STATUSES)
    moved = [entry for entry in await desk.ledger() if entry.case_id == loser.id]
    assert [entry.event for entry in moved] == ["applied", "cancelled"]
    assert sum((entry.terms for entry in moved), Decimal(0)) == 0
    async with desk.house.database.read() as session:
        for table in (EmailMessage, Outbox):
            left = select(func.count()).select_from(table).where(table.case_id == loser.id)
            assert await session.scalar(left) == 0
    (merged,) = await desk.timeline(loser.number, "merged")
    assert merged.data["related"] == loser.merged_into


async def late_mail(desk: Desk, hub: MailHub, job: MailboxJob, loser: Case) -> None:
    """An answer to the loser's acknowledgement, and a mail that was on its way to it, land on the survivor (domain 13,
    row 10)."""
    survivor = await survivor_of(desk, loser)
    address = desk.house.intake.placing.correlating.tokens.plus_address(SUPPORT, loser.number)
    async with desk.house.database.read() as session:
        sender = await session.scalar(select(EmailMessage.sender).where(EmailMessage.id == loser.opening_mail_id))
    assert sender is not None
    raw = letter("Any news?", to=address, from_=sender, message_id="<late@customer.example>")
    await arrive(desk, hub, job, [ThreadMail(-1, "late@customer.example", sender, raw)])
    on_its_way = await mail(desk, "And another thing.", sender=sender)
    delivery = await must_hear(desk, loser.number, on_its_way.id)
    await tell(desk, loser, delivery, 2)
    await rest(desk)
    async with desk.house.database.read() as session:
        late = select(EmailMessage.case_id).where(EmailMessage.message_id == "late@customer.example")
        assert await session.scalar(late) == survivor.id
        assert (await session.get_one(EmailMessage, on_its_way.id)).case_id == survivor.id
    outcomes = {row.outcome for row in await desk.deliveries() if row.subject_id == on_its_way.id}
    assert outcomes == {"passed-on", "attach"}
    assert (await desk.case(loser.number)).status == CaseStatus.CANCELLED
    assert {row.kind for row in await desk.deliveries()} == {
        *(DeliveryKind.OPEN, DeliveryKind.MAIL, DeliveryKind.RETIRE, DeliveryKind.ADOPT)
    }


async def survivor_of(desk: Desk, case: Case) -> Case:
    while case.merged_into is not None:
        case = await desk.case(case.merged_into)
    return case
