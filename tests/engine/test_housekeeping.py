"""The rounds of housekeeping: how they follow each other, and what a sweep that fails does to the others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.housekeeping import HousekeepingActivities
from engine.housekeeping import Housekeeper
from engine.watching import Watch
from tests.support.waiting import until


@dataclass
class Found:
    """Finds what it was told to, one figure a round, and nothing any more after that; an error is raised."""

    answers: list[int | Exception] = field(default_factory=list)
    rounds: int = 0

    async def sweep(self) -> int:
        self.rounds += 1
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Hung:
    ended: bool = False

    async def sweep(self) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True
        return 0


class Enough(Exception):
    pass


def environment() -> ActivityEnvironment:
    made = ActivityEnvironment()
    made.info = replace(made.info, heartbeat_timeout=timedelta(seconds=0.3))
    return made


async def pauses(sweeps: Sequence[Any], count: int) -> list[float]:
    """The seconds between the first rounds, which are not waited for here."""
    noted: list[float] = []

    class Noting(Watch):
        async def pause(self, seconds: float, *details: Any) -> None:
            noted.append(seconds)
            if len(noted) == count:
                raise Enough

    @activity.defn
    async def keep() -> None:
        async with Noting() as watch:
            await Housekeeper(sweeps).keep(watch)

    with pytest.raises(Enough):
        await environment().run(keep)
    return noted


async def test_rounds_are_quick_after_work_was_found_and_slow_without() -> None:
    one, two = Found([0, 0, 0, 0, 0, 3]), Found([0, 0, 0, 0, 0, 0, 1])
    assert await pauses([one, two], 11) == [2, 4, 5, 5, 5, 1, 1, 2, 4, 5, 5]
    assert (one.rounds, two.rounds) == (11, 11)


async def test_a_sweep_that_fails_keeps_none_of_the_others_from_its_work() -> None:
    broken, whole = Found([RuntimeError("broken")]), Found()
    housekeeper = Housekeeper([broken, whole, Found([ValueError("later")])])
    with pytest.raises(RuntimeError, match="broken"):
        await environment().run(HousekeepingActivities(housekeeper).keep_house)
    assert whole.rounds == 1


async def test_a_sweep_that_hangs_ends_the_attempt_and_not_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.housekeeping.ROUND_WITHIN", timedelta(seconds=0.5))
    hung, whole = Hung(), Found()
    beating = environment()
    beats: list[tuple[Any, ...]] = []
    beating.on_heartbeat = lambda *details: beats.append(details)
    with pytest.raises(TimeoutError):
        await beating.run(HousekeepingActivities(Housekeeper([hung, whole])).keep_house)
    assert (hung.ended, whole.rounds) == (True, 1)
    assert beats, "heartbeats go on while a round takes long"


async def test_it_hands_over_when_its_worker_stops() -> None:
    whole, running = Found(), environment()
    task = asyncio.create_task(running.run(HousekeepingActivities(Housekeeper([whole])).keep_house))
    await until(lambda: whole.rounds == 1)
    running.worker_shutdown()
    with pytest.raises(ApplicationError, match="shuts down") as handover:
        await task
    assert handover.value.type == "Handover"
