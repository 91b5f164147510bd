"""What the API says of promises: when they would be due, why they are due, and which would move with a calendar."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from models.messages.base import GivenInstant, Instant, Message, Slug
from models.messages.conditions import CaseField
from models.messages.slas import Escalation, Pin
from models.messages.telling import Sentence

MOST_INTERVALS = 100
"""Shown of one promise."""
Fact = bool | int | Decimal | Annotated[str, Field(max_length=4000)]


class DueBody(Message):
    """A case that there is not. `facts`: what it would be known by, as conditions name it; all else is empty.

    `calendar` counts in the place of every item's own.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"created_on": "2031-03-27T09:00:00Z", "facts": {"case.priority": "high"}, "calendar": "office"}
            ]
        }
    )
    created_on: GivenInstant
    facts: dict[CaseField, Fact | Annotated[tuple[Fact, ...], Field(max_length=1000)] | None] = Field(
        default_factory=dict, max_length=200
    )
    calendar: Slug | None = None


class CountedInterval(Message):
    """A time that counted, within the promise."""

    begins: Instant
    ends: Instant
    minutes: float


class Counted(Message):
    """The working time of a promise, from where it counts to its deadline."""

    intervals: tuple[CountedInterval, ...] = Field(description="The first hundred.")
    more_intervals: int = 0
    minutes: float
    """Of all of them."""


class PreviewedPromise(Message):
    """What an SLA would promise of one KPI. Without `item` nothing, and `why` says so."""

    kpi: str
    item: str | None = None
    why: Sentence
    """Which items were looked at, and which of their clauses decided."""
    calendar: Pin | None = None
    applicable_from: Instant | None = None
    warning_at: Instant | None = None
    failure_at: Instant | None = None
    counted: Counted | None = None


class DuePreview(Message):
    sla: str
    version: int
    created_on: Instant
    promises: tuple[PreviewedPromise, ...]


class HoldWhy(Message):
    """A time in which the promise stood still, and by how much of it the deadline moved. `ended` None: it stands still now."""

    began: Instant
    ended: Instant | None
    minutes: float
    """Working time within it."""
    moved_from: Instant
    moved_to: Instant | None


class PromiseWhy(Message):
    """One promise of a case, explained by what is kept of it."""

    id: UUID
    kpi: str
    item: str
    status: str
    because: Sentence
    """When it is due and why, in a sentence."""
    matched: str
    """Which items were looked at when it began, and which of their clauses decided."""
    sla: Pin
    calendar: Pin | None
    """The version that it counts by; None: around the clock."""
    counts_from: str
    """The instant of the case that it counts from."""
    applicable_from: Instant
    warn_after: str | None
    fail_after: str
    warning_at: Instant | None
    failure_at: Instant
    ended_on: Instant | None
    counted: Counted
    holds: tuple[HoldWhy, ...]
    active_minutes: float
    """Working time in which it ran, until its end or until now."""
    held_minutes: float
    escalation: Escalation | None
    reason: str


class ChosenSla(Message):
    """When an SLA was chosen for the case, and why."""

    at: Instant
    sla: str | None
    version: int | None
    why: Sentence


class PromisesWhy(Message):
    case: str
    sla: str | None
    source: str | None
    chosen: tuple[ChosenSla, ...]
    """The latest first."""
    promises: tuple[PromiseWhy, ...]


class Moved(Message):
    """A promise that follows a calendar's change. `problem`: why it cannot, and stays as it is."""

    case: str
    kpi: str
    item: str
    status: str
    from_version: int
    old_warning_at: Instant | None
    old_failure_at: Instant
    new_warning_at: Instant | None = None
    new_failure_at: Instant | None = None
    problem: str | None = None


class RecomputePreview(Message):
    """Every open promise that would move if the calendar were recomputed now. Nothing is written."""

    calendar: str
    version: int
    cases: int
    """With promises of an earlier version."""
    unmoved: int
    """Promises of an earlier version that are due as before: they too would count by the new one."""
    moved: tuple[Moved, ...]
    more: int = 0
    """Beyond the first 10,000."""
