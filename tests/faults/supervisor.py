"""Starts the worker again and again, each time with the next failpoint armed, and in the end without one."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from models.records.cases import Case
from servers.processes import stop_process
from tests.faults.letters import Letter, hand_in
from tests.faults.plan import Kill, Plan
from tests.faults.watching import Progress, describe_cases, progress, works
from tests.faults.world import World

LOOK_EVERY = 0.5
DEATH_WITHIN = 90.0
"""Seconds in which the place that is armed must be reached; it takes 5 to 20, a dead worker's timeouts included."""
REST_WITHIN = 120.0
"""Seconds without any progress after which the last life counts as stuck."""
STOP_WITHIN = 45.0
"""Longer than the worker's own grace for activities."""

Say = Callable[[str], None]


class RunFailed(Exception):
    """The run could not be brought to its end; the text says where."""


@dataclass
class Story:
    """What the supervisor did."""

    kills: Counter[str] = field(default_factory=Counter)
    """By place."""
    lives: int = 0
    seconds: float = 0.0


class Supervisor:
    """`say` gets a line for what is worth keeping, `show` one that the next may overwrite."""

    def __init__(self, world: World, letters: list[Letter], plan: Plan, say: Say, show: Say) -> None:
        self.world, self.letters, self.plan, self.say, self.show = world, letters, plan, say, show
        self.story = Story()
        self.handed_in = 0

    async def run(self) -> Story:
        """Every kill of the plan, then one life until all is at rest. Raises RunFailed."""
        began = time.monotonic()
        await self._write(self.plan.waiting)
        for kill, arriving in zip(self.plan.kills, self.plan.arriving, strict=True):
            await self._write(arriving)
            await self._live_until(kill)
        await self._live_on()
        self.story.seconds = time.monotonic() - began
        return self.story

    async def _write(self, count: int) -> None:
        letters = self.letters[self.handed_in : self.handed_in + count]
        await asyncio.to_thread(hand_in, self.world.settings.smtp_port, self.world.address, letters)
        self.handed_in += count

    async def _live_until(self, kill: Kill) -> None:
        self.story.lives += 1
        began = time.monotonic()
        worker = await self.world.start_worker(self.story.lives, str(kill))
        dying = asyncio.create_task(worker.wait())
        try:
            while not dying.done():
                if time.monotonic() - began > DEATH_WITHIN:
                    raise RunFailed(f"life {self.story.lives} did not reach {kill} in {DEATH_WITHIN:.0f} s")
                await asyncio.wait({dying}, timeout=LOOK_EVERY)
                self.show(f"{self._life()}, to die at {kill}: {await self._progress()}")
        finally:
            await stop_process(worker)
            await dying
        if worker.returncode != -signal.SIGKILL:
            log = self.world.log_file(self.story.lives)
            raise RunFailed(f"life {self.story.lives} ended by itself (exit code {worker.returncode}), see {log}")
        self.story.kills[kill.place] += 1
        seconds = time.monotonic() - began
        self.say(f"{self._life()} died at {kill} after {seconds:.1f} s: {await self._progress()}")

    async def _live_on(self) -> None:
        self.story.lives += 1
        worker = await self.world.start_worker(self.story.lives, "")
        try:
            last, moved = None, time.monotonic()
            while not await self._at_rest():
                now = await self._progress()
                if now != last:
                    last, moved = now, time.monotonic()
                if worker.returncode is not None:
                    raise RunFailed(f"the last life ended by itself (exit code {worker.returncode})")
                if time.monotonic() - moved > REST_WITHIN:
                    raise RunFailed(f"no progress for {REST_WITHIN:.0f} s: {now}")
                self.show(f"{self._life()}, to live: {now}")
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await stop_process(worker, kill_after=STOP_WITHIN)
        if worker.returncode != 0:
            raise RunFailed(f"the last life did not stop when asked to (exit code {worker.returncode})")
        self.say(f"{self._life()} brought all to rest: {await self._progress()}")

    async def _at_rest(self) -> bool:
        """All rows are written, and no case's run has anything left to do."""
        if not (await self._progress()).is_done(self.handed_in):
            return False
        async with self.world.house.database.read() as session:
            numbers = list(await session.scalars(select(Case.number)))
        return not any(map(works, (await describe_cases(self.world.house.client, numbers)).values()))

    async def _progress(self) -> Progress:
        return await progress(self.world.house.database)

    def _life(self) -> str:
        return f"life {self.story.lives} of {len(self.plan.kills) + 1}"
