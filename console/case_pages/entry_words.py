"""What entries of a timeline say, in words for people."""

from __future__ import annotations

from typing import Any

from console.labels import label_of_path, names_of_step, of_case
from console.languages import N_
from desk.queries.names import Names
from models.messages.api_case_views import TimelineItem
from models.messages.said import joined, word

UNKNOWN = "?"
UNPROMISED = N_("No promises apply")
UNCHANGED = N_("Nothing had to be changed")

WORDS: dict[str, str] = {
    "opened": N_("Case opened"),
    "entitlement": N_("Contract looked for"),
    "process": N_("Process chosen: %(process)s"),
    "acknowledgement": N_("Receipt sent to the customer"),
    "sla": N_("Promises chosen: %(sla)s"),
    "sla-set": N_("Promises chosen: %(sla)s"),
    "sla-not-set": N_("Promises were not changed"),
    "sla-unapplied": N_("Promises could not be applied"),
    "kpi-created": N_("Promise begins: %(item)s"),
    "kpi-paused": N_("Promise paused: %(item)s"),
    "kpi-resumed": N_("Promise runs again: %(item)s"),
    "kpi-succeeded": N_("Promise met: %(item)s"),
    "kpi-cancelled": N_("Promise ended: %(item)s"),
    "kpi-warned": N_("Promise is nearly due: %(item)s"),
    "kpi-failed": N_("Promise missed: %(item)s"),
    "kpi-reinstated": N_("Promise runs again: %(item)s"),
    "kpi-recomputed": N_("Promise follows its calendar: %(item)s"),
    "kpi-escalated": N_("Missed promise escalated: %(item)s"),
    "kpi-escalation-paused": N_("Escalation paused: %(item)s"),
    "kpi-escalation-resumed": N_("Escalation goes on: %(item)s"),
    "kpi-escalation-ended": N_("Escalation ended: %(item)s"),
    "escalated": N_("Escalated"),
    "acknowledged": N_("Escalation taken care of"),
    "recomputed": N_("Promises follow a changed calendar"),
    "routed": N_("Routed to %(where)s"),
    "not-routed": N_("Could not be routed"),
    "picked": N_("Picked from %(queue)s"),
    "released": N_("Released to %(queue)s"),
    "assigned": N_("Assigned to %(owner)s"),
    "not-assigned": N_("Could not be assigned"),
    "removed-from-queue": N_("Taken out of %(queue)s"),
    "changed": N_("Changed: %(fields)s"),
    "not-changed": N_("Could not be changed"),
    "stage": N_("Stage: %(was)s → %(stage)s"),
    "process-finished": N_("Process finished"),
    "process-abandoned": N_("Process abandoned"),
    "process-reactivated": N_("Process taken up again"),
    "process-switched": N_("Process changed to %(process)s"),
    "held": N_("Put on hold: %(status_reason)s"),
    "resumed": N_("Resumed: %(status_reason)s"),
    "resolved": N_("Resolved: %(resolution_type)s"),
    "cancelled": N_("Cancelled: %(status_reason)s"),
    "reactivated": N_("Reactivated: %(status_reason)s"),
    "reply": N_("Reply"),
    "reply-undone": N_("Reply taken back"),
    "send-failed": N_("A letter did not arrive"),
    "mail": N_("Mail"),
    "mail-held": N_("Further mail is held"),
    "note": N_("Note"),
    "first-response": N_("First response said by hand"),
    "article": N_("Article %(article)s"),
    "article-unlinked": N_("Article unlinked"),
    "activity": N_("Activity"),
    "activity-changed": N_("Activity changed"),
    "activity-completed": N_("Activity completed"),
    "activity-cancelled": N_("Activity cancelled"),
    "converted": N_("Became this case"),
    "reminded": N_("Reminder sent"),
    "not-reminded": N_("Reminder could not be sent"),
    "notified": N_("Colleagues told"),
    "not-notified": N_("Colleagues could not be told"),
    "child-added": N_("Child case added: %(related)s"),
    "linked": N_("Became a child of %(related)s"),
    "unlinked": N_("No longer a child of %(related)s"),
    "merging": N_("Cases are merged into this one"),
    "merged": N_("Merged into %(related)s"),
    "adopted": N_("Merged with %(related)s"),
    "kept": N_("Stays as it is"),
    "split-off": N_("A mail became %(related)s"),
    "customer-merged": N_("Customer merged with another record"),
    "customer-solved": N_("The customer says that it is solved"),
    "survey-answered": N_("The customer answered a survey: %(score)s"),
    "survey-asked": N_("Survey sent"),
    "survey-withdrawn": N_("Survey withdrawn"),
    "incident": N_("A step failed on our side: %(step)s"),
    "incident-done": N_("The failed step was done after all"),
    "incident-dismissed": N_("The failed step was dismissed"),
    "webhook-delivered": N_("Another program was told"),
    "webhook-failed": N_("Another program could not be told"),
}
"""By the kind of the entry. A kind that is not here is shown by its own name."""

WHY: dict[str, str] = {
    "why": N_("Why"),
    "rule": N_("Rule"),
    "by": N_("By"),
    "outcome": N_("Outcome"),
    "method": N_("Recognised by"),
    "automatic": N_("Automatic"),
    "changes": N_("Changes"),
    "failure_at": N_("Due"),
    "remaining": N_("Left"),
    "reason": N_("Reason"),
    "error": N_("Error"),
    "to": N_("To"),
    "text": N_("Said"),
}
"""Data of entries that explains them, by name, with its label."""
INSTANTS = ("failure_at",)
"""Data that are instants, as ISO 8601 has them."""
OURS = ("why", "by", "outcome", "method")
"""What of it the house says itself; all else may hold what people wrote."""


def changes_of(item: TimelineItem) -> dict[str, Any]:
    """`[old, new]` by field. An action of a promise tells of the priority beside the changes of others."""
    changes = item.data.get("changes")
    if isinstance(changes, dict):
        return changes
    priority = item.data.get("priority")
    return {"priority": priority} if item.kind == "changed" and isinstance(priority, list) else {}


def words_of(item: TimelineItem, names: Names) -> tuple[str, dict[str, str]]:
    """The text, and what stands in its places; a place of which nothing is known shows a question mark."""
    values = {
        name: names.get(name, {}).get(str(value), str(value))
        for name, value in item.data.items()
        if isinstance(value, str | int)
    }
    values["where"] = values.get("queue") or values.get("agent") or values.get("team") or UNKNOWN
    values["fields"] = joined(word(label_of_path(of_case(name))) for name in changes_of(item)) or UNKNOWN
    for place in ("process", "sla", "item", "queue", "owner", "was", "stage", "status_reason", "resolution_type"):
        values.setdefault(place, UNKNOWN)
    for place in ("article", "related", "score", "step"):
        values.setdefault(place, UNKNOWN)
    values["step"] = joined(map(word, names_of_step(values["step"])), ": ")
    if item.kind == "changed" and not changes_of(item):
        return UNCHANGED, values
    if item.kind in ("sla", "sla-set") and not item.data.get("sla"):
        return UNPROMISED, values
    return WORDS.get(item.kind, "%(kind)s"), values | {"kind": item.kind}
