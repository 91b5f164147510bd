"""The one search of the house."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.auth import Anybody
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from desk.queries.search import DEFAULT_LIMIT, MAX_LIMIT, SearchFilter, search
from models.messages.api_search import SearchKind, SearchPage
from models.messages.base import GivenInstant
from models.messages.cases import CaseStatus
from policies.activities import unreadable
from storage.fulltext.asking import LONGEST_QUERY

router = Router(tags=["search"])


@router.get(
    "/search",
    operation_id="search",
    responses=responses(401, 403, 422),
    summary="Search cases, mails, notes, activities, customers and articles",
)
async def get_search(
    house: HouseDep,
    identity: Anybody,
    q: Annotated[
        str, Query(max_length=LONGEST_QUERY, description="Words, all of which must be there in some form; a number.")
    ],
    kind: Annotated[list[SearchKind] | None, Query(description="May be given several times.")] = None,
    queue: Annotated[
        str | None, Query(max_length=63, min_length=1, pattern=r"^[^\x00]*$", description="Of cases in this queue.")
    ] = None,
    status: Annotated[list[CaseStatus] | None, Query(description="Of such cases. May be given several times.")] = None,
    since: Annotated[GivenInstant | None, Query(alias="from", description="Made or come then or later.")] = None,
    until: Annotated[GivenInstant | None, Query(alias="to", description="Made or come before.")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", max_length=600)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> SearchPage:
    """What matches in its title comes first; of each, the newest first. Nobody finds what they may not see."""
    async with house.database.read() as session:
        organisation = await house.definitions.organisation(session)
        hidden = unreadable(organisation.activity_details, identity.roles)
        wanted = SearchFilter(tuple(kind or ()), queue, tuple(status or ()), since, until, hidden)
        return await search(session, identity, q, wanted, cursor=cursor, limit=limit)
