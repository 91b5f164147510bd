"""What administrators lay down: people, queues, rules, promises, processes and letters; and who changed what."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.administering.definitions import Definitions
from console.administering.home import AdminHome
from console.administering.kinds import MANAGERS, SORTS
from console.administering.records import Records
from console.staff import Staff


def routes(staff: Staff) -> list[BaseRoute]:
    home = AdminHome(staff)
    found: list[BaseRoute] = [staff.page("/admin", home.show, roles=MANAGERS)]
    for sort in SORTS.values():
        if sort.record is not None:
            found += Records(staff, sort).routes()
        else:
            found += Definitions(staff, sort).routes()
    return found
