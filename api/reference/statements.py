"""The customer's statement of a contract, as figures, as a page that can be printed, and as a table."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query, Response

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep, Now
from api.problems import responses
from api.reference.common import Key
from desk.queries.visibility import sight_of
from desk.reference.entitlements import ENTITLEMENTS
from desk.statements import papers
from desk.statements.books import statement
from models.messages.base import GivenDay
from models.messages.reference import CASE_ROLES
from models.messages.statements import Statement, StatementLanguage

router = Router(prefix="/entitlements", tags=["reference data"])

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""A page that loads nothing and runs nothing."""


class Form(StrEnum):
    JSON = "json"
    HTML = "html"
    CSV = "csv"


First = Annotated[GivenDay | None, Query(alias="from", description="The first day; by default the contract's.")]
Last = Annotated[
    GivenDay | None, Query(alias="to", description="The last day; by default this one, or the contract's last.")
]
Wanted = Annotated[Form, Query(alias="format", description="`html` can be printed, `csv` is for spreadsheets.")]
Spoken = Annotated[StatementLanguage | None, Query(description="By default the customer's, if it is one of these.")]


@router.get(
    "/{key}/statement",
    operation_id="read_statement",
    response_model=Statement,
    responses={
        200: {"content": {"text/html": {}, "text/csv": {}}, "description": "The statement, in the wanted format"},
        **responses(401, 403, 404, 422),
    },
    summary="The customer's statement of a period: opening balance, movements with their cases, closing balance",
    dependencies=only(*CASE_ROLES),
)
async def read_statement(
    key: Key,
    house: HouseDep,
    identity: Anybody,
    now: Now,
    first: First = None,
    last: Last = None,
    wanted: Wanted = Form.JSON,
    language: Spoken = None,
) -> Any:
    """Days are those of the customer's clock. Movements add up to the balance, so none is left out; a case that the caller
    may not know of is not named."""
    async with house.database.read() as session:
        row = await ENTITLEMENTS.row(session, key)
        sight = await sight_of(session, identity)
        made = await statement(session, row, first=first, last=last, language=language, now=now, sight=sight)
    match wanted:
        case Form.HTML:
            return Response(papers.page(made), media_type="text/html", headers={"Content-Security-Policy": POLICY})
        case Form.CSV:
            name = f"{made.entitlement}-{_day(made.first)}-{_day(made.last)}.csv"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(papers.table(made), media_type="text/csv", headers=headers)
        case Form.JSON:
            return made


def _day(value: date) -> str:
    return value.isoformat()
