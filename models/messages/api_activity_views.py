"""What the API shows of activities, and of the time that they took (domain 9)."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from models.messages.base import Instant, Message


class ActivityView(Message):
    id: UUID
    kind: str
    status: str
    title: str
    description: str | None
    due: Instant | None
    duration_minutes: int
    created_on: Instant
    closed_on: Instant | None
    owner: str | None
    reason: str | None
    """How it ended, if its type lists reasons."""
    fields: dict[str, Any]
    sender: str | None = None
    sender_name: str | None = None
    """Who it is from, as it was said when it arrived."""


class Creation(Message):
    """What a record creation rule made of it: `outcome` opened or kept; `reason` and `why` say what decided."""

    rule: str
    item: str | None
    outcome: Literal["opened", "kept"]
    reason: str | None
    why: str


class ActivityItem(ActivityView):
    """An activity by itself. `case` null: it belongs to none yet; `version` is then its ETag."""

    case: str | None
    account: str | None
    contact: str | None
    version: int
    queue: str | None = None
    creation: Creation | None = None


class ActivityPage(Message):
    """The oldest first; `next` is the cursor of the page that follows."""

    items: tuple[ActivityItem, ...]
    next: str | None


class AgentTime(Message):
    agent: str | None
    minutes: int


class TimeView(Message):
    """What the completed activities of a case lasted, by the agent who owns them."""

    minutes: int
    agents: tuple[AgentTime, ...]
