"""What a run of the state machine tells: answers, states that were reached, violations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.machine.deeds import Request
from tests.machine.seen import Seen

NUMBER = re.compile(r"CAS-[0-9A-Z-]+")


@dataclass
class Report:
    seed: int
    commands: int = 0
    seconds: float = 0.0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By deed and status."""
    states: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    ways: set[tuple[Any, ...]] = field(default_factory=set)
    """From which state, by what deed and with what answer."""
    violations: list[str] = field(default_factory=list)
    cases: int = 0

    def done(self) -> int:
        return sum(count for (_, status), count in self.answers.items() if status < 300)


def state_of(seen: Seen, number: str) -> tuple[Any, ...]:
    """What distinguishes cases, without what only counts."""
    case, snapshot = seen.cases[number], seen.snapshots[number]
    family = "child" if case.parent_id else "parent" if any(c.parent_id == case.id for c in seen.cases.values()) else ""
    return (
        case.status,
        case.status_reason,
        case.queue,
        snapshot.worked_by is not None,
        "agent" if case.owner_id else "team" if case.owner_team_id else "",
        family,
        min(snapshot.open_activities, 2),
        snapshot.process_status,
        snapshot.stage,
        snapshot.sla_state.value,
        case.entitlement_id is not None,
        min(case.life, 2),
        case.priority,
    )


def named(requests: Iterable[Request]) -> frozenset[str]:
    """Whatever cases these speak of."""
    text = " ".join(f"{each.case} {each.path} {each.body}" for each in requests)
    return frozenset(NUMBER.findall(text))


def brief(request: Request) -> str:
    return f"{request.who} {request.method} {request.path} {request.body or ''} ({request.deed} {request.case or ''})"
