"""Kills the worker while promises are missed and their escalations go on, and checks that each action was done once.

Every case has one promise, missed a quarter of a minute after it was made, and a chain of three steps after that."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from faults import world
from faults.lives import apply_lists, dies, open_cases, until_rest, until_sent
from models.messages.mailflow import OutboxState
from models.messages.slas import KpiInstance
from models.records.cases import Case
from models.records.mails import EmailMessage, Outbox
from models.records.promises import KpiAction, KpiRow
from models.records.timeline import TimelineEntry
from servers.processes import stop_process
from storage.engines import Database

PLACES = ("clocks.written", "clocks.committed", "outbox.claimed", "outbox.sent", "outbox.written")
"""The names are those of `failpoint(...)` calls."""
LATEST = 4
"""The worker dies when it comes to a place for at most the so many-th time."""
REST_WITHIN = 300.0
READER = "c001@customers.example"
"""Who has a mailbox there."""
CHAIN = {
    "slug": "faults",
    "name": "Missed on purpose",
    "items": [
        {
            "name": "Answered",
            "kpi": "first-response",
            "success": {"all": [{"field": "case.first_response_sent", "value": True}]},
            "fail_after": "0.25 minutes",
            "actions": [{"on": "failure", "do": "set-priority", "value": "high"}],
            "escalation": [
                {"after": "0.25 minutes", "actions": [{"do": "notify", "to": READER}]},
                {"after": "0.25 minutes", "actions": [{"do": "set", "values": {"custom.missed": "twice"}}]},
                {"after": "0.25 minutes", "actions": [{"do": "escalate"}, {"do": "notify", "to": READER}]},
            ],
        }
    ],
}
DONE = ("failure/0", "escalation-1/0", "escalation-2/0", "escalation-3/0", "escalation-3/1")
"""What a promise has done in the end, each once, by the end of its key."""
TOLD = {"kpi-failed": 1, "kpi-escalated": 3, "changed": 2, "notified": 2, "escalated": 1}
LETTERS = 2
"""Of each case: one for each `notify`."""


def places(rng: random.Random) -> str:
    """As a failpoint's setting: the worker dies at the first of these that it comes to."""
    return ",".join(f"{name}:{rng.randint(1, LATEST)}" for name in PLACES)


async def play(here: world.World, cases: int, kills: int, rng: random.Random) -> tuple[int, list[str]]:
    """How often the worker died at one of its places, and what is not as it must be, in words."""
    # In the place of the SLA that all cases of the fault run have.
    await apply_lists(here, {"slas": [CHAIN]})
    at_a_place = 0
    worker = await here.start_worker(0, places(rng))
    opening = asyncio.create_task(open_cases(here, cases))
    try:
        for life in range(1, kills + 1):
            died = await dies(worker)
            at_a_place += died
            print(f"life {life} {'died at its place' if died else 'was killed before it came to one'}", flush=True)
            worker = await here.start_worker(life, places(rng) if life < kills else "")
        numbers = await opening
        await _rest(here.house.database, cases)
        await until_rest(here)
        await until_sent(here)
        return at_a_place, await check(here.house.database, numbers)
    finally:
        await stop_process(worker, kill_after=20.0)


async def _rest(database: Database, cases: int) -> None:
    """Every chain is at its end."""
    until = time.monotonic() + REST_WITHIN
    ended = select(func.count()).where(TimelineEntry.kind == "kpi-escalated")
    while time.monotonic() < until:
        async with database.read() as session:
            if (await session.scalar(ended) or 0) >= cases * TOLD["kpi-escalated"]:
                return
        await asyncio.sleep(0.5)
    print("no rest: an escalation has not come to its end", flush=True)


async def check(database: Database, numbers: Sequence[str]) -> list[str]:
    """What was lost or doubled, in words."""
    async with database.read() as session:
        of_cases = select(Case).where(Case.number.in_(numbers)).order_by(Case.id)
        cases = list(await session.scalars(of_cases))
        actions = (await session.execute(select(KpiAction.case_id, KpiAction.key))).all()
        entries = (await session.execute(select(TimelineEntry.case_id, TimelineEntry.kind))).all()
        bodies = (await session.execute(select(KpiRow.case_id, KpiRow.body))).all()
        letters = (
            await session.execute(
                select(Outbox.case_id, Outbox.state, EmailMessage.message_id)
                .join(EmailMessage, EmailMessage.id == Outbox.message_id)
                .where(Outbox.key.contains("/escalation-"))
            )
        ).all()
    faults = [] if len(cases) == len(numbers) else [f"{len(numbers)} cases were opened, {len(cases)} are there"]
    if len({message_id for _, _, message_id in letters}) != len(letters):
        faults.append("two letters have one Message-ID")
    for case in cases:
        done = Counter(key.partition("/")[2] for of, key in actions if of == case.id)
        told = Counter(kind for of, kind in entries if of == case.id and kind in TOLD)
        sent = Counter(state for of, state, _ in letters if of == case.id)
        steps = [instance.escalation for instance in map(KpiInstance.model_validate, _of(case, bodies))]
        found: dict[str, tuple[object, object]] = {
            "actions": (Counter(DONE), done),
            "entries of the timeline": (Counter(TOLD), told),
            "letters": (Counter({OutboxState.SENT: LETTERS}), sent),
            "steps taken": ([3], [0 if each is None else each.done for each in steps]),
            "what the actions left": (
                ("high", True, "twice"),
                (case.priority, case.escalated, case.custom.get("missed")),
            ),
        }
        faults += [
            f"{case.number}, {what}: {is_} instead of {wanted}"
            for what, (wanted, is_) in found.items()
            if wanted != is_
        ]
    return faults


def _of(case: Case, bodies: Iterable[Any]) -> Iterator[Any]:
    return (body for of, body in bodies if of == case.id)
