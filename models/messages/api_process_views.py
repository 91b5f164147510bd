"""What the API shows of a case's processes (domain 7)."""

from __future__ import annotations

from typing import Any

from models.messages.api_case_views import Ref
from models.messages.base import Instant, Message


class StepItem(Message):
    """A data step; `missing` blocks the way on."""

    field: str
    label: str
    kind: str
    required: bool
    read_only: bool
    choices: tuple[str, ...]
    value: Any
    filled: bool
    missing: bool


class StageItem(Message):
    slug: str
    name: str
    category: str | None
    reached: bool
    active: bool
    last: bool
    guidance: str | None = None
    """What is to be done in it, in words for people."""
    seconds: float
    """Spent in it, all visits that have ended together. Of the active stage the present one began on `stage_entered_on`."""
    steps: tuple[StepItem, ...]


class ProcessInstanceItem(Message):
    """One process that the case has begun; `current` is the one that is shown, the others wait as they were left."""

    definition: str
    version: int
    status: str
    stage: str
    current: bool
    started_on: Instant
    ended_on: Instant | None


class ProcessView(Message):
    """The current process instance; `definition` is null if the case follows none."""

    definition: str | None
    version: int | None
    status: str | None
    stage: str | None
    stage_entered_on: Instant | None
    path: tuple[str, ...]
    """The stages that were gone through, the active one last: back along it leads `previous`."""
    ahead: tuple[str, ...]
    """The stages that would follow by what the case holds now."""
    stages: tuple[StageItem, ...]
    instances: tuple[ProcessInstanceItem, ...]
    """All that the case has begun, the oldest first."""
    others: tuple[Ref, ...]
    """Processes that this caller may switch the case to."""
