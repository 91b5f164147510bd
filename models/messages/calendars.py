"""Calendars (domain 4.5): when a desk works, as a week in one time zone with holidays and changed days; spans of such time."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models.messages.base import Message, Name, Slug, WrittenDay, quoted
from models.messages.holiday_files import holidays_in
from models.messages.said import said, template
from models.messages.work_hours import ALWAYS, DAY_MINUTES, Intervals, WeeklyHours, in_order, overlaps

TIME_ZONES: frozenset[str] = frozenset((resources.files("tzdata") / "zones").read_text("utf-8").split())
"""IANA names of the tzdata package that the lock pins; the machine's own zone files are never asked."""


def _zone_name(value: str) -> str:
    if value not in TIME_ZONES:
        raise ValueError(
            said("unknown time zone {value}; use an IANA name such as 'Europe/Berlin'", value=quoted(value))
        )
    return value


ZoneName = Annotated[str, AfterValidator(_zone_name)]


class Holiday(Message):
    """A local date on which nobody works, or in other `hours` than its weekday's; a bare date will do."""

    date: WrittenDay
    name: str = Field(default="", max_length=200)
    hours: Intervals = Field(default=(), max_length=48, exclude_if=lambda hours: not hours)
    """What is worked on half a holiday; none: nothing."""

    _hours_in_order = field_validator("hours")(in_order)

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"date": value} if isinstance(value, str | dt.date) else value


class ChangedDay(Message):
    """A local date whose `hours` are these, once, whatever its weekday is and whether or not it is a holiday."""

    date: WrittenDay
    name: str = Field(default="", max_length=200)
    hours: Intervals = Field(max_length=48)
    """None: nobody works."""

    _hours_in_order = field_validator("hours")(in_order)


def _country(value: object) -> object:
    # YAML 1.1 reads a bare NO as false, and it is Norway.
    return "NO" if value is False else value


def _has_holidays(value: str) -> str:
    country, _, region = value.partition("-")
    within = regions().get(country)
    if within is None:
        raise ValueError(
            said(
                "no holidays are known of {value}; write an ISO 3166 code such as 'AT' or 'DE-BY'", value=quoted(value)
            )
        )
    if region and region not in within:
        known = f"; known are {', '.join(f'{country}-{each}' for each in within)}" if within else ""
        raise ValueError(said("no holidays are known of {value}{known}", value=quoted(value), known=known))
    return value


@cache
def regions() -> dict[str, list[str]]:
    """The regions by country, of those countries whose public holidays are known."""
    # Imported here, because hardly any process that reads messages reads a calendar with a country.
    from holidays import list_supported_countries

    return {country: regions for country, regions in list_supported_countries().items() if len(country) == 2}


Country = Annotated[str, BeforeValidator(_country), AfterValidator(_has_holidays)]
"""A country, or a region of one, by its code of ISO 3166-1 or ISO 3166-2: `AT`, `DE-BY`."""


def _read_file(value: Any) -> Any:
    return holidays_in(value) if isinstance(value, str) else value


class Calendar(Message):
    """Working time of a desk; a versioned definition. Without `observe_holidays`, holidays are working days.

    `country` adds the public holidays of that country or region, of every year, to those that are listed; one that is
    listed with `hours` is worked in them.
    """

    slug: Slug
    name: Name | None = None
    time_zone: ZoneName
    hours: WeeklyHours
    """Of every week; with `further_weeks`, of the first of them."""
    further_weeks: tuple[WeeklyHours, ...] = Field(default=(), max_length=51, exclude_if=lambda weeks: not weeks)
    """Weeks that follow in turn, each with hours of its own, before `hours` come again: one more of them for A and B weeks."""
    first_week: WrittenDay | None = Field(default=None, exclude_if=lambda day: day is None)
    """A day of a week that has `hours`; needed to know which week has which."""
    country: Country | None = Field(default=None, exclude_if=lambda country: country is None)
    holidays: Annotated[tuple[Holiday, ...], BeforeValidator(_read_file)] = Field(default=(), max_length=2000)
    """A list of days, or the text of an iCalendar file (RFC 5545), whose all-day events are the days."""
    observe_holidays: bool = True
    changed_days: tuple[ChangedDay, ...] = Field(default=(), max_length=2000, exclude_if=lambda changed: not changed)

    @property
    def weeks(self) -> tuple[WeeklyHours, ...]:
        """In their turn, from the week of `first_week` on."""
        return (self.hours, *self.further_weeks)

    @model_validator(mode="after")
    def _check(self) -> Calendar:
        if bool(self.further_weeks) != (self.first_week is not None):
            raise ValueError(
                said("'further_weeks' and 'first_week' are given together: which week is the first must be known")
            )
        for number, (week, following) in enumerate(zip(self.weeks, self.weeks[1:] + self.weeks[:1], strict=True), 1):
            if overlaps(week.sunday, following.monday):
                raise ValueError(
                    said(
                        "the night shift that begins on Sunday of week {number} overlaps the Monday after it",
                        number=number,
                    )
                )
        return self

    @field_validator("slug")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value == ALWAYS:
            raise ValueError(said("{always!r} means no calendar at all and cannot be the slug of one", always=ALWAYS))
        return value


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
    re.IGNORECASE | re.ASCII,
)
_WORDS: dict[SpanUnit, tuple[str, str]] = {
    SpanUnit.MINUTES: (template("{amount} minute"), template("{amount} minutes")),
    SpanUnit.HOURS: (template("{amount} hour"), template("{amount} hours")),
    SpanUnit.DAYS: (template("{amount} day"), template("{amount} days")),
    SpanUnit.BUSINESS_MINUTES: (template("{amount} business minute"), template("{amount} business minutes")),
    SpanUnit.BUSINESS_HOURS: (template("{amount} business hour"), template("{amount} business hours")),
    SpanUnit.BUSINESS_DAYS: (template("{amount} business day"), template("{amount} business days")),
}
"""Of one, and of every other amount."""
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
                said(
                    "{value} is not a span of time; write for example '15 minutes', '2 business days'",
                    value=quoted(value),
                )
            )
        unit = next(unit for unit in _MINUTES_IN if match[unit])
        return {"amount": match["amount"], "unit": f"business {unit}" if match["business"] else unit}

    @model_validator(mode="after")
    def _check(self) -> Span:
        if self.minutes > LONGEST_SPAN_DAYS * DAY_MINUTES:
            raise ValueError(said("a span of time is at most ten years long"))
        return self

    @property
    def minutes(self) -> Decimal:
        """The length in minutes if nobody ever rests: days count 24 hours."""
        return self.amount * _MINUTES_IN[self.unit.removeprefix("business ")]

    @property
    def words(self) -> str:
        """As it is written, for readers of every language."""
        amount = f"{self.amount.normalize():f}"
        one, more = _WORDS[self.unit]
        return said(one if amount == "1" else more, amount=amount)

    def __str__(self) -> str:
        return str(self.words)

    @model_serializer
    def _write(self) -> str:
        return str(self)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"title": "Span", "type": "string", "examples": ["15 minutes", "4 business hours", "2 business days"]}
