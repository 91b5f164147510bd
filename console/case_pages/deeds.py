"""Verbs as forms: shown as a page or as a panel of the case's page, sent to the case, given back where they are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.case_pages.asking import Ask, Input, Verb
from console.case_pages.pages import CasePages, number_of
from console.case_pages.shown import Shown, shown
from console.case_pages.stages import bar_of
from console.case_pages.verbs import BY_SLUG, VERBS
from console.deeds import command
from console.faults import Fault, fault_of, faults_of
from console.languages import N_
from console.staff import Posted, Staff
from console.stage_answers import keep, keep_along
from console.visitor import Visitor
from desk.errors import Conflict, DeskError, Forbidden, NotFound
from desk.queries.visibility import visible_case
from models.messages.reference import CASE_ROLES

UNDER_WAY = N_("It is under way. This page shows it as soon as it is done.")
STILL_NEEDED = N_("This is still needed before the next stage.")
MUST_BE_YES = N_("This must be Yes before the next stage.")
STILL_NEEDED_LAST = N_("This is still needed before the process is finished.")
MUST_BE_YES_LAST = N_("This must be Yes before the process is finished.")
IN_PROCESS = ("process-next", "process-finish", "process-save")
"""Verbs whose form stands in the process bar itself."""


class CaseDeeds:
    def __init__(self, staff: Staff, pages: CasePages) -> None:
        self.staff, self.pages = staff, pages

    def routes(self) -> list[BaseRoute]:
        made: list[BaseRoute] = []
        for verb in VERBS:
            made.append(self.staff.deed(verb.path, partial(self.do, verb), roles=CASE_ROLES))
            made.append(self.staff.page(verb.path, partial(self.ask, verb), roles=CASE_ROLES))
            made.append(self.staff.part(f"/part{verb.path}", partial(self.ask, verb), roles=CASE_ROLES))
        made.append(self.staff.deed("/cases/{number}/process-resolve", self.save_and_ask, roles=CASE_ROLES))
        return made

    async def ask(self, verb: Verb, request: Request, me: Visitor) -> Response:
        """The form of a verb."""
        return await self._form(verb, me, await shown(self.staff, me, number_of(request)), on_of(request))

    async def save_and_ask(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """From the stage's form to the one that resolves the case, where no script carries the answers along: they are saved."""
        number = number_of(request)
        found = await shown(self.staff, me, number)
        try:
            await keep(self.staff, me, number, found.steps, posted)
        except ValidationError as error:
            return await self._form(BY_SLUG["process-save"], me, found, None, posted, faults_of(error), 422)
        except (NotFound, Forbidden):
            raise
        except DeskError as error:
            faults = self._faults(found, error)
            return await self._form(BY_SLUG["process-save"], me, found, None, posted, faults, error.status)
        return self.staff.after(me, f"/cases/{number}/resolve")

    async def do(self, verb: Verb, request: Request, me: Visitor, posted: Posted) -> Response:
        number, on = number_of(request), on_of(request)
        found = await shown(self.staff, me, number)
        try:
            if verb.leaves:
                await keep_along(self.staff, me, number, found.steps, posted)
            async with self.staff.database.read() as session:
                sent = await verb.becomes(Ask(self.staff, session, me, found, on), posted)
            answer = await command(
                self.staff,
                me,
                sent.number or number,
                sent.kind or verb.kind,
                sent.body,
                key=posted.key,
                target_id=sent.target_id,
                stage=sent.stage,
            )
            if answer.version is not None:
                async with self.staff.database.read() as session:
                    await verb.checked(session, answer.command_id)
        except ValidationError as error:
            return await self._form(verb, me, found, on, posted, faults_of(error), 422)
        except (NotFound, Forbidden):
            raise
        except DeskError as error:
            return await self._form(verb, me, found, on, posted, self._faults(found, error), error.status)
        done = verb.done if answer.version is not None else UNDER_WAY
        if me.part:
            try:
                staged = verb.slug.startswith("process-")
                return await self.pages.refreshed(me, number, done=done, staged=staged, last=posted.text("last"))
            except NotFound:
                pass  # It has gone out of their sight with this deed.
        return self.staff.after(me, f"/cases/{number}" if await self._sees(me, number) else "/cases")

    async def _sees(self, me: Visitor, number: str) -> bool:
        try:
            async with self.staff.database.read() as session:
                await visible_case(session, me.identity, number)
        except NotFound:
            return False
        return True

    @staticmethod
    def _faults(found: Shown, error: DeskError) -> list[Fault]:
        """A refusal by what is missing names each field, so that there is a way to it."""
        missing = error.missing if isinstance(error, Conflict) else ()
        kinds = {step.field: step.kind for step in found.steps}
        if not missing:
            return [fault_of(error)]
        last = found.in_last_stage
        yes, needed = (MUST_BE_YES_LAST, STILL_NEEDED_LAST) if last else (MUST_BE_YES, STILL_NEEDED)
        return [Fault(each, yes if kinds.get(each) == "yes-no" else needed, {}) for each in missing]

    async def _form(
        self,
        verb: Verb,
        me: Visitor,
        found: Shown,
        on: UUID | None,
        posted: Posted | None = None,
        faults: Sequence[Fault] = (),
        status: int = 200,
    ) -> Response:
        """The form; as it was filled, with what is wrong, if it was sent."""
        async with self.staff.database.read() as session:
            inputs = await verb.inputs(Ask(self.staff, session, me, found, on))
        bar = verb.slug in IN_PROCESS
        facts: dict[str, Any] = self.pages.facts(me, found) | {
            "verb": verb,
            "on": on,
            "inputs": inputs,
            "faults": [_without_data(fault) for fault in faults],
            "typed": None if posted is None else _typed(posted, inputs),
        }
        if bar and me.part:
            facts |= {"bar": bar_of(found, me.now)}
            headers = {"HX-Retarget": "#case-process", "HX-Reswap": "outerHTML"}
            return self.staff.view(me, "case_pages/process.html", status=status, headers=headers, **facts)
        template = "case_pages/verb_part.html" if me.part else "case_pages/verb.html"
        return self.staff.view(me, template, status=status, **facts)


def on_of(request: Request) -> UUID | None:
    """The part of the case that the address names."""
    named = request.path_params.get("on")
    if named is None:
        return None
    try:
        return UUID(named)
    except ValueError:
        raise NotFound("part of the case", named) from None


def _typed(posted: Posted, inputs: Sequence[Input]) -> dict[str, Any]:
    return {each.name: posted.texts(each.name) if each.kind == "several" else posted.text(each.name) for each in inputs}


def _without_data(fault: Fault) -> Fault:
    """The fields of data steps stand in the form by their own names."""
    return replace(fault, field=fault.field.removeprefix("data."))
