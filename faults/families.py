"""Kills the worker in the middle of a merge of ten cases, of the closing of a family, of an action on many cases, and of all of
it at once, and checks that each case did its part once and nothing stands half-way.

    python -m faults.families [--scene merge|cascade|close|all] [--cases 1000] [--kills 10] [--seed N]
                              [--database sqlite|postgres]

Without `--scene`, one after the other. Exit code 0: all as it must be. 1: something is off; the data folder is kept and named.
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
from typing import Any
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
from faults.family_scenes import SCENES, Scene, SceneName
from models.messages.api_cases import ActivityBody, NoteBody, ResolveBody, stored
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

AT_ONCE = 16
LIVES_FOR = 60.0
"""Seconds after which a life whose place is not reached is killed where it stands."""
REST_WITHIN = 600.0


async def run(
    folder: Path, engine: world.Engine, scene: Scene, cases: int, kills: int, rng: random.Random
) -> tuple[int, list[str]]:
    """How often the worker died in the middle of it, and what is not as it must be, in words."""
    inside = 0
    async with world.running(folder, engine) as here:
        worker = await here.start_worker(0, "")
        try:
            asked = await _prepare(here, scene, cases)
            # The new life comes to what is asked of it, and to nothing that was left to do before.
            await ends(worker)
            sent = asyncio.create_task(_ask(here, scene, asked))
            for life in range(1, kills + 1):
                places = scene.places_of(life, rng)
                worker = await here.start_worker(life, places)
                died = await _dies(here, worker, sent)
                inside += died is not None
                print(f"life {life} {DIED[died]} {places}", flush=True)
                await ends(worker)
            worker = await here.start_worker(kills + 1, "")
            await sent
            await until_rest(here)
            return inside, await check(here.house.database, asked)
        finally:
            await stop_process(worker, kill_after=20.0)


DIED = {
    True: "died at",
    False: "was killed in the middle of it, having not come to",
    None: "found all of it done before",
}


async def _dies(here: world.World, worker: asyncio.subprocess.Process, sent: asyncio.Task[None]) -> bool | None:
    """Whether it died at one of its places; None if there was nothing left to do on the way there."""
    ends = time.monotonic() + LIVES_FOR
    while worker.returncode is None and time.monotonic() < ends:
        if sent.done() and not (await _left(here)).total():
            return None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(worker.wait(), 0.5)
    return worker.returncode is not None


async def ends(worker: asyncio.subprocess.Process) -> None:
    if worker.returncode is None:
        worker.kill()
        await worker.wait()


async def _prepare(here: world.World, scene: Scene, cases: int) -> Asked:
    """Open cases, with something on them that can move, and families."""
    began = time.monotonic()
    many = cases if scene.action is not None else 0
    family_cases = scene.families * (1 + scene.children) + scene.merges * (2 + scene.losers)
    numbers = await open_cases(here, many + family_cases)
    rest = iter(numbers[many:])
    families = [Family(next(rest), [next(rest) for _ in range(scene.children)]) for _ in range(scene.families)]
    merges = [
        Family(next(rest), [next(rest) for _ in range(scene.losers)], child=next(rest)) for _ in range(scene.merges)
    ]
    for family in families:
        await each_until_answered(
            here, ((family.head, CommandKind.ADD_CHILD, ChildBody(case=number)) for number in family.others)
        )
    for merge in merges:
        await each_until_answered(
            here, ((number, CommandKind.NOTE, NoteBody(text=f"Of {number}.")) for number in merge.others)
        )
        await each_until_answered(
            here, ((number, CommandKind.ADD_ACTIVITY, ActivityBody(title=number)) for number in merge.others)
        )
        await each_until_answered(here, [(merge.others[0], CommandKind.ADD_CHILD, ChildBody(case=merge.child))])
    await until_rest(here)
    print(f"{len(numbers)} cases are open after {time.monotonic() - began:.0f} s", flush=True)
    return Asked(numbers[:many], scene.action, families, merges)


async def open_cases(here: world.World, count: int, **fields: Any) -> list[str]:
    """Their numbers, once none of them is opening any more."""
    house, numbers = here.house, list[str]()
    async with house.database.read() as session:
        account = await session.scalar(select(Account.id))
    for begin in range(0, count, 50):
        async with house.database.write() as session:
            made = [
                await insert_opening(
                    session,
                    NewCase(**{"title": f"Case {n}", "origin": "phone", "account_id": account, **fields}),
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


async def each_until_answered(here: world.World, commands: Iterable[tuple[str, CommandKind, Message]]) -> None:
    """Each until it is answered, whatever dies meanwhile: the same key is the same command."""
    desk, agent = CaseDesk(here.house.database, here.house.sender), await agent_of(here)
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


async def agent_of(here: world.World) -> Identity:
    async with here.house.database.read() as session:
        row = await session.scalar(select(Agent).where(Agent.slug == "agent"))
        if row is None:
            raise LookupError("the organisation has no agent")
        return Identity(row.id, row.slug, row.name, frozenset({Role.AGENT}))


async def _ask(here: world.World, scene: Scene, asked: Asked) -> None:
    """All of it at once, while the workers die."""
    house, closing = here.house, ResolveBody(resolution="The firmware cures it.")
    if scene.action is not None:
        bulk = BulkDesk(house.database, house.definitions, OperationStarter(house.client))
        content = {"title": "Anew"} if scene.action is BulkAction.CHANGE else stored(closing)
        body = BulkBody(action=scene.action, numbers=tuple(asked.many), body=content)
        asked.operation = (await bulk.ask(await agent_of(here), body, datetime.now(UTC), key="all")).id
    await each_until_answered(
        here,
        [
            *((family.head, CommandKind.RESOLVE, closing) for family in asked.families),
            *((merge.head, CommandKind.MERGE, MergeBody(losers=tuple(merge.others))) for merge in asked.merges),
        ],
    )


async def until_rest(here: world.World) -> None:
    """Nothing is left to hear, to decide or to work off."""
    until = time.monotonic() + REST_WITHIN
    while (left := await _left(here)).total():
        if time.monotonic() > until:
            print(f"no rest: {dict(left)}", flush=True)
            return
        await asyncio.sleep(0.5)


async def _left(here: world.World) -> Counter[str]:
    async with here.house.database.read() as session:
        wanted = {
            "deliveries": select(func.count()).select_from(Delivery).where(~Delivery.done),
            "commands": select(func.count()).select_from(Command).where(Command.state == "pending"),
            "operations": select(func.count()).select_from(BulkOperation).where(BulkOperation.state == "pending"),
        }
        return Counter({name: await session.scalar(count) or 0 for name, count in wanted.items()})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="faults.families", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scene", choices=[name.value for name in SceneName])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    engines = [engine.value for engine in world.Engine]
    parser.add_argument("--database", choices=engines, default=world.Engine.SQLITE.value)
    given = parser.parse_args(arguments)
    names = [SceneName(given.scene)] if given.scene else list(SceneName)
    return max(_played(name, given) for name in names)


def _played(name: SceneName, given: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="caseloom-families-"))
    log_to(folder / "outside.log")
    began, rng = time.monotonic(), random.Random(given.seed)
    scene = SCENES[name]
    inside, faults = asyncio.run(run(folder, world.Engine(given.database), scene, given.cases, given.kills, rng))
    for fault in faults:
        print(fault)
    seconds = f"{time.monotonic() - began:.0f} s"
    print(
        f"{name}, {given.database}, seed {given.seed}: {inside} of {given.kills} kills in the middle of it, {seconds}"
    )
    if faults:
        print(f"kept: {folder}")
        return 1
    shutil.rmtree(folder)
    print("all is well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
