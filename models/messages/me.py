"""What a token's agent reads of themselves."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from models.messages.base import Message
from models.messages.languages import StoredLanguage
from models.messages.reference import Role


class Membership(StrEnum):
    OWNER = "owner"
    MEMBER = "member"


class MyTeam(Message):
    slug: str
    name: str


class MyQueue(Message):
    """An active queue that its reader may see. `membership` is null where they neither own nor belong to it."""

    slug: str
    name: str
    private: bool
    membership: Membership | None


class Me(Message):
    """Whose token it is. `roles` are the token's, `held` all that the agent holds; `load` of `capacity` cases are worked on,
    any number where that is null; `time_zone` and `language` are the organisation's where the agent has none."""

    id: UUID
    slug: str
    name: str
    email: str
    roles: tuple[Role, ...]
    held: tuple[Role, ...]
    queues: tuple[MyQueue, ...]
    teams: tuple[MyTeam, ...]
    load: int
    capacity: int | None
    time_zone: str
    language: StoredLanguage
