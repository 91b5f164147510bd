"""The table at the end, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.faults.checks import Fault, Verdict
from tests.faults.plan import GAPS, Plan
from tests.faults.supervisor import Story

EXAMPLES = 5
"""Findings of a kind that are printed; the JSON has them all."""


def missed(plan: Plan, story: Story) -> list[str]:
    """Places of the plan at which no worker died."""
    return sorted({kill.place for kill in plan.kills if not story.kills[kill.place]})


def is_good(plan: Plan, story: Story, verdict: Verdict) -> bool:
    return not verdict.faults and not missed(plan, story) and story.kills.total() == len(plan.kills)


def lines(mails: int, plan: Plan, story: Story, verdict: Verdict) -> Iterator[str]:
    """The table, a line each, ready to print."""
    yield "kills by place"
    for place in GAPS:
        yield f"  {place:<28}{story.kills[place]:>4}"
    yield f"  {'together':<28}{story.kills.total():>4}"
    yield ""
    rows: dict[str, object] = {
        "mails": mails,
        "cases": verdict.cases,
        "movements of terms": f"{verdict.movements}, remaining {verdict.balance}",
        "acknowledgements": f"{verdict.acknowledgements} different Message-IDs",
        "sent again": sent_again(verdict),
        "restarts": story.lives - 1,
        "histories that replay": verdict.histories,
        "seconds": f"{story.seconds:.0f}",
    }
    for name, value in rows.items():
        yield f"{name:<24}{value}"
    yield ""
    for fault in Fault:
        found = verdict.faults.get(fault, [])
        yield f"{fault:<24}{len(found)}"
        yield from (f"    {what}" for what in found[:EXAMPLES])
        if len(found) > EXAMPLES:
            yield f"    and {len(found) - EXAMPLES} more"
    for place in missed(plan, story):
        yield f"no worker died at {place}, which the plan wanted"


def sent_again(verdict: Verdict) -> str:
    if not verdict.sent_again:
        return "none"
    words = {2: "twice", 3: "three times"}
    parts = [f"sent {words.get(copies, f'{copies} times')}: {n}" for copies, n in verdict.sent_again.items()]
    return f"{', '.join(parts)}, each with the same Message-ID"


def as_json(seed: int, engine: str, mails: int, plan: Plan, story: Story, verdict: Verdict) -> dict[str, Any]:
    return {
        "seed": seed,
        "database": engine,
        "mails": mails,
        "good": is_good(plan, story, verdict),
        "plan": [str(kill) for kill in plan.kills],
        "kills": {place: story.kills[place] for place in GAPS},
        "missed": missed(plan, story),
        "restarts": story.lives - 1,
        "seconds": round(story.seconds, 1),
        "cases": verdict.cases,
        "movements": verdict.movements,
        "remaining": verdict.balance,
        "acknowledgements": verdict.acknowledgements,
        "sent_again": verdict.sent_again,
        "histories": verdict.histories,
        "faults": {fault.value: verdict.faults.get(fault, []) for fault in Fault},
    }
