"""A run on real parts, as small as one can be: that everything is measured, not how fast it is."""

from __future__ import annotations

import pytest

from benchmarks import history, lists
from benchmarks.agents import AgentsOrder
from benchmarks.lateness import LatenessOrder
from benchmarks.measuring import RoundOrder, measure
from benchmarks.restart import RestartOrder
from desk.queries.walks import ORDERS

VERBS = ("list", "view", "pick", "note", "reply", "next stage", "release")
"""What each agent does with the first case that they get; it is resolved at its last stage, later."""


@pytest.mark.timeout(900)
async def test_a_tiny_run_measures_everything_on_real_parts() -> None:
    said: list[str] = []
    rounds = ("opening", "mails", "pick", "timers", "events")
    order = RoundOrder(
        (*rounds, "lateness", "restart", "agents", "backlog"),
        rounds=1,
        cases=3,
        mails=10,
        lateness=LatenessOrder(cases=4, a_second=2, seconds=1),
        restart=RestartOrder(overdue=3, picks=4, quiet=2, away=0.1, others=2),
        agents=AgentsOrder(agents=2, seconds=1, cases=3),
    )
    report = await measure(order, said.append)

    found = {ratio.name: ratio for ratio in report.ratios}
    assert list(found) == [*rounds, "lateness", "restart", "backlog"]
    assert all(ratio.value > 0 for name, ratio in found.items() if name != "lateness")
    assert "round 1 of 1" in said
    # Counts, not times: the same on every machine.
    assert found[history.NAME].met, report.steps
    assert sum(step.events for step in report.steps) == found[history.NAME].value
    assert found["lateness"].met, "a deadline was written before its time"

    lines = {line.what for line in report.lines}
    assert lines >= {"cases opened", "pick through the API", "empty update"}
    assert lines >= {f"2 agents at once: {verb}" for verb in VERBS}
    assert lines >= {
        "3 overdue deadlines written after a restart, beside 2 open cases",
        "a backlog of 10 mails, a fifth with files",
    }
    assert any(what.startswith("lateness of") and what.endswith("4 open cases") for what in lines)


async def test_every_list_is_measured_on_rows_loaded_in_bulk(database_url: str) -> None:
    looks = await lists.looked(database_url, 600, times=1)
    assert {(look.filter, look.order, look.deep) for look in looks} == {
        (name, order, deep) for name in lists.FILTERS for order in ORDERS for deep in (False, True)
    }
    assert all(len(look.seconds) == 1 for look in looks)
    assert [line.value.split()[0] for line in lists.slowest(looks, "600")] == ["p50"] * len(lists.FILTERS)
    assert len(lists.grid(looks).splitlines()) == len(lists.FILTERS) + 2
