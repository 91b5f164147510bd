"""The way from a case back to the list that one came from, and on to the cases beside it there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from console.list_address import read_query
from console.staff import Staff
from console.visitor import Visitor
from desk.errors import Invalid
from desk.queries.neighbours import neighbours

FROM, AT = "from", "at"
"""Parameters of a case's address: the query of the list's address, and the place of the case's row in it."""


@dataclass(frozen=True, slots=True)
class Way:
    """Addresses: of the list, at the row that one left, and of the cases before and after it; None at an end of the list."""

    back: str
    previous: str | None
    next: str | None


def case_address(number: str, query: str, place: str) -> str:
    """Of a case, from a row of a list."""
    return f"/cases/{number}?{urlencode({FROM: query, AT: place})}"


async def way_of(staff: Staff, request: Request, me: Visitor, number: str) -> Way | None:
    """None if one has come from no list, or from none that can be read any more."""
    query, place = request.query_params.get(FROM), request.query_params.get(AT)
    if query is None or place is None:
        return None
    try:
        address = read_query(query)
        async with staff.database.read() as session:
            beside = await neighbours(session, staff.definitions, me.identity, address.wanted, place, number, me.now)
    except Invalid:
        return None
    before, after = (
        None if each is None else case_address(each[0], address.query, each[1])
        for each in (beside.previous, beside.next)
    )
    return Way(f"{address}#case-{number}", before, after)
