"""How an agent gets in, for administrators: an invitation by mail, a link to hand on, and beginning anew."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.entering.anew import begin_anew
from desk.entering.links import agent_of, how_they_get_in
from desk.errors import Conflict
from letters.access_words import OF_BEGINNING_ANEW
from letters.links import LinkKind
from models.messages.reference import Role

PAGE, ADDRESS = "entering/access.html", "/admin/agents/{slug}/access"
SAID = {
    "mailed": N_("The invitation is on its way."),
    "anew": N_("What they got in with is dropped, and they are signed out. Invite them now."),
}
WHY_NOT = {
    "no-mailbox": N_("No mailbox is active, so nothing can be mailed. Make a link, and hand it on."),
    "agent-inactive": N_("They are deactivated: activate them first."),
}


class Inviting:
    def __init__(self, staff: Staff) -> None:
        self.staff, self.links = staff, staff.services.signing_in.links

    def routes(self) -> list[BaseRoute]:
        only = (Role.ADMINISTRATOR,)
        return [
            self.staff.page(ADDRESS, self.show, roles=only),
            self.staff.deed(f"{ADDRESS}/mail", self.mail, roles=only),
            self.staff.deed(f"{ADDRESS}/link", self.hand_out, roles=only),
            self.staff.deed(f"{ADDRESS}/anew", self.anew, roles=only),
        ]

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self._shown(request, me, said=SAID.get(request.query_params.get("said", "")))

    async def mail(self, request: Request, me: Visitor, _: Posted) -> Response:
        slug = request.path_params["slug"]
        try:
            async with self.staff.database.write() as session:
                agent = await agent_of(session, slug)
                await self.links.mail(session, agent, LinkKind.INVITE, actor=me.identity.slug, now=me.now)
        except Conflict as error:
            return await self._shown(request, me, status=409, wrong=error)
        return self.staff.after(me, f"/admin/agents/{slug}/access?said=mailed")

    async def hand_out(self, request: Request, me: Visitor, _: Posted) -> Response:
        """The link is in the answer itself: it is shown this once."""
        try:
            async with self.staff.database.write() as session:
                agent = await agent_of(session, request.path_params["slug"])
                link = await self.links.hand_out(session, agent, actor=me.identity.slug, now=me.now)
        except Conflict as error:
            return await self._shown(request, me, status=409, wrong=error)
        return await self._shown(request, me, link=link)

    async def anew(self, request: Request, me: Visitor, _: Posted) -> Response:
        slug = request.path_params["slug"]
        async with self.staff.database.write() as session:
            agent = await agent_of(session, slug)
            await begin_anew(session, agent, actor=me.identity.slug, now=me.now)
            telling = self.staff.services.signing_in.telling
            await telling.tell(session, agent, OF_BEGINNING_ANEW, me.now, by=me.identity.name)
        return self.staff.after(me, f"/admin/agents/{slug}/access?said=anew")

    async def _shown(
        self,
        request: Request,
        me: Visitor,
        *,
        status: int = 200,
        said: str | None = None,
        wrong: Conflict | None = None,
        link: str | None = None,
    ) -> Response:
        async with self.staff.database.read() as session:
            agent = await how_they_get_in(session, request.path_params["slug"], me.now)
        why = WHY_NOT.get(wrong.type, wrong.detail) if wrong else None
        facts: dict[str, Any] = {"agent": agent, "said": said, "wrong": why, "link": link}
        return self.staff.view(me, PAGE, status=status, **facts)
