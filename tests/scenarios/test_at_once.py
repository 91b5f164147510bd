"""What several want at once, and one gets: a case that two processes pick, and terms that twenty openings take."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from cases.ledger import EXHAUSTED_NOTE
from desk.errors import Conflict
from desk.opening import CaseOpenings
from desk.organisation import apply, load
from models.messages.api_cases import NewCaseBody
from models.messages.cases import CaseStatus
from models.records.cases import Case
from tests.support.applied import ROOT
from tests.support.correspondence import open_by_mail
from tests.support.desks import OPENED_ON, Desk, DeskFactory

PICKER = Path(__file__).with_name("picker.py")
PICKS = 20
ANSWER_WITHIN = 30.0
OPENINGS, TERMS = 20, 3
CONTRACT = "tests/organisations/three_terms.yaml"


# ---- picking ---------------------------------------------------------------------------------------------------------


async def test_of_two_processes_that_pick_at_once_one_wins(open_desk: DeskFactory) -> None:
    """Twenty times over; both stand at the barrier, ready and connected, when the number is called."""
    async with open_desk() as desk, AsyncExitStack() as stack:
        numbers = await asyncio.gather(*(desk.open() for _ in range(PICKS)))
        agents = ("grace", "mona")
        pickers = [await stack.enter_async_context(_picker(desk, agent)) for agent in agents]
        won: Counter[str] = Counter()
        for number in numbers:
            for picker in pickers:
                _say(picker, number)
            answers = await asyncio.gather(*map(_answer, pickers))
            assert sorted(answers) == ["409 already-picked", "picked"], f"{number}: {answers}"
            winner = agents[answers.index("picked")]
            won[winner] += 1
            (item,) = await desk.items(number)
            assert item.worked_by == (await desk.agent(winner)).agent_id
            assert [entry.actor_id for entry in await desk.timeline(number, "picked")] == [item.worked_by]
        assert won.total() == PICKS


@asynccontextmanager
async def _picker(desk: Desk, agent: str) -> AsyncIterator[Process]:
    settings = desk.house.settings
    given = {
        "DATA": str(settings.data),
        "DATABASE_URL": settings.database,
        "TEMPORAL_ADDRESS": desk.house.client.service_client.config.target_host,
    }
    environment = os.environ | {f"CASELOOM_{name}": value for name, value in given.items()}
    # In the data folder's parent, so that no `.env` file of the developer is read.
    process = await asyncio.create_subprocess_exec(
        sys.executable, PICKER, agent, stdin=PIPE, stdout=PIPE, env=environment, cwd=settings.data.parent
    )
    try:
        assert await _answer(process) == "ready"
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), ANSWER_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise


def _say(process: Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())


async def _answer(process: Process) -> str:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), ANSWER_WITHIN)
    return line.decode().strip()


# ---- terms -----------------------------------------------------------------------------------------------------------


async def test_of_twenty_mails_at_once_three_are_charged_and_the_rest_open_without(open_desk: DeskFactory) -> None:
    async with _three_terms(open_desk) as desk:
        numbers = await asyncio.gather(*(open_by_mail(desk, f"Question {n}") for n in range(OPENINGS)))
        cases = [await desk.case(number) for number in numbers]
        await _three_are_charged(desk, cases)
        without = [case for case in cases if case.entitlement_id is None]
        assert {case.entitlement_note for case in without} == {EXHAUSTED_NOTE}
        assert len(without) == OPENINGS - TERMS


async def test_of_twenty_posts_at_once_three_are_charged_and_the_rest_refused(open_desk: DeskFactory) -> None:
    async with _three_terms(open_desk) as desk:
        openings = CaseOpenings(desk.house.database, desk.house.client, desk.house.definitions)
        grace = await desk.agent("grace")

        async def post(n: int) -> str:
            body = NewCaseBody.model_validate({"title": f"Call {n}", "customer": "aurora", "origin": "phone"})
            try:
                await openings.open(grace, body, OPENED_ON)
            except Conflict as error:
                return f"{error.status} {error.type}"
            return "opened"

        answers = Counter(await asyncio.gather(*map(post, range(OPENINGS))))
        assert answers == {"opened": TERMS, "409 entitlement-exhausted": OPENINGS - TERMS}
        cases = [await desk.case(number) for number in await desk.numbers()]
        await _three_are_charged(desk, cases)
        assert len(cases) == TERMS, "a refused opening left a case behind"


@asynccontextmanager
async def _three_terms(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk() as desk:
        text = (ROOT / CONTRACT).read_text()
        await apply(desk.house.database, load(text, CONTRACT), actor="test", now=datetime.now(UTC))
        yield desk


async def _three_are_charged(desk: Desk, cases: list[Case]) -> None:
    """Each charged case has one movement, and what remains is what was there plus the sum of all movements."""
    contract, ledger = await desk.entitlement("care"), await desk.ledger()
    charged = [case.id for case in cases if case.entitlement_id == contract.id]
    assert len(charged) == TERMS
    assert sorted(entry.case_id for entry in ledger) == sorted(charged)
    assert {entry.terms for entry in ledger} == {Decimal(-1)}
    assert contract.remaining_terms == contract.total_terms + sum(entry.terms for entry in ledger) == 0
    assert {case.status for case in cases} == {CaseStatus.ACTIVE}
