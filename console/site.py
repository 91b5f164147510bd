"""What all pages share: the house behind them, its settings, who may ask how often, and what is shown when it cannot be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.forms import Forms
from console.languages import N_, accepted, chosen
from console.rendering import page
from console.throttling import Throttle
from desk.customer_answers import CustomerAnswers
from desk.errors import NotFound
from desk.links import Closed, LinkClosed
from desk.services import WiredHouse
from desk.survey_answers import SurveyAnswers
from engine.dispatch import CaseDispatcher
from letters.links import LinkSigner
from models.messages.organisation import OrganisationSettings
from storage.errors import name_of, place_of
from storage.files import StoreUnavailable

Handler = Callable[[Request], Awaitable[Response]]

ASKS_A_MINUTE, WRITES_A_MINUTE = 240, 20
"""Of one client's address; the second of forms that are sent."""

WHY_CLOSED = {
    Closed.UNKNOWN: (404, N_("This link does not work"), N_("Please open it once more from the letter, as a whole.")),
    Closed.EXPIRED: (410, N_("This link is over"), N_("It was good for some time. Please answer our letter instead.")),
    Closed.REVOKED: (410, N_("This link was closed"), N_("Please answer our last letter instead.")),
    Closed.WITHDRAWN: (410, N_("This survey is closed"), N_("Your case is open again, so we do not ask yet.")),
    Closed.ANSWERED: (409, N_("You have answered already"), N_("Each survey is answered once. Thank you.")),
}
NOT_THERE = (404, N_("This page is not there"), N_("Perhaps its address was cut. Please check it."))
TOO_OFTEN = (429, N_("Too many requests"), N_("Please wait a minute and try again."))
TOO_LARGE = (413, N_("That is too much at once"), N_("Please go back, and send fewer or smaller files."))
UNREADABLE = (400, N_("That could not be read"), N_("Please go back and send it once more."))
NO_ROOM = (503, N_("We cannot take files right now"), N_("Please try again later; nothing was lost on your side."))
FAILED = (500, N_("Something went wrong on our side"), N_("Nothing was changed. Please try again in a moment."))

log = structlog.get_logger(__name__)


class Site:
    """One for the process."""

    def __init__(self, house: WiredHouse) -> None:
        self.house = house
        self.database, self.definitions, self.files = house.database, house.definitions, house.files
        self.links = LinkSigner(house.keyring.current, house.keyring.keys)
        dispatcher = CaseDispatcher(house.client)
        self.surveys = SurveyAnswers(self.database, self.definitions, self.links, dispatcher)
        self.answers = CustomerAnswers(self.database, self.definitions, self.files, house.keyring, dispatcher)
        self.forms = Forms(self.links)
        self.asks, self.writes = Throttle(ASKS_A_MINUTE, 60), Throttle(WRITES_A_MINUTE, 60)

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    async def organisation(self) -> OrganisationSettings:
        async with self.database.read() as session:
            return await self.definitions.organisation(session)

    @staticmethod
    def language(request: Request, organisation: OrganisationSettings, known: str | None = None) -> str:
        """What the reader chose; else what is `known` of them, what their browser says, the organisation's."""
        wanted = accepted(request.headers.get("accept-language", ""))
        return chosen(request.query_params.get("lang"), known, *wanted, organisation.language)

    def route(self, path: str, handler: Handler, *methods: str, counted: bool = True) -> Route:
        """A page that everybody may ask for. `counted`: so often a minute; without it, as often as they like."""
        guarded = self.guarded(handler, counted=counted)

        async def named(request: Request) -> Response:
            # Figures and logs name a request by its route, never by its address, which opens the page.
            request.scope["route"] = made
            return await guarded(request)

        made = Route(path, named, methods=list(methods or ("GET",)), include_in_schema=False)
        return made

    def guarded(self, handler: Handler, *, counted: bool = True) -> Handler:
        """The handler, with a page for everything that can come up, and limits for whoever asks too often."""

        async def answer(request: Request) -> Response:
            client = request.client.host if request.client else "nobody"
            throttle = self.asks if request.method in ("GET", "HEAD") else self.writes
            if counted and not throttle.takes(client):
                return await self.refusal(request, TOO_OFTEN, headers={"Retry-After": "60"})
            try:
                return await handler(request)
            except LinkClosed as error:
                return await self.refusal(request, WHY_CLOSED[error.why])
            except NotFound:
                return await self.refusal(request, NOT_THERE)
            except StoreUnavailable:
                return await self.refusal(request, NO_ROOM)
            except HTTPException as error:
                large = error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                return await self.refusal(request, TOO_LARGE if large else UNREADABLE)
            except Exception as error:  # noqa: BLE001 - whoever reads a page gets a page
                # Only the class and the place: the text of a database error may repeat what it was asked.
                log.error("a page failed", error=name_of(error), at=place_of(error))
                return await self.refusal(request, FAILED)

        return answer

    @staticmethod
    def asks_for_a_page(request: Request) -> bool:
        return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")

    async def not_there(self, request: Request) -> Response:
        """For an address that nobody has. Who asks for no page, and whoever asks the API, gets the API's own answer."""
        if not self.asks_for_a_page(request):
            raise HTTPException(HTTPStatus.NOT_FOUND)

        async def missing(_: Request) -> Response:
            raise NotFound("page", request.url.path)

        return await self.guarded(missing)(request)

    async def refusal(
        self, request: Request, why: tuple[int, str, str], *, headers: dict[str, str] | None = None
    ) -> Response:
        """A page that says in words why there is nothing else, and what to do."""
        status, title, advice = why
        organisation = OrganisationSettings() if why is FAILED else await self.organisation()
        language = self.language(request, organisation)
        facts: dict[str, Any] = {"title": title, "advice": advice}
        return page("refusal.html", organisation, language, status=status, headers=headers, **facts)
