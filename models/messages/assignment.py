"""How a queue gives its cases to agents (domain 5.2): a versioned definition, and what agents say of themselves."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from models.messages.base import Message, Name, Slug, WrongAt
from models.messages.calendars import Span
from models.messages.said import said


class AssignmentMethod(StrEnum):
    """Who gets the next case of a queue, of those who can take it."""

    MANUAL = "manual"
    """Nobody: agents pick."""
    ROUND_ROBIN = "round-robin"
    """Whoever got their last case the longest time ago."""
    LEAST_LOADED = "least-loaded"
    """Whoever works on the fewest cases; of several, as by round robin."""


class Presence(StrEnum):
    """What an agent says of themselves. Nobody gets a case from a queue before they have said that they are there."""

    ONLINE = "online"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


def _plain(span: Span | None) -> Span | None:
    if span is not None and span.unit.is_business:
        raise ValueError(said("counts plain time: write it without 'business'"))
    return span


class Overflow(Message):
    """When a case that waits goes to another queue instead, once: the first of `to` that does not overflow itself."""

    to: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)]
    out_of_hours: Slug | None = None
    """A calendar: what enters the queue outside of its working hours goes on at once."""
    longest_queue: int | None = Field(default=None, ge=1, le=100_000)
    """So many cases may wait; what enters behind them goes on."""
    longest_wait: Span | None = None
    """What has waited so long goes on."""

    _wait_is_plain = field_validator("longest_wait")(_plain)

    @field_validator("to")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError(said("an entry is listed twice"))
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.out_of_hours is None and self.longest_queue is None and self.longest_wait is None:
            raise ValueError(said("says when: 'out_of_hours', 'longest_queue' or 'longest_wait'"))
        return self


class AssignmentRule(Message):
    """How one queue gives its cases to its members; a queue has at most one rule in force. Without one, agents pick."""

    slug: Slug
    name: Name
    queue: Slug
    method: AssignmentMethod = AssignmentMethod.MANUAL
    presences: Annotated[tuple[Presence, ...], Field(min_length=1, max_length=len(Presence))] = (Presence.ONLINE,)
    """Who may get a case."""
    working_hours: bool = True
    """Agents who have a calendar get cases within its hours alone."""
    ageing: Span | None = None
    """A case that has waited so long counts as one priority higher, after twice as long as two."""
    overflow: Overflow | None = None

    _ageing_is_plain = field_validator("ageing")(_plain)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.presences)) != len(self.presences):
            raise WrongAt(("presences",), said("an entry is listed twice"))
        if self.overflow is not None and self.queue in self.overflow.to:
            raise WrongAt(("overflow", "to"), said("a queue cannot overflow into itself"))
        return self

    @property
    def works_by_itself(self) -> bool:
        """Whether anything happens in the queue without an agent's asking."""
        return self.method is not AssignmentMethod.MANUAL or self.overflow is not None


class PresenceBody(Message):
    """What an agent says of themselves, or a manager of an agent."""

    presence: Presence
