"""Deadlines that have come: warn, fail, and what follows from it."""

from __future__ import annotations

from cases import kpis
from cases.attempts import FIRST, Attempt
from cases.reminders import remind
from cases.settling import settle
from cases.unit import CaseTools
from engine.failpoints import failpoint
from models.messages.cases import OPEN_STATUSES, LapseInput, Outcome
from models.messages.incidents import StepFault
from models.messages.slas import ClockKind

CLOCKS = "clocks"
"""The key of the incident that the deadlines of a case could not be judged."""


class CaseClocks:
    def __init__(self, tools: CaseTools) -> None:
        self.tools = tools

    async def lapse_clocks(self, given: LapseInput, attempt: Attempt = FIRST) -> Outcome:
        """Warn and fail what is due at `now`, and remind of activities. What was done is not due any more, so a repetition
        writes nothing."""
        async with self.tools.unit(given.case_id, given.now, attempt) as unit:
            clocks = (await unit.snapshot()).clocks
            if unit.case.status not in OPEN_STATUSES or not clocks or clocks[0].due > given.now:
                return Outcome(snapshot=await unit.snapshot())
            due = {clock.kind is ClockKind.REMINDER for clock in clocks if clock.due <= given.now}
            if False in due:
                await kpis.lapse(unit)
            if True in due:
                await remind(unit)
            snapshot = await settle(unit, done=CLOCKS)
            await unit.flush()
            failpoint("clocks.written")
        failpoint("clocks.committed")
        return Outcome(snapshot=snapshot)

    async def set_aside(self, given: LapseInput, error: Exception) -> Outcome:
        """The deadlines could not be judged at all: they stay due, and the run tries again after a pause."""
        async with self.tools.unit(given.case_id, given.now) as unit:
            incident = await unit.set_aside(CLOCKS, "deadlines", error)
            snapshot = await unit.snapshot()
        return Outcome(snapshot=snapshot, fault=StepFault(step="deadlines", incident=incident))
