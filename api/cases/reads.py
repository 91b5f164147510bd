"""Reading cases: lists, one case, its timeline, promises and process. From SQL alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.caller import READ, Number
from api.dependencies import HouseDep, Now, etag
from api.problems import responses
from desk.queries.cases import DEFAULT_LIMIT, MAX_LIMIT, CaseFilter, list_cases, visible_view
from desk.queries.processes import process_view
from desk.queries.promises import sla_view
from desk.queries.timeline import timeline
from desk.queries.visibility import sight_of, visible_case
from desk.queries.walks import ORDERS
from desk.queries.why_assigned import AssignmentWhy, why_assigned
from desk.queries.why_promises import why_promises
from desk.services import workflow_link
from models.messages.api_case_views import CasePage, CaseView, SlaView, TimelinePage
from models.messages.api_process_views import ProcessView
from models.messages.api_promises import PromisesWhy
from models.messages.cases import CaseStatus, SlaState
from storage.fulltext.asking import LONGEST_QUERY

router = Router(tags=["cases"])

Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=600)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Word = Annotated[str | None, Query(max_length=63, min_length=1, pattern=r"^[^\x00]*$")]


@router.get("/cases", operation_id="list_cases", responses=responses(401, 403, 422), summary="List cases")
async def get_cases(
    house: HouseDep,
    identity: CaseWorker,
    queue: Annotated[Word, Query(description="Slug of a queue.")] = None,
    status: Annotated[list[CaseStatus] | None, Query(description="May be given several times.")] = None,
    owner: Annotated[Word, Query(description="Slug of an agent or team; `me`; `none`.")] = None,
    customer: Annotated[Word, Query(description="Slug or id of an account or contact.")] = None,
    priority: Word = None,
    sla: SlaState | None = None,
    q: Annotated[
        str | None,
        Query(
            max_length=LONGEST_QUERY,
            description="A case number; or words of the case, of a mail, note or activity of it, or of its customer.",
        ),
    ] = None,
    sort: Annotated[str, Query(description=f"One of: {', '.join(ORDERS)}.")] = "next_due",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> CasePage:
    """The cases that this identity may see. Without a deadline a case comes last by `next_due`."""
    wanted = CaseFilter(
        queue=queue, status=tuple(status or ()), owner=owner, customer=customer, priority=priority, sla=sla, q=q
    )
    async with house.database.read() as session:
        return await list_cases(session, house.definitions, identity, wanted, sort=sort, cursor=cursor, limit=limit)


@router.get("/cases/{number}", operation_id="read_case", responses=READ, summary="Read a case")
async def get_case(number: Number, house: HouseDep, identity: CaseWorker, response: Response) -> CaseView:
    async with house.database.read() as session:
        link = workflow_link(house, number.upper())
        view = await visible_view(session, house.definitions, identity, number.upper(), link)
    response.headers["ETag"] = etag(view.version)
    return view


@router.get("/cases/{number}/timeline", operation_id="read_case_timeline", responses=READ, summary="Read its timeline")
async def get_timeline(
    number: Number, house: HouseDep, identity: CaseWorker, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> TimelinePage:
    """The newest first, with emails and activities embedded."""
    async with house.database.read() as session:
        case = await visible_case(session, identity, number.upper())
        return await timeline(session, identity, case, house.definitions, cursor=cursor, limit=limit)


@router.get("/cases/{number}/sla", operation_id="read_case_sla", responses=READ, summary="Read its KPI instances")
async def get_sla(number: Number, house: HouseDep, identity: CaseWorker) -> SlaView:
    async with house.database.read() as session:
        return await sla_view(session, await visible_case(session, identity, number.upper()))


@router.get("/cases/{number}/process", operation_id="read_case_process", responses=READ, summary="Read its process")
async def get_process(number: Number, house: HouseDep, identity: CaseWorker) -> ProcessView:
    """The stages with what their data steps hold, and what is missing before the next one."""
    async with house.database.read() as session:
        case = await visible_case(session, identity, number.upper())
        return await process_view(session, case, house.definitions, identity)


@router.get(
    "/cases/{number}/why/assignment",
    operation_id="read_case_assignment",
    responses=READ,
    summary="Read why somebody got it, and who was passed over",
)
async def get_assignment(number: Number, house: HouseDep, identity: CaseWorker) -> AssignmentWhy:
    async with house.database.read() as session:
        return await why_assigned(session, identity, await visible_case(session, identity, number.upper()))


@router.get(
    "/cases/{number}/why/promises",
    operation_id="read_case_promises",
    responses=READ,
    summary="Read why its promises are due when they are",
)
async def get_promises(number: Number, house: HouseDep, identity: CaseWorker, now: Now) -> PromisesWhy:
    """Which item applied and why, the working time that counted, the holds that moved it, its active and held time."""
    async with house.database.read() as session:
        case = await visible_case(session, identity, number.upper())
        return await why_promises(session, house.definitions, await sight_of(session, identity), case, now)
