"""Key figures (domain 10) as they are shown, and the reports of them that are mailed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from models.messages.base import EmailAddress, Message, Name, Slug, refuse
from models.messages.said import said
from models.messages.storable import Path


class FigureName(StrEnum):
    INCOMING = "incoming"
    RESOLVED = "resolved"
    BACKLOG = "backlog"
    CONTACTS = "contacts"
    FIRST_CONTACT_RESOLUTION = "first-contact-resolution"
    REOPEN_RATE = "reopen-rate"
    ESCALATION_RATE = "escalation-rate"
    WAIT_TIME = "wait-time"
    SPEED_TO_ANSWER = "speed-to-answer"
    ABANDONMENT_RATE = "abandonment-rate"
    TRANSFER_RATE = "transfer-rate"
    FIRST_RESPONSE_TIME = "first-response-time"
    FIRST_RESPONSE_BUSINESS_TIME = "first-response-business-time"
    RESOLUTION_TIME = "resolution-time"
    RESOLUTION_BUSINESS_TIME = "resolution-business-time"
    HANDLE_TIME = "handle-time"
    HANDLE_TIME_PER_CASE = "handle-time-per-case"
    COST_PER_CONTACT = "cost-per-contact"
    SLA_COMPLIANCE = "sla-compliance"
    CSAT = "csat"
    CSAT_SCORE = "csat-score"
    NPS = "nps"
    CES = "ces"


class FigureUnit(StrEnum):
    CASES = "cases"
    CONTACTS = "contacts"
    PERCENT = "percent"
    SECONDS = "seconds"
    MINUTES = "minutes"
    MONEY = "money"
    """In the organisation's currency."""
    SCORE = "score"
    POINTS = "points"


class FigureBy(StrEnum):
    """What a figure is grouped by."""

    QUEUE = "queue"
    AGENT = "agent"
    CHANNEL = "channel"
    CUSTOMER = "customer"
    PRIORITY = "priority"
    PRODUCT = "product"
    STAGE = "stage"
    KIND = "kind"
    """The KPI of a promise, the type of an activity or a resolution, the kind of a survey."""
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


PERIODS = frozenset({FigureBy.DAY, FigureBy.WEEK, FigureBy.MONTH})


class FigurePart(StrEnum):
    """Of the facts that a figure is of."""

    ALL = "all"
    NUMERATOR = "numerator"
    """Those that its numerator counts."""
    DENOMINATOR = "denominator"
    """Those that its denominator counts."""
    APART = "apart"
    """Those that are in neither sum, and are shown beside it."""


class FigureValue(Message):
    """A figure of one period, or of one group in it. A null value: there is nothing that it could be of."""

    value: float | None
    numerator: int
    denominator: int | None
    """Null: the figure is a count."""
    median: float | None = None
    p90: float | None = None
    """Durations only: half of the cases, and nine of ten, took no longer."""
    before: float | None = None
    """The value of the period before, which is as long."""
    change: float | None = None
    """From then to now, in the figure's unit."""
    change_percent: float | None = None


class FigureGroup(FigureValue):
    key: str | None
    """Slug, word, or first day of the group; null: of those that have none."""
    name: str | None
    """As people call it."""


class FigureDefinition(Message):
    name: str
    title: str
    words: str
    """What is counted, of what."""
    unit: FigureUnit


class FigureView(FigureDefinition, FigureValue):
    """One figure of a period. `to` is the day after its last one; both are days of the organisation's time zone."""

    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    time_zone: str
    apart: dict[str, int] = Field(default_factory=dict)
    """What is in neither sum, by what became of it."""
    counted_to: datetime | None = None
    """When the oldest change that is not counted yet was made; null: all is counted."""
    by: FigureBy | None = None
    groups: tuple[FigureGroup, ...] | None = None


class FigureRecount(Message):
    """A figure as the rows of its cases say it now."""

    value: float | None
    numerator: int
    denominator: int | None
    median: float | None = None
    p90: float | None = None


class FigureWhy(FigureDefinition):
    """A figure with all that it follows from."""

    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    time_zone: str
    filters: dict[str, str]
    sight: str
    """Of which cases: all of them, or those that the caller may see."""
    value: float | None
    """`scale` times the numerator, over the denominator; the numerator alone where there is none."""
    numerator: int
    denominator: int | None
    scale: float
    median: float | None = None
    p90: float | None = None
    cases: int
    """How many are behind it; `/figures/{name}/cases` lists what is counted of each."""
    facts: int
    """How many things that happened to them are counted."""
    counted_to: datetime | None = None
    """When the oldest change that is not counted yet was made; null: all is counted."""
    recount: FigureRecount | None
    """Null: see `not_recounted`."""
    agrees: bool | None
    """Whether both are the same; if not, something has changed since `counted_to`."""
    not_recounted: str | None = None
    fact: str
    """The kind of what is counted, by its name in the page of key figures."""
    sql: str
    """Its statement, over the facts of the days from `:since` until before `:until`."""
    facts_sql: str
    """The statement by which those facts are read from the rows of cases."""


class FigurePage(Message):
    """All figures of one day."""

    day: date
    time_zone: str
    items: tuple[FigureView, ...]


class FigureList(Message):
    items: tuple[FigureDefinition, ...]


class CountedCase(Message):
    """A fact behind a figure: its case, when it was, and what it adds."""

    case: str
    title: str
    at: datetime
    queue: str | None
    agent: str | None
    channel: str
    kind: str | None
    outcome: str | None
    numerator: int
    denominator: int | None


class CountedCases(Message):
    items: tuple[CountedCase, ...]
    next: str | None = None


Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class ReportPeriod(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class FigureReport(Message):
    """Figures of the last whole day, week or month, mailed once when it is over."""

    slug: Slug
    name: Name
    figures: tuple[FigureName, ...] = Field(min_length=1, max_length=50)
    period: ReportPeriod = ReportPeriod.WEEK
    by: FigureBy | None = None
    """What each figure is grouped by as well."""
    recipients: tuple[EmailAddress, ...] = Field(min_length=1, max_length=50)
    weekday: Weekday | None = None
    """The day of the week on which a weekly one leaves; without it, Monday."""
    at: Clock = "07:00"
    """The time of day in the organisation's time zone."""
    queue: Slug | None = None
    """Only cases of this queue; it also leaves from that queue's mailbox."""

    @model_validator(mode="after")
    def _check(self) -> FigureReport:
        refuse(self._broken())
        return self

    def _broken(self) -> Iterator[tuple[Path, str]]:
        if self.weekday is not None and self.period is not ReportPeriod.WEEK:
            yield ("weekday",), said("'weekday' is given with 'period: week' only")
        for position, figure in enumerate(self.figures):
            if figure in self.figures[:position]:
                yield ("figures", position), said("a figure stands twice")
