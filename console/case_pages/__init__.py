"""The page of one case: what is promised, where it stands, all that was said and done, and everything that can be done."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.case_pages.customer_links import CustomerLinks
from console.case_pages.deeds import CaseDeeds
from console.case_pages.files import Files
from console.case_pages.marks import Marks
from console.case_pages.pages import CasePages
from console.case_pages.printing import Printing
from console.case_pages.saving import Saving
from console.staff import Staff
from models.messages.reference import CASE_ROLES


def routes(staff: Staff) -> list[BaseRoute]:
    pages = CasePages(staff)
    deeds, saving, marks = CaseDeeds(staff, pages), Saving(staff, pages), Marks(staff)
    links = CustomerLinks(staff)
    case = "/cases/{number}"
    return [
        staff.page(f"{case}/print", Printing(staff).show, roles=CASE_ROLES),
        staff.page(f"{case}/why/promises", pages.why, roles=CASE_ROLES),
        staff.part(f"/part{case}/why/promises", pages.why, roles=CASE_ROLES),
        staff.page(f"{case}/customer-links", links.show, roles=CASE_ROLES),
        staff.part(f"/part{case}/customer-links", links.show, roles=CASE_ROLES),
        staff.deed(f"{case}/customer-links/{{id}}", links.close, roles=CASE_ROLES),
        staff.part(f"/part{case}/suggested", pages.suggestions, roles=CASE_ROLES),
        staff.part(f"/part{case}/composer", pages.composer, roles=CASE_ROLES),
        staff.part(f"/part{case}/older", pages.older, roles=CASE_ROLES),
        staff.page(f"{case}/files/{{id}}", Files(staff).download, roles=CASE_ROLES),
        staff.page(f"{case}/pictures/{{id}}", Files(staff).picture, roles=CASE_ROLES),
        staff.page(f"{case}/fields/{{name}}", saving.show, roles=CASE_ROLES),
        staff.deed(f"{case}/fields/{{name}}", saving.save, roles=CASE_ROLES),
        staff.deed(f"{case}/unread", marks.unread, roles=CASE_ROLES),
        staff.deed(f"{case}/order", marks.order, roles=CASE_ROLES),
        *deeds.routes(),
        staff.page(case, pages.show, roles=CASE_ROLES),
        staff.part(f"/part{case}", pages.part, roles=CASE_ROLES),
    ]
