"""Pages of people who are signed in: whose session it is, whether a form is ours, and what is shown when it cannot be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console.cookies import COOKIE
from console.forms import AS_A_SESSION
from console.languages import N_, accepted, chosen
from console.own_words import as_read
from console.rendering import HEADERS, page
from console.site import NO_ROOM, TOO_LARGE, UNREADABLE, Site
from console.throttling import Throttle
from console.view import view
from console.visitor import Visitor
from desk.entering import second_factor
from desk.errors import DeskError, Forbidden, Invalid, NotFound
from desk.preferences import preferences_of
from desk.refusals import KeyReused
from desk.services import Services
from desk.sessions import SEEN_EVERY, signed_in, touch
from models.messages.reference import Role
from models.messages.said import joined, said, word
from models.messages.storable import Unstorable, text_fault
from storage.errors import name_of, place_of
from storage.files import StoreUnavailable

ASKS_A_MINUTE, DEEDS_A_MINUTE = 1_200, 240
"""Of one session: several tabs that keep themselves fresh stay far below."""
MOST_FIELDS, MOST_FILES = 500, 30
SECRET_FIELDS = frozenset({"form", "password", "again", "present", "code"})
"""Which no page repeats."""
LONGEST_FIELD = 1024 * 1024
"""Bytes of one field that is no file."""

SET_UP = "/me/second-factor"
WITHOUT_SECOND_FACTOR = frozenset({SET_UP, f"{SET_UP}.svg", f"{SET_UP}/confirm", f"{SET_UP}/off", "/sign-out"})
"""What somebody reaches who needs a second factor and has none yet."""

SIGNED_OUT = (401, N_("Please sign in again"), N_("Your session is over. What you have typed is still here."))
SEND_AGAIN = (
    422,
    N_("Not sent yet"),
    N_("You have signed in since this page was opened. Please check and send again."),
)
SENT_BEFORE = (
    422,
    N_("Sent before"),
    N_("This form was sent before, with something else in it. Please check and send again."),
)
NOT_THERE = (404, N_("This is not there"), N_("Perhaps it was moved, or it is not for you to see."))
TOO_OFTEN = (429, N_("Too many requests"), N_("Please wait a minute and try again."))
FAILED = (
    500,
    N_("Something went wrong on our side"),
    N_("Please try again. If it stays, tell your operator this number:"),
)
SECOND_FACTOR_FIRST = (
    403,
    N_("Set up your second factor first"),
    N_("Your rights need one. Open any page, and you are led to it."),
)
MAY_NOT = N_("You may not do this")
REFUSED = N_("This could not be done")

PageHandler = Callable[[Request, Visitor], Awaitable[Response]]
DeedHandler = Callable[[Request, Visitor, "Posted"], Awaitable[Response]]
Answer = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that is ours. `key`: the same for each time that this form is sent, so that it counts once."""

    form: FormData
    key: str

    def text(self, name: str) -> str:
        """What was typed into a field, with the line ends of Unix; empty if the form has no such field."""
        value = self.form.get(name, "")
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        return [value for value in self.form.getlist(name) if isinstance(value, str)]


class StaffRoute(Route):
    """A route for which one signs in. `roles`: any one of them is needed; none: whoever is signed in."""

    roles: tuple[Role, ...] = ()


