"""For operators: is everything well, what is not, and the one thing to do about it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.operating.incidents import Incidents
from console.operating.mailboxes import Mailboxes
from console.operating.outbox import Outgoing
from console.operating.overview import Overview
from console.operating.quarantine import QuarantinePages
from console.operating.workers import Examine, Workers
from console.staff import Staff
from models.messages.reference import Role

OPERATORS = (Role.MANAGER, Role.ADMINISTRATOR)


def routes(staff: Staff, examine: Examine) -> list[BaseRoute]:
    overview, mailboxes, held = Overview(staff), Mailboxes(staff), QuarantinePages(staff)
    outgoing, incidents, workers = Outgoing(staff), Incidents(staff), Workers(staff, examine)
    pages = {
        "/operations": overview.show,
        "/operations/mailboxes": mailboxes.show,
        "/operations/quarantine": held.list,
        "/operations/quarantine/{mailbox}/{id}": held.read,
        "/operations/quarantine/{mailbox}/{id}/raw": held.raw,
        "/operations/outbox": outgoing.show,
        "/operations/suppressions": outgoing.suppressions,
        "/operations/incidents": incidents.show,
        "/operations/workers": workers.show,
    }
    deeds = {
        "/operations/mailboxes/{key}/start": mailboxes.start,
        "/operations/quarantine/{mailbox}/{id}/{verb}": held.decide,
        "/operations/suppressions/lift": outgoing.lift,
        "/operations/suppressions/add": outgoing.add,
        "/operations/incidents/{id}/{verb}": incidents.end,
    }
    return [
        *(staff.page(path, handler, roles=OPERATORS) for path, handler in pages.items()),
        staff.part("/part/operations/mark", overview.mark, roles=OPERATORS),
        *(staff.deed(path, handler, roles=OPERATORS) for path, handler in deeds.items()),
    ]
