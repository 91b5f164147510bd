"""What is done with the promises of a case themselves: acknowledged when missed, moved when a calendar has changed."""

from __future__ import annotations

from cases import kpis
from cases.unit import CaseUnit, refused
from models.messages.api_cases import RecomputeBody
from models.messages.cases import CaseCommand, ProblemType
from models.messages.said import of_error, said
from policies.business_time import NoWorkingTime


async def acknowledge(unit: CaseUnit, command: CaseCommand) -> None:
    """No further step of an escalation is taken; what was missed stays missed."""
    ended = await kpis.acknowledge(unit)
    if not ended:
        raise refused(ProblemType.NOT_ESCALATING, said("No promise of the case is being escalated."))
    unit.tell(f"command/{command.id}", "acknowledged", actor_id=command.actor_id, promises=ended)


async def recompute(unit: CaseUnit, command: CaseCommand, body: RecomputeBody) -> None:
    """The open promises that began under an earlier version of the calendar are due by the one in force (domain 4.5)."""
    try:
        unit.changed = await kpis.recompute(unit, body.calendar)
    except NoWorkingTime as error:
        raise refused(ProblemType.INVALID, of_error(error), field="calendar") from None
    if unit.changed:
        unit.tell(f"command/{command.id}", "recomputed", actor_id=command.actor_id, calendar=body.calendar)
