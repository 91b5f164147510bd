"""Choosing a password: by the link of an invitation, or by one that was asked for because the old one is forgotten."""

from __future__ import annotations

from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.cookies import COOKIE
from console.entering.outside import STALE, Outside, browser_of
from console.entering.words import DIFFERENT, password_fault
from console.languages import N_
from console.rendering import HEADERS
from desk.entering.errors import TicketClosed, TooManyTries
from desk.entering.passwords import SHORTEST
from desk.errors import Invalid
from letters.links import LinkKind

ASK, CHOOSE, CLOSED = "entering/reset.html", "entering/choose_password.html", "entering/link_closed.html"
INVITE, RESET = LinkKind.INVITE, LinkKind.RESET
TITLES = {INVITE: N_("Welcome"), RESET: N_("A new password")}
NO_NAME = N_("Please write your name or your email address.")


class ByLink:
    def __init__(self, outside: Outside) -> None:
        self.outside, self.signing_in, self.site = outside, outside.signing_in, outside.site

    async def show_asking(self, request: Request) -> Response:
        return await self.outside.shown(request, ASK, name="", sent="said" in request.query_params)

    async def ask(self, request: Request) -> Response:
        """The same answer for every name. What the letter takes is done once it is given."""
        now = self.site.now()
        async with request.form(max_files=0, max_fields=10) as form:
            name, ours = str(form.get("name", "")), self.outside.is_ours(request, form)
        if not ours or not name.strip():
            wrong = NO_NAME if ours else STALE
            return await self.outside.shown(request, ASK, status=422, wrong=wrong, name=name, sent=False)
        try:
            await self.signing_in.ask_for_letter(name, browser_of(request), now)
        except TooManyTries as error:
            return await self.outside.again(request, ASK, error, name=name, sent=False)
        task = BackgroundTask(self.signing_in.send_letter, name, now)
        return RedirectResponse("/reset?said=sent", 303, headers=HEADERS, background=task)

    async def show_invitation(self, request: Request) -> Response:
        return await self._shown(request, INVITE)

    async def show_reset(self, request: Request) -> Response:
        return await self._shown(request, RESET)

    async def take_invitation(self, request: Request) -> Response:
        return await self._chosen(request, INVITE)

    async def take_reset(self, request: Request) -> Response:
        return await self._chosen(request, RESET)

    async def _shown(
        self, request: Request, kind: LinkKind, *, status: int = 200, wrong: str | None = None
    ) -> Response:
        token = request.path_params["token"]
        try:
            name = await self.signing_in.whose_link(kind, token, self.site.now())
        except TicketClosed:
            return await self.outside.shown(request, CLOSED, status=410, invited=kind is INVITE)
        facts: dict[str, Any] = {
            "title": TITLES[kind],
            "name": name,
            "action": f"/{kind}/{token}",
            "shortest": SHORTEST,
        }
        return await self.outside.shown(request, CHOOSE, status=status, wrong=wrong, **facts)

    async def _chosen(self, request: Request, kind: LinkKind) -> Response:
        token, now = request.path_params["token"], self.site.now()
        async with request.form(max_files=0, max_fields=10) as form:
            password, again = str(form.get("password", "")), str(form.get("again", ""))
            ours = self.outside.is_ours(request, form)
        if not ours or password != again:
            return await self._shown(request, kind, status=422, wrong=DIFFERENT if ours else STALE)
        try:
            entered = await self.signing_in.choose_password(kind, token, password, browser_of(request), now)
        except TicketClosed:
            return await self.outside.shown(request, CLOSED, status=410, invited=kind is INVITE)
        except Invalid as error:
            return await self._shown(request, kind, status=422, wrong=password_fault(error))
        return await self.outside.entered(request, entered, "/", request.cookies.get(COOKIE))
