"""Errors as `application/problem+json` (RFC 9457), in one place: no route writes one, none leaks a trace.

An error of ours is logged here and nowhere else: by its kind and the frames that it came through. Its own words may hold what a
customer wrote, and go no further.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from api.labels import method_of, route_of
from api.parameters import WrongParameter, is_parameter
from api.stray import takes_body
from desk.answered import Replayed
from desk.errors import Conflict, DeskError, Invalid, Stale, Unauthenticated
from desk.refusals import Faulted
from models.messages.base import sentence
from models.messages.faults import faults_of, pointed
from models.messages.storable import Unstorable, path_text
from storage.errors import frames_of, is_away, name_of
from storage.files import StoreUnavailable

REPLAY = "Idempotent-Replay"
"""The header of an answer that was given before."""
MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """One wrong field: a JSON pointer into the body (RFC 6901), or the name of a parameter or header; and the rule."""

    field: str
    rule: str


class Problem(BaseModel):
    """RFC 9457. `type` is stable: programs decide on it, people read `detail`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/case-not-active",
                    "title": "The state forbids it",
                    "status": 409,
                    "detail": "The case is resolved.",
                    "instance": "/api/v1/cases/CAS-01042-A1B2C3/pick",
                    "allowed": ["reactivate", "note"],
                }
            ]
        }
    )
    type: str
    title: str
    status: int
    detail: str
    instance: str
    allowed: list[str] | None = Field(default=None, description="409: what the state would allow instead")
    missing: list[str] | None = Field(default=None, description="409: what is still needed")
    errors: list[FieldError] | None = Field(default=None, description="422: each wrong field")
    version: int | None = Field(default=None, description="412: the present version")
    incident: str | None = Field(default=None, description="500 fault: the incident that operators see")


def problem(
    request: Request,
    status: int,
    type: str,
    title: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    shown = Problem(
        # Not the URL, which is put together from a Host header that anybody may write.
        type=f"/problems/{type}",
        title=title,
        status=status,
        detail=detail,
        instance=request.scope["path"],
        **members,
    )
    content = shown.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses of a route, for its description."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}}
        for status in sorted(statuses)
    }


def install(app: FastAPI) -> None:
    app.add_exception_handler(DeskError, _desk_error)
    app.add_exception_handler(Replayed, _replayed)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(Unstorable, _unstorable)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(ConnectionError, _database_error)
    app.add_exception_handler(StoreUnavailable, _store_error)
    app.add_exception_handler(Exception, fault)


async def _replayed(request: Request, error: Exception) -> Response:
    """What the request was answered before."""
    assert isinstance(error, Replayed)  # noqa: S101 - how Starlette calls handlers
    headers = {**error.answer.headers, REPLAY: "true"}
    status = request.scope["route"].status_code or 200
    if status == HTTPStatus.NO_CONTENT:
        return Response(status_code=status, headers=headers)
    return JSONResponse(error.answer.body, status_code=status, headers=headers)


async def _desk_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DeskError)  # noqa: S101 - how Starlette calls handlers
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    match error:
        case Conflict():
            members = {"allowed": list(error.allowed) or None, "missing": list(error.missing) or None}
        case Invalid():
            members = {"errors": [FieldError(field=_place(request, error), rule=error.rule)]}
        case Stale():
            members = {"version": error.version}
            headers["ETag"] = f'"v{error.version}"'
        case Faulted():
            members = {"incident": str(error.incident) if error.incident else None}
        case Unauthenticated():
            headers["WWW-Authenticate"] = "Bearer"
        case _:
            if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                headers["Retry-After"] = "5"
    return problem(request, error.status, error.type, error.title, error.detail, headers=headers, **members)


def _place(request: Request, error: Invalid) -> str:
    if error.path:
        return pointer_to(error.path)
    # Of a request without a body it is a parameter, or a place in what it is about, as of a contract that is to be renewed.
    named = isinstance(error, WrongParameter) or (not takes_body(request) and is_parameter(request, error.field))
    return error.field if named else pointer(error.field)


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - how Starlette calls handlers
    found = error.errors()
    if any(each["type"] == "missing" and each["loc"] == ("body",) for each in found):
        return _wrong_body(request, [("", FieldError(field="", rule="this request needs a body"))])
    in_body = [{**each, "loc": each["loc"][1:]} for each in found if each["loc"][0] == "body"]
    # Of a parameter that may be given several times the place within them tells nobody anything.
    elsewhere = [(str(each["loc"][1]), each) for each in found if each["loc"][0] != "body"]
    wrong = [(place, FieldError(field=place, rule=_rule(each))) for place, each in elsewhere]
    wrong += [
        (path_text(path), FieldError(field=pointer_to(pointed(path, rule, error.body)), rule=rule))
        for path, rule in faults_of(in_body, error.body)
    ]
    return _wrong_body(request, wrong[:50] or [("", FieldError(field="", rule="the body is wrong"))])


async def _unstorable(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Unstorable)  # noqa: S101 - how Starlette calls handlers
    place = pointer_to(error.path) if error.path else pointer(error.field)
    return _wrong_body(request, [(error.field, FieldError(field=place, rule=error.rule))])


def _wrong_body(request: Request, wrong: Sequence[tuple[str, FieldError]]) -> JSONResponse:
    """422: each wrong field by its place as people read it, and as a pointer. Never the value: it belongs in no log."""
    place, first = wrong[0]
    detail = f"{place}: {first.rule}" if place else first.rule
    return problem(request, 422, "invalid", "The request is wrong", detail, errors=[each for _, each in wrong])


def pointer(field: str) -> str:
    """`rules[1].queue` as `/rules/1/queue`; a header or parameter stays as it is."""
    if not field or field[0].isupper():
        return field
    if field.startswith("data."):
        # A data step's name has a point of its own: `data.custom.cause`.
        return pointer_to(("data", field.removeprefix("data.")))
    return pointer_to(field.replace("[", ".").replace("]", "").split("."))


def pointer_to(path: Iterable[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _rule(error: Mapping[str, Any]) -> str:
    return sentence(error)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - how Starlette calls handlers
    status = HTTPStatus(error.status_code)
    known = {
        404: "there is no such address",
        405: "this method is not offered here",
        413: "the request is too large",
        415: "send the body as Content-Type: application/json",
    }
    detail = known.get(error.status_code) or str(error.detail)
    slug = status.phrase.lower().replace(" ", "-")
    return problem(request, status, slug, status.phrase, detail, headers=dict(error.headers or {}))


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    if not is_away(error):
        return await fault(request, error)
    log.error("database", error=name_of(error))
    detail = "the database does not answer; try again"
    return problem(
        request, 503, "database-unavailable", "The database does not answer", detail, headers={"Retry-After": "5"}
    )


async def _store_error(request: Request, error: Exception) -> JSONResponse:
    log.error("file store", error=str(error))
    detail = "the file cannot be kept now, because the disk of the house takes nothing; try again later"
    return problem(request, 503, "storage-unavailable", "Nothing can be kept", detail, headers={"Retry-After": "30"})


async def fault(request: Request, error: Exception) -> JSONResponse:
    """500, and the one line that is logged of it."""
    log.error(
        "fault",
        id=request.scope.get("state", {}).get("request_id"),
        method=method_of(request.scope),
        route=route_of(request.scope),
        error=name_of(error),
        at=frames_of(error),
    )
    detail = "something went wrong on our side; it has been logged"
    return problem(request, 500, "internal", "Internal error", detail)
