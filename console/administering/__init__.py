"""What administrators lay down: people, queues, rules, promises, processes and letters; and who changed what."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.administering.auditing import Auditing
from console.administering.calendars import Calendars
from console.administering.contracts import Contracts
from console.administering.definitions import Definitions
from console.administering.home import AdminHome
from console.administering.kinds import ADMINISTRATORS, MANAGERS, SORTS, Sort
from console.administering.letters_shown import LettersShown
from console.administering.organisation_file import OrganisationFiles
from console.administering.people import People
from console.administering.promising import Promising
from console.administering.records import Records
from console.administering.settings import SettingsPages
from console.administering.trying import Trying
from console.staff import Staff

OF_RECORDS: dict[str, type[Records]] = {"agents": People, "entitlements": Contracts}
OF_DEFINITIONS: dict[str, type[Definitions]] = {
    "slas": Promising,
    "calendars": Calendars,
    "routing-rule-sets": Trying,
    "record-creation-rules": Trying,
    "templates": LettersShown,
}
"""Pages of kinds that have more than every kind has."""


def routes(staff: Staff) -> list[BaseRoute]:
    home, auditing, files = AdminHome(staff), Auditing(staff), OrganisationFiles(staff)
    found: list[BaseRoute] = [
        staff.page("/admin", home.show, roles=MANAGERS),
        staff.page("/admin/audit", auditing.show, roles=MANAGERS),
        staff.page("/admin/file", files.show, roles=ADMINISTRATORS),
        staff.page("/admin/file/export", files.take_out, roles=ADMINISTRATORS),
        staff.deed("/admin/file", files.bring_in, roles=ADMINISTRATORS),
        *SettingsPages(staff).routes(),
    ]
    for sort in SORTS.values():
        found += _pages(staff, sort).routes()
    return found


def _pages(staff: Staff, sort: Sort) -> Records | Definitions:
    if sort.record is not None:
        return OF_RECORDS.get(sort.plural, Records)(staff, sort)
    return OF_DEFINITIONS.get(sort.plural, Definitions)(staff, sort)
