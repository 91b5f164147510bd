"""What the Temporal UI shows of a case: current details in Markdown, and its search attributes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from models.messages.cases import CaseSnapshot
from models.messages.slas import Clock, ClockKind

NEXT_DUE = "CaseNextDue"


def case_details(snapshot: CaseSnapshot) -> str:
    """Stage, owner, queue, and every open KPI with its next deadline."""
    lines = [
        f"**{snapshot.number}** {snapshot.status} ({snapshot.status_reason}), version {snapshot.version}",
        f"- Stage: **{snapshot.stage or '-'}**",
        f"- Queue: **{snapshot.queue or '-'}**, owner: **{snapshot.owner or '-'}**",
        f"- SLA: **{snapshot.sla_state}**",
    ]
    lines += [f"- {deadline_name(clock)} at {clock.due:%Y-%m-%d %H:%M:%S} UTC" for clock in snapshot.clocks]
    if snapshot.incidents:
        lines.append(f"- **Incidents: {snapshot.incidents}** open; `GET /api/v1/incidents?case={snapshot.number}`")
    return "\n".join(lines)


def deadline_name(clock: Clock) -> str:
    """The name of the timer and the step of a deadline: `first-response warns`, `first-response fails`."""
    return f"{clock.kpi} {DEADLINE_VERBS[clock.kind]}"


DEADLINE_VERBS = {
    ClockKind.WARNING: "warns",
    ClockKind.FAILURE: "fails",
    ClockKind.ESCALATION: "escalates",
    ClockKind.REMINDER: "is due",
}
INCIDENT = "incident"
"""Stands in the place of the SLA state while a case has open incidents, so that the UI can list such cases."""


def search_attributes(snapshot: CaseSnapshot) -> dict[str, str | datetime | None]:
    """By name; None: unset. Plain text in the server: identifiers and states only."""
    return {
        "CaseStatus": snapshot.status.value,
        "CaseStage": snapshot.stage,
        "CaseQueue": snapshot.queue,
        "CaseOwner": snapshot.owner,
        "CasePriority": snapshot.priority,
        "CaseAccount": str(snapshot.account_id) if snapshot.account_id else None,
        "CaseEntitlement": str(snapshot.entitlement_id) if snapshot.entitlement_id else None,
        "CaseSla": INCIDENT if snapshot.incidents else snapshot.sla_state.value,
        NEXT_DUE: snapshot.clocks[0].due if snapshot.clocks else None,
    }


def attribute_update(name: str, value: str | datetime | None) -> SearchAttributeUpdate[Any]:
    if name == NEXT_DUE:
        due = SearchAttributeKey.for_datetime(name)
        return due.value_unset() if not isinstance(value, datetime) else due.value_set(value)
    keyword = SearchAttributeKey.for_keyword(name)
    return keyword.value_unset() if value is None else keyword.value_set(str(value))
