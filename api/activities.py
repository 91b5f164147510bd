"""Activities by themselves: those of cases, which their cases write, and those that belong to none yet (domain 9)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response

from api.auth import CaseWorker, only
from api.bodies import Router
from api.cases.caller import COMMAND, READ, Caller, Calls, Number
from api.dependencies import HouseDep, Now
from api.problems import REPLAY, responses
from api.reference.common import Cursor, Editor, Edits, Limit
from desk import activities as desk
from desk import activity_creation as creation
from desk.commands import body_hash
from desk.queries import activities as queries
from desk.queries.visibility import visible_case
from models.messages.api_activities import (
    AssignActivityBody,
    ChangeActivityBody,
    CloseActivityBody,
    ConvertActivityBody,
    NewActivityBody,
)
from models.messages.api_activity_views import ActivityItem, ActivityPage, TimeView
from models.messages.api_case_views import CaseView
from models.messages.api_cases import stored
from models.messages.base import CASE_NUMBER, GivenInstant
from models.messages.cases import CommandKind
from models.messages.reference import CASE_ROLES
from policies.activities import CANCELLED, COMPLETED

router = Router(tags=["activities"], dependencies=only(*CASE_ROLES))

Slug = Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,63}$")]
Case = Annotated[str | None, Query(pattern=CASE_NUMBER, description="A case's number; `none`: of no case.")]
LIST = responses(401, 403, 422)


@router.get("/activities", operation_id="list_activities", responses=LIST, summary="Activities, the oldest first")
async def list_activities(
    house: HouseDep,
    identity: CaseWorker,
    status: Literal["open", "completed", "cancelled"] | None = None,
    kind: Slug = None,
    owner: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,63}$", description="A slug, `me` or `none`.")] = None,
    case: Case = None,
    due_before: Annotated[GivenInstant | None, Query()] = None,
    due_after: Annotated[GivenInstant | None, Query()] = None,
    customer: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9-]{1,63}$", description="A slug or id.")] = None,
    queue: Slug = None,
    outcome: Literal["opened", "kept"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ActivityPage:
    """Those of cases that you may see, and those of no case; without types that your role may not read. `outcome`: what a record
    creation rule made of them."""
    async with house.database.read() as session:
        found = await queries.activities(
            session,
            identity,
            await house.definitions.organisation(session),
            status=status,
            kind=kind,
            owner=owner,
            case=case,
            due_before=due_before,
            due_after=due_after,
            customer=customer,
            queue=queue,
            outcome=outcome,
            after=cursor,
            limit=limit + 1,
        )
    following = str(found[limit - 1].id) if len(found) > limit else None
    return ActivityPage(items=tuple(found[:limit]), next=following)


@router.post(
    "/activities",
    operation_id="add_activity_without_case",
    status_code=201,
    response_model=ActivityItem,
    responses=COMMAND,
    summary="Add an activity that belongs to no case yet",
)
async def add_activity(body: NewActivityBody, caller: Calls, edits: Edits, response: Response) -> Any:
    """A record creation rule of its queue or type may make a case of it at once: then it is that case's."""
    house, identity = edits.house, edits.identity
    async with house.database.read() as session:
        if edits.once is not None:
            await edits.once.look(session)
        organisation = await house.definitions.organisation(session)
        arrival = await creation.look_at(session, identity, house.definitions, organisation, body, edits.now)
        known = await creation.opened_before(session, identity, caller.key)
    if not arrival.opens and not known:
        async with edits.edit() as edit:
            id = await desk.add(edit, identity, organisation, body, arrival.kept)
            return await _edited(edits, edit.session, id, location=True)
    opening = creation.Opening(identity, organisation, body, arrival, edits.now)
    asked = body_hash("", "add-activity", stored(body))
    opened = await caller.desk.openings.open(
        identity, opening.case, edits.now, key=caller.key, asked=asked, also=opening.activity
    )
    if opened.replayed:
        response.headers[REPLAY] = "true"
    async with house.database.read() as session:
        item = await queries.activity(
            session, identity, organisation, await creation.activity_of(session, opened.number)
        )
    response.headers.update({"ETag": f'"v{item.version}"', "Location": f"/api/v1/activities/{item.id}"})
    return item


@router.get("/activities/{id}", operation_id="read_activity", responses=READ, summary="Read an activity")
async def read_activity(id: UUID, house: HouseDep, identity: CaseWorker) -> ActivityItem:
    async with house.database.read() as session:
        return await queries.activity(session, identity, await house.definitions.organisation(session), id)


@router.patch(
    "/activities/{id}",
    operation_id="change_activity",
    response_model=ActivityItem,
    responses=COMMAND,
    summary="Change an activity",
)
async def change_activity(id: UUID, body: ChangeActivityBody, caller: Calls, edits: Edits) -> Any:
    """If-Match, if it is given, is the version of its case, or its own if it belongs to none."""
    return await _change(id, body, caller, edits)


