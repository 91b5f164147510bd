"""SLAs (domain 4): definitions that promise, KPI instances that keep count of a promise on one case, their clocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from models.messages.base import Instant, Message, Name, Slug, quoted, refuse
from models.messages.calendars import Span
from models.messages.conditions import ConditionGroup
from models.messages.said import joined, said
from models.messages.shares import SpanOrShare
from models.messages.sla_actions import EscalationStep, SlaAction, SlaEvent
from models.messages.storable import Path
from models.messages.telling import Sentence
from models.messages.work_hours import ALWAYS


class ApplicableFrom(StrEnum):
    """The case's instant that a promise counts from. While it has no value, the item makes no instance (domain 4.1)."""

    CREATED_ON = "created_on"
    MODIFIED_ON = "modified_on"
    ESCALATED_ON = "escalated_on"
    LAST_ON_HOLD = "last_on_hold"
    REACTIVATED_ON = "reactivated_on"
    LAST_RESOLVED_ON = "last_resolved_on"
    """When the case was resolved before it was reactivated: a closed one promises nothing."""
    ANSWERED_ON = "answered_on"
    """When an agent last answered the customer."""
    FOLLOW_UP_BY = "follow_up_by"
    STAGE_ENTERED_ON = "stage_entered_on"
    """When the stage of its process that the case stands in was entered: so a stage starts a KPI of its own."""


CUSTOM_INSTANT = re.compile(r"custom\.[a-z0-9_]{1,63}")


def _begins_from(value: str) -> str:
    if value in tuple(ApplicableFrom) or CUSTOM_INSTANT.fullmatch(value):
        return str(value)
    raise ValueError(
        said(
            "{value} is no instant of a case; one of: {applicablefrom}, custom.*",
            value=quoted(value),
            applicablefrom=joined(ApplicableFrom),
        )
    )


BeginsFrom = Annotated[
    str,
    Field(max_length=80, examples=["created_on", "answered_on", "custom.delivered_on"]),
    AfterValidator(_begins_from),
]
"""An instant of `ApplicableFrom`, or a custom field of one's own that holds one, with its zone, as RFC 3339 writes it."""


class KpiRole(StrEnum):
    """Which of a case's two deadlines a KPI's promise is shown as: `first_response_by`, `resolve_by`, or neither."""

    FIRST_RESPONSE = "first-response"
    RESOLVE = "resolve"
    NONE = "none"


ROLES_BY_SLUG = {"first-response": KpiRole.FIRST_RESPONSE, "resolution": KpiRole.RESOLVE}
"""The role of a KPI whose definition names none, as those of earlier releases do."""


class KpiDefinition(Message):
    """A KPI that SLAs promise. `pause_when` outranks the desk's on-hold list.

    `role`: without one, a KPI called `first-response` or `resolution` has the role of its name, and any other has none.
    If several KPIs of a case have a role, the earliest of their deadlines is shown.
    """

    slug: Slug
    name: Name
    role: KpiRole | None = None
    pause_when: ConditionGroup | None = None


def role_of(slug: str, definition: KpiDefinition | None) -> KpiRole:
    """The role of a KPI, by its active definition if there is one."""
    if definition is not None and definition.role is not None:
        return definition.role
    return ROLES_BY_SLUG.get(slug, KpiRole.NONE)


UNREPEATED = {"created_on": "never moves", "modified_on": "moves with every write"}


