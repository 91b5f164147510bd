"""Mails for a case while it is being resolved, and after: each is applied exactly once, whoever wins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from desk.errors import Conflict
from desk.organisation import apply, load
from models.messages.api_cases import ReactivateBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.messages.mail_facts import RelatedAction
from models.messages.mailflow import DeliveryKind
from models.records.commands import Command, Delivery
from models.records.promises import LedgerEntry
from models.records.timeline import TimelineEntry
from tests.support.applied import ROOT
from tests.support.correspondence import mail, mails_of, must_hear, tell
from tests.support.desks import WARM, Desk, DeskFactory
from tests.support.rest import at_rest

CASES = 20
RACING, LATE = 3, 1
"""Mails a case: while it is resolved and reactivated, and after. Each is delivered twice."""
AT_ONCE = 24
ALMOST_NONE = 1
"""Cases kept in memory: each is replayed whenever its turn comes. With none at all the SDK takes a case's local
activities back as soon as another case comes (it warns of that), so that many at once keep each other from moving."""
REST_WITHIN = 180.0
SEED = 20310327
RACE = "tests/organisations/racing.yaml"
RESOLVE = ResolveBody(resolution="It pairs now.")


@pytest.mark.timeout(600)
# What the SDK says when it takes back a local activity that has just ended: usual with a small cache, and harmless.
@pytest.mark.filterwarnings("default:Cannot find activity to cancel")
@pytest.mark.parametrize(
    ("database_url", "cached"),
    [("sqlite", WARM), ("postgres", ALMOST_NONE)],  # each database and each cache once, as a turn is long
    indirect=["database_url"],
    ids=["sqlite-warm", "postgres-cold"],
)
async def test_mails_that_race_with_resolving_are_applied_once(open_desk: DeskFactory, cached: int) -> None:
    rng = Random(SEED)
    async with open_desk(cached=cached) as desk:
        await _lay_over(desk)
        numbers = await _open_cases(desk)
        first = await _mails(desk, numbers, RACING, rng)
        errands = [_told(desk, delivery) for delivery in [*first, *first]]
        errands += [_commands(desk, number, reactivate=rng.random() < 0.5) for number in numbers]
        rng.shuffle(errands)
        await _in_parallel(errands)
        await at_rest(desk, numbers, REST_WITHIN)
        statuses = {(await desk.case(number)).status for number in numbers}
        assert statuses == {CaseStatus.ACTIVE, CaseStatus.RESOLVED}, "the race had one outcome alone"

        late = await _mails(desk, numbers, LATE, rng)
        errands = [_told(desk, delivery) for delivery in [*late, *late]]
        rng.shuffle(errands)
        await _in_parallel(errands)
        await at_rest(desk, numbers, REST_WITHIN)

        for number in numbers:
            await _applied_once(desk, number)
        outcomes = {delivery.outcome for delivery in await desk.deliveries() if delivery.kind == DeliveryKind.MAIL}
        assert outcomes == {RelatedAction.ATTACH, RelatedAction.ATTACH_ONLY, RelatedAction.REOPEN}
        await _balance_holds(desk)
        assert await desk.histories_replay() > CASES, "no case was woken after it had been closed"


async def _applied_once(desk: Desk, number: str) -> None:
    """One version for each mail and for each command that was done: nothing was skipped, and nothing was written twice."""
    case = await desk.case(number)
    async with desk.house.database.read() as session:
        of_case = select(Delivery).where(Delivery.case_id == case.id, Delivery.kind == DeliveryKind.MAIL)
        deliveries = list(await session.scalars(of_case))
        done = select(func.count()).where(Command.case_id == case.id, Command.state == "done")
        commands = await session.scalar(done)
        told = select(func.count()).where(TimelineEntry.case_id == case.id, TimelineEntry.kind == "mail")
        entries = await session.scalar(told)
    assert [delivery.done for delivery in deliveries] == [True] * (RACING + LATE)
    assert await mails_of(desk, number) == entries == RACING + LATE
    assert case.version == 1 + RACING + LATE + (commands or 0), f"{number}: {deliveries}, {commands} commands"


async def _balance_holds(desk: Desk) -> None:
    contract = await desk.entitlement("care")
    ledger = await desk.ledger()
    assert contract.remaining_terms == contract.total_terms + sum((entry.terms for entry in ledger), Decimal(0))
    lives = {(entry.case_id, entry.event, entry.ordinal) for entry in ledger}
    assert len(lives) == len(ledger)
    held: dict[Any, Decimal] = {}
    for entry in ledger:
        held[entry.case_id] = held.get(entry.case_id, Decimal(0)) - entry.terms
    for number in await desk.numbers():
        case = await desk.case(number)
        async with desk.house.database.read() as session:
            resolved = await session.scalar(
                select(func.count()).where(LedgerEntry.case_id == case.id, LedgerEntry.event == "resolved")
            )
        assert held.get(case.id, Decimal(0)) == (1 if case.status == CaseStatus.RESOLVED else 0), number
        assert resolved == 1


# ---- what happens at once --------------------------------------------------------------------------------------------

Errand = Callable[[], Coroutine[Any, Any, Any]]


async def _in_parallel(errands: list[Errand]) -> list[Any]:
    limit = asyncio.Semaphore(AT_ONCE)

    async def bounded(errand: Errand) -> Any:
        async with limit:
            return await errand()

    return await asyncio.gather(*map(bounded, errands))


async def _open_cases(desk: Desk) -> list[str]:
    cases = [await desk.insert() for _ in range(CASES)]
    await _in_parallel([partial(desk.house.dispatcher.open, case.id, case.number, case.origin) for case in cases])
    numbers = [case.number for case in cases]
    await at_rest(desk, numbers, REST_WITHIN)
    assert {(await desk.case(number)).status for number in numbers} == {CaseStatus.ACTIVE}
    return numbers


async def _mails(desk: Desk, numbers: list[str], each: int, rng: Random) -> list[Delivery]:
    made = []
    for number in numbers:
        for _ in range(each):
            subject = rng.choice(("It fails again", "Thank you"))
            letter = await mail(
                desk, f"{subject} {rng.random()}", subject=subject, case_id=(await desk.case(number)).id
            )
            made.append(await must_hear(desk, number, letter.id))
    return made


def _told(desk: Desk, delivery: Delivery) -> Errand:
    async def errand() -> None:
        await tell(desk, await desk.case(delivery.number), delivery)

    return errand


def _commands(desk: Desk, number: str, *, reactivate: bool) -> Errand:
    async def errand() -> None:
        await desk.send("grace", number, CommandKind.RESOLVE, RESOLVE)
        if reactivate:
            with suppress(Conflict):  # a mail has reopened the case before
                await desk.send("grace", number, CommandKind.REACTIVATE, ReactivateBody())

    return errand


async def _lay_over(desk: Desk) -> None:
    text = (ROOT / RACE).read_text()
    house = desk.house
    await apply(house.database, load(text, RACE), actor="test", now=datetime.now(UTC), keyring=house.keyring)
