"""Whether somebody works: pollers of the task queues, the oldest overdue clock, and what the doctor finds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.staff import Staff
from console.visitor import Visitor
from desk.findings import Finding
from desk.queries.standing import standing
from desk.workers import polled_queues

Examine = Callable[[], Awaitable[Sequence[Finding]]]
"""What looks at everything that Caseloom stands on (`starter.py doctor`); whoever serves the pages hands it in."""


class Workers:
    def __init__(self, staff: Staff, examine: Examine) -> None:
        self.staff, self.examine = staff, examine

    async def show(self, request: Request, me: Visitor) -> Response:
        """The doctor is asked only on request: it takes seconds where something does not answer."""
        beat = await self.staff.services.pulse.beat()
        queues = await polled_queues(self.staff.house)
        async with self.staff.database.read() as session:
            stands = await standing(session, me.now, storing=beat.ok)
        findings = await self.examine() if "doctor" in request.query_params else None
        facts: dict[str, Any] = {"queues": queues, "stands": stands, "findings": findings, "beat": beat}
        return self.staff.view(me, "operating/workers.html", **facts)