class SlaItem(Message):
    """One promise: for whom, when it is kept, what stops its clock, when to warn and when it has failed."""

    name: Name
    kpi: Slug
    applicable_from: BeginsFrom = ApplicableFrom.CREATED_ON.value
    """The instant that it counts from: `created_on`, `modified_on`, `escalated_on`, `last_on_hold`, `reactivated_on`,
    `last_resolved_on`, `answered_on`, `follow_up_by`, `stage_entered_on`, or a custom field, `custom.delivered_on`, that holds
    one with its zone. While it is empty nothing is promised.
    """
    repeats: bool = Field(default=False, exclude_if=lambda repeats: not repeats)
    """Each time that `applicable_from` moves on the promise is kept, and begins anew: `answered_on` promises the next answer
    within so long after each."""
    applicable_when: ConditionGroup | None = None
    success: ConditionGroup
    allow_pause: bool = True
    pause_when: ConditionGroup | None = None
    """Outranks the KPI's own condition and the desk's list (domain 4.4)."""
    business_hours: Slug | None = None
    """A calendar's slug, or `24x7`; None: the SLA's."""
    warn_after: SpanOrShare | None = None
    """A span of time, or a share of `fail_after`, such as `80%`."""
    fail_after: Span
    actions: tuple[SlaAction, ...] = Field(default=(), max_length=20)
    escalation: tuple[EscalationStep, ...] = Field(default=(), max_length=20, exclude_if=lambda steps: not steps)
    """What follows a failure, step by step, until the promise is kept after all, the case is closed, or somebody
    acknowledges it."""

    @model_validator(mode="after")
    def _check(self) -> SlaItem:
        refuse(self._broken())
        return self

    def _broken(self) -> Iterator[tuple[Path, str]]:
        if self.pause_when is not None and not self.allow_pause:
            yield ("pause_when",), said("'pause_when' needs 'allow_pause'")
        if self.warn_after is None:
            for position, action in enumerate(self.actions):
                if action.on is SlaEvent.WARNING:
                    yield ("actions", position, "on"), said("an action on 'warning' needs 'warn_after'")
        if self.repeats and self.applicable_from in UNREPEATED:
            yield (
                ("repeats",),
                said(
                    "'repeats' says nothing with {applicable_from!r}, which {unrepeated}",
                    applicable_from=self.applicable_from,
                    unrepeated=UNREPEATED[self.applicable_from],
                ),
            )

    @property
    def spans(self) -> tuple[tuple[Path, Span], ...]:
        """Every span of time that it names, with its place."""
        found: list[tuple[Path, Span]] = [(("fail_after",), self.fail_after)]
        if isinstance(self.warn_after, Span):
            found.insert(0, (("warn_after",), self.warn_after))
        found += ((("escalation", n, "after"), step.after) for n, step in enumerate(self.escalation))
        return tuple(found)


