"""The kill table at the end, and the same as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from faults.letters import Letter, LetterKind
from faults.plan import PLACES, Plan
from faults.supervisor import Story
from faults.verdict import Harm, RunVerdict

EXAMPLES = 5
"""Findings of a kind that are printed; the JSON has them all."""
NAME, COLUMN = 26, 12


def missed(plan: Plan, story: Story) -> list[str]:
    """Blows of the plan that were not dealt."""
    wanted = Counter((blow.place, blow.deed) for blow in plan.blows)
    return sorted(f"{deed} at {place}" for place, deed in (wanted - story.blows))


def is_good(plan: Plan, story: Story, verdict: RunVerdict) -> bool:
    return not verdict.faults and not missed(plan, story)


def lines(letters: Sequence[Letter], plan: Plan, story: Story, verdict: RunVerdict) -> Iterator[str]:
    """The table, a line each, ready to print."""
    yield from _table(plan, story)
    yield ""
    rows: dict[str, object] = {
        "mails": f"{len(letters)}: {_kinds(letters)}",
        "cases": f"{verdict.cases}, and {verdict.merged} that were merged into them",
        "movements of terms": f"{verdict.movements}, remaining {verdict.balance}",
        "in quarantine": _counts(verdict.held) or "none",
        "acknowledgements": f"{verdict.acknowledgements} different Message-IDs, {verdict.bounced} bounced",
        "sent again": sent_again(verdict),
        "taken in again": f"{verdict.entered - len(letters)} times, under another UIDVALIDITY",
        "lives of the worker": story.lives,
        "histories that replay": verdict.histories,
        "seconds": f"{story.seconds:.0f}",
    }
    for name, value in rows.items():
        yield f"{name:<{NAME}}{value}"
    yield ""
    for fault in Harm:
        found = verdict.faults.get(fault, [])
        yield f"{fault:<{NAME}}{len(found)}"
        yield from (f"    {what}" for what in found[:EXAMPLES])
        if len(found) > EXAMPLES:
            yield f"    and {len(found) - EXAMPLES} more"
    for what in missed(plan, story):
        yield f"not done: {what}"


def _table(plan: Plan, story: Story) -> Iterator[str]:
    yield " " * NAME + "".join(f"{deed:>{COLUMN}}" for deed in plan.deeds) + f"{'all':>{COLUMN}}"
    for place in PLACES:
        counts = [story.blows[place, deed] for deed in plan.deeds]
        yield f"{place:<{NAME}}" + "".join(f"{count:>{COLUMN}}" for count in [*counts, sum(counts)])
    sums = [story.of(deed) for deed in plan.deeds]
    yield f"{'together':<{NAME}}" + "".join(f"{count:>{COLUMN}}" for count in [*sums, sum(sums)])


def _kinds(letters: Sequence[Letter]) -> str:
    counts = Counter(letter.kind for letter in letters)
    return _counts({kind.value: counts[kind] for kind in LetterKind})


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.items())


def sent_again(verdict: RunVerdict) -> str:
    if not verdict.sent_again:
        return "none"
    words = {2: "twice", 3: "three times"}
    parts = [f"sent {words.get(copies, f'{copies} times')}: {n}" for copies, n in verdict.sent_again.items()]
    return f"{', '.join(parts)}, each with the same Message-ID"


def as_json(
    seed: int, engine: str, letters: Sequence[Letter], plan: Plan, story: Story, verdict: RunVerdict
) -> dict[str, Any]:
    return {
        "seed": seed,
        "database": engine,
        "mails": len(letters),
        "kinds": dict(Counter(letter.kind.value for letter in letters)),
        "good": is_good(plan, story, verdict),
        "blows": {place: {deed.value: story.blows[place, deed] for deed in plan.deeds} for place in PLACES},
        "missed": missed(plan, story),
        "lives": story.lives,
        "seconds": round(story.seconds, 1),
        "cases": verdict.cases,
        "merged": verdict.merged,
        "held": verdict.held,
        "movements": verdict.movements,
        "remaining": verdict.balance,
        "acknowledgements": verdict.acknowledgements,
        "bounced": verdict.bounced,
        "sent_again": verdict.sent_again,
        "entered": verdict.entered,
        "histories": verdict.histories,
        "faults": {fault.value: verdict.faults.get(fault, []) for fault in Harm},
    }
