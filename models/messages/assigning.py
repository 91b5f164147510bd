"""What a queue's policy decides on and says, and what of it travels through Temporal: ids, figures and instants."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from models.messages.assignment import AssignmentMethod, Presence
from models.messages.base import Instant, Message, Slug
from models.messages.calendars import Calendar
from models.messages.skills import Skills
from models.messages.telling import Sentence, Telling

MOST_NAMED = 20
"""Agents who are named as passed over; of the others only their number is told."""

# ---- facts -----------------------------------------------------------------------------------------------------------


class WaitingItem(Message):
    """A queue item that nobody works on."""

    id: UUID
    rank: int
    """Of its case's priority in the organisation's list; 0 is the first."""
    entered_on: Instant
    place: int
    """In order of entering, among all that wait; the first is 0."""
    skills: Skills = Field(default_factory=dict)
    released_by: UUID | None = None
    """Who worked on it last, and gave it back."""
    overflowed: bool = False
    """It came here from a queue that overflowed, and stays."""


class AgentFacts(Message):
    """An agent who belongs to the queue, as their row stands."""

    id: UUID
    slug: Slug
    load: int
    capacity: int | None = None
    presence: Presence = Presence.OFFLINE
    skills: Skills = Field(default_factory=dict)
    calendar: Calendar | None = None
    """Their working hours; none: whenever they say that they are there."""
    last_assigned_on: Instant | None = None


class TargetFacts(Message):
    """A queue that another one overflows into."""

    slug: Slug
    closed: bool = False
    """It is outside of its own hours, or not active."""
    room: int | None = None
    """So many more may wait there; none: any number."""


class PassedOver(Message):
    """An agent of the queue who did not get the case, and why."""

    agent: Slug
    why: Sentence


class Proposal(Message):
    """An item, the agent who should get it, why they, and whom it was not given to."""

    item: UUID
    agent: UUID
    slug: Slug
    turn_on: Instant
    """What counts as the instant of this assignment: later than that of any before, whatever the clocks say."""
    why: Sentence
    passed_over: tuple[PassedOver, ...] = ()
    more_passed_over: int = 0


class Move(Message):
    """An item that should go to another queue, and why."""

    item: UUID
    to: Slug
    why: Sentence


# ---- what travels ----------------------------------------------------------------------------------------------------


class QueueRun(Message):
    """The argument of a run of `QueueWorkflow`."""

    slug: Slug


class LookInput(Message):
    """One look at a queue. `id` makes the ids of the commands that it sends: the same look again sends the same ones."""

    id: UUID
    slug: Slug
    now: Instant
    without: tuple[UUID, ...] = ()
    """Items that could not be given to anybody, however often it was tried."""


class Looked(Message):
    """What a look found and did. `in_force` false: the queue does nothing by itself any more."""

    in_force: bool = True
    waiting: int = 0
    given: int = 0
    moved: int = 0
    failed: tuple[UUID, ...] = ()
    """Items whose cases refused, or did not answer."""
    next_look: Instant | None = None


class QueueAssignBody(Telling):
    """The house's command to a case: the agent whom `target_id` names works on this item, if they still can."""

    item: UUID
    method: AssignmentMethod
    presences: tuple[Presence, ...]
    turn_on: Instant
    why: Sentence = Field(max_length=500)
    passed_over: tuple[PassedOver, ...] = Field(default=(), max_length=MOST_NAMED)
    more_passed_over: int = 0


class OverflowBody(Telling):
    """The house's command to a case: this item goes to the queue that `target_id` names."""

    item: UUID
    why: Sentence = Field(max_length=500)
