"""One request that commands a case: who asks, with which key and version, and how the answer is put."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Response
from fastapi.responses import JSONResponse

from api.auth import CaseWorker
from api.dependencies import DeskDep, HouseDep, IfMatch, Key, etag
from api.problems import REPLAY, responses
from desk.commands import ANSWER_WITHIN, CommandAnswer
from desk.errors import NotFound
from desk.families import SEVERAL, all_have_done, until_open
from desk.identity import Identity
from desk.queries.cases import case_view, visible_view
from desk.queries.operations import operation
from desk.services import Services, WiredHouse, workflow_link
from models.messages.api_case_views import CaseView, Made
from models.messages.api_operations import Operation
from models.messages.base import CASE_NUMBER, Message
from models.messages.cases import CommandKind

Number = Annotated[str, Path(description="The case number.", examples=["CAS-01042-A1B2C3"], pattern=CASE_NUMBER)]

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
        answer = await self.sends(number, kind, body, target_id=target_id, stage=stage)
        return await self.under_way(answer, kind) if answer.version is None else await self.shows(answer)

    async def makes(self, number: str, kind: CommandKind, body: Message) -> Made | Response:
        """As `does`, for a command that makes something: 201, its id, and the case after it."""
        answer = await self.sends(number, kind, body)
        if answer.version is None:
            return await self.under_way(answer, kind)
        self.response.status_code = 201
        return Made(id=answer.resource or "", case=await self.shows(answer))

    async def shows_made(self, answer: CommandAnswer, kind: CommandKind) -> CaseView | Response:
        """201 and the case that the command opened or linked, or 202."""
        if answer.version is None or answer.resource is None:
            return await self.under_way(answer, kind)
        await until_open(self.house.database, answer.resource, ANSWER_WITHIN)
        self.response.status_code = 201
        self.response.headers["Location"] = f"/api/v1/cases/{answer.resource}"
        return await self.shows_case(answer.resource, replayed=answer.replayed)

    async def sends(
        self,
        number: str,
        kind: CommandKind,
        body: Message | None = None,
        *,
        target_id: UUID | None = None,
        stage: str | None = None,
    ) -> CommandAnswer:
        """Send the command. It is still under way as long as other cases have not done their part of it, also where a fault
        of ours keeps one from it: then the operation names the incident."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        answer = await self.desk.cases.command(
            self.identity,
            number.upper(),
            kind,
            body,
            key=self.key,
            if_version=self.version,
            target_id=target_id,
            stage=stage,
        )
        if answer.version is None or kind not in SEVERAL:
            return answer
        left = ANSWER_WITHIN - (loop.time() - began)
        done = await all_have_done(self.house.database, answer.command_id, left)
        return answer if done else replace(answer, version=None)

    async def under_way(self, answer: CommandAnswer, kind: CommandKind) -> JSONResponse:
        """202 and the operation as far as it is. What waits for an operator does not ask to be looked at in a second."""
        try:
            async with self.house.database.read() as session:
                told = await operation(session, self.identity, answer.command_id)
        except NotFound:
            # It has no row until it is applied, or its case has gone out of sight.
            told = Operation(id=answer.command_id, kind=kind.value, state="pending", case=answer.number)
        headers = {"Location": f"/api/v1/operations/{answer.command_id}"}
        if told.state == "pending":
            headers["Retry-After"] = "1"
        return JSONResponse(told.model_dump(mode="json"), status_code=202, headers=headers)

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
