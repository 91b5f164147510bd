"""Kills the worker in the middle of merges, closings of families and an action on many cases, and checks that each case did its
part once and nothing stands half-way.

    python -m faults.families [--cases 1000] [--kills 10] [--seed N] [--database sqlite|postgres]

Exit code 0: all as it must be. 1: something is off; the data folder is kept and named.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from cases.opener import NewCase, insert_opening
from desk.bulk import BulkDesk
from desk.commands import CaseDesk
from desk.errors import DeskError
from desk.identity import Identity
from engine.operations import OperationStarter
from faults import world
from faults.family_checks import Asked, Family, check
from models.messages.api_cases import ActivityBody, NoteBody, ResolveBody
from models.messages.base import Message
from models.messages.cases import CaseStatus, CommandKind
from models.messages.families import ChildBody, MergeBody
from models.messages.operations import BulkAction, BulkBody
from models.messages.reference import Role
from models.records.cases import Case, Command, Delivery
from models.records.operations import BulkOperation
from models.records.reference import Account, Agent
from servers.processes import stop_process
from starting.logs import log_to

OF_FAMILIES = ("delivery.written", "delivery.committed", "family.told")
OF_ALL = ("command.written", "command.committed", "operation.sent", "operation.written")
FIRST_LIVES = 4
"""In which the families and merges are done; the later ones die within the action on many cases."""
LATEST, LATEST_ROUND = 12, 2
"""The worker dies when it comes to its place for at most the so many-th time; to the end of a round, which is two dozen
cases, sooner."""
FAMILIES, CHILDREN, MERGES, LOSERS = 5, 6, 5, 4
AT_ONCE = 16
LIVES_FOR = 60.0
"""Seconds after which a life whose place is not reached is killed where it stands."""
REST_WITHIN = 600.0


async def run(folder: Path, engine: world.Engine, cases: int, kills: int, rng: random.Random) -> list[str]:
    """What is not as it must be, in words."""
    async with world.running(folder, engine) as here:
        worker = await here.start_worker(0, "")
        try:
            asked = await _prepare(here, cases)
            sent = asyncio.create_task(_ask(here, asked))
            for life in range(1, kills + 1):
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()
                place = _place(life, rng)
                worker = await here.start_worker(life, place)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(worker.wait(), LIVES_FOR)
                reached = "died at" if worker.returncode is not None else "is killed, having not come to"
                print(f"life {life} {reached} {place}", flush=True)
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
            worker = await here.start_worker(kills + 1, "")
            await asyncio.gather(sent)
            await _rest(here)
            return await check(here.house.database, asked)
        finally:
            await stop_process(worker, kill_after=20.0)


def _place(life: int, rng: random.Random) -> str:
    """As a failpoint's setting."""
    name = rng.choice((*OF_FAMILIES, *OF_ALL) if life <= FIRST_LIVES else OF_ALL)
    return f"{name}:{rng.randint(1, LATEST_ROUND if name.startswith('operation') else LATEST)}"


async def _prepare(here: world.World, cases: int) -> Asked:
    """Open cases, with something on them that can move, and families."""
    began = time.monotonic()
    family_cases = FAMILIES * (1 + CHILDREN) + MERGES * (1 + LOSERS)
    numbers = await _open(here, cases + family_cases)
    rest = iter(numbers[cases:])
    families = [Family(next(rest), [next(rest) for _ in range(CHILDREN)]) for _ in range(FAMILIES)]
    merges = [Family(next(rest), [next(rest) for _ in range(LOSERS)]) for _ in range(MERGES)]
    for family in families:
        await _each(here, ((family.head, CommandKind.ADD_CHILD, ChildBody(case=number)) for number in family.others))
    for merge in merges:
        await _each(here, ((number, CommandKind.NOTE, NoteBody(text=f"Of {number}.")) for number in merge.others))
        await _each(here, ((number, CommandKind.ADD_ACTIVITY, ActivityBody(title=number)) for number in merge.others))
    await _rest(here)
    print(f"{len(numbers)} cases are open after {time.monotonic() - began:.0f} s", flush=True)
    return Asked(numbers[:cases], families, merges)


