from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.plan import GAPS, MAILS_A_LIFE, ONCE_A_BATCH, make_plan

ACTIVITIES = Path(__file__).parents[2] / "activities"


@pytest.mark.parametrize("seed", range(20))
def test_twenty_kills_cover_every_gap_and_can_all_be_reached(seed: int) -> None:
    plan = make_plan(seed, mails=100, kills=20)
    assert {kill.place for kill in plan.kills} == set(GAPS)
    assert len(plan.kills) == 20
    assert plan.waiting + sum(plan.arriving) == 100
    for kill, arriving in zip(plan.kills, plan.arriving, strict=True):
        assert kill.nth <= (1 if kill.place in ONCE_A_BATCH else arriving) <= MAILS_A_LIFE


def test_the_seed_is_the_plan() -> None:
    assert make_plan(7, 100, 20) == make_plan(7, 100, 20)
    assert len({make_plan(seed, 100, 20) for seed in range(10)}) == 10


@pytest.mark.parametrize(("mails", "kills"), [(12, 6), (3, 2), (100, 99)])
def test_few_kills_take_a_sample_and_every_life_has_a_mail(mails: int, kills: int) -> None:
    plan = make_plan(1, mails, kills)
    assert len(plan.kills) == kills
    assert plan.waiting >= 1
    assert set(plan.arriving) == {plan.arriving[0]}
    assert plan.arriving[0] >= 1


@pytest.mark.parametrize(("mails", "kills"), [(20, 20), (20, 0), (1, 1)])
def test_a_life_without_mail_is_refused(mails: int, kills: int) -> None:
    with pytest.raises(ValueError, match="--kills"):
        make_plan(1, mails, kills)


def test_the_places_are_those_of_the_house() -> None:
    """Every place of a mail's way that the activities name, and none that they do not."""
    found = {
        name
        for file in ACTIVITIES.rglob("*.py")
        for name in re.findall(r'failpoint\("((?:intake|outbox)\.[a-z]+)"\)', file.read_text())
    }
    assert found == {place for place in GAPS if not place.startswith("opening.")}
    # Names of opening steps are put together at run time; that each is reached is what the fault run itself shows.
    assert 'failpoint(f"opening.' in (ACTIVITIES / "cases" / "opening.py").read_text()
