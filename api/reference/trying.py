"""Trying a draft on the cases and mails of a past period. Nothing is written."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from api.auth import only
from api.bodies import Router
from api.dependencies import HouseDep, Now
from api.problems import responses
from api.progress import LINES, answered
from api.reference.common import MANAGERS, Key
from api.reference.definitions import Number
from desk.trying.creation import try_creation
from desk.trying.routing import try_routing
from desk.trying.slas import try_sla
from models.messages.api_trying import CreationTried, RoutingTried, SlaTried
from models.messages.base import SLUG, GivenInstant

router = Router(tags=["definitions"])

Since = Annotated[GivenInstant, Query(alias="from", description="The period's beginning.")]
Instead = Annotated[
    str | None,
    Query(pattern=SLUG, description="The SLA on whose cases it is tried, instead of its own."),
]
Until = Annotated[GivenInstant, Query(alias="to", description="Its end, which is not in it.")]


@router.post(
    "/routing-rule-sets/{key}/try",
    operation_id="try_routing_rule_set",
    response_model=RoutingTried,
    responses={**LINES, **responses(401, 403, 404, 422)},
    summary="What it would have done with the routings of a past period",
    dependencies=only(*MANAGERS),
)
async def try_routing_rule_set(
    request: Request, key: Key, house: HouseDep, since: Since, until: Until, version: Number = None
) -> RoutingTried | Response:
    """Of the latest version, a draft if there is one, or of the one named. How many would go where, and each routing that
    would differ from what happened, with the clauses that decide it. Nothing is written."""
    return await answered(request, lambda tell: try_routing(house.database, key, version, since, until, tell=tell))


@router.post(
    "/record-creation-rules/{key}/try",
    operation_id="try_record_creation_rule",
    response_model=CreationTried,
    responses={**LINES, **responses(401, 403, 404, 422)},
    summary="What it would have made of the mails of a past period",
    dependencies=only(*MANAGERS),
)
async def try_record_creation_rule(
    request: Request, key: Key, house: HouseDep, since: Since, until: Until, version: Number = None
) -> CreationTried | Response:
    """Of the latest version, a draft if there is one, or of the one named; on all mails to the rule's queue that a rule
    decided about, those of existing cases too. How many would open, wait, be filed, joined, and each mail of which something
    else would become, with the clauses that decide it. Nothing is written."""
    return await answered(request, lambda tell: try_creation(house.database, key, version, since, until, tell=tell))


@router.post(
    "/slas/{key}/try",
    operation_id="try_sla",
    response_model=SlaTried,
    responses={**LINES, **responses(401, 403, 404, 422)},
    summary="What it would have promised the cases of a past period",
    dependencies=only(*MANAGERS),
)
async def try_sla_on_past(
    request: Request,
    key: Key,
    house: HouseDep,
    now: Now,
    since: Since,
    until: Until,
    version: Number = None,
    instead_of: Instead = None,
) -> SlaTried | Response:
    """Of the latest version, a draft if there is one, or of the one named; on the cases that were opened in the period and
    had this SLA, or the one that `instead_of` names. Each lives its life once more: which item applies, by which calendar it
    is due, what pauses it, whether it is kept or missed, and each promise that would differ. Nothing is written."""
    return await answered(
        request,
        lambda tell: try_sla(house.database, key, version, since, until, now, instead_of, tell=tell),
    )
