"""Trying a draft on the cases of a past period. Nothing is written."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.auth import only
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from api.reference.common import MANAGERS, Key
from api.reference.definitions import Number
from desk.trying.routing import try_routing
from models.messages.api_trying import RoutingTried
from models.messages.base import GivenInstant

router = Router(tags=["definitions"])

Since = Annotated[GivenInstant, Query(alias="from", description="The period's beginning.")]
Until = Annotated[GivenInstant, Query(alias="to", description="Its end, which is not in it.")]


@router.post(
    "/routing-rule-sets/{key}/try",
    operation_id="try_routing_rule_set",
    response_model=RoutingTried,
    responses=responses(401, 403, 404, 422),
    summary="What it would have done with the routings of a past period",
    dependencies=only(*MANAGERS),
)
async def try_routing_rule_set(
    key: Key, house: HouseDep, since: Since, until: Until, version: Number = None
) -> RoutingTried:
    """Of the latest version, a draft if there is one, or of the one named. How many would go where, and each routing that
    would differ from what happened, with the clauses that decide it. Nothing is written."""
    return await try_routing(house.database, key, version, since, until)
