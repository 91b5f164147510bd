"""The first page of operations, and the mark in the frame that is red before anybody asks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.staff import Staff
from console.visitor import Visitor
from desk.queries.standing import standing
from models.messages.mailflow import OutboxState


class Overview:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        beat = await self.staff.services.pulse.beat()
        async with self.staff.database.read() as session:
            stands = await standing(session, me.now, storing=beat.ok)
        waiting = stands.letters(OutboxState.QUEUED, OutboxState.SENDING)
        facts = {"waiting": waiting, "bounced": stands.letters(OutboxState.BOUNCED)}
        return self.staff.view(me, "operating/overview.html", stands=stands, beat=beat, **facts)

    async def mark(self, request: Request, me: Visitor) -> Response:
        """Beside "Operations" in the frame: fetched once a minute, and empty while all is well."""
        beat = await self.staff.services.pulse.beat()
        async with self.staff.database.read() as session:
            stands = await standing(session, me.now, storing=beat.ok)
        return self.staff.view(me, "operating/mark.html", stands=stands)
