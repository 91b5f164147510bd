"""Saving one property: it takes the place of the value that the form was given, and of no other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.pages import CasePages, number_of
from console.case_pages.properties import LABELS, change_of, changeable, properties, value_of
from console.case_pages.shown import Shown, shown
from console.deeds import command
from console.faults import Fault, fault_of, faults_of
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import DeskError, Forbidden, NotFound, Stale
from desk.queries.changes import last_change
from models.messages.cases import CommandKind

TRIES = 5
"""Others may write other fields of the case at the same moment."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same field was changed by somebody else: `theirs` stands now, `mine` was typed."""

    theirs: str
    mine: str
    who: str | None
    at: datetime | None


class Saving:
    def __init__(self, staff: Staff, pages: CasePages) -> None:
        self.staff, self.pages = staff, pages

    async def show(self, request: Request, me: Visitor) -> Response:
        """The field by itself, as a page; the way without scripts to a conflict or a fault."""
        return await self._row(me, await shown(self.staff, me, number_of(request)), self._name(request))

    async def save(self, request: Request, me: Visitor, posted: Posted) -> Response:
        number, name = number_of(request), self._name(request)
        typed, old = posted.text("value"), posted.text("old")
        found = await shown(self.staff, me, number)
        for attempt in range(TRIES):
            present = value_of(me, found, name)
            if present == typed.strip() or (typed.strip() == old and present == old):
                return await self._saved(me, number, name)
            if present != old:
                conflict = await self._conflict(me, number, name, present, typed)
                return await self._row(me, found, name, conflict=conflict, status=409)
            try:
                body = change_of(me, found, name, typed)
                key = f"{posted.key}-{attempt}"
                await command(self.staff, me, number, CommandKind.CHANGE, body, key=key, if_version=found.case.version)
            except Stale:
                found = await shown(self.staff, me, number)
                continue
            except ValidationError as error:
                return await self._row(me, found, name, typed=typed, faults=faults_of(error), status=422)
            except ValueError:
                wrong = [Fault(name, "give a date and a time", {})]
                return await self._row(me, found, name, typed=typed, faults=wrong, status=422)
            except (NotFound, Forbidden):
                raise
            except DeskError as error:
                return await self._row(me, found, name, typed=typed, faults=[fault_of(error)], status=error.status)
            return await self._saved(me, number, name)
        raise Stale(found.case.version)

    @staticmethod
    def _name(request: Request) -> str:
        name = str(request.path_params["name"])
        if name not in LABELS and not name.startswith("custom."):
            raise NotFound("field", name)
        return name

    async def _saved(self, me: Visitor, number: str, name: str) -> Response:
        if not me.part:
            return self.staff.after(me, f"/cases/{number}#property-{name}")
        found = await shown(self.staff, me, number)
        return await self._row(me, found, name, saved=True)

    async def _conflict(self, me: Visitor, number: str, name: str, theirs: str, mine: str) -> Conflict:
        async with self.staff.database.read() as session:
            who, at = await last_change(session, me.identity, number, name)
        return Conflict(theirs, mine, who, at)

    async def _row(self, me: Visitor, found: Shown, name: str, *, status: int = 200, **facts: Any) -> Response:
        async with self.staff.database.read() as session:
            all_of_them = await properties(self.staff, session, me, found)
        row = next((each for each in all_of_them if each.name == name), None)
        if row is None or not changeable(found, name):
            raise NotFound("field", name)
        template = "case_pages/property_saved.html" if me.part else "case_pages/property.html"
        plain: dict[str, Any] = {"conflict": None, "typed": None, "faults": [], "saved": False}
        return self.staff.view(me, template, status=status, input=row, **(self.pages.facts(me, found) | plain | facts))
