"""Whose token it is."""

from __future__ import annotations

from api.auth import Anybody
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from desk.queries import me
from models.messages.me import Me

router = Router(tags=["reference data"])


@router.get("/me", operation_id="read_me", responses=responses(401, 422), summary="Read whose token it is")
async def read_me(house: HouseDep, identity: Anybody) -> Me:
    """Their roles, queues, teams and load, as they are now."""
    async with house.database.read() as session:
        return await me.me(session, house.definitions, identity)
