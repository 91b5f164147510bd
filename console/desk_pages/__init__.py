"""An agent's own desk: what waits for them, lists of cases, search, notices."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.desk_pages.home import Home
from console.desk_pages.lists import Lists
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    home, lists = Home(staff), Lists(staff)
    return [
        staff.page("/", home.show),
        staff.deed("/pick-next", home.pick),
        staff.page("/cases", lists.show),
        staff.part("/part/cases/rows", lists.rows),
        staff.part("/part/cases/news", lists.news),
        staff.part("/part/cases/counts", lists.counts),
    ]
