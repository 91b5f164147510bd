"""What follows from SLAs and calendars before, and after, they change: when a promise would be due, and what would move."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request

from api.auth import CaseWorker, only
from api.bodies import Router
from api.cases.caller import ACCEPTED
from api.cases.many import Many
from api.dependencies import DeskDep, HouseDep, Now
from api.dependencies import Key as IdempotencyKey
from api.problems import responses
from api.reference.common import MANAGERS, VERB, Edits, Key
from api.reference.definitions import Number
from api.reference.views import DefinitionView
from desk.errors import Invalid
from desk.recomputing import Recomputing
from desk.reference import definitions
from desk.reference.definitions import etag
from desk.trying.due import due
from models.messages.api_operations import Operation
from models.messages.api_promises import DueBody, DuePreview, RecomputePreview
from models.messages.calendars import Calendar
from models.messages.holiday_files import HolidayFileError, holidays_in

router = Router(tags=["definitions"])


class ImportedHolidays(DefinitionView[Calendar]):
    """The calendar with the days of the file."""

    left_out: tuple[str, ...]
    """Events that are no holidays, each with its line and its name."""


Preview = Annotated[bool, Query(description="Only say what would move.")]
_FILE = {
    "requestBody": {"required": True, "content": {"text/calendar": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "/slas/{key}/due",
    operation_id="preview_due",
    responses=responses(401, 403, 404, 422),
    summary="When its promises would be due of a case that there is not",
    dependencies=only(*MANAGERS),
)
async def preview_due(key: Key, body: DueBody, house: HouseDep, version: Number = None) -> DuePreview:
    """By the version named, or the active one, or else the latest: each promise with the item that applies and why, and the
    working time that counts. Nothing is written."""
    async with house.database.read() as session:
        return await due(session, house.definitions, key, version, body)


@router.post(
    "/calendars/{key}/recompute",
    operation_id="recompute_calendar",
    response_model=RecomputePreview | Operation,
    responses={**ACCEPTED, **responses(401, 403, 404, 409, 422, 503)},
    summary="Let the running promises follow the calendar's version in force",
    dependencies=only(*MANAGERS),
)
async def recompute_calendar(
    key: Key,
    many: Many,
    house: HouseDep,
    desk: DeskDep,
    identity: CaseWorker,
    idempotency: IdempotencyKey,
    now: Now,
    preview: Preview = False,
) -> RecomputePreview | Operation:
    """Promises keep the version that they began with until somebody asks for this. With `preview` it lists each that would
    move, with its old and new deadlines, and writes nothing. Without, an operation moves them, each case once."""
    recomputing = Recomputing(house.database, house.definitions, desk.bulk)
    if preview:
        return await recomputing.preview(key, now)
    asked = await recomputing.ask(identity, key, now, asked_by=idempotency)
    return await many.shows(asked)


@router.post(
    "/calendars/{key}/holidays",
    operation_id="import_holidays",
    response_model=ImportedHolidays,
    responses=VERB,
    openapi_extra=_FILE,
    summary="Add the holidays of an iCalendar file",
    dependencies=only(*MANAGERS),
)
async def import_holidays(key: Key, request: Request, edits: Edits) -> Any:
    """To the latest draft, or to a new one, which is to be put in force. A day that is listed already stays as it is. Events with
    a time of day are no holidays: `left_out` names them."""
    left_out: list[str] = []
    try:
        found = holidays_in((await request.body()).decode(), left_out)
    except UnicodeDecodeError:
        raise Invalid("", "the file is not UTF-8") from None
    except HolidayFileError as error:
        raise Invalid("", str(error)) from None
    async with edits.edit() as edit:
        item = await definitions.add_holidays(edit, key, found)
        return edits.tagged({**item.shown, "left_out": left_out}, etag(item))
