"""The pages as routes of the house's one HTTP application; `routes` hands them to whoever puts that together."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from console import (
    administering,
    assets,
    case_pages,
    composing,
    desk_pages,
    entering,
    live,
    managing,
    operating,
    reading,
    starting,
)
from console.customer import CustomerPages
from console.help import HelpPages
from console.looks import Looks
from console.operating.workers import Examine
from console.site import Site
from console.staff import Staff
from console.starting.house import DemoHouse
from console.surveys import SurveyPages
from desk.services import Services, WiredHouse


def routes(house: WiredHouse, services: Services, examine: Examine, demo: DemoHouse | None = None) -> list[BaseRoute]:
    """All pages. Each answers in HTML, whatever happens (`Site.guarded`, `Staff`)."""
    site = Site(house)
    looks, surveys, customer, help_pages = Looks(site), SurveyPages(site), CustomerPages(site), HelpPages(site)
    route = site.route
    return [
        route("/pages/brand.css", looks.brand),
        route("/pages/logo", looks.logo),
        route("/favicon.ico", looks.icon),
        route("/pages/style-{hashed}.css", looks.style),
        # Each new browser asks for dozens of them, and a whole office may have one address.
        route("/pages/{version}/{name:path}", assets.served, counted=False),
        route("/survey/{token}", surveys.show, "GET"),
        route("/survey/{token}", surveys.answer, "POST"),
        route("/my/{token}", customer.show, "GET"),
        route("/my/{token}/answer", customer.answer, "POST"),
        route("/my/{token}/solved", customer.solved, "POST"),
        route("/my/{token}/new", customer.ask_for_new, "POST"),
        route("/my/{token}/new", customer.asked_for_new, "GET"),
        route("/my/{token}/answer", customer.again, "GET"),
        route("/my/{token}/solved", customer.again, "GET"),
        route("/my/{token}/files/{id}", customer.file, "GET"),
        route("/help", help_pages.search, "GET"),
        route("/help/{number}", help_pages.article, "GET"),
        *signed_in_pages(site, services, examine, demo),
    ]


def signed_in_pages(site: Site, services: Services, examine: Examine, demo: DemoHouse | None = None) -> list[BaseRoute]:
    """Those for which one signs in, room by room."""
    staff = Staff(site, services)
    # desk_pages comes first: some of its addresses, such as /cases/new, look like the number of a case.
    rooms = (
        desk_pages,
        case_pages,
        live,
        managing,
        reading,
        entering,
        composing,
        administering,
    )
    made = [route for room in rooms for route in room.routes(staff)]
    return [
        *made,
        *operating.routes(staff, examine),
        *starting.routes(staff, demo),
        # The last: whatever a browser asks for and nobody has, but for addresses of the API, which answers in JSON.
        Route("/{rest:path}", staff.not_there, methods=["GET"], include_in_schema=False),
    ]