@router.post(
    "/activities/{id}/assign",
    operation_id="assign_activity",
    response_model=ActivityItem,
    responses=COMMAND,
    summary="Give an activity to an agent",
)
async def assign_activity(id: UUID, body: AssignActivityBody, caller: Calls, edits: Edits) -> Any:
    return await _change(id, ChangeActivityBody(owner=body.agent), caller, edits)


async def _change(id: UUID, body: ChangeActivityBody, caller: Caller, edits: Editor) -> Any:
    number = await _case_of(caller, id)
    if number is not None:
        answer = await caller.does(number, CommandKind.CHANGE_ACTIVITY, body, target_id=id)
        return answer if isinstance(answer, Response) else await read_activity(id, caller.house, caller.identity)
    async with edits.edit() as edit:
        organisation = await edits.house.definitions.organisation(edit.session)
        await desk.change(edit, edits.identity, organisation, id, body, caller.version)
        return await _edited(edits, edit.session, id)


@router.post(
    "/activities/{id}/complete",
    operation_id="complete_activity",
    response_model=CaseView | ActivityItem,
    responses=COMMAND,
    summary="Complete an activity",
)
async def complete_activity(id: UUID, caller: Calls, edits: Edits, body: CloseActivityBody | None = None) -> Any:
    """The answer is its case, or the activity itself if it belongs to none."""
    return await _close(id, COMPLETED, CommandKind.COMPLETE_ACTIVITY, body, caller, edits)


@router.post(
    "/activities/{id}/cancel",
    operation_id="cancel_activity",
    response_model=CaseView | ActivityItem,
    responses=COMMAND,
    summary="Cancel an activity",
)
async def cancel_activity(id: UUID, caller: Calls, edits: Edits, body: CloseActivityBody | None = None) -> Any:
    return await _close(id, CANCELLED, CommandKind.CANCEL_ACTIVITY, body, caller, edits)


async def _close(
    id: UUID, status: str, kind: CommandKind, body: CloseActivityBody | None, caller: Caller, edits: Editor
) -> Any:
    body = body or CloseActivityBody()
    number = await _case_of(caller, id)
    if number is not None:
        return await caller.does(number, kind, body, target_id=id)
    async with edits.edit() as edit:
        organisation = await edits.house.definitions.organisation(edit.session)
        await desk.close(edit, edits.identity, organisation, id, status, body, caller.version)
        return await _edited(edits, edit.session, id)


@router.post(
    "/activities/{id}/convert",
    operation_id="convert_activity",
    status_code=201,
    response_model=CaseView,
    responses=COMMAND,
    summary="Make a case of an activity",
)
async def convert_activity(
    id: UUID, caller: Calls, now: Now, response: Response, body: ConvertActivityBody | None = None
) -> CaseView:
    """Its title, description and customer are carried over, and it is the case's from then on. 409 `activity-has-case`:
    it belongs to one already."""
    body = body or ConvertActivityBody()
    house, identity = caller.house, caller.identity
    async with house.database.read() as session:
        organisation = await house.definitions.organisation(session)
        await queries.activity(session, identity, organisation, id)
    new = partial(desk.case_of, id=id, body=body, version=caller.version)
    asked = body_hash(str(id), "convert", stored(body))
    also = partial(desk.become, id=id, identity=identity, organisation=organisation, body=body, now=now)
    opened = await caller.desk.openings.open(identity, new, now, key=caller.key, asked=asked, also=also)
    response.headers["Location"] = f"/api/v1/cases/{opened.number}"
    return await caller.shows_case(opened.number, replayed=opened.replayed)


@router.get("/cases/{number}/time", operation_id="read_case_time", responses=READ, summary="The time spent on a case")
async def read_case_time(number: Number, house: HouseDep, identity: CaseWorker) -> TimeView:
    """By agent. Time is entered as an activity that is `completed` already, with its `duration_minutes`."""
    async with house.database.read() as session:
        return await queries.time_view(session, await visible_case(session, identity, number.upper()))


async def _case_of(caller: Caller, id: UUID) -> str | None:
    async with caller.house.database.read() as session:
        return await desk.case_written(
            session, caller.identity, await caller.house.definitions.organisation(session), id
        )


async def _edited(edits: Editor, session: Any, id: UUID, *, location: bool = False) -> Any:
    organisation = await edits.house.definitions.organisation(session)
    item = await queries.activity(session, edits.identity, organisation, id)
    where = f"/activities/{id}" if location else None
    return edits.tagged(item.model_dump(), f'"v{item.version}"', location=where)
