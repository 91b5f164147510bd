"""Calendars (domain 4.5): when a desk works, as a weekly pattern in one time zone with holidays; spans of such time."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models.messages.base import Message, Name, Slug, WrittenDay, quoted

ALWAYS = "24x7"
"""Around the clock: as a calendar's hours, and in the place of a calendar's slug."""

DAY_MINUTES = 24 * 60
TIME_ZONES: frozenset[str] = frozenset((resources.files("tzdata") / "zones").read_text("utf-8").split())
"""IANA names of the tzdata package that the lock pins; the machine's own zone files are never asked."""


def _zone_name(value: str) -> str:
    if value not in TIME_ZONES:
        raise ValueError(f"unknown time zone {quoted(value)}; use an IANA name such as 'Europe/Berlin'")
    return value


ZoneName = Annotated[str, AfterValidator(_zone_name)]


def _wall_time(value: object) -> int:
    # YAML 1.1 reads a bare 17:00 as the base-60 integer 1020, which happens to be the minute of the day.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= DAY_MINUTES:
        return value
    match = re.fullmatch(r"(\d\d):(\d\d)", value) if isinstance(value, str) else None
    if match and int(match[2]) < 60 and (minute := int(match[1]) * 60 + int(match[2])) <= DAY_MINUTES:
        return minute
    raise ValueError(f"{quoted(value)} is not a wall time; write HH:MM from 00:00 to 24:00")


WallTime = Annotated[
    int,
    BeforeValidator(_wall_time),
    PlainSerializer(lambda minute: f"{minute // 60:02}:{minute % 60:02}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$", "examples": ["09:00", "24:00"]}),
]
"""Minutes after local midnight, 0 to 1440; written HH:MM."""


class WorkInterval(Message):
    """`{"from": "09:00", "to": "17:00"}`, wall times of one day; the end itself is no longer working time."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    start: WallTime = Field(alias="from")
    end: WallTime = Field(alias="to")

    @model_validator(mode="after")
    def _check(self) -> WorkInterval:
        if self.end <= self.start:
            raise ValueError("'to' must be later than 'from'; hours past midnight end at 24:00 and go on the next day")
        return self


Intervals = tuple[WorkInterval, ...]


def _in_order(intervals: Intervals) -> Intervals:
    ordered = tuple(sorted(intervals, key=lambda interval: interval.start))
    for earlier, later in pairwise(ordered):
        if later.start < earlier.end:
            raise ValueError("two work intervals of the day overlap")
    return ordered


class WeeklyHours(Message):
    """Work intervals of each weekday, in order of time; a day left out is not worked. Written `"24x7"` if never off."""

    monday: Intervals = ()
    tuesday: Intervals = ()
    wednesday: Intervals = ()
    thursday: Intervals = ()
    friday: Intervals = ()
    saturday: Intervals = ()
    sunday: Intervals = ()

    @property
    def days(self) -> tuple[Intervals, ...]:
        """Seven days, Monday first, as `date.weekday()` counts."""
        return (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)

    @property
    def always(self) -> bool:
        return all(sum(i.end - i.start for i in day) == DAY_MINUTES for day in self.days)

    @model_validator(mode="before")
    @classmethod
    def _around_the_clock(cls, value: Any) -> Any:
        if value == ALWAYS:
            return {day: ({"from": "00:00", "to": "24:00"},) for day in cls.model_fields}
        if isinstance(value, str):
            raise ValueError(f"{quoted(value)} are no hours; write intervals for each weekday, or {ALWAYS!r}")
        return value

    _days_in_order = field_validator("*")(_in_order)

    @model_validator(mode="after")
    def _check(self) -> WeeklyHours:
        if not any(self.days):
            raise ValueError("a calendar needs working hours")
        return self

    @model_serializer(mode="wrap")
    def _write(self, handler: SerializerFunctionWrapHandler) -> Any:
        return ALWAYS if self.always else {day: hours for day, hours in handler(self).items() if hours}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        day = {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string", "pattern": r"^\d\d:\d\d$"} for name in ("from", "to")},
                "required": ["from", "to"],
                "additionalProperties": False,
            },
        }
        week = {"type": "object", "properties": dict.fromkeys(cls.model_fields, day), "additionalProperties": False}
        return {"title": "Weekly hours", "anyOf": [{"const": ALWAYS, "type": "string"}, week]}


class Holiday(Message):
    """A local date on which nobody works, or in other `hours` than its weekday's; a bare date will do."""

    date: WrittenDay
    name: str = Field(default="", max_length=200)
    hours: Intervals = Field(default=(), max_length=48, exclude_if=lambda hours: not hours)
    """What is worked on half a holiday; none: nothing."""

    _hours_in_order = field_validator("hours")(_in_order)

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"date": value} if isinstance(value, str | dt.date) else value


