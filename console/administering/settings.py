"""The organisation's settings: one document, always in force; what is saved counts at once."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering import forms, reading
from console.administering.filling import pressed
from console.administering.kinds import ADMINISTRATORS, MANAGERS, SETTINGS
from console.administering.naming import names_in
from console.administering.shapes import shapes
from console.administering.texts import label_of, marked
from console.edits import once
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, Invalid, Stale
from desk.reference import settings
from desk.reference.bodies import plain
from desk.reference.records import Edit
from models.messages.organisation import OrganisationSettings
from models.messages.storable import Path


class SettingsPages:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def routes(self) -> list[BaseRoute]:
        at = SETTINGS.address
        return [
            self.staff.page(at, self.show, roles=MANAGERS),
            self.staff.deed(f"{at}/change", self.change, roles=ADMINISTRATORS),
        ]

    async def show(self, request: Request, me: Visitor) -> Response:
        async with self.staff.database.read() as session:
            body, version = await settings.in_force(session)
        return await self._page(me, plain(body), version, said=request.query_params.get("said") == "saved")

    async def change(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async with self.staff.database.read() as session:
            body, version = await settings.in_force(session)
        given = forms.read(OrganisationSettings, posted)
        if (asked := posted.text("do")) != "":
            return await self._page(me, given.values, version, focus=pressed(given.values, asked), key=posted.key)
        if given.faults:
            return await self._page(me, given.values, version, given.faults, status=422, key=posted.key)

        async def work(edit: Edit) -> str:
            patch = forms.changed(OrganisationSettings, body, given.values)
            await settings.change(edit, patch, posted.text("version"))
            return "saved"

        try:
            await once(self.staff, request, me, posted, work)
        except Stale:
            return await self._page(me, given.values, version, status=412, stale=True)
        except (Invalid, Conflict) as error:
            told = forms.told(error) if isinstance(error, Invalid) else ((), error.detail)
            return await self._page(me, given.values, version, [told], status=error.status, key=posted.key)
        return self.staff.after(me, f"{SETTINGS.address}?said=saved")

    async def _page(
        self,
        me: Visitor,
        values: dict[str, Any],
        version: int,
        wrong: list[tuple[Path, str]] | None = None,
        *,
        status: int = 200,
        **more: Any,
    ) -> Response:
        form = await forms.drawn(self.staff, me, OrganisationSettings, values, wrong or [])
        facts: dict[str, Any] = {"form": form, "tag": settings.tag(version), "sort": SETTINGS, "version": version}
        facts |= {"may": me.has(*ADMINISTRATORS), "said": False, "focus": None, "stale": False, "key": None}
        names = await names_in(self.staff, OrganisationSettings, values)
        facts["says"] = reading.facts(shapes(OrganisationSettings), values, names, skip=())
        facts |= {"words": label_of, "marked": marked, "action": f"{SETTINGS.address}/change"}
        return self.staff.view(me, "administering/settings.html", status=status, **facts | more)
