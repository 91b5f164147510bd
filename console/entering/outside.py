"""What pages share that people see before they are signed in: who asks, our forms, and where a sign-in leads."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.assets import asset
from console.cookies import CODE_COOKIE, drop_on_the_way, set_cookie, set_on_the_way
from console.languages import N_
from console.rendering import HEADERS, page
from console.site import Site
from desk.entering.errors import TooManyTries
from desk.entering.signing_in import Browser, Entered, SigningIn
from desk.sessions import end, signed_in

LONGEST_NEXT = 1_000
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""ASCII without spaces and backslashes, which browsers take for slashes."""
NOWHERE = ("/sign-in", "/sign-out", "/invite", "/reset", "/part/")
"""What nobody wants to see once they are signed in."""
FORM = "entering"
STALE = N_("This page was open for a long time. Please send it once more.")
TOO_OFTEN = N_("Too many tries. Please try again in %(minutes)s min.")


def own_path(wanted: str | None) -> str:
    """Where a sign-in leads: an address of ours, else the first page."""
    if wanted is None or len(wanted) > LONGEST_NEXT or not _OWN_PATH.fullmatch(wanted) or wanted.startswith(NOWHERE):
        return "/"
    return wanted


def with_next(address: str, after: str) -> str:
    return address if after == "/" else f"{address}?next={quote(after, safe='')}"


def browser_of(request: Request) -> Browser:
    return Browser(request.client.host if request.client else "", request.headers.get("user-agent", ""))


class Outside:
    def __init__(self, site: Site, signing_in: SigningIn) -> None:
        self.site, self.signing_in = site, signing_in

    async def shown(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        wrong: str | None = None,
        minutes: int = 0,
        headers: dict[str, str] | None = None,
        **facts: Any,
    ) -> Response:
        """`wrong`: what is the matter with the form, and `minutes` in it."""
        organisation = await self.site.organisation()
        language = self.site.language(request, organisation)
        around: dict[str, Any] = {
            "asset": asset,
            "form": self.site.forms.mark(FORM, self.site.now()),
            "wrong": wrong,
            "minutes": minutes,
            "after": own_path(request.query_params.get("next")),
        }
        # The address of a link opens it: it goes nowhere else (HEADERS: no referrer).
        return page(template, organisation, language, status=status, headers=headers, **(around | facts))

    async def again(self, request: Request, template: str, error: TooManyTries, **facts: Any) -> Response:
        """The page once more, for somebody who has tried too often."""
        seconds = max(1, int(error.wait.total_seconds()))
        headers, minutes = {"Retry-After": str(seconds)}, -(-seconds // 60)
        return await self.shown(
            request, template, status=429, wrong=TOO_OFTEN, minutes=minutes, headers=headers, **facts
        )

    def is_ours(self, request: Request, form: FormData) -> bool:
        return self.site.forms.read(request, FORM, form.get("form"), self.site.now(), lasts=timedelta(hours=12)).fresh

    async def entered(self, request: Request, entered: Entered, after: str, earlier: str | None = None) -> Response:
        """To where they wanted, or to the page of the code. A session that this browser had before is over: `earlier`."""
        if entered.secret is None:
            answer = RedirectResponse(with_next("/sign-in/code", after), 303, headers=HEADERS)
            set_on_the_way(request, answer, CODE_COOKIE, entered.ticket or "")
            return answer
        if earlier:
            await self._end(earlier)
        answer = RedirectResponse(after, 303, headers=HEADERS)
        set_cookie(request, answer, entered.secret)
        drop_on_the_way(request, answer, CODE_COOKIE)
        return answer

    async def _end(self, secret: str) -> None:
        now = self.site.now()
        async with self.site.database.write() as session:
            found = await signed_in(session, secret, now)
            if found is not None:
                await end(session, found.id, actor=found.identity.slug, now=now)
