"""Names that cross processes: workflows, updates, signals, task queues, search attributes, and ids built from them."""

from __future__ import annotations

CASES_QUEUE = "cases"
MAIL_IN_QUEUE = "mail-in"
MAIL_OUT_QUEUE = "mail-out"

CASE_WORKFLOW = "CaseWorkflow"
MAILBOX_WORKFLOW = "MailboxWorkflow"
OUTBOX_WORKFLOW = "OutboxWorkflow"
HOUSEKEEPING_WORKFLOW = "HousekeepingWorkflow"

COMMAND_UPDATE = "command"
DELIVER_SIGNAL = "deliver"
CONFIGURE_UPDATE = "configure"

HOUSEKEEPING_ID = "housekeeping"

SEARCH_ATTRIBUTES: dict[str, str] = {
    "CaseNumber": "Keyword",
    "CaseStatus": "Keyword",
    "CaseStage": "Keyword",
    "CaseQueue": "Keyword",
    "CaseOwner": "Keyword",
    "CasePriority": "Keyword",
    "CaseAccount": "Keyword",
    "CaseEntitlement": "Keyword",
    "CaseSla": "Keyword",
    "CaseNextDue": "Datetime",
}
"""Ten in all: SQL visibility allows 10 Keyword and 3 of each other kind. Plain text: no address, no subject."""


def case_workflow_id(number: str) -> str:
    """`case-CAS-01042-A1B2C3`: the whole number, so that the UI finds a case by what the customer reads out."""
    return f"case-{number}"


def mailbox_workflow_id(slug: str) -> str:
    return f"mailbox-{slug}"


def outbox_workflow_id(slug: str) -> str:
    return f"outbox-{slug}"
