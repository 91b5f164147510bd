"""Conditions: one structured form for routing, record creation, SLAs and process branches (design, "Conditions")."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from models.messages.base import CLAUSE_FIELD, Message
from models.messages.calendars import ZoneName
from models.messages.case_fields import names
from models.messages.said import joined, said


class Op(StrEnum):
    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not-in"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    CONTAINS = "contains"
    NOT_CONTAINS = "not-contains"
    STARTS_WITH = "starts-with"
    ENDS_WITH = "ends-with"
    EMPTY = "empty"
    NOT_EMPTY = "not-empty"


MOST_CLAUSES = 1_000
"""Of one group, or values of one list."""
Scalar = bool | int | Decimal | str
CaseField = Annotated[str, Field(pattern=CLAUSE_FIELD, max_length=80)]

NOW_TIME, NOW_WEEKDAY, NOW_WITHIN = "now.time", "now.weekday", "now.within"
OF_THE_INSTANT = frozenset({NOW_TIME, NOW_WEEKDAY, NOW_WITHIN})
"""What routing rules alone can ask of the instant: the time of day as `HH:MM`, the weekday, and the calendars (slugs) that
are at work then. The first two by the clock of `time_zone`, without it by the organisation's."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

FIELDS: frozenset[str] = frozenset(
    {
        *(f"case.{name}" for name in names(lambda field: field.condition)),
        "customer.kind",
        "account.name",
        "account.tier",
        "account.language",
        "contact.name",
        "contact.email",
        "contact.language",
        "entitlement.name",
        "entitlement.tier",
        "email.sender",
        "email.sender_domain",
        "email.subject",
        "email.to",
        "email.automatic",
        "email.bulk",
        "email.via",
        "email.has_attachments",
        "email.related_status",
        "activity.title",
        "activity.description",
        "activity.sender",
        "activity.duration_minutes",
        "queue.slug",
        *OF_THE_INSTANT,
    }
)
"""The allow-list: a case's own fields, one hop to customer, entitlement, email and queue, and the instant at which a routing
rule is asked. `case.custom.*` is open, and so are `activity.fields.*` in rules about activities."""
OPEN_FIELDS = ("case.custom.", "activity.fields.")
OF_MAIL, OF_ACTIVITIES = "email.", "activity."


ADDRESSES: frozenset[str] = frozenset(
    {"activity.sender", "email.sender", "email.sender_domain", "email.to", "email.via", "contact.email"}
)
"""Addresses and domains, and parts of them: compared in one form (`models.messages.addresses`)."""


class Clause(Message):
    """`{field, op, value}`; EMPTY and NOT_EMPTY take no value, IN and NOT_IN take a list, the others one scalar.

    `time_zone` is given with `now.time` and `now.weekday` alone.
    """

    field: CaseField
    op: Op = Op.EQ
    value: Scalar | Annotated[tuple[Scalar, ...], Field(max_length=MOST_CLAUSES)] | None = None
    time_zone: ZoneName | None = None

    @model_validator(mode="after")
    def _check(self) -> Clause:
        if self.field not in FIELDS and not self.field.startswith(OPEN_FIELDS):
            raise ValueError(
                said(
                    "unknown field {field!r}; known: {fields}, case.custom.*, activity.fields.*",
                    field=self.field,
                    fields=joined(sorted(FIELDS)),
                )
            )
        if self.time_zone is not None and self.field not in (NOW_TIME, NOW_WEEKDAY):
            raise ValueError(
                said(
                    "'time_zone' is given with {now_time} and {now_weekday} alone",
                    now_time=NOW_TIME,
                    now_weekday=NOW_WEEKDAY,
                )
            )
        match self.op:
            case Op.EMPTY | Op.NOT_EMPTY:
                if self.value is not None:
                    raise ValueError(said("op {op} takes no value", op=self.op))
            case Op.IN | Op.NOT_IN:
                if not isinstance(self.value, tuple):
                    raise ValueError(said("op {op} takes a list of values", op=self.op))
            case _:
                if self.value is None or isinstance(self.value, tuple):
                    raise ValueError(said("op {op} takes one value", op=self.op))
        return self


class ConditionGroup(Message):
    """`{"all": [...]}` or `{"any": [...]}`, of clauses and further groups; exactly one of the two, and not empty."""

    all: tuple[Clause | ConditionGroup, ...] = Field(default=(), max_length=MOST_CLAUSES)
    any: tuple[Clause | ConditionGroup, ...] = Field(default=(), max_length=MOST_CLAUSES)

    @model_validator(mode="after")
    def _check(self) -> ConditionGroup:
        if bool(self.all) == bool(self.any):
            raise ValueError(said("a condition group has either 'all' or 'any', with at least one clause"))
        return self