class Staff:
    """One for the process: makes the routes of all pages for which one signs in."""

    def __init__(self, site: Site, services: Services) -> None:
        self.site, self.services = site, services
        self.house, self.database, self.definitions = site.house, site.database, site.definitions
        self.asks, self.deeds = Throttle(ASKS_A_MINUTE, 60), Throttle(DEEDS_A_MINUTE, 60)
        self.signs_of_life = Throttle(1, SEEN_EVERY.total_seconds())

    def page(self, path: str, handler: PageHandler, *, roles: tuple[Role, ...] = ()) -> Route:
        """A page. `roles`: any one of them is needed."""

        async def answer(request: Request, me: Visitor) -> Response:
            self._allowed(me, roles)
            return await handler(request, me)

        return self._route(path, answer, "GET", roles)

    def part(self, path: str, handler: PageHandler, *, roles: tuple[Role, ...] = ()) -> Route:
        """A piece of a page, which scripts fetch. It never stands at a page's address: Back would show it alone."""
        if not path.startswith("/part/"):
            raise ValueError(f"{path}: parts of pages are below /part/")
        return self.page(path, handler, roles=roles)

    def deed(self, path: str, handler: DeedHandler, *, roles: tuple[Role, ...] = ()) -> Route:
        """What a form is sent to. The handler is called with a form that we gave out to this session."""

        async def answer(request: Request, me: Visitor) -> Response:
            self._allowed(me, roles)
            async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as form:
                mark = self.site.forms.read(request, str(me.session.id), form.get("form"), me.now, lasts=AS_A_SESSION)
                if not mark.fresh:
                    return self.given_back(me, form, SEND_AGAIN, key=mark.key)
                try:
                    return await handler(request, me, Posted(form, mark.key))
                except KeyReused:
                    return self.given_back(me, form, SENT_BEFORE)

        return self._route(path, answer, "POST", roles)

    def view(self, me: Visitor, template: str, *, status: int = 200, headers: Any = None, **facts: Any) -> Response:
        """`template` for this visitor; `mark()` in it makes a form ours."""

        def mark(key: str | None = None) -> str:
            return self.site.forms.mark(str(me.session.id), me.now, key)

        return view(me, template, status=status, headers=headers, mark=mark, **facts)

    async def not_there(self, request: Request) -> Response:
        """For an address that nobody has: whoever is signed in reads what they would of a thing that is not for them."""
        me = await self.visitor(request) if self.site.asks_for_a_page(request) else None
        if me is None:
            return await self.site.not_there(request)
        if not self.asks.takes(str(me.session.id)):
            return self.refusal(me, TOO_OFTEN, **{"Retry-After": "60"})
        return self.refusal(me, NOT_THERE)

    def refusal(self, me: Visitor, why: tuple[int, str, str], *, said: str = "", **headers: str) -> Response:
        """A page, or a notice in the page that a part was for, that says why there is nothing else, and what to do."""
        status, title, advice = why
        template = "staff/notice.html" if me.part else "staff/refusal.html"
        if me.part:
            headers |= {"HX-Retarget": "#banner", "HX-Reswap": "innerHTML"}
        return self.view(me, template, status=status, headers=headers, title=title, advice=advice, said=said)

    def refused(self, me: Visitor, error: DeskError) -> Response:
        """What the desk does not do, in its own words."""
        if isinstance(error, NotFound):
            return self.refusal(me, NOT_THERE)
        title = MAY_NOT if isinstance(error, Forbidden) else REFUSED
        return self.refusal(me, (error.status, title, ""), said=error.detail)

    def given_back(self, me: Visitor, form: FormData, why: tuple[int, str, str], *, key: str | None = None) -> Response:
        """The form as it was filled, to be sent again: nothing that was typed is lost."""
        status, title, advice = why
        fields = _typed(form)
        files = [value.filename for _, value in form.multi_items() if not isinstance(value, str) and value.filename]
        headers = {"HX-Retarget": "#banner", "HX-Reswap": "innerHTML"} if me.part else None
        template = "staff/given_back_part.html" if me.part else "staff/given_back.html"
        facts: dict[str, Any] = {"title": title, "advice": advice, "fields": fields, "files": files, "key": key}
        return self.view(me, template, status=status, headers=headers, **facts)

    @staticmethod
    def after(me: Visitor, address: str) -> Response:
        """Where a form leads when it is done. A script that has sent it is told, and goes there as a link would."""
        if me.part:
            return Response(None, 204, headers={**HEADERS, "HX-Redirect": address})
        return RedirectResponse(address, 303, headers=HEADERS)

    async def visitor(self, request: Request) -> Visitor | None:
        """Who asks; None unless they are signed in."""
        secret, now = request.cookies.get(COOKIE, ""), self.site.now()
        if not secret:
            return None
        async with self.database.read() as session:
            found = await signed_in(session, secret, now)
            if found is None:
                return None
            organisation = await self.definitions.organisation(session)
            preferences = await preferences_of(session, found.identity.agent_id)
            lacking = await second_factor.is_missing(session, organisation, found)
        wanted = accepted(request.headers.get("accept-language", ""))
        language = chosen(preferences.language, *wanted, organisation.language)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        part = "hx-request" in request.headers or request.url.path.startswith("/part/")
        posted = request.method == "POST" and not part
        return Visitor(found, preferences, as_read(organisation, language), language, now, here, part, lacking, posted)

    def _route(
        self,
        path: str,
        answer: Callable[[Request, Visitor], Awaitable[Response]],
        method: str,
        roles: tuple[Role, ...],
    ) -> StaffRoute:
        async def guarded(request: Request) -> Response:
            # Figures and logs name a request by its route, never by its address.
            request.scope["route"] = made
            me = await self.visitor(request)
            if me is None:
                return await self._signed_out(request)
            request.state.actor = me.identity.slug
            await self._seen(me)
            if me.needs_second_factor and path not in WITHOUT_SECOND_FACTOR:
                return self._to_second_factor(request, me)
            throttle = self.asks if method == "GET" else self.deeds
            if not throttle.takes(str(me.session.id)):
                return self.refusal(me, TOO_OFTEN, **{"Retry-After": "60"})
            return await self._answered(request, me, answer)

        made = StaffRoute(path, guarded, methods=[method], include_in_schema=False)
        made.roles = roles
        return made

    async def _answered(
        self, request: Request, me: Visitor, answer: Callable[[Request, Visitor], Awaitable[Response]]
    ) -> Response:
        try:
            return await answer(request, me)
        except DeskError as error:
            return self.refused(me, error)
        except Unstorable as error:
            return self.refused(me, _unstorable(request, error))
        except StoreUnavailable:
            return self.refusal(me, NO_ROOM)
        except HTTPException as error:
            return self.refusal(me, TOO_LARGE if error.status_code == TOO_LARGE[0] else UNREADABLE)
        except Exception as error:  # noqa: BLE001 - whoever reads a page gets a page
            # Only the class and the place: the text of a database error may repeat what it was asked.
            number = str(getattr(request.state, "request_id", ""))[:12]
            log.error("a page failed", error=name_of(error), at=place_of(error), number=number)
            return self.refusal(me, FAILED, said=number)

    def _to_second_factor(self, request: Request, me: Visitor) -> Response:
        if request.method == "GET" and not me.part:
            # One's own page is where the second factor was switched off: nobody wants to go on to what it said of that.
            wanted = me.here.partition("?")[0] not in ("/", "/me")
            at = f"{SET_UP}?next={quote(me.here, safe='')}" if wanted else SET_UP
            return RedirectResponse(at, 303, headers=HEADERS)
        return self.refusal(me, SECOND_FACTOR_FIRST)

    async def _seen(self, me: Visitor) -> None:
        if self.signs_of_life.takes(str(me.session.id)):
            async with self.database.write() as session:
                await touch(session, me.session.id, me.now)

    async def _signed_out(self, request: Request) -> Response:
        """To the sign-in; from a form, what was typed is given back with it, and nothing is done."""
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method == "GET" and "hx-request" not in request.headers and not here.startswith("/part/"):
            return RedirectResponse(f"/sign-in?next={quote(here, safe='')}", 303, headers=HEADERS)
        kept: list[tuple[str, str]] = []
        if request.method == "POST":
            async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as form:
                kept = _typed(form)
        status, title, advice = SIGNED_OUT
        organisation = await self.site.organisation()
        language = self.site.language(request, organisation)
        template = "staff/signed_out_notice.html" if "hx-request" in request.headers else "staff/signed_out.html"
        headers = {"HX-Retarget": "#banner", "HX-Reswap": "innerHTML"}
        facts: dict[str, Any] = {"title": title, "advice": advice, "fields": kept, "address": here}
        return page(template, organisation, language, status=status, headers=headers, **facts)

    @staticmethod
    def _allowed(me: Visitor, roles: tuple[Role, ...]) -> None:
        if roles and not me.has(*roles):
            needed = joined((word(role.value) for role in roles), " or ")
            raise Forbidden(said("this page needs the role {needed}", needed=needed), needed=roles)


def _unstorable(request: Request, error: Unstorable) -> DeskError:
    """No row can hold it: nothing has such a name, and a question of it is wrong."""
    if any(text_fault(str(value)) for value in request.path_params.values()):
        return NotFound("page", request.url.path)
    asked = request.query_params.multi_items()
    return next((Invalid(name, rule) for name, value in asked if (rule := text_fault(value))), Invalid("", error.rule))


def _typed(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in SECRET_FIELDS]
