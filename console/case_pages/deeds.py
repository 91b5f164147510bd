"""Verbs as forms: shown as a page or as a panel of the case's page, sent to the case, given back where they are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.case_pages.pages import CasePages, number_of
from console.case_pages.shown import Shown, shown
from console.case_pages.verbs import VERBS, Ask, Verb
from console.deeds import command
from console.faults import Fault, fault_of, faults_of
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import DeskError, Forbidden, NotFound


class CaseDeeds:
    def __init__(self, staff: Staff, pages: CasePages) -> None:
        self.staff, self.pages = staff, pages

    def routes(self) -> list[BaseRoute]:
        made: list[BaseRoute] = []
        for verb in VERBS:
            made.append(self.staff.deed(f"/cases/{{number}}/{verb.slug}", partial(self.do, verb)))
            made.append(self.staff.page(f"/cases/{{number}}/{verb.slug}", partial(self.ask, verb)))
            made.append(self.staff.part(f"/part/cases/{{number}}/{verb.slug}", partial(self.ask, verb)))
        return made

    async def ask(self, verb: Verb, request: Request, me: Visitor) -> Response:
        """The form of a verb."""
        return await self._form(verb, me, await shown(self.staff, me, number_of(request)))

    async def do(self, verb: Verb, request: Request, me: Visitor, posted: Posted) -> Response:
        number = number_of(request)
        try:
            async with self.staff.database.read() as session:
                found = await shown(self.staff, me, number)
                sent = await verb.becomes(Ask(session, found, me.organisation), posted)
            await command(
                self.staff,
                me,
                number,
                verb.kind,
                sent.body,
                key=posted.key,
                target_id=sent.target_id,
                stage=sent.stage,
            )
        except ValidationError as error:
            return await self._again(verb, me, number, posted, faults_of(error), 422)
        except (NotFound, Forbidden):
            raise
        except DeskError as error:
            return await self._again(verb, me, number, posted, [fault_of(error)], error.status)
        if me.part:
            return await self.pages.refreshed(me, number, done=verb.done)
        return self.staff.after(me, f"/cases/{number}")

    async def _again(
        self, verb: Verb, me: Visitor, number: str, posted: Posted, faults: Sequence[Fault], status: int
    ) -> Response:
        """The form as it was filled, with what is wrong; sent again, it is another form."""
        found = await shown(self.staff, me, number)
        return await self._form(verb, me, found, posted, faults, status)

    async def _form(
        self,
        verb: Verb,
        me: Visitor,
        found: Shown,
        posted: Posted | None = None,
        faults: Sequence[Fault] = (),
        status: int = 200,
    ) -> Response:
        async with self.staff.database.read() as session:
            inputs = await verb.inputs(Ask(session, found, me.organisation))
        template = "case_pages/verb_part.html" if me.part else "case_pages/verb.html"
        facts: dict[str, Any] = {
            "case": found.case,
            "verb": verb,
            "inputs": inputs,
            "faults": faults,
            "by_field": {fault.field: fault for fault in faults},
            "typed": None if posted is None else {each.name: posted.text(each.name) for each in inputs},
        }
        return self.staff.view(me, template, status=status, **facts)
