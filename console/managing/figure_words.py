"""What the pages call each figure, and how they say what it counts; `docs/kpis.md` says it exactly."""

from __future__ import annotations

from dataclasses import dataclass

from console.languages import N_
from models.messages.figures import FigureBy, FigureName

F = FigureName


@dataclass(frozen=True, slots=True)
class FigureWords:
    """`better`: whether more of it is better (1), worse (-1) or neither (0)."""

    title: str
    counts: str
    better: int = 0


WORDS: dict[str, FigureWords] = {
    F.INCOMING: FigureWords(N_("Incoming cases"), N_("Cases that were opened.")),
    F.RESOLVED: FigureWords(
        N_("Resolved cases"),
        N_("Resolutions. A case that was reactivated and resolved again counts again."),
        1,
    ),
    F.BACKLOG: FigureWords(
        N_("Backlog"),
        N_("Cases that are open at the end: opened or reactivated before, and neither resolved nor cancelled since."),
        -1,
    ),
    F.CONTACTS: FigureWords(
        N_("Contacts"),
        N_(
            "Times that customers turned to us: each opening, each later mail of a person, each call or message that came in."
        ),
    ),
    F.FIRST_CONTACT_RESOLUTION: FigureWords(
        N_("Solved on first contact"),
        N_("Resolutions with no contact but the first, which were not reactivated soon after, of all resolutions."),
        1,
    ),
    F.REOPEN_RATE: FigureWords(
        N_("Reopened"), N_("Resolutions whose case was reactivated later, of all resolutions."), -1
    ),
    F.ESCALATION_RATE: FigureWords(
        N_("Escalated"), N_("Cases that were escalated at some time, of all that were opened."), -1
    ),
    F.WAIT_TIME: FigureWords(
        N_("Wait in the queue"),
        N_("How long cases waited in a queue until somebody picked them first, or they left it."),
        -1,
    ),
    F.SPEED_TO_ANSWER: FigureWords(
        N_("Time to pick"), N_("How long cases waited in a queue until somebody picked them first."), -1
    ),
    F.ABANDONMENT_RATE: FigureWords(
        N_("Abandoned"), N_("Stays in a queue that ended with a cancellation before anybody picked the case."), -1
    ),
    F.TRANSFER_RATE: FigureWords(
        N_("Transferred"), N_("Stays in a queue whose case was picked and then moved on, of all that were picked."), -1
    ),
    F.FIRST_RESPONSE_TIME: FigureWords(
        N_("First response time"), N_("From the opening of a case to its first response, by the clock."), -1
    ),
    F.FIRST_RESPONSE_BUSINESS_TIME: FigureWords(
        N_("First response, working hours"),
        N_("From the opening of a case to its first response, in working hours."),
        -1,
    ),
    F.RESOLUTION_TIME: FigureWords(
        N_("Resolution time"), N_("From the opening of a case to its resolution, by the clock."), -1
    ),
    F.RESOLUTION_BUSINESS_TIME: FigureWords(
        N_("Resolution, working hours"), N_("From the opening of a case to its resolution, in working hours."), -1
    ),
    F.HANDLE_TIME: FigureWords(
        N_("Handle time"), N_("Minutes of completed activities, with the work after them, for each contact."), -1
    ),
    F.HANDLE_TIME_PER_CASE: FigureWords(
        N_("Handle time per case"),
        N_("Minutes of completed activities that a case had taken when it was resolved."),
        -1,
    ),
    F.COST_PER_CONTACT: FigureWords(
        N_("Cost per contact"), N_("What contacts cost, for each contact of a channel whose cost is known."), -1
    ),
    F.SLA_COMPLIANCE: FigureWords(
        N_("Promises kept"),
        N_(
            "Promises that fell due and were kept, of those that were kept or broken. Cancelled, paused and running ones "
            "stand apart."
        ),
        1,
    ),
    F.CSAT: FigureWords(N_("Satisfied customers (CSAT)"), N_("Answers of 4 or 5, of all answers from 1 to 5."), 1),
    F.CSAT_SCORE: FigureWords(N_("Satisfaction, mean score"), N_("The mean of the answers from 1 to 5."), 1),
    F.NPS: FigureWords(
        N_("Net promoter score (NPS)"),
        N_("The share of answers of 9 or 10 less the share of those from 0 to 6: from -100 to 100."),
        1,
    ),
    F.CES: FigureWords(
        N_("Ease (CES)"), N_("The mean of the answers; the higher, the easier it was for the customer."), 1
    ),
}

GROUPS: tuple[tuple[str, tuple[FigureName, ...]], ...] = (
    (N_("How much there is"), (F.INCOMING, F.RESOLVED, F.BACKLOG, F.CONTACTS)),
    (
        N_("How fast it goes"),
        (
            *(F.FIRST_RESPONSE_TIME, F.FIRST_RESPONSE_BUSINESS_TIME, F.RESOLUTION_TIME, F.RESOLUTION_BUSINESS_TIME),
            *(F.WAIT_TIME, F.SPEED_TO_ANSWER),
        ),
    ),
    (
        N_("How well it goes"),
        (
            *(F.SLA_COMPLIANCE, F.FIRST_CONTACT_RESOLUTION, F.REOPEN_RATE, F.ESCALATION_RATE),
            *(F.ABANDONMENT_RATE, F.TRANSFER_RATE),
        ),
    ),
    (N_("What it takes"), (F.HANDLE_TIME, F.HANDLE_TIME_PER_CASE, F.COST_PER_CONTACT)),
    (N_("What customers say"), (F.CSAT, F.CSAT_SCORE, F.NPS, F.CES)),
)

BY: dict[FigureBy, str] = {
    FigureBy.DAY: N_("Day"),
    FigureBy.WEEK: N_("Week"),
    FigureBy.MONTH: N_("Month"),
    FigureBy.QUEUE: N_("Queue"),
    FigureBy.AGENT: N_("Agent"),
    FigureBy.CHANNEL: N_("Channel"),
    FigureBy.PRIORITY: N_("Priority"),
    FigureBy.CUSTOMER: N_("Customer"),
    FigureBy.PRODUCT: N_("Product"),
    FigureBy.STAGE: N_("Stage"),
    FigureBy.KIND: N_("Kind"),
}
WITHOUT: dict[FigureBy, str] = {
    FigureBy.QUEUE: N_("In no queue"),
    FigureBy.AGENT: N_("Of nobody"),
    FigureBy.CUSTOMER: N_("Of no account"),
    FigureBy.PRODUCT: N_("Without a product"),
    FigureBy.STAGE: N_("In no stage"),
    FigureBy.KIND: N_("Without a kind"),
}
"""What a group is called of what has none."""

OUTCOMES: dict[str, str] = {
    "cancelled": N_("cancelled"),
    "paused": N_("paused"),
    "in-progress": N_("running"),
    "nearing-noncompliance": N_("running, nearly due"),
    "succeeded": N_("kept"),
    "noncompliant": N_("broken"),
    "first-contact": N_("on first contact"),
    "first-contact-reopened": N_("on first contact, reopened later"),
    "further-contact": N_("after further contact"),
    "further-contact-reopened": N_("after further contact, reopened"),
    "waiting": N_("still waits"),
    "picked": N_("picked"),
    "transferred": N_("picked, then moved on"),
    "moved": N_("moved on before it was picked"),
    "abandoned": N_("cancelled before it was picked"),
    "left": N_("left before it was picked"),
    "escalated": N_("escalated"),
}
