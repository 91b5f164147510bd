"""Signing in with a password and, where it is switched on, the code of a second factor; and signing out."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.cookies import CODE_COOKIE, COOKIE, drop_cookie, drop_on_the_way
from console.entering.outside import STALE, Outside, browser_of, own_path, with_next
from console.languages import N_
from console.rendering import HEADERS
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.entering.errors import TicketClosed, TooManyTries, WrongSecret
from desk.sessions import end, signed_in

WRONG = N_("This name and this password do not belong together.")
WRONG_CODE = N_("This is not the code of now, or it was used already.")
SAID = {
    "out": N_("You are signed out."),
    "code": N_("That took too long. Please sign in again."),
}
SIGN_IN, CODE = "entering/sign_in.html", "entering/code.html"


class Doors:
    def __init__(self, outside: Outside) -> None:
        self.outside, self.signing_in, self.site = outside, outside.signing_in, outside.site

    async def show(self, request: Request) -> Response:
        """Who is signed in already goes on at once."""
        after = own_path(request.query_params.get("next"))
        if secret := request.cookies.get(COOKIE):
            async with self.site.database.read() as session:
                if await signed_in(session, secret, self.site.now()) is not None:
                    return RedirectResponse(after, 303, headers=HEADERS)
        return await self._shown(request, said=SAID.get(request.query_params.get("said", "")))

    async def sign_in(self, request: Request) -> Response:
        after, now = own_path(request.query_params.get("next")), self.site.now()
        async with request.form(max_files=0, max_fields=10) as form:
            name, password = str(form.get("name", "")), str(form.get("password", ""))
            ours = self.outside.is_ours(request, form)
        if not ours:
            return await self._shown(request, status=422, wrong=STALE, name=name)
        try:
            entered = await self.signing_in.with_password(name, password, browser_of(request), now)
        except TooManyTries as error:
            return await self.outside.again(request, SIGN_IN, error, **self._facts(name=name))
        except WrongSecret:
            return await self._shown(request, status=401, wrong=WRONG, name=name)
        return await self.outside.entered(request, entered, after, request.cookies.get(COOKIE))

    async def show_code(self, request: Request) -> Response:
        try:
            await self.signing_in.waits_for_code(request.cookies.get(CODE_COOKIE, ""), self.site.now())
        except TicketClosed:
            return self._begin_anew(request)
        return await self.outside.shown(request, CODE)

    async def code(self, request: Request) -> Response:
        after, now = own_path(request.query_params.get("next")), self.site.now()
        async with request.form(max_files=0, max_fields=10) as form:
            code, ours = str(form.get("code", "")), self.outside.is_ours(request, form)
        if not ours:
            return await self.outside.shown(request, CODE, status=422, wrong=STALE)
        ticket = request.cookies.get(CODE_COOKIE, "")
        try:
            entered = await self.signing_in.with_code(ticket, code, browser_of(request), now)
        except TicketClosed:
            return self._begin_anew(request)
        except TooManyTries as error:
            return await self.outside.again(request, CODE, error)
        except WrongSecret:
            return await self.outside.shown(request, CODE, status=401, wrong=WRONG_CODE)
        return await self.outside.entered(request, entered, after, request.cookies.get(COOKIE))

    @staticmethod
    def _begin_anew(request: Request) -> Response:
        after = with_next("/sign-in", own_path(request.query_params.get("next")))
        answer = RedirectResponse(f"{after}{'&' if '?' in after else '?'}said=code", 303, headers=HEADERS)
        drop_on_the_way(request, answer, CODE_COOKIE)
        return answer

    async def _shown(
        self, request: Request, *, status: int = 200, wrong: str | None = None, name: str = "", said: str | None = None
    ) -> Response:
        facts = self._facts(name=name, said=said)
        return await self.outside.shown(request, SIGN_IN, status=status, wrong=wrong, **facts)

    def _facts(self, *, name: str, said: str | None = None) -> dict[str, Any]:
        provider = self.signing_in.provider
        return {
            "name": name,
            "said": said,
            "passwords": self.signing_in.ways.passwords,
            "provider": provider.name if provider else None,
        }


class SigningOut:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def sign_out(self, request: Request, me: Visitor, _: Posted) -> Response:
        async with self.staff.database.write() as session:
            await end(session, me.session.id, actor=me.identity.slug, now=me.now)
        answer = RedirectResponse("/sign-in?said=out", 303, headers=HEADERS)
        drop_cookie(request, answer)
        return answer
