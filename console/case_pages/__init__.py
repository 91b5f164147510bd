"""The page of one case: what is promised, where it stands, all that was said and done, and everything that can be done."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.case_pages.deeds import CaseDeeds
from console.case_pages.pages import CasePages
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    pages = CasePages(staff)
    deeds = CaseDeeds(staff, pages)
    return [
        staff.page("/cases/{number}", pages.show),
        staff.part("/part/cases/{number}", pages.part),
        staff.part("/part/cases/{number}/older", pages.older),
        *deeds.routes(),
    ]
