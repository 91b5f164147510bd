"""Names that cross processes: workflows, updates, signals, task queues, search attributes, and ids built from them."""

from __future__ import annotations

from uuid import UUID

from models.messages.cases import CommandKind
from models.messages.mailflow import DeliveryKind

CASES_QUEUE = "cases"
MAIL_IN_QUEUE = "mail-in"
MAIL_OUT_QUEUE = "mail-out"

CASE_WORKFLOW = "CaseWorkflow"
MAILBOX_WORKFLOW = "MailboxWorkflow"
OUTBOX_WORKFLOW = "OutboxWorkflow"
HOUSEKEEPING_WORKFLOW = "HousekeepingWorkflow"
ENTITLEMENT_WORKFLOW = "EntitlementWorkflow"
ARTICLE_WORKFLOW = "ArticleWorkflow"
WEBHOOK_WORKFLOW = "WebhookWorkflow"
FAMILY_WORKFLOW = "FamilyWorkflow"
OPERATION_WORKFLOW = "OperationWorkflow"
QUEUE_WORKFLOW = "QueueWorkflow"

CONFIGURE_UPDATE = "configure"
ENTITLEMENT_CHANGED = "changed"
"""The signal by which a contract's run hears that somebody has changed it."""
ARTICLE_CHANGED = "changed"
"""The signal by which an article's run hears that somebody has changed its plan."""

QUEUE_NEWS = "news"
"""The signal by which a queue's run hears of a new item, of a free hand, or of whoever is there now."""

HOUSEKEEPING_ID = "housekeeping"
WEBHOOKS_ID = "webhooks"

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


def verb_name(kind: CommandKind) -> str:
    """The name of a command's update and step, as the Temporal UI shows it: what an agent would call it."""
    return VERB_NAMES.get(kind, kind.value)


def arrival_name(kind: DeliveryKind) -> str:
    """The name of the signal and the step by which a case hears of something: what arrives."""
    return ARRIVAL_NAMES.get(kind, kind.value)


VERB_NAMES = {
    CommandKind.STAGE_NEXT: "next-stage",
    CommandKind.STAGE_PREVIOUS: "previous-stage",
    CommandKind.STAGE_SET_ACTIVE: "set-active-stage",
    CommandKind.PROCESS_FINISH: "finish-process",
    CommandKind.PROCESS_ABANDON: "abandon-process",
    CommandKind.PROCESS_REACTIVATE: "reactivate-process",
    CommandKind.PROCESS_SWITCH: "switch-process",
    CommandKind.ATTACH_ARTICLE: "article",
    CommandKind.DETACH_ARTICLE: "remove-article",
    CommandKind.QUEUE_ASSIGN: "assign-by-queue",
}
ARRIVAL_NAMES = {
    DeliveryKind.SEND_FAILED: "bounce",
    DeliveryKind.RETIRE: "merge-into",
    DeliveryKind.ADOPT: "merge",
    DeliveryKind.GO_UP: "merge-into",
    DeliveryKind.CLOSE: "close-with-parent",
    DeliveryKind.BRAKED: "mail-held",
    DeliveryKind.WEBHOOK: "webhook-answer",
    DeliveryKind.RETRY: "retry-incident",
    DeliveryKind.DISMISS: "dismiss-incident",
}


ARRIVALS = frozenset(arrival_name(kind) for kind in DeliveryKind)
OTHER_ARRIVAL = "delivery"
"""The name of a step that a signal of another name asks for, as release 0.1.0 sent them."""
FAULT_ERROR = "fault"
"""The type of the error by which an update says that a fault of ours set it aside."""


def case_workflow_id(number: str) -> str:
    """`case-CAS-01042-A1B2C3`: the whole number, so that the UI finds a case by what the customer reads out."""
    return f"case-{number}"


def entitlement_workflow_id(id: UUID) -> str:
    return f"entitlement-{id}"


def article_workflow_id(id: UUID) -> str:
    return f"article-{id}"


def family_workflow_id(kind: str, command_id: UUID) -> str:
    """`merge-<command>` or `close-<command>`: one run for what a command on one case asks of several."""
    return f"{kind}-{command_id}"


def operation_workflow_id(id: UUID) -> str:
    return f"operation-{id}"


def queue_workflow_id(slug: str) -> str:
    return f"queue-{slug}"


def mailbox_workflow_id(slug: str) -> str:
    return f"mailbox-{slug}"


def outbox_workflow_id(slug: str) -> str:
    return f"outbox-{slug}"
