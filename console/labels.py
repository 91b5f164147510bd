"""What fields are called on pages, by the names that the API has for them."""

from __future__ import annotations

import re
from functools import cache

from console.languages import N_

SHORT = {"sla": "SLA", "slas": "SLAs", "kpi": "KPI", "url": "URL", "html": "HTML", "imap": "IMAP", "smtp": "SMTP"}
SHORT |= {"tls": "TLS", "csat": "CSAT", "nps": "NPS", "ces": "CES", "ca": "CA"}

OF_CASES = {
    "billable_minutes": N_("Billable minutes"),
    "case": N_("Case"),
    "case_type": N_("Type"),
    "created_on": N_("Created"),
    "last_on_hold": N_("Last on hold"),
    "escalated_on": N_("Escalated"),
    "modified_on": N_("Changed"),
    "entitlement": N_("Contract"),
    "entitlement_id": N_("Contract"),
    "account_id": N_("Customer"),
    "contact_id": N_("Contact"),
    "follow_up_by": N_("Follow up by"),
    "instead_of": N_("On the cases of the SLA"),
    "losers": N_("Cases"),
    "message": N_("Mail"),
    "priority": N_("Priority"),
    "q": N_("Words or number"),
    "resolution_type": N_("How it was resolved"),
    "sla": N_("Promises (SLA)"),
    "status_reason": N_("Status reason"),
    "title": N_("Title"),
    "to": N_("To"),
}
"""Fields of cases, of what is done with them, and of lists, where their label is not their name."""

OF_PERIODS = {"period.from": N_("From"), "period.to": N_("Until")}
"""The days of figures: a letter has other names for what it comes from and goes to."""

OF_CONDITIONS = {
    "account.language": N_("Language of the customer"),
    "account.name": N_("Name of the customer"),
    "account.tier": N_("Tier of the customer"),
    "activity.description": N_("Description of the activity"),
    "activity.duration_minutes": N_("Minutes of the activity"),
    "activity.sender": N_("Sender of the activity"),
    "activity.title": N_("Title of the activity"),
    "case.first_response_sent": N_("First response given"),
    "case.subject": N_("Subject of the case"),
    "contact.email": N_("Address of the contact"),
    "contact.language": N_("Language of the contact"),
    "contact.name": N_("Name of the contact"),
    "customer.kind": N_("Kind of customer"),
    "email.automatic": N_("Mail of a machine"),
    "email.bulk": N_("Mail to many"),
    "email.has_attachments": N_("Mail with files"),
    "email.related_status": N_("Status of the case of the mail"),
    "email.sender": N_("Sender of the mail"),
    "email.sender_domain": N_("Domain of the sender"),
    "email.subject": N_("Subject line of the mail"),
    "email.to": N_("Addresses of the mail"),
    "email.via": N_("Through whom the mail came"),
    "entitlement.name": N_("Name of the contract"),
    "entitlement.tier": N_("Tier of the contract"),
    "now.time": N_("Time of day"),
    "now.weekday": N_("Weekday"),
    "now.within": N_("Within the hours"),
    "queue.slug": N_("Queue"),
}
"""Fields that conditions look at, where what they are of has to be said too."""

HOUSE = {
    "organisation file": N_("The organisation file"),
    "command line": N_("The command line"),
    "system": N_("The system"),
}
"""Who does something and is no person; a slug has no blanks, and no person is called `system`."""
STEPS = {
    "activity is due": N_("Reminder of an activity"),
    "deadlines": N_("Deadlines"),
    "keep its dates": N_("Keeping its dates"),
    "notices": N_("Notices"),
    "notify": N_("Notification"),
    "notify the queue": N_("Notification of the queue"),
    "open": N_("Opening of the case"),
    "promises": N_("Promises"),
    "survey": N_("Survey"),
}
"""What failed on our side, by the name of the step."""


def names_of_step(step: str) -> list[str]:
    """Texts of the catalogues: a step of several names, such as `open: notices`, is said by each of them."""
    return [STEPS.get(part, part) for part in step.split(": ")]


@cache
def label_of(name: str) -> str:
    """`first_response_channels` as people read it; `open-case` too."""
    words = [SHORT.get(word, word) for word in re.split(r"[_-]", name)]
    label = " ".join(words)
    return label[:1].upper() + label[1:]


def label_of_path(path: str) -> str:
    """The text of the catalogues for the field at the end of a path such as `data.priority` or `items[1].fail_after`."""
    if found := OF_PERIODS.get(path) or OF_CONDITIONS.get(path):
        return found
    name = re.sub(r"\[\d+\]", "", path).rpartition(".")[2]
    return OF_CASES.get(name) or label_of(name)


def of_case(field: str) -> str:
    """The path of a field of a case whose name alone means something else elsewhere, as a mail's subject does."""
    path = f"case.{field}"
    return path if path in OF_CONDITIONS else field
