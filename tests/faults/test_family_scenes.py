"""The places where the worker dies within merges, families and actions on many cases are places of the code."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import failpoints
from faults.family_scenes import FAMILY_SCENES, FIRST_LIVES, FamilySceneName

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_every_scene_has_its_places_in_the_code() -> None:
    assert set(FAMILY_SCENES) == set(FamilySceneName)
    text = "".join(file.read_text() for file in (ROOT / "cases").rglob("*.py"))
    known = set(re.findall(r'failpoint\("([a-z.]+)"\)', text))
    rng = random.Random(1)
    for scene in FAMILY_SCENES.values():
        for life in range(1, FIRST_LIVES + 2):
            setting = scene.places_of(life, rng)
            failpoints.arm(setting)
            assert {part.partition(":")[0] for part in setting.split(",")} <= known
