"""When an SLA's promises would be due of a case that there is not: asked and answered on one page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering.clauses import value_of
from console.administering.definitions import Shown, name_of
from console.administering.kinds import MANAGERS
from console.administering.trying import Trying
from console.days import near
from console.visitor import Visitor
from desk.errors import Invalid
from desk.queries.nameable import choices
from desk.reference.bodies import validated
from desk.trying.due import INSTANTS, due
from models.messages.api_promises import DueBody, DuePreview
from models.messages.conditions import FIELDS, OF_ACTIVITIES, OF_THE_INSTANT
from models.messages.said import said

ROWS = 4
"""Facts of a case that are asked for at least."""


class Promising(Trying):
    def routes(self) -> list[BaseRoute]:
        return [*super().routes(), self.staff.page(f"{self.sort.address}/{{key}}/due", self.due, roles=MANAGERS)]

    async def due(self, request: Request, me: Visitor) -> Response:
        shown, asked = await self._shown(request), request.query_params
        found: DuePreview | None = None
        fault: Invalid | None = None
        if "created_on" in asked:
            try:
                body = self._asked(request, me)
                async with self.staff.database.read() as session:
                    found = await due(session, self.staff.definitions, shown.version.slug, shown.version.version, body)
            except Invalid as error:
                fault = error
        return await self._due_page(request, me, shown, found, fault)

    def _asked(self, request: Request, me: Visitor) -> DueBody:
        names, values = (request.query_params.getlist(each)[:20] for each in ("fact", "value"))
        given = zip(names, values, strict=False)
        facts = {name.strip(): value_of(value) for name, value in given if name.strip()}
        try:
            local = datetime.fromisoformat(request.query_params["created_on"][:19])
        except ValueError:
            raise Invalid("created_on", said("must be a day with a time")) from None
        near(local, "created_on")
        created = (local if local.tzinfo else local.replace(tzinfo=me.zone)).astimezone(UTC)
        calendar = request.query_params.get("calendar", "").strip() or None
        return validated(DueBody, {"created_on": created.isoformat(), "facts": facts, "calendar": calendar})

    async def _due_page(
        self, request: Request, me: Visitor, shown: Shown, found: DuePreview | None, fault: Invalid | None
    ) -> Response:
        names, values = (request.query_params.getlist(each)[:20] for each in ("fact", "value"))
        rows = [(name, value) for name, value in zip(names, values, strict=False) if name.strip()]
        rows += [("", "")] * max(1, ROWS - len(rows))
        async with self.staff.database.read() as session:
            calendars = await choices(session, self.staff.definitions, me.organisation, ["calendar"])
        facts: dict[str, Any] = {"sort": self.sort, "version": shown.version, "title": name_of(shown.version)}
        facts |= {"at": f"{self.sort.address}/{shown.version.slug}", "rows": rows, "found": found, "fault": fault}
        facts |= {"calendars": calendars.get("calendar", []), "calendar": request.query_params.get("calendar", "")}
        now = me.now.astimezone(me.zone).strftime("%Y-%m-%dT%H:%M")
        facts |= {"created_on": request.query_params.get("created_on", now)[:25], "known": KNOWN}
        return self.staff.view(me, "administering/due.html", status=422 if fault else 200, **facts)


KNOWN = sorted(
    name
    for name in {*FIELDS, *INSTANTS} - {"case.created_on"}
    if name not in OF_THE_INSTANT and not name.startswith(OF_ACTIVITIES)
)
