"""An agent's own desk: what waits for them, lists of cases, search, notices."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.desk_pages.home import Home
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    home = Home(staff)
    return [staff.page("/", home.show)]
