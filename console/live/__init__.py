"""What keeps open pages fresh: a stream that says which cases have changed, and the server's time for those without it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.live.stream import LivePages
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    pages = LivePages(staff)
    return [
        staff.part("/part/live", pages.stream),
        staff.part("/part/live/now", pages.now),
    ]
