"""A draft on the past: what it would have done with the cases and mails of a period, as it is found and at last."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from console.administering.definitions import Definitions, Shown, name_of
from console.administering.kinds import MANAGERS, Sort
from console.administering.texts import label_of
from console.days import begins, day_of, ends
from console.rendering import HEADERS
from console.staff import Staff
from console.visitor import Visitor
from desk.errors import DeskError, Invalid
from desk.queries.names import Names, names_in_trial
from desk.trying.creation import try_creation
from desk.trying.progress import Work, steps
from desk.trying.routing import try_routing
from desk.trying.slas import try_sla
from models.messages.api_trying import TryingProgress
from models.messages.base import Message
from models.messages.said import said
from storage.definitions import DefinitionKind

USUAL = timedelta(days=30)
"""The period that is offered at first."""


class Trying(Definitions):
    """Beside the pages of every definition, of the kinds that can be tried."""

    def __init__(self, staff: Staff, sort: Sort) -> None:
        super().__init__(staff, sort)

    def routes(self) -> list[BaseRoute]:
        at = f"{self.sort.address}/{{key}}/try"
        found = [
            self.staff.page(at, self.ask, roles=MANAGERS),
            self.staff.part(f"/part{at}", self.stream, roles=MANAGERS),
        ]
        return [*super().routes(), *found]

    async def ask(self, request: Request, me: Visitor) -> Response:
        """The form; with a period also what is found, which may take a while without scripts. Without a version in its address
        it is of the draft, if there is one."""
        shown = await self._tried(request)
        if "from" not in request.query_params:
            return self._trial(me, shown, request)
        try:
            work = self._work(request, me, shown)
            found = await work(lambda looked_at, reached: None)
        except Invalid as error:
            return self._trial(me, shown, request, status=422, fault=error)
        return self._trial(me, shown, request, found=found, names=await self._names(found))

    async def stream(self, request: Request, me: Visitor) -> Response:
        """Lines of JSON: how far it has come, from 0 to 1; the last has the page's piece with what was found."""
        shown = await self._tried(request)
        since, until = self._period(request, me)
        told = steps(self._work(request, me, shown))
        try:
            first = await anext(told)
        except DeskError as error:
            return self.staff.refused(me, error)
        lines = self._lines(me, shown, first, told, since, until)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=HEADERS)

    async def _lines(
        self,
        me: Visitor,
        shown: Shown,
        first: Message,
        told: AsyncGenerator[Message, None],
        since: datetime,
        until: datetime,
    ) -> AsyncIterator[str]:
        async with aclosing(told):
            yield await self._line(me, shown, first, since, until)
            async for each in told:
                yield await self._line(me, shown, each, since, until)

    async def _line(self, me: Visitor, shown: Shown, each: Message, since: datetime, until: datetime) -> str:
        if isinstance(each, TryingProgress):
            share = max(0.0, min(1.0, (each.reached - since) / (until - since)))
            return json.dumps({"share": round(share, 3), "looked_at": each.looked_at}) + "\n"
        facts: dict[str, Any] = {"found": each, "kind": self.kind, "words": label_of, "version": shown.version}
        facts["names"] = await self._names(each)
        html = self.staff.view(me, "administering/trial_found.html", **facts)
        return json.dumps({"html": bytes(html.body).decode()}) + "\n"

    async def _tried(self, request: Request) -> Shown:
        shown = await self._shown(request)
        if shown.draft is not None and not request.query_params.get("version"):
            return replace(shown, version=shown.draft)
        return shown

    async def _names(self, found: Any) -> Names:
        async with self.staff.database.read() as session:
            return await names_in_trial(session, self.staff.definitions, found)

    def _period(self, request: Request, me: Visitor) -> tuple[datetime, datetime]:
        """From the beginning of the first day to the end of the last one, in the visitor's zone."""
        first, last = (day_of(request.query_params, name) for name in ("from", "to"))
        if first is None or last is None:
            raise Invalid("from" if first is None else "to", said("is a day, such as 2031-03-28"))
        return begins(first, me.zone), ends(last, me.zone)

    def _work(self, request: Request, me: Visitor, shown: Shown) -> Work[Any]:
        since, until = self._period(request, me)
        database, slug, version = self.staff.database, shown.version.slug, shown.version.version
        instead = request.query_params.get("instead_of", "").strip()[:63] or None

        async def work(tell: Any) -> Any:
            match self.kind:
                case DefinitionKind.ROUTING_RULE_SET:
                    return await try_routing(database, slug, version, since, until, tell=tell)
                case DefinitionKind.SLA:
                    return await try_sla(database, slug, version, since, until, me.now, instead, tell=tell)
                case _:
                    return await try_creation(database, slug, version, since, until, tell=tell)

        return work

    def _trial(
        self,
        me: Visitor,
        shown: Shown,
        request: Request,
        *,
        status: int = 200,
        fault: Invalid | None = None,
        found: Any = None,
        names: Names | None = None,
    ) -> Response:
        today = me.now.astimezone(me.zone).date()
        asked = {name: request.query_params.get(name, "")[:63] for name in ("from", "to", "instead_of")}
        asked["from"], asked["to"] = asked["from"] or str(today - USUAL), asked["to"] or str(today)
        facts: dict[str, Any] = {"sort": self.sort, "shown": shown, "version": shown.version, "kind": self.kind}
        facts |= {"title": name_of(shown.version), "at": f"{self.sort.address}/{shown.version.slug}", "asked": asked}
        facts |= {"fault": fault, "found": found, "names": names, "words": label_of}
        facts["is_sla"] = self.kind is DefinitionKind.SLA
        return self.staff.view(me, "administering/trial.html", status=status, **facts)
