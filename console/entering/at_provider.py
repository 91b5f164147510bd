"""Signing in at a provider of OpenID Connect. It begins with a link: after a form, `form-action 'self'` would let nobody go."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.cookies import COOKIE, PROVIDER_COOKIE, drop_on_the_way, set_on_the_way
from console.entering.outside import Outside, browser_of, own_path
from console.languages import N_
from console.rendering import HEADERS
from desk.entering.errors import ProviderAway, ProviderRefused
from desk.entering.provider import Provider
from desk.errors import NotFound

BACK = "/sign-in/provider/back"
REFUSED = N_("The sign-in at %(provider)s was not taken")
AWAY = N_("%(provider)s gives no answer")
REFUSED_PAGE = "entering/refused.html"

log = structlog.get_logger(__name__)


class AtProvider:
    def __init__(self, outside: Outside) -> None:
        self.outside, self.signing_in, self.site = outside, outside.signing_in, outside.site

    async def go(self, request: Request) -> Response:
        provider, after = self._provider(request), own_path(request.query_params.get("next"))
        try:
            away = await provider.send_away(self._back(request), after, self.site.now())
        except (ProviderRefused, ProviderAway) as error:
            return await self._refused(request, provider, error)
        answer = RedirectResponse(away.address, 303, headers=HEADERS)
        set_on_the_way(request, answer, PROVIDER_COOKIE, away.sealed)
        return answer

    async def back(self, request: Request) -> Response:
        provider, now = self._provider(request), self.site.now()
        sealed = request.cookies.get(PROVIDER_COOKIE, "")
        try:
            vouched, after = await provider.back(sealed, request.query_params, now)
            entered = await self.signing_in.with_provider(vouched, browser_of(request), now)
        except (ProviderRefused, ProviderAway) as error:
            return await self._refused(request, provider, error)
        answer = await self.outside.entered(request, entered, own_path(after), request.cookies.get(COOKIE))
        drop_on_the_way(request, answer, PROVIDER_COOKIE)
        return answer

    def _provider(self, request: Request) -> Provider:
        if self.signing_in.provider is None:
            raise NotFound("page", request.url.path)
        return self.signing_in.provider

    def _back(self, request: Request) -> str:
        """Where the provider leads back to; the provider itself takes none that was not told it before."""
        return (self.signing_in.ways.address or str(request.base_url)).rstrip("/") + BACK

    async def _refused(self, request: Request, provider: Provider, error: ProviderRefused | ProviderAway) -> Response:
        log.warning("a sign-in at the provider failed", error=error.type)
        title = AWAY if isinstance(error, ProviderAway) else REFUSED
        facts: dict[str, Any] = {"title": title, "provider": provider.name, "said": error.detail}
        answer = await self.outside.shown(request, REFUSED_PAGE, status=error.status, **facts)
        drop_on_the_way(request, answer, PROVIDER_COOKIE)
        return answer
