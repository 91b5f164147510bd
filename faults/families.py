"""Kills the worker in the middle of a merge of ten cases, of the closing of a family, of an action on many cases, and of all of
it at once, and checks that each case did its part once and nothing stands half-way."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from datetime import UTC, datetime

from desk.bulk import BulkDesk
from engine.operations import OperationStarter
from faults import world
from faults.family_checks import Asked, Family, check
from faults.family_scenes import FamilyScene
from faults.lives import LIVES_FOR, agent_of, each_until_answered, ends, left, open_cases, until_rest
from models.messages.api_cases import ActivityBody, NoteBody, ResolveBody, stored
from models.messages.cases import CommandKind
from models.messages.families import ChildBody, MergeBody
from models.messages.operations import BulkAction, BulkBody
from servers.processes import stop_process


async def play(
    scene: FamilyScene, here: world.World, cases: int, kills: int, rng: random.Random
) -> tuple[int, list[str]]:
    """How often the worker died in the middle of it, and what is not as it must be, in words."""
    inside = 0
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
        if sent.done() and not (await left(here)).total():
            return None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(worker.wait(), 0.5)
    return worker.returncode is not None


async def _prepare(here: world.World, scene: FamilyScene, cases: int) -> Asked:
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


async def _ask(here: world.World, scene: FamilyScene, asked: Asked) -> None:
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
