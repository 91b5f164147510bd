"""What the scenes of the fault run have in common: cases that are opened, commands that are sent until they are answered,
workers that die, and the rest after it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import func, select

from cases.opener import NewCase, insert_opening
from desk.commands import CaseDesk
from desk.errors import DeskError
from desk.identity import Identity
from desk.organisation import apply, load
from faults import world
from models.messages.base import Message
from models.messages.cases import CaseStatus, CommandKind
from models.messages.families import ChildBody
from models.messages.mailflow import OutboxState
from models.messages.reference import Role
from models.records.cases import Case
from models.records.commands import Command, Delivery
from models.records.mails import Outbox
from models.records.operations import BulkOperation
from models.records.reference import Account, Agent

AT_ONCE = 16
LIVES_FOR = 60.0
"""Seconds after which a life whose place is not reached is killed where it stands."""
REST_WITHIN = 600.0


async def ends(worker: asyncio.subprocess.Process) -> None:
    if worker.returncode is None:
        worker.kill()
        await worker.wait()


async def dies(worker: asyncio.subprocess.Process, within: float = LIVES_FOR) -> bool:
    """Whether it came to one of its places; one that did not is killed where it stands."""
    try:
        await asyncio.wait_for(worker.wait(), within)
    except TimeoutError:
        await ends(worker)
        return False
    return True


async def apply_lists(here: world.World, lists: dict[str, Any]) -> None:
    """Put more of an organisation into force; what its file says of the organisation itself stays as it is."""
    house = here.house
    async with house.database.read() as session:
        now = await house.definitions.organisation(session)
    settings = now.model_dump(mode="json", exclude={"slug"}, exclude_none=True)
    given = {**lists, "organisation": settings | lists.get("organisation", {})}
    file = load(yaml.safe_dump(given), "scene")
    await apply(house.database, file, "fault run", datetime.now(UTC), keyring=house.keyring)


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


async def until_rest(here: world.World) -> None:
    """Nothing is left to hear, to decide or to work off."""
    until = time.monotonic() + REST_WITHIN
    while (undone := await left(here)).total():
        if time.monotonic() > until:
            print(f"no rest: {dict(undone)}", flush=True)
            return
        await asyncio.sleep(0.5)


async def left(here: world.World) -> Counter[str]:
    """What is still to be heard, to be decided and to be worked off."""
    async with here.house.database.read() as session:
        wanted = {
            "deliveries": select(func.count()).select_from(Delivery).where(~Delivery.done),
            "commands": select(func.count()).select_from(Command).where(Command.state == "pending"),
            "operations": select(func.count()).select_from(BulkOperation).where(BulkOperation.state == "pending"),
        }
        return Counter({name: await session.scalar(count) or 0 for name, count in wanted.items()})


async def until_sent(here: world.World) -> None:
    """No letter is left to be sent."""
    until = time.monotonic() + REST_WITHIN
    unsent = select(func.count()).select_from(Outbox)
    unsent = unsent.where(Outbox.state.in_((OutboxState.QUEUED, OutboxState.SENDING)))
    while time.monotonic() < until:
        async with here.house.database.read() as session:
            if not await session.scalar(unsent):
                return
        await asyncio.sleep(0.5)
    print("no rest: letters are left", flush=True)
