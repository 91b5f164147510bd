"""Incidents: what a case, or a contract, could not do because of a fault of ours, or a value that cannot be (design, "One bad
command stops nobody")."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from models.messages.base import Instant, Message


class IncidentState(StrEnum):
    OPEN = "open"
    DONE = "done"
    """It was tried again after the repair, and done."""
    DISMISSED = "dismissed"
    """Somebody decided that it need not be done."""


class StepFault(Message):
    """What a step says when it was set aside. `incident` is None if even that could not be written down."""

    step: str
    incident: UUID | None = None


class IncidentView(Message):
    """An incident as the API shows it: no content of the case, and no value that failed."""

    id: UUID
    case: str | None
    """Its number; null for an incident of a contract or an article."""
    entitlement: str | None
    """The contract whose dates could not be kept; null for an incident of a case or an article."""
    article: str | None
    """The number of the article whose instants could not be kept; null for an incident of a case or a contract."""
    step: str
    """The business step by the name that the Temporal UI shows, such as `pick` or `first-response warns`."""
    subject_id: UUID | None
    """The command or the delivery that was set aside."""
    error: str
    """The class of the error."""
    place: str
    """Where in the code it was raised."""
    state: IncidentState
    count: int
    retries: int
    first_on: Instant
    last_on: Instant
    ended_on: Instant | None
