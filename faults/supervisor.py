"""Deals the blows of the plan to a worker and its servers while mail comes in, and then lets everything come to rest."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from engine.failpoints import orders
from faults.customers import Customers, read_inbox
from faults.plan import Blow, Deed, Plan
from faults.watching import Progress, describe_cases, progress, works
from faults.world import World
from models.records.cases import Case
from servers.processes import stop_process

AT_ONCE = 10
"""Blows that are due at the same time: with all of them every mail would meet so many that the others never came in."""
LOOK_EVERY = 0.02
REST_EVERY = 0.5
STILL_WITHIN = 10.0
"""Seconds within which a process that has said so has really stopped."""
QUIET = 1.0
"""Seconds without a blow after which the customers write one more, if the house has nothing left to do."""
REACH_WITHIN = 150.0
"""Seconds in which one of the places that are armed must be reached: a mail whose connection was cut is tried again
after 30, and after 60 the second time."""
REST_WITHIN = 400.0
"""Seconds without any progress after which the last life counts as stuck."""
STOP_WITHIN = 45.0
"""Longer than the worker's own grace for activities."""
FIRST = 10
"""Mails that wait before the worker's first life, but at most a quarter of all."""
KEPT_BACK = 0.25
"""The share of all mails that is not handed in at the pace of the blows: for places that are reached last, and the end."""
SAY_EVERY = 10

Say = Callable[[str], None]


class RunFailed(Exception):
    """The run could not be brought to its end; the text says where."""


@dataclass
class Story:
    """What the supervisor did."""

    blows: Counter[tuple[str, Deed]] = field(default_factory=Counter)
    """By place and deed."""
    lives: int = 0
    seconds: float = 0.0

    def of(self, deed: Deed) -> int:
        return sum(count for (_, each), count in self.blows.items() if each is deed)


