"""A person's page, beside the form: their invitation, their tokens, and where they are signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering.records import Records
from console.edits import once
from console.entering.programs import program_name
from console.staff import Posted
from console.visitor import Visitor
from desk import identity
from desk.entering.anew import begin_anew
from desk.entering.links import agent_of
from desk.errors import Conflict, Invalid
from desk.reference.bodies import plain
from desk.reference.records import Edit, Item
from desk.sessions import end_all, sessions_of
from letters.access_words import OF_BEGINNING_ANEW, OF_TOKENS
from letters.links import LinkKind
from models.messages.reference import Role
from models.messages.said import joined, said
from models.messages.templates import MailTemplate


class People(Records):
    template = "administering/person.html"

    def routes(self) -> list[BaseRoute]:
        at, deed, writers = f"{self.sort.address}/{{key}}", self.staff.deed, self.sort.writers
        return [
            *super().routes(),
            deed(f"{at}/invite", self.invite, roles=writers),
            deed(f"{at}/link", self.link, roles=writers),
            deed(f"{at}/anew", self.anew, roles=writers),
            deed(f"{at}/tokens", self.make_token, roles=writers),
            deed(f"{at}/tokens/{{id}}/revoke", self.revoke, roles=writers),
            deed(f"{at}/end-sessions", self.end_sessions, roles=writers),
        ]

    async def beside(self, me: Visitor, item: Item[Any]) -> dict[str, Any]:
        facts: dict[str, Any] = {"tokens": [], "sessions": [], "secret": None, "link": None}
        if me.has(*self.sort.writers):
            async with self.staff.database.read() as session:
                facts["tokens"] = await identity.tokens_of(session, item.id)
                here = await sessions_of(session, item.id, me.now)
                facts["sessions"] = [(each, program_name(each.program or "")) for each in here]
        return facts

    async def invite(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """By mail, to their own address."""

        async def work(edit: Edit) -> str:
            agent = await agent_of(edit.session, request.path_params["key"])
            links = self.staff.services.signing_in.links
            await links.mail(edit.session, agent, LinkKind.INVITE, actor=edit.actor, now=edit.now)
            return "invite"

        return await self._done(request, me, posted, work)

    async def link(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """To be handed on by whoever asks: it is shown this once."""

        async def work(edit: Edit) -> str:
            agent = await agent_of(edit.session, request.path_params["key"])
            links = self.staff.services.signing_in.links
            return await links.hand_out(edit.session, agent, actor=edit.actor, now=edit.now)

        return await self._told_once(request, me, posted, work, "link")

    async def anew(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """For somebody who has lost their phone and their codes: all that they got in by ends, and a link begins anew."""

        async def work(edit: Edit) -> str:
            agent = await agent_of(edit.session, request.path_params["key"])
            await begin_anew(edit.session, agent, actor=edit.actor, now=edit.now)
            await self._tell(edit, agent.slug, OF_BEGINNING_ANEW, me)
            links = self.staff.services.signing_in.links
            return await links.hand_out(edit.session, agent, actor=edit.actor, now=edit.now)

        return await self._told_once(request, me, posted, work, "link")

    async def make_token(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async def work(edit: Edit) -> str:
            try:
                role = Role(posted.text("role"))
            except ValueError:
                raise Invalid("role", said("one of: {role}", role=joined(Role))) from None
            slug = request.path_params["key"]
            token = await identity.create_token(edit.session, slug, role, actor=edit.actor, now=edit.now)
            await self._tell(edit, slug, OF_TOKENS, me)
            return token

        return await self._told_once(request, me, posted, work, "secret")

    async def revoke(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async def work(edit: Edit) -> str:
            id, item = UUID(request.path_params["id"]), await self._item(request, me)
            if id in {token for token, _ in await identity.tokens_of(edit.session, item.id)}:
                await identity.revoke(edit.session, id, actor=edit.actor, now=edit.now)
            return "revoke"

        return await self._done(request, me, posted, work)

    async def end_sessions(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async def work(edit: Edit) -> str:
            agent = await agent_of(edit.session, request.path_params["key"])
            mine = me.session.id if agent.slug == me.identity.slug else None
            await end_all(edit.session, agent.id, actor=edit.actor, now=edit.now, but=mine)
            return "end-sessions"

        return await self._done(request, me, posted, work)

    async def _tell(self, edit: Edit, slug: str, words: MailTemplate, me: Visitor) -> None:
        agent = await agent_of(edit.session, slug)
        telling = self.staff.services.signing_in.telling
        await telling.tell(edit.session, agent, words, edit.now, by=me.identity.name)

    async def _done(self, request: Request, me: Visitor, posted: Posted, work: Any) -> Response:
        try:
            said, _ = await once(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            return await self._refused(request, me, error)
        return self.staff.after(me, f"{self.sort.address}/{request.path_params['key']}?said={said}")

    async def _told_once(self, request: Request, me: Visitor, posted: Posted, work: Any, name: str) -> Response:
        """The page itself shows it: it can be read nowhere again."""
        try:
            told, _ = await once(self.staff, request, me, posted, work, secret=True)
        except (Invalid, Conflict) as error:
            return await self._refused(request, me, error)
        item = await self._item(request, me)
        return await self._page(me, item, plain(item.body), **{name: told})
