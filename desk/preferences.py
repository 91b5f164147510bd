"""What people who work in the console have set for themselves: zone, language, and how the composer and the keys behave."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.shortcuts import USUAL, Shortcut, clashes_of, is_key, keys_of
from models.messages.base import Message
from models.messages.calendars import ZoneName
from models.messages.languages import Language
from models.messages.reading_back import read_back
from models.records.entering import AgentPreferences
from models.records.reference import Agent


class AfterSend(StrEnum):
    """Where one is after a reply has gone."""

    STAY = "stay"
    NEXT = "next"
    LIST = "list"


class Preferences(Message):
    """Defaults are what somebody has who never opened the page."""

    time_zone: ZoneName | None = None
    """In which pages show instants; none: the agent's in the organisation, else the organisation's."""
    language: Language | None = None
    """Of the pages; none: what the browser asks for."""
    undo_seconds: int = Field(default=10, ge=10, le=120)
    """How long a reply waits before it leaves, so that it can be taken back."""
    after_send: AfterSend = AfterSend.STAY
    keys: bool = True
    """Single characters act as shortcuts (WCAG 2.1.4: they can be switched off)."""
    own_keys: dict[Shortcut, str] = Field(default_factory=dict)
    """The characters of those shortcuts that are not the usual ones (WCAG 2.1.4: they can be changed)."""
    sound: bool = False
    """A notice is heard."""
    oldest_first: bool = False
    """Timelines run downwards in time, with the newest at their end."""

    @field_validator("own_keys")
    @classmethod
    def _one_character_each(cls, chosen: dict[Shortcut, str]) -> dict[Shortcut, str]:
        own = {does: key.lower() for does, key in chosen.items() if key.lower() != USUAL[does]}
        if not all(map(is_key, own.values())):
            raise ValueError("each key is one character")
        if clashes_of(keys_of(own)):
            raise ValueError("no two keys have the same character")
        return own


async def preferences_of(session: AsyncSession, agent_id: UUID) -> Preferences:
    row = await session.get(AgentPreferences, agent_id)
    return Preferences() if row is None else read_back(Preferences, row.body)


async def save_preferences(session: AsyncSession, agent_id: UUID, wanted: Preferences, *, now: datetime) -> None:
    """All of them, in the place of those before."""
    agent = await session.get_one(Agent, agent_id)
    row = await session.get(AgentPreferences, agent_id, with_for_update=True)
    before = (Preferences() if row is None else read_back(Preferences, row.body)).model_dump(mode="json")
    after = wanted.model_dump(mode="json")
    if before == after:
        return
    if row is None:
        session.add(AgentPreferences(agent_id=agent_id, body=after))
    else:
        row.body = after
    audit.record(session, now, agent.slug, "agent", agent.slug, "preferences", audit.difference(before, after))
    await session.flush()