class Supervisor:
    """`say` gets a line for what is worth keeping, `show` one that the next may overwrite."""

    def __init__(self, world: World, customers: Customers, plan: Plan, say: Say, show: Say) -> None:
        self.world, self.customers, self.plan, self.say, self.show = world, customers, plan, say, show
        self.story = Story()
        self.mails = len(customers.waiting)
        self.left = list(plan.blows)

    async def run(self) -> Story:
        """Every blow of the plan, then one life until all is at rest. Raises RunFailed."""
        began = time.monotonic()
        worker: asyncio.subprocess.Process | None = None
        try:
            await self._write_up_to(min(FIRST, self.mails // 4))
            while self.left:
                worker = worker or await self._start()
                blow = await self._next(worker)
                if blow is None:
                    self.left.clear()
                    worker.kill()
                    await worker.wait()
                    worker = None
                    break
                await self._deal(worker, blow)
                worker = None if blow.deed is Deed.WORKER else worker
                await self._tell(blow)
            worker = worker or await self._start()
            await self._live_on(worker)
        finally:
            if worker is not None and worker.returncode is None:
                worker.kill()
                await worker.wait()
        self.story.seconds = time.monotonic() - began
        return self.story

    async def _start(self) -> asyncio.subprocess.Process:
        """A worker that will stop at the places of the blows that are due."""
        self.story.lives += 1
        for file in (self.world.stopped_at, orders(self.world.stopped_at)):
            file.unlink(missing_ok=True)
        return await self.world.start_worker(self.story.lives, self._due())

    def _due(self) -> str:
        """As failpoints. Once nobody has anything left to write, all are due: a place that is never reached again must
        not stand in the way of the others."""
        due = self.left[:AT_ONCE] if len(self.customers.handed_in) < self.mails else self.left
        return ",".join(f"{blow.place}:{blow.nth}:stop" for blow in due)

    async def _next(self, worker: asyncio.subprocess.Process) -> Blow | None:
        """The next blow, when the worker stands still where it is due; None if it comes to no such place any more."""
        began = quiet = time.monotonic()
        while not self.world.stopped_at.exists():
            self._is_alive(worker)
            await asyncio.sleep(LOOK_EVERY)
            now = time.monotonic()
            if now - quiet > QUIET:
                quiet, here = now, await self._progress()
                if here.is_idle(len(self.customers.handed_in)):
                    await self._hand_in(1)
                self.show(f"{self._so_far()}: {here}")
            if now - began > REACH_WITHIN:
                left = ", ".join(map(str, self.left))
                self.say(f"no place was reached in {REACH_WITHIN:.0f} s, left are {left}")
                return None
        place = self.world.stopped_at.read_text()
        for _ in range(int(STILL_WITHIN / LOOK_EVERY)):
            if _stands_still(worker.pid):
                return self.left.pop(next(i for i, blow in enumerate(self.left) if blow.place == place))
            await asyncio.sleep(LOOK_EVERY)
        raise RunFailed(f"the worker said that it stops at {place}, and goes on")

    async def _deal(self, worker: asyncio.subprocess.Process, blow: Blow) -> None:
        if blow.deed is Deed.WORKER:
            worker.kill()
            await worker.wait()
        else:
            await self.world.deeds.do(blow.deed)
            orders(self.world.stopped_at).write_text(self._due())
            self.world.stopped_at.unlink()
            os.kill(worker.pid, signal.SIGCONT)
            await self.world.deeds.undo(blow.deed)
        self.story.blows[blow.place, blow.deed] += 1

    async def _tell(self, blow: Blow) -> None:
        done = self.story.blows.total()
        paced = self.mails * (1 - KEPT_BACK) * done / len(self.plan.blows)
        await self._write_up_to(int(paced))
        line = f"{self._so_far()}, the last: {blow}: {await self._progress()}"
        (self.say if done % SAY_EVERY == 0 else self.show)(line)

    # ---- the customers -----------------------------------------------------------------------------------------------

    async def _write_up_to(self, count: int) -> None:
        await self._hand_in(count - len(self.customers.handed_in))

    async def _hand_in(self, count: int) -> None:
        if count <= 0:
            return
        done = await asyncio.to_thread(self.customers.hand_in, count)
        if not done and self.left:
            # Nobody can write anything as yet; but where a blow is due, something must come by.
            self.customers.waiting.appendleft(next(self.customers.spare))
            await asyncio.to_thread(self.customers.hand_in, 1)

    # ---- the end -----------------------------------------------------------------------------------------------------

    async def _live_on(self, worker: asyncio.subprocess.Process) -> None:
        last, moved = None, time.monotonic()
        while not (self._polls() and await self._at_rest()):
            await self._hand_in(len(self.customers.waiting))
            now = await self._progress()
            if now != last:
                last, moved = now, time.monotonic()
            self._is_alive(worker)
            if time.monotonic() - moved > REST_WITHIN:
                raise RunFailed(f"no progress for {REST_WITHIN:.0f} s: {now}")
            self.show(f"{self._so_far()}, to rest: {now}")
            await asyncio.sleep(REST_EVERY)
        await stop_process(worker, kill_after=STOP_WITHIN)
        if worker.returncode != 0:
            raise RunFailed(f"the last life did not stop when asked to (exit code {worker.returncode})")
        self.say(f"{self._so_far()}, and all came to rest: {await self._progress()}")

    def _polls(self) -> bool:
        """Whether this life has begun: before that it would not hear that it is asked to stop."""
        return "workers poll" in self.world.log_file(self.story.lives).read_text(errors="replace")

    async def _at_rest(self) -> bool:
        """All letters are handed in and taken in, all rows are written, and no case's run has anything left to do."""
        if self.customers.waiting:
            return False
        here, handed_in = self.world, len(self.customers.handed_in)
        now = await self._progress()
        if not now.is_done(handed_in):
            return False
        password = here.passwords[here.address]
        inbox = await asyncio.to_thread(read_inbox, here.settings.imap_port, here.address, password)
        if inbox.uidvalidity != now.uidvalidity:
            return False
        async with here.house.database.read() as session:
            numbers = list(await session.scalars(select(Case.number)))
        return not any(map(works, (await describe_cases(here.house.client, numbers)).values()))

    async def _progress(self) -> Progress:
        return await progress(self.world.house.database)

    def _is_alive(self, worker: asyncio.subprocess.Process) -> None:
        if worker.returncode is not None:
            log = self.world.log_file(self.story.lives)
            raise RunFailed(f"life {self.story.lives} ended by itself (exit code {worker.returncode}), see {log}")

    def _so_far(self) -> str:
        return f"{self.story.blows.total()} of {len(self.plan.blows)} blows, life {self.story.lives}"


def _stands_still(pid: int) -> bool:
    """Whether the process is stopped, as Linux tells it; where nobody tells, its word must do."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "T"