class SlaDefinition(Message):
    """A versioned definition. For each KPI the first item that applies makes the instance (domain 4.1)."""

    slug: Slug
    name: Name
    calendar: Slug | None = None
    """A calendar's slug, or `24x7`; None: around the clock."""
    items: tuple[SlaItem, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _check(self) -> SlaDefinition:
        refuse(self._broken())
        return self

    def _broken(self) -> Iterator[tuple[Path, str]]:
        names: set[str] = set()
        settled: dict[str, str] = {}
        for position, item in enumerate(self.items):
            here: Path = ("items", position)
            if item.name in names:
                yield (*here, "name"), said("two items are named {item!r}", item=item.name)
            if item.kpi in settled:
                yield (
                    here,
                    said(
                        "item {item!r} can never apply: {settled!r} before it always does",
                        item=item.name,
                        settled=settled[item.kpi],
                    ),
                )
            names.add(item.name)
            if item.applicable_when is None:
                settled.setdefault(item.kpi, item.name)
            warn, around_the_clock = item.warn_after, self.calendar_of(item) is None
            # By a calendar, hours and days compare differently each week: where the warning is later, the failure comes first.
            alike = isinstance(warn, Span) and warn.unit.is_day == item.fail_after.unit.is_day
            if isinstance(warn, Span) and (alike or around_the_clock) and warn.minutes >= item.fail_after.minutes:
                yield (*here, "warn_after"), said("'warn_after' must be shorter than 'fail_after'")
            for place, span in item.spans:
                if span.unit.is_business and self.calendar_of(item) is None:
                    yield (
                        (*here, *place),
                        said(
                            "{span!r} needs a calendar: name one as the SLA's 'calendar' or the item's 'business_hours'",
                            span=str(span),
                        ),
                    )

    def calendar_of(self, item: SlaItem) -> str | None:
        """The slug of the item's calendar; None: around the clock."""
        slug = item.business_hours or self.calendar
        return None if slug == ALWAYS else slug

    @property
    def kpis(self) -> tuple[str, ...]:
        """Slugs, in the order in which the items first name them."""
        return tuple(dict.fromkeys(item.kpi for item in self.items))


class SlaSource(StrEnum):
    """Who chose a case's SLA, the strongest first (domain 4.6)."""

    MANUAL = "manual"
    AUTOMATION = "automation"
    ENTITLEMENT = "entitlement"
    DEFAULT = "default"


class Pin(Message):
    """The version of a definition that something holds on to."""

    slug: Slug
    version: int


class KpiStatus(StrEnum):
    IN_PROGRESS = "in-progress"
    NEARING = "nearing-noncompliance"
    NONCOMPLIANT = "noncompliant"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"


RUNNING_STATUSES = frozenset({KpiStatus.IN_PROGRESS, KpiStatus.NEARING})
OPEN_KPI_STATUSES = RUNNING_STATUSES | {KpiStatus.PAUSED}


class Cancellation(StrEnum):
    """Why an instance was cancelled: only the first two let a new instance take its place at once."""

    NOT_APPLICABLE = "not-applicable"
    SLA_REPLACED = "sla-replaced"
    CASE_CLOSED = "case-closed"
    CASE_CANCELLED = "case-cancelled"
    """Of rows of earlier releases a cancelled case's are `case-closed` as well."""


class Hold(Message):
    """One time that the instance was paused, from `began` to `ended`."""

    began: Instant
    ended: Instant


class Escalation(Message):
    """How far a missed promise has been escalated."""

    done: int = 0
    """Steps that were taken."""
    next_at: Instant | None
    """When the next one is due; None: there is none, or it has ended."""
    paused_on: Instant | None = None
    ended_on: Instant | None = None
    ended_for: Sentence = ""
    """Why it ended before its last step, in words for people."""


class KpiInstance(Message):
    """One promise on one case, and all that ever happened to it; instants are UTC."""

    id: UUID
    ordinal: int = Field(ge=1)
    """Its place among the instances that this KPI has had on the case: 1 for the first."""
    kpi: Slug
    item: int
    """Index of the SLA item in the pinned version."""
    item_name: str
    sla: Pin
    calendar: Pin | None
    """None: around the clock."""
    status: KpiStatus = KpiStatus.IN_PROGRESS
    began_on: Instant
    """When the instance was made. `applicable_from`, from which it counts, may be long before."""
    applicable_from: Instant
    warning_at: Instant | None
    failure_at: Instant
    """The deadline. While the instance is paused it stays as it was at `paused_on`; the end of the hold moves it."""
    warned_on: Instant | None = None
    paused_on: Instant | None = None
    succeeded_on: Instant | None = None
    failed_on: Instant | None = None
    cancelled_on: Instant | None = None
    cancelled_for: Cancellation | None = None
    holds: tuple[Hold, ...] = ()
    held_seconds: int = 0
    """Working time that its holds took, in seconds."""
    escalation: Escalation | None = None
    matched: Sentence = ""
    """Which items were looked at when it was made, and which of their clauses decided, in words for people."""
    reason: Sentence = ""
    """Why it changed last, in words for people."""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_KPI_STATUSES

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING_STATUSES

    @property
    def is_escalating(self) -> bool:
        return self.escalation is not None and self.escalation.next_at is not None


class ClockKind(StrEnum):
    WARNING = "warning"
    FAILURE = "failure"
    ESCALATION = "escalation"
    REMINDER = "reminder"
    """An activity is due: the instance is the case itself, which has one timer for all of them."""


class Clock(Message):
    """A deadline of a running instance, for the case's one timer."""

    instance_id: UUID
    kind: ClockKind
    due: Instant
    kpi: Slug
