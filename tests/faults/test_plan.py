from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from cases.opening import PARTS
from faults.plan import ONCE_A_MAIL, PLACES, Deed, make_plan, pairs
from faults.world import Engine

ROOT = Path(__file__).parents[2]
ROOMS = [ROOT / name for name in ("activities", "cases", "letters", "mailroom")]
BY_POLICY = {"intake.moved"}
"""Reached only where a mailbox has its mail moved; the fault run's flags it, and sees that it stays."""


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_kills_do_every_deed_at_every_place(seed: int, engine: Engine) -> None:
    plan = make_plan(seed, 200, engine.deeds)
    done = Counter((blow.place, blow.deed) for blow in plan.blows)
    assert set(done) == {(place, deed) for place in PLACES for deed in engine.deeds}
    assert done.total() == 200
    assert all(blow.nth == 1 or blow.place in ONCE_A_MAIL for blow in plan.blows)


def test_only_postgres_can_crash_postgres() -> None:
    assert Deed.POSTGRES not in Engine.SQLITE.deeds
    assert set(Engine.POSTGRES.deeds) == set(Deed)


def test_the_seed_is_the_plan() -> None:
    assert make_plan(7, 200) == make_plan(7, 200)
    assert len({make_plan(seed, 200) for seed in range(10)}) == 10


@pytest.mark.parametrize("kills", [len(Deed), len(Deed) + 3, pairs(tuple(Deed)) - 1])
def test_few_kills_are_at_least_one_of_each_kind(kills: int) -> None:
    plan = make_plan(1, kills)
    assert len(plan.blows) == kills
    assert {blow.deed for blow in plan.blows} == set(Deed)


def test_fewer_than_the_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="--kills: at least 6, one of each kind"):
        make_plan(1, len(Deed) - 1)


def test_the_places_are_those_of_the_house() -> None:
    """Every place of a mail's way that the rooms of the house name, and none that they do not."""
    found = {
        name
        for room in ROOMS
        for file in room.rglob("*.py")
        for name in re.findall(r'failpoint\("((?:intake|opening|delivery|outbox)\.[a-z.]+)"\)', file.read_text())
    }
    opening = ROOT / "cases" / "opening.py"
    assert 'failpoint(f"opening.{name}.written")' in opening.read_text()
    assert found | {f"opening.{name}.written" for name, _ in PARTS} == {*PLACES, *BY_POLICY}
