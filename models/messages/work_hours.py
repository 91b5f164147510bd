"""Hours of work (domain 4.5): wall times, intervals within a day or over midnight, and a week of them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import (
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

from models.messages.base import Message, quoted
from models.messages.said import said

ALWAYS = "24x7"
"""Around the clock: as a calendar's hours, and in the place of a calendar's slug."""

DAY_MINUTES = 24 * 60
LEAST_BASE_60 = 60
"""YAML 1.1 reads 1:00 as this, and no time of day as less."""


def _wall_time(value: object) -> int:
    # YAML 1.1 reads a bare 17:00 as the base-60 integer 1020, which happens to be the minute of the day. A smaller number
    # than an hour has comes of no such time: whoever writes 9 means nine o'clock, and not nine minutes past midnight.
    if isinstance(value, int) and not isinstance(value, bool) and LEAST_BASE_60 <= value <= DAY_MINUTES:
        return value
    match = re.fullmatch(r"(\d\d):(\d\d)", value, re.ASCII) if isinstance(value, str) else None
    if match and int(match[2]) < 60 and (minute := int(match[1]) * 60 + int(match[2])) <= DAY_MINUTES:
        return minute
    raise ValueError(said("{value} is not a wall time; write HH:MM from 00:00 to 24:00", value=quoted(value)))


WallTime = Annotated[
    int,
    BeforeValidator(_wall_time),
    PlainSerializer(lambda minute: f"{minute // 60:02}:{minute % 60:02}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$", "examples": ["09:00", "24:00"]}),
]
"""Minutes after local midnight, 0 to 1440; written HH:MM."""


class WorkInterval(Message):
    """`{"from": "09:00", "to": "17:00"}`, wall times; the end itself is no longer working time.

    Where `to` is earlier than `from` it is a time of the next day: a night shift belongs to the day on which it begins.
    `on_holidays`: it is worked on holidays as well, as by a night team of an office that is closed on them.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    start: WallTime = Field(alias="from")
    end: WallTime = Field(alias="to")
    on_holidays: bool = Field(default=False, exclude_if=lambda on_holidays: not on_holidays)

    @property
    def closes(self) -> int:
        """Minutes from the midnight before its beginning to its end: more than a day has, if it ends on the next."""
        return self.end if self.end > self.start else self.end + DAY_MINUTES

    @property
    def minutes(self) -> int:
        return self.closes - self.start

    @model_validator(mode="after")
    def _check(self) -> WorkInterval:
        if self.end == self.start or self.start == DAY_MINUTES:
            raise ValueError(said("'to' must be later than 'from', or on the next day; a whole day is 00:00 to 24:00"))
        return self


Intervals = tuple[WorkInterval, ...]


def in_order(intervals: Intervals) -> Intervals:
    """By their beginnings. Raises ValueError where two overlap."""
    ordered = tuple(sorted(intervals, key=lambda interval: interval.start))
    for earlier, later in pairwise(ordered):
        if later.start < earlier.closes:
            raise ValueError(said("two work intervals of the day overlap"))
    return ordered


def overlaps(today: Intervals, tomorrow: Intervals) -> bool:
    """Whether the last shift of a day reaches into the first interval of the next."""
    return bool(today and tomorrow) and today[-1].closes - DAY_MINUTES > tomorrow[0].start


def _is_whole(day: Intervals) -> bool:
    return sum(each.minutes for each in day if each.end > each.start and not each.on_holidays) == DAY_MINUTES


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
        return all(_is_whole(day) for day in self.days)

    @model_validator(mode="before")
    @classmethod
    def _around_the_clock(cls, value: Any) -> Any:
        if value == ALWAYS:
            return {day: ({"from": "00:00", "to": "24:00"},) for day in cls.model_fields}
        if isinstance(value, str):
            raise ValueError(
                said(
                    "{value} are no hours; write intervals for each weekday, or {always!r}",
                    value=quoted(value),
                    always=ALWAYS,
                )
            )
        return value

    _days_in_order = field_validator("*")(in_order)

    @model_validator(mode="after")
    def _check(self) -> WeeklyHours:
        if not any(self.days):
            raise ValueError(said("a calendar needs working hours"))
        for name, today, tomorrow in zip(
            type(self).model_fields, self.days, self.days[1:] + self.days[:1], strict=True
        ):
            if overlaps(today, tomorrow):
                raise ValueError(
                    said("the night shift that begins on {name} overlaps the next day's first interval", name=name)
                )
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
                "properties": {
                    **{name: {"type": "string", "pattern": r"^\d\d:\d\d$"} for name in ("from", "to")},
                    "on_holidays": {"type": "boolean", "default": False},
                },
                "required": ["from", "to"],
                "additionalProperties": False,
            },
        }
        week = {"type": "object", "properties": dict.fromkeys(cls.model_fields, day), "additionalProperties": False}
        return {"title": "Weekly hours", "anyOf": [{"const": ALWAYS, "type": "string"}, week]}
