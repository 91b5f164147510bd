"""Key figures: what there are, those of a day, one of a period, and the cases behind it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.reads import Cursor, Limit, Word
from api.dependencies import HouseDep, Now
from api.problems import responses
from desk.queries.figure_filters import FigureFilter
from desk.queries.key_figures import figure_cases, figure_list, figure_page, figure_view
from desk.queries.why_figures import figure_why
from letters.figure_table import as_csv
from models.messages.base import KEY, SLUG, GivenDay, GivenInstant
from models.messages.figures import CountedCases, FigureBy, FigureList, FigurePage, FigurePart, FigureView, FigureWhy

router = Router(tags=["figures"])

Name = Annotated[str, Path(pattern=SLUG, description="A figure, such as `first-response-time`.")]
Since = Annotated[GivenDay, Query(alias="from", description="The period's first day, in the organisation's time zone.")]
Until = Annotated[GivenDay, Query(alias="to", description="The day after its last one.")]
Slug = Annotated[str | None, Query(pattern=SLUG)]


class Form(StrEnum):
    JSON = "json"
    CSV = "csv"


def filters(
    queue: Annotated[Slug, Query(description="Slug of a queue.")] = None,
    agent: Annotated[Slug, Query(description="Slug of an agent.")] = None,
    channel: Word = None,
    customer: Annotated[str | None, Query(pattern=KEY, description="Slug or id of an account.")] = None,
    priority: Word = None,
    product: Slug = None,
    stage: Word = None,
    kind: Annotated[Word, Query(description="A KPI, a type of activity or resolution, a kind of survey.")] = None,
    outcome: Annotated[
        Word, Query(description="What became of it, such as `picked`, or `paused` of a promise.")
    ] = None,
    without: Annotated[FigureBy | None, Query(description="Only those that have none of this.")] = None,
) -> FigureFilter:
    return FigureFilter(
        queue=queue,
        agent=agent,
        channel=channel,
        customer=customer,
        priority=priority,
        product=product,
        stage=stage,
        kind=kind,
        outcome=outcome,
        without=without,
    )


Filters = Annotated[FigureFilter, Depends(filters)]
CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "The figure, or its lines as CSV"}
}


@router.get(
    "/figures/definitions",
    operation_id="list_figure_definitions",
    responses=responses(401, 403, 422),
    summary="What each figure counts",
)
async def get_definitions(_identity: CaseWorker) -> FigureList:
    return figure_list()


@router.get("/figures", operation_id="list_figures", responses=responses(401, 403, 422), summary="All figures of a day")
async def get_figures(
    house: HouseDep,
    identity: CaseWorker,
    now: Now,
    day: Annotated[
        GivenDay | None, Query(description="In the organisation's time zone; today, if none is given.")
    ] = None,
    by: Annotated[FigureBy | None, Query(description="`queue`, `agent`, `channel` or `priority`.")] = None,
) -> FigurePage:
    """Beside those of the day before. They are kept for each day, and follow what happens within a minute."""
    async with house.database.read() as session:
        return await figure_page(session, house.definitions, identity, day, by, now)


@router.get(
    "/figures/{name}",
    operation_id="read_figure",
    response_model=FigureView,
    responses={**CSV, **responses(401, 403, 404, 422)},
    summary="One figure of a period",
)
async def get_figure(
    name: Name,
    house: HouseDep,
    identity: CaseWorker,
    given: Filters,
    since: Since,
    until: Until,
    by: FigureBy | None = None,
    at: Annotated[
        GivenInstant | None, Query(description="Of the backlog: how it stood then, within the period.")
    ] = None,
    format: Form = Form.JSON,
) -> FigureView | Response:
    """Its value, beside that of the period before, which is as long; in groups, if `by` says so. An agent sees those of cases
    that they may see, and of agents only their own."""
    async with house.database.read() as session:
        found = await figure_view(session, house.definitions, identity, name, since, until, by, given, at)
    return _csv(f"{name}-{since}", as_csv([found])) if format is Form.CSV else found


@router.get(
    "/figures/{name}/cases",
    operation_id="list_figure_cases",
    responses=responses(401, 403, 404, 422),
    summary="The cases behind a figure",
)
async def get_figure_cases(
    name: Name,
    house: HouseDep,
    identity: CaseWorker,
    given: Filters,
    since: Since,
    until: Until,
    part: Annotated[
        FigurePart,
        Query(description="`numerator`, `denominator`: only those that it counts; `apart`: those in neither."),
    ] = FigurePart.ALL,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> CountedCases:
    """One line for each thing that the figure counts, the earliest first; the sum of all lines is the figure."""
    async with house.database.read() as session:
        return await figure_cases(
            session,
            house.definitions,
            identity,
            name,
            since,
            until,
            part=part,
            given=given,
            cursor=cursor,
            limit=limit,
        )


@router.get(
    "/figures/{name}/why",
    operation_id="explain_figure",
    responses=responses(401, 403, 404, 422),
    summary="Why a figure is what it is",
)
async def get_figure_why(
    name: Name, house: HouseDep, identity: CaseWorker, given: Filters, since: Since, until: Until
) -> FigureWhy:
    """The figure, its definition in words and in SQL, the filters and the time zone, how many cases are behind it; and the
    same figure counted anew from the rows of those cases, past all that is kept."""
    async with house.database.read() as session:
        return await figure_why(session, house.definitions, identity, name, since, until, given)


def _csv(name: str, text: str) -> Response:
    return Response(
        text.encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "X-Content-Type-Options": "nosniff"},
    )
