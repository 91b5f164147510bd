"""An agent's own desk: what waits for them, lists of cases, search, notices."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.desk_pages.bulk import Bulk
from console.desk_pages.home import Home
from console.desk_pages.lists import Lists
from console.desk_pages.new_case import NewCase
from console.desk_pages.notices import Notices
from console.desk_pages.searching import Searching
from console.desk_pages.views import Views
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    home, lists, bulk, views, notices = Home(staff), Lists(staff), Bulk(staff), Views(staff), Notices(staff)
    new, searching = NewCase(staff), Searching(staff)
    return [
        staff.page("/", home.show),
        staff.deed("/pick-next", home.pick),
        staff.page("/cases", lists.show),
        staff.part("/part/cases/rows", lists.rows),
        staff.part("/part/cases/news", lists.news),
        staff.part("/part/cases/counts", lists.counts),
        staff.page("/cases/bulk", bulk.chosen),
        staff.deed("/cases/bulk", bulk.choose),
        staff.deed("/cases/bulk/do", bulk.do),
        staff.page("/cases/bulk/{id}", bulk.show),
        staff.part("/part/cases/bulk/{id}", bulk.part),
        staff.deed("/cases/bulk/{id}/cancel", bulk.cancel),
        staff.page("/cases/views", views.show),
        staff.deed("/cases/views", views.keep),
        staff.deed("/cases/views/{id}/share", views.share),
        staff.deed("/cases/views/{id}/remove", views.drop),
        staff.page("/cases/new", new.show),
        staff.deed("/cases/new", new.open),
        staff.part("/part/cases/new/duplicates", new.duplicates),
        staff.page("/search", searching.show),
        staff.page("/notices", notices.show),
        staff.part("/part/notices/count", notices.count),
        staff.deed("/notices/read", notices.read),
    ]
