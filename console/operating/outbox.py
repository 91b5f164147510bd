"""What is to leave, what could not, and to whom nothing is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from console.faults import Fault, fault_of, faults_of
from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk import suppressions
from desk.errors import Conflict, NotFound
from desk.queries.letters import letters
from desk.queries.mailboxes import mailbox_statuses
from models.messages.mail_facts import OutgoingKind
from models.messages.mailflow import OutboxState
from models.messages.suppressions import SuppressionBody

PAGE = 50
VIEWS = {
    "waiting": (OutboxState.QUEUED, OutboxState.SENDING),
    "failed": (OutboxState.FAILED,),
    "bounced": (OutboxState.BOUNCED,),
    "suppressed": (OutboxState.SUPPRESSED,),
    "sent": (OutboxState.SENT,),
}
KINDS: dict[str, str] = {
    OutgoingKind.REPLY: N_("Reply"),
    OutgoingKind.ARTICLE: N_("Article"),
    OutgoingKind.ACKNOWLEDGEMENT: N_("Receipt"),
    OutgoingKind.NOTICE: N_("Notice"),
    OutgoingKind.SURVEY: N_("Survey"),
}
STATES: dict[str, str] = {
    OutboxState.QUEUED: N_("Waiting"),
    OutboxState.SENDING: N_("Is being sent"),
    OutboxState.SENT: N_("Sent"),
    OutboxState.FAILED: N_("Refused"),
    OutboxState.BOUNCED: N_("Bounced"),
    OutboxState.SUPPRESSED: N_("Suppressed"),
    OutboxState.UNDONE: N_("Taken back"),
}


class Outgoing:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        view = request.query_params.get("view", "waiting")
        if view not in VIEWS:
            raise NotFound("view", view)
        beat = await self.staff.services.pulse.beat()
        async with self.staff.database.read() as session:
            items, following = await letters(session, VIEWS[view], _after(request), PAGE)
            boxes = await mailbox_statuses(session, me.now, storing=beat.ok)
        facts: dict[str, Any] = {
            "items": items,
            "following": following,
            "view": view,
            "views": list(VIEWS),
            "boxes": boxes,
            "kinds": KINDS,
            "states": STATES,
        }
        return self.staff.view(me, "operating/outbox.html", **facts)

    async def suppressions(self, request: Request, me: Visitor) -> Response:
        return await self._suppressed(request, me)

    async def add(self, request: Request, me: Visitor, posted: Posted) -> Response:
        address, detail = posted.text("address").strip(), posted.text("detail").strip()
        try:
            body = SuppressionBody(address=address, detail=detail or None)
            async with self.staff.database.write() as session:
                await suppressions.add(session, me.identity, body, me.now)
        except (ValidationError, Conflict) as error:
            fault = Fault("address", fault_of(error).words, {}) if isinstance(error, Conflict) else faults_of(error)[0]
            return await self._suppressed(request, me, fault=fault, address=address, detail=detail, status=422)
        return self.staff.after(me, "/operations/suppressions")

    async def lift(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async with self.staff.database.write() as session:
            await suppressions.lift(session, me.identity, posted.text("address"), me.now)
        return self.staff.after(me, "/operations/suppressions")

    async def _suppressed(
        self,
        request: Request,
        me: Visitor,
        *,
        fault: Fault | None = None,
        address: str = "",
        detail: str = "",
        status: int = 200,
    ) -> Response:
        async with self.staff.database.read() as session:
            items, following = await suppressions.listed(session, after=_after(request), limit=PAGE)
        facts = {"items": items, "following": following, "fault": fault, "address": address, "detail": detail}
        return self.staff.view(me, "operating/suppressions.html", status=status, **facts)


def _after(request: Request) -> UUID | None:
    given = request.query_params.get("after")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise NotFound("page", given) from None