class Calendar(Message):
    """Working time of a desk; a versioned definition. Without `observe_holidays`, holidays are working days."""

    slug: Slug
    name: Name | None = None
    time_zone: ZoneName
    hours: WeeklyHours
    holidays: tuple[Holiday, ...] = Field(default=(), max_length=2000)
    observe_holidays: bool = True

    @field_validator("slug")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value == ALWAYS:
            raise ValueError(f"{ALWAYS!r} means no calendar at all and cannot be the slug of one")
        return value

    @property
    def special_days(self) -> dict[dt.date, Intervals]:
        """What is worked on the observed holidays: on most of them nothing."""
        return {holiday.date: holiday.hours for holiday in self.holidays} if self.observe_holidays else {}


class SpanUnit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_MINUTES = "business minutes"
    BUSINESS_HOURS = "business hours"
    BUSINESS_DAYS = "business days"

    @property
    def is_business(self) -> bool:
        return self.value.startswith("business ")

    @property
    def is_day(self) -> bool:
        return self.value.endswith("days")


_SPAN = re.compile(
    r"(?P<amount>\d{1,9}(?:\.\d{1,4})?)\s*(?P<business>business\s+)?"
    r"(?:(?P<minutes>m|min|mins|minutes?)|(?P<hours>h|hours?)|(?P<days>d|days?))",
    re.IGNORECASE,
)
_MINUTES_IN = {"minutes": 1, "hours": 60, "days": DAY_MINUTES}
LONGEST_SPAN_DAYS = 3660


class Span(Message):
    """A promised length of time, written "15 minutes", "90m", "2 days", "4 business hours", "1 business day".

    Under a calendar every unit counts working time, so "4 hours" are "4 business hours", and a day is one working day,
    never 24 working hours (domain 4.5). Without a calendar a day is 24 hours. The word "business" insists on a
    calendar: an SLA item that says so without having one is refused.
    """

    amount: Decimal = Field(gt=0, le=LONGEST_SPAN_DAYS * DAY_MINUTES, decimal_places=4)
    unit: SpanUnit

    @classmethod
    def parse(cls, text: str) -> Span:
        """Raises pydantic's ValidationError (a ValueError) for anything but an amount and a unit."""
        return cls.model_validate(text)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict | Span):
            return value
        match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValueError(
                f"{quoted(value)} is not a span of time; write for example '15 minutes', '2 business days'"
            )
        unit = next(unit for unit in _MINUTES_IN if match[unit])
        return {"amount": match["amount"], "unit": f"business {unit}" if match["business"] else unit}

    @model_validator(mode="after")
    def _check(self) -> Span:
        if self.minutes > LONGEST_SPAN_DAYS * DAY_MINUTES:
            raise ValueError("a span of time is at most ten years long")
        return self

    @property
    def minutes(self) -> Decimal:
        """The length in minutes if nobody ever rests: days count 24 hours."""
        return self.amount * _MINUTES_IN[self.unit.removeprefix("business ")]

    def __str__(self) -> str:
        amount = f"{self.amount.normalize():f}"
        return f"{amount} {self.unit.removesuffix('s') if amount == '1' else self.unit}"

    @model_serializer
    def _write(self) -> str:
        return str(self)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"title": "Span", "type": "string", "examples": ["15 minutes", "4 business hours", "2 business days"]}
