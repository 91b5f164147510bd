"""For operators and administrators: addresses that get no mail, because they are dead or somebody said so."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Response

from api.auth import only
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from api.reference.common import CREATE, MANAGERS, VERB, Cursor, Edits, Limit, Page, page
from desk import suppressions
from models.messages.suppressions import SuppressionBody, SuppressionView

router = Router(prefix="/suppressions", tags=["operators"], dependencies=only(*MANAGERS))

# Without control characters, and no longer than an address can be (RFC 5321 4.5.3.1).
Asked = Annotated[str | None, Query(description="Only this address.", max_length=320, pattern=r"^[^\x00-\x1f]*$")]
Address = Annotated[str, Path(description="The address.", max_length=320, pattern=r"^[^\x00-\x1f]+$")]


@router.get(
    "",
    operation_id="list_suppressions",
    response_model=Page[SuppressionView],
    responses=responses(401, 403, 422),
    summary="Addresses that get no mail, the oldest entry first",
)
async def list_suppressions(house: HouseDep, address: Asked = None, cursor: Cursor = None, limit: Limit = 50) -> Any:
    async with house.database.read() as session:
        items, following = await suppressions.listed(session, address=address, after=cursor, limit=limit)
    return page(items, following)


@router.post(
    "",
    operation_id="add_suppression",
    status_code=201,
    response_model=SuppressionView,
    responses=CREATE,
    summary="Send no more mail to an address",
)
async def add_suppression(body: SuppressionBody, edits: Edits) -> Any:
    """409 `already-suppressed`: it is on the list."""
    async with edits.edit() as edit:
        return edits.answered(await suppressions.add(edit.session, edits.identity, body, edit.now), {})


@router.delete(
    "/{address:path}",
    operation_id="lift_suppression",
    status_code=204,
    responses=VERB,
    summary="Send mail to an address again",
)
async def lift_suppression(address: Address, edits: Edits) -> Response:
    """Until its next hard bounce."""
    async with edits.edit() as edit:
        await suppressions.lift(edit.session, edits.identity, address, edit.now)
        edits.answered(None, {})
    return Response(status_code=204)
