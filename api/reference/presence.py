"""Presence: agents say whether they are there, and managers say it of others. Queues that assign by themselves hear of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.auth import only
from api.bodies import Router
from api.problems import responses
from api.reference.common import MANAGERS, VERB, Edits, Key
from desk.presence import set_presence, tell_queues
from models.messages.assignment import Presence, PresenceBody
from models.messages.base import Instant, Message
from models.messages.reference import CASE_ROLES

router = Router(tags=["queues and ownership"])


class PresenceView(Message):
    """What an agent said last, and when; how many cases they work on, and may work on."""

    agent: str
    presence: Presence
    presence_on: Instant | None
    load: int
    capacity: int | None


@router.put(
    "/me/presence",
    operation_id="set_my_presence",
    response_model=PresenceView,
    responses=responses(401, 403, 422),
    summary="Say whether you are there",
    dependencies=only(*CASE_ROLES),
)
async def set_mine(body: PresenceBody, edits: Edits) -> Any:
    """Queues that assign by themselves give cases to those who are there: as a rule, who is `online`."""
    house = edits.house
    async with edits.edit() as edit:
        shown = await set_presence(edit, edits.identity.slug, body.presence)
        edits.afterwards(partial(tell_queues, house.database, house.definitions, house.client, edits.identity.slug))
        return edits.answered(shown, {})


@router.put(
    "/agents/{key}/presence",
    operation_id="set_presence",
    response_model=PresenceView,
    responses=VERB,
    summary="Say whether an agent is there",
    dependencies=only(*MANAGERS),
)
async def set_of_agent(key: Key, body: PresenceBody, edits: Edits) -> Any:
    house = edits.house
    async with edits.edit() as edit:
        shown = await set_presence(edit, key, body.presence)
        edits.afterwards(partial(tell_queues, house.database, house.definitions, house.client, shown["agent"]))
        return edits.answered(shown, {})