async def _open(here: world.World, count: int) -> list[str]:
    house, numbers = here.house, list[str]()
    async with house.database.read() as session:
        account = await session.scalar(select(Account.id))
    for begin in range(0, count, 50):
        async with house.database.write() as session:
            made = [
                await insert_opening(
                    session,
                    NewCase(title=f"Case {n}", origin="phone", account_id=account),
                    datetime.now(UTC),
                    prefix="CAS",
                )
                for n in range(begin, min(begin + 50, count))
            ]
        await asyncio.gather(*(house.dispatcher.open(case.id, case.number, "phone") for case in made))
        numbers += [case.number for case in made]
    while True:
        async with house.database.read() as session:
            opening = select(func.count()).select_from(Case).where(Case.status == CaseStatus.OPENING)
            if not await session.scalar(opening):
                return numbers
        await asyncio.sleep(0.5)


async def _each(here: world.World, commands: Iterable[tuple[str, CommandKind, Message]]) -> None:
    """Each until it is answered, whatever dies meanwhile: the same key is the same command."""
    desk, agent = CaseDesk(here.house.database, here.house.sender), await _agent(here)
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(number: str, kind: CommandKind, body: Message) -> None:
        async with limit:
            target = await _target(here, body)
            while True:
                try:
                    key = f"{kind}/{number}/{target}"
                    answer = await desk.command(agent, number, kind, body, key=key, target_id=target)
                except DeskError as error:
                    if error.status != 503:
                        raise
                else:
                    if answer.version is not None:
                        return
                await asyncio.sleep(1)

    await asyncio.gather(*(one(*command) for command in commands))


async def _target(here: world.World, body: Message) -> UUID | None:
    if not isinstance(body, ChildBody):
        return None
    async with here.house.database.read() as session:
        return await session.scalar(select(Case.id).where(Case.number == body.case))


async def _agent(here: world.World) -> Identity:
    async with here.house.database.read() as session:
        row = await session.scalar(select(Agent).where(Agent.slug == "agent"))
        if row is None:
            raise LookupError("the organisation has no agent")
        return Identity(row.id, row.slug, row.name, frozenset({Role.AGENT}))


async def _ask(here: world.World, asked: Asked) -> None:
    """All of it at once, while the workers die."""
    house = here.house
    bulk = BulkDesk(house.database, house.definitions, OperationStarter(house.client))
    body = BulkBody(action=BulkAction.CHANGE, numbers=tuple(asked.changed), body={"title": "Anew"})
    asked.operation = (await bulk.ask(await _agent(here), body, datetime.now(UTC), key="all")).id
    closing = ResolveBody(resolution="The firmware cures it.")
    await _each(
        here,
        [
            *((family.head, CommandKind.RESOLVE, closing) for family in asked.families),
            *((merge.head, CommandKind.MERGE, MergeBody(losers=tuple(merge.others))) for merge in asked.merges),
        ],
    )


async def _rest(here: world.World) -> None:
    """Nothing is left to hear, to decide or to work off."""
    ends, left = time.monotonic() + REST_WITHIN, Counter[str]()
    while time.monotonic() < ends:
        async with here.house.database.read() as session:
            left = Counter(
                deliveries=await session.scalar(select(func.count()).select_from(Delivery).where(~Delivery.done)) or 0,
                commands=await session.scalar(
                    select(func.count()).select_from(Command).where(Command.state == "pending")
                )
                or 0,
                operations=await session.scalar(
                    select(func.count()).select_from(BulkOperation).where(BulkOperation.state == "pending")
                )
                or 0,
            )
        if not left.total():
            return
        await asyncio.sleep(0.5)
    print(f"no rest: {dict(left)}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="faults.families", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    engines = [engine.value for engine in world.Engine]
    parser.add_argument("--database", choices=engines, default=world.Engine.SQLITE.value)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="caseloom-families-"))
    log_to(folder / "outside.log")
    began = time.monotonic()
    faults = asyncio.run(run(folder, world.Engine(given.database), given.cases, given.kills, random.Random(given.seed)))
    for fault in faults:
        print(fault)
    print(f"{given.cases} cases, {given.kills} kills, seed {given.seed}: {time.monotonic() - began:.0f} s")
    if faults:
        print(f"kept: {folder}")
        return 1
    shutil.rmtree(folder)
    print("all is well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
