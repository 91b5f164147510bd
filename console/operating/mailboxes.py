"""How each mailbox does, with advice and one button."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.mailbox_runs import take_up
from desk.queries.mailboxes import mailbox_statuses
from desk.reference.kinds import MAILBOXES
from desk.reference.records import Edit


class Mailboxes:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        beat = await self.staff.services.pulse.beat()
        async with self.staff.database.read() as session:
            boxes = await mailbox_statuses(session, me.now, storing=beat.ok, sent=False)
        said = request.query_params.get("started")
        return self.staff.view(me, "operating/mailboxes.html", boxes=boxes, started=said)

    async def start(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Activate it, once more if it is active already: what is missing of its runs is started."""
        house, key = self.staff.house, request.path_params["key"]
        async with self.staff.database.write() as session:
            item = await MAILBOXES.activate(Edit(session, me.identity.slug, me.now, house.keyring), key)
        await take_up(house, item)
        return self.staff.after(me, f"/operations/mailboxes?started={item.shown['slug']}")
