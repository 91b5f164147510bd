"""A case's promises by themselves, in one week: what tests of KPI instances begin with.

Monday is 2026-03-02. The office works from 09:00 to 17:00 UTC, Monday to Friday.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from models.messages.calendars import Calendar
from models.messages.kpi import Change, ChangeKind, SlaTerms
from models.messages.slas import KpiInstance, Pin, SlaDefinition
from policies.kpi import after, evaluate_kpis, lapse

CASE = UUID("0192f1c4-0000-7000-8000-000000000001")
URGENT = {"all": [{"field": "case.priority", "value": "high"}]}
ANSWERED = {"all": [{"field": "case.first_response_sent", "value": True}]}
RESOLVED = {"all": [{"field": "case.status", "value": "resolved"}]}

OFFICE_HOURS = {
    day: [{"from": "09:00", "to": "17:00"}] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
}
OFFICE = Calendar.model_validate({"slug": "office", "time_zone": "UTC", "hours": OFFICE_HOURS})
URGENT_ITEM: dict[str, Any] = {
    "name": "Urgent",
    "kpi": "first-response",
    "applicable_when": URGENT,
    "success": ANSWERED,
    "warn_after": "10 minutes",
    "fail_after": "15 minutes",
    "actions": [
        {"on": "warning", "do": "notify", "to": "owner"},
        {"on": "failure", "do": "escalate"},
        {"on": "failure", "do": "notify", "to": "chief@example.com"},
        {"on": "success", "do": "notify", "to": "owner"},
    ],
}
NORMAL_ITEM: dict[str, Any] = {
    "name": "Normal", "kpi": "first-response", "success": ANSWERED, "fail_after": "60 minutes",
}  # fmt: skip
RESOLUTION_ITEM: dict[str, Any] = {
    "name": "Resolution", "kpi": "resolution", "success": RESOLVED, "business_hours": "office",
    "warn_after": "6 hours", "fail_after": "8 business hours",
}  # fmt: skip
GOLD, GOLD_2, SILVER = Pin(slug="gold", version=1), Pin(slug="gold", version=2), Pin(slug="silver", version=1)


def sla(slug: str, *items: dict[str, Any]) -> SlaDefinition:
    return SlaDefinition.model_validate({"slug": slug, "name": slug, "items": items})


RESPONSE = sla("gold", URGENT_ITEM, NORMAL_ITEM)
RESOLUTION = sla("gold", RESOLUTION_ITEM)


def at(text: str) -> datetime:
    """`Mon 10:00`, of the week of 2 March 2026; seconds may follow."""
    day, _, time = text.partition(" ")
    date = 2 + ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(day)
    return datetime.fromisoformat(f"2026-03-{date:02}T{time}+00:00")


class Promises:
    """A case's facts and instances. Evaluates, checks that doing so again changes nothing, and remembers actions."""

    def __init__(self, definition: SlaDefinition, created: str, **terms: Any) -> None:
        self.terms = SlaTerms(
            in_force=GOLD,
            slas={GOLD: definition},
            calendars={Pin(slug="office", version=1): OFFICE},
            calendar_versions={"office": 1},
            pause_reasons=frozenset({"on-hold"}),
        ).model_copy(update=terms)
        self.facts: dict[str, Any] = {
            "case.status": "active",
            "case.status_reason": "in-progress",
            "case.priority": "normal",
            "case.first_response_sent": False,
            "case.created_on": at(created),
            "case.escalated_on": None,
        }
        self.instances: tuple[KpiInstance, ...] = ()
        self.done: list[str] = []

    def at(self, now: str, since: str | None = None, **facts: Any) -> list[ChangeKind]:
        self.facts |= {f"case.{name}": value for name, value in facts.items()}
        changes = evaluate_kpis(
            self.terms, self.instances, self.facts, at(now), case=CASE, since=at(since) if since else None
        )
        kinds = self.write(changes)
        assert evaluate_kpis(self.terms, self.instances, self.facts, at(now), case=CASE) == ()
        assert lapse(self.terms, self.instances, at(now)) == ()
        return kinds

    def write(self, changes: tuple[Change, ...]) -> list[ChangeKind]:
        self.instances = after(self.instances, changes)
        keys = [action.key for change in changes for action in change.actions]
        assert len(set(keys)) == len(keys)
        self.done += keys
        return [change.kind for change in changes]

    def tick(self, now: str) -> list[ChangeKind]:
        kinds = self.write(lapse(self.terms, self.instances, at(now)))
        assert lapse(self.terms, self.instances, at(now)) == ()
        return kinds

    @property
    def last(self) -> KpiInstance:
        return self.instances[-1]

    def hold(self, now: str) -> list[ChangeKind]:
        return self.at(now, status_reason="on-hold")

    def resume(self, now: str) -> list[ChangeKind]:
        return self.at(now, status_reason="in-progress")


C, P, R, S, X, W, F = (
    ChangeKind.CREATED, ChangeKind.PAUSED, ChangeKind.RESUMED, ChangeKind.SUCCEEDED, ChangeKind.CANCELLED,
    ChangeKind.WARNED, ChangeKind.FAILED,
)  # fmt: skip
