"""What the fault run can play: the mail's way, and scenes of all else that goes on by itself or over several cases."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from faults import articles, calendars, contracts, escalations, families, surveys, world
from faults.family_scenes import FAMILY_SCENES, FamilySceneName
from starting.logs import log_to

MAIL = "mail"
"""The run over every step of a mail's way; it has options of its own, and is none of `SCENES`."""
EVERY = "every"
"""All of `SCENES`, one after the other."""

Play = Callable[[world.World, int, int, random.Random], Awaitable[tuple[int, list[str]]]]
"""Plays it in a world without a worker, at that size and with so many kills. How many were at their place, and what is not as
it must be, in words."""


@dataclass(frozen=True)
class Scene:
    play: Play
    size: int
    """Unless said otherwise."""
    of: str
    """What there are so many of."""
    kills: int = 10


def _of_families(name: FamilySceneName, size: int = 1000) -> Scene:
    return Scene(partial(families.play, FAMILY_SCENES[name]), size, "cases in the action on many")


SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        **{name.value: _of_families(name) for name in FamilySceneName},
        "contracts": Scene(contracts.play, 3, "new cases in each life", kills=16),
        "articles": Scene(articles.play, 60, "articles"),
        "surveys": Scene(surveys.play, 40, "cases", kills=12),
        "escalations": Scene(escalations.play, 60, "cases"),
        "calendars": Scene(calendars.play, 300, "cases"),
    }
)


def played(name: str, engine: world.Engine, size: int | None, kills: int | None, seed: int) -> bool:
    """Whether all was as it must be. The folder of a scene in which it was not is kept and named."""
    scene = SCENES[name]
    kills = scene.kills if kills is None else kills
    folder = Path(tempfile.mkdtemp(prefix=f"caseloom-{name}-"))
    log_to(folder / "outside.log")
    began = time.monotonic()
    at_a_place, faults = asyncio.run(_play(scene, folder, engine, size or scene.size, kills, random.Random(seed)))
    for fault in faults:
        print(fault)
    took = f"{time.monotonic() - began:.0f} s"
    print(f"{name}, {engine}, seed {seed}: {at_a_place} of {kills} kills at a place, {took}", flush=True)
    if faults:
        print(f"kept: {folder}", flush=True)
    else:
        shutil.rmtree(folder)
    return not faults


async def _play(
    scene: Scene, folder: Path, engine: world.Engine, size: int, kills: int, rng: random.Random
) -> tuple[int, list[str]]:
    async with world.running(folder, engine) as here:
        return await scene.play(here, size, kills, rng)
