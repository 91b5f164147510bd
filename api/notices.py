"""One's own notices: of what, and how."""

from __future__ import annotations

from typing import Any

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from api.reference.common import Edits
from desk.own_notices import choose_notices, my_notices
from models.messages.notices import MyNotices, NoticeChoices
from models.messages.reference import CASE_ROLES, Role

router = Router(tags=["queues and ownership"])

TOLD = (*CASE_ROLES, Role.KNOWLEDGE_MANAGER)
"""Who works cases, and who reviews articles."""


@router.get(
    "/me/notices",
    operation_id="read_my_notices",
    responses=responses(401, 403, 422),
    summary="Read of what you are told by mail, and how",
    dependencies=only(*TOLD),
)
async def read_mine(house: HouseDep, identity: Anybody) -> MyNotices:
    """Every kind with the way in force: your own choice, else the organisation's default."""
    async with house.database.read() as session:
        return await my_notices(session, house.definitions, identity.agent_id)


@router.put(
    "/me/notices",
    operation_id="choose_my_notices",
    response_model=MyNotices,
    responses=responses(401, 403, 422),
    summary="Choose of what you are told by mail, and how",
    dependencies=only(*TOLD),
)
async def choose_mine(body: NoticeChoices, edits: Edits) -> Any:
    """`off`, `at-once`, or gathered: `hourly` or `daily`, in your time zone and working hours. All your choices: of a
    kind left out you are told as the organisation has it. You are never told of what you did yourself."""
    identity = edits.identity
    async with edits.edit() as edit:
        shown = await choose_notices(edit, edits.house.definitions, identity.slug, identity.agent_id, body)
        return edits.answered(shown, {})
