"""One request that commands a case: who asks, with which key and version, and how the answer is put."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Response
from fastapi.responses import JSONResponse

from api.auth import CaseWorker
from api.dependencies import DeskDep, HouseDep, IfMatch, Key, Services, WiredHouse, etag, workflow_link
from api.problems import REPLAY, responses
from desk.commands import CommandAnswer
from desk.identity import Identity
from desk.queries.cases import case_view, visible_view
from models.messages.api_case_views import CaseView, Made, Operation
from models.messages.base import Message
from models.messages.cases import CommandKind

Number = Annotated[
    str, Path(description="The case number.", examples=["CAS-01042-A1B2C3"], pattern=r"^[A-Za-z0-9-]{1,30}$")
]

ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": Operation, "description": "It takes over 5 s: ask for the operation at Location"}
}
READ = responses(401, 403, 404, 422)
COMMAND = {**ACCEPTED, **responses(401, 403, 404, 409, 412, 422, 503)}
"""What every command may answer beside its own success."""


class Caller:
    """Sends one request's command, and shows what became of it."""

    def __init__(
        self,
        response: Response,
        house: WiredHouse,
        desk: Services,
        identity: Identity,
        key: str | None,
        version: int | None,
    ) -> None:
        self.response, self.house, self.desk, self.identity = response, house, desk, identity
        self.key, self.version = key, version

    async def does(
        self,
        number: str,
        kind: CommandKind,
        body: Message | None = None,
        *,
        target_id: UUID | None = None,
        stage: str | None = None,
    ) -> CaseView | Response:
        """Send the command; the case after it, or 202."""
        answer = await self._send(number, kind, body, target_id, stage)
        return under_way(answer, kind) if answer.version is None else await self.shows(answer)

    async def makes(self, number: str, kind: CommandKind, body: Message) -> Made | Response:
        """As `does`, for a command that makes something: 201, its id, and the case after it."""
        answer = await self._send(number, kind, body, None, None)
        if answer.version is None:
            return under_way(answer, kind)
        self.response.status_code = 201
        return Made(id=answer.resource or "", case=await self.shows(answer))

    async def _send(
        self, number: str, kind: CommandKind, body: Message | None, target_id: UUID | None, stage: str | None
    ) -> CommandAnswer:
        return await self.desk.cases.command(
            self.identity,
            number.upper(),
            kind,
            body,
            key=self.key,
            if_version=self.version,
            target_id=target_id,
            stage=stage,
        )

    async def shows(self, answer: CommandAnswer) -> CaseView:
        """The case as it is now, which a repeated request gets too, as long as they may see it."""
        return await self.shows_case(answer.number, replayed=answer.replayed)

    async def shows_case(self, number: str, *, replayed: bool = False) -> CaseView:
        if replayed:
            self.response.headers[REPLAY] = "true"
        # Whoever commanded the case sees the result, also if it has just moved out of their sight; but only then.
        view_of = visible_view if replayed else case_view
        async with self.house.database.read() as session:
            link = workflow_link(self.house, number.upper())
            view = await view_of(session, self.house.definitions, self.identity, number.upper(), link)
        self.response.headers["ETag"] = etag(view.version)
        return view


def under_way(answer: CommandAnswer, kind: CommandKind) -> JSONResponse:
    operation = Operation(id=answer.command_id, kind=kind.value, state="pending", case=answer.number)
    return JSONResponse(
        operation.model_dump(mode="json"),
        status_code=202,
        headers={"Location": f"/api/v1/operations/{answer.command_id}", "Retry-After": "1"},
    )


async def caller(
    response: Response,
    house: HouseDep,
    desk: DeskDep,
    identity: CaseWorker,
    key: Key,
    version: IfMatch,
) -> Caller:
    """A dependency of every route that commands a case."""
    return Caller(response, house, desk, identity, key, version)


Calls = Annotated[Caller, Depends(caller)]
