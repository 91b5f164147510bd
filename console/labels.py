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

HOUSE = {
    "organisation file": N_("The organisation file"),
    "command line": N_("The command line"),
    "system": N_("The system"),
}
"""Who does something and is no person; a slug has no blanks, and no person is called `system`."""


@cache
def label_of(name: str) -> str:
    """`first_response_channels` as people read it; `open-case` too."""
    words = [SHORT.get(word, word) for word in re.split(r"[_-]", name)]
    label = " ".join(words)
    return label[:1].upper() + label[1:]


def label_of_path(path: str) -> str:
    """The text of the catalogues for the field at the end of a path such as `data.priority` or `items[1].fail_after`."""
    if path in OF_PERIODS:
        return OF_PERIODS[path]
    name = re.sub(r"\[\d+\]", "", path).rpartition(".")[2]
    return OF_CASES.get(name) or label_of(name)
