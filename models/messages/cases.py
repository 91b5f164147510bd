"""A case's facts and commands as they travel through Temporal: ids, enums, counts and instants, never content."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import ConfigDict

from models.messages.base import Instant, Message
from models.messages.incidents import StepFault
from models.messages.said import of_field
from models.messages.slas import Clock
from models.messages.telling import Sentence, Telling


class CaseStatus(StrEnum):
    OPENING = "opening"
    ACTIVE = "active"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


OPEN_STATUSES = frozenset({CaseStatus.OPENING, CaseStatus.ACTIVE})


class SlaState(StrEnum):
    """A case's worst open promise, for lists and the search attribute."""

    NONE = "none"
    IN_PROGRESS = "in-progress"
    NEARING = "nearing-noncompliance"
    NONCOMPLIANT = "noncompliant"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"


class CommandKind(StrEnum):
    PICK = "pick"
    RELEASE = "release"
    ASSIGN = "assign"
    ROUTE = "route"
    APPLY_ROUTING = "apply-routing"
    REMOVE_FROM_QUEUE = "remove-from-queue"
    CHANGE = "change"
    STAGE_NEXT = "process-next"
    STAGE_PREVIOUS = "process-previous"
    STAGE_SET_ACTIVE = "process-set-active"
    PROCESS_FINISH = "process-finish"
    PROCESS_ABANDON = "process-abandon"
    PROCESS_REACTIVATE = "process-reactivate"
    PROCESS_SWITCH = "process-switch"
    REPLY = "reply"
    UNDO_REPLY = "undo-reply"
    FIRST_RESPONSE = "first-response"
    NOTE = "note"
    ADD_ACTIVITY = "add-activity"
    CHANGE_ACTIVITY = "change-activity"
    COMPLETE_ACTIVITY = "complete-activity"
    CANCEL_ACTIVITY = "cancel-activity"
    ATTACH_ARTICLE = "attach-article"
    DETACH_ARTICLE = "detach-article"
    RESOLVE = "resolve"
    CANCEL = "cancel"
    REACTIVATE = "reactivate"
    HOLD = "hold"
    RESUME = "resume"
    ACKNOWLEDGE = "acknowledge"
    """Somebody takes care of what was missed: its escalation ends."""
    MERGE = "merge"
    ADD_CHILD = "add-child"
    LEAVE_PARENT = "leave-parent"
    SPLIT = "split"
    QUEUE_ASSIGN = "queue-assign"
    """The house's: a queue that assigns by itself gives the case to an agent."""
    OVERFLOW = "overflow"
    """The house's: a queue that overflows sends the case on."""
    FOLLOW_CUSTOMER = "follow-customer"
    """The house's: the case's customer has gone up in another one, and the case names that from now on."""
    RECOMPUTE = "recompute-promises"
    """The house's: a calendar has changed, and the case's promises follow it."""


QUEUE_VERBS = frozenset({CommandKind.QUEUE_ASSIGN, CommandKind.OVERFLOW})
HOUSE_VERBS = QUEUE_VERBS | {CommandKind.FOLLOW_CUSTOMER, CommandKind.RECOMPUTE}
"""What nobody can ask for: the house's own decisions about a case."""


class CaseCommand(Message):
    """One agent command. Its body, if it has one, waits in the command row of this id."""

    id: UUID
    kind: CommandKind
    actor_id: UUID
    key: str
    """The caller's Idempotency-Key."""
    body_hash: str
    """SHA-256 over case, kind and canonical body: the same key with another body is another command (422)."""
    if_version: int | None = None
    target_id: UUID | None = None
    """The queue, agent, team, activity, article or message that the verb names."""
    cancel_open_activities: bool = False
    stage: str | None = None
    row_version: int = 0
    """Of the case's row when the command was sent: a run that knows an earlier one only missed a write."""
    signature: str = ""
    """The desk's, over the case and all of the above (`engine/proof.py`): the write applies no command without it."""


class CaseSnapshot(Message):
    """What the workflow knows of its case: returned by every write, so that the rows and the run never differ."""

    model_config = ConfigDict(extra="ignore")  # histories of earlier releases hold fields that are gone

    case_id: UUID
    number: str
    origin: str
    status: CaseStatus
    status_reason: str
    version: int
    priority: str
    owner: str | None = None
    worked_by: UUID | None = None
    queue: str | None = None
    """Slug of the queue that holds the live queue item."""
    stage: str | None = None
    process_status: str | None = None
    account_id: UUID | None = None
    entitlement_id: UUID | None = None
    sla_state: SlaState = SlaState.NONE
    clocks: tuple[Clock, ...] = ()
    """Open deadlines, earliest first."""
    open_activities: int = 0
    merged_into: str | None = None
    incidents: int = 0
    """How many of its incidents are open."""


class ProblemType(StrEnum):
    """Stable problem types of commands; the API's `type` is `/problems/<value>`."""

    CASE_OPENING = "case-opening"
    CASE_NOT_ACTIVE = "case-not-active"
    CASE_NOT_CLOSED = "case-not-closed"
    NOT_ESCALATING = "not-escalating"
    STATUS_REASON_FORBIDDEN = "status-reason-forbidden"
    ALREADY_PICKED = "already-picked"
    NOT_PICKED = "not-picked"
    NO_QUEUE_ITEM = "no-queue-item"
    NOT_A_MEMBER = "not-a-member"
    NO_CAPACITY = "no-capacity"
    OPEN_ACTIVITIES = "open-activities"
    DATA_STEP_MISSING = "data-step-missing"
    STAGE_FORBIDDEN = "stage-forbidden"
    PROCESS_NOT_ACTIVE = "process-not-active"
    NO_PROCESS = "no-process"
    PROCESS_NOT_YOURS = "process-not-yours"
    STALE_VERSION = "stale-version"
    ENTITLEMENT_EXHAUSTED = "entitlement-exhausted"
    ENTITLEMENT_NOT_APPLICABLE = "entitlement-not-applicable"
    ARTICLE_NOT_PUBLISHED = "article-not-published"
    ARTICLE_NOT_LINKED = "article-not-linked"
    ACTIVITY_NOT_OPEN = "activity-not-open"
    ACTIVITY_NOT_YOURS = "activity-not-yours"
    ACTIVITY_FIELD_MISSING = "activity-field-missing"
    NOT_FOUND = "not-found"
    INVALID = "invalid"
    KEY_REUSED = "idempotency-key-reused"
    NO_RECIPIENT = "no-recipient"
    NO_MAILBOX = "no-mailbox"
    RECIPIENT_SUPPRESSED = "recipient-suppressed"
    ALREADY_SENT = "already-sent"
    ALREADY_UNDONE = "already-undone"
    NO_ROUTING_RULE = "no-routing-rule"
    QUEUE_INACTIVE = "queue-inactive"
    FAMILY_FORBIDDEN = "family-forbidden"
    """A family has one level, and no more children than the organisation allows: the body asks for what cannot be."""
    CHILDREN_OPEN = "children-open"
    MERGE_FORBIDDEN = "merge-forbidden"
    NEWER_ENTRIES = "newer-entries"
    """Somebody else has written on the case, or has taken it, since what the writer of a reply has read."""
    NOT_SIGNED = "not-signed"
    """It does not come from a desk of this house. Never the answer that is kept for a command's key."""


class Refusal(Telling):
    """A command that the state or the database forbids. `allowed` and `missing` name ways on, as 409 bodies show them."""

    type: ProblemType
    detail: Sentence
    """A sentence for people; it begins with the field and a colon where it is about one."""
    field: str = ""
    """The path of the body's field that it is about, such as `data.priority`."""
    allowed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def about(self, field: str, rule: str) -> Refusal:
        """The same, of another field of the body, or of none."""
        again = {"type": self.type, "allowed": self.allowed, "missing": self.missing}
        return Refusal.model_validate({**again, "field": field, "detail": of_field(field, rule)})


class Outcome(Message):
    """What a step says: the case as it is now, and why the step was refused or set aside, if it was."""

    snapshot: CaseSnapshot | None
    """None: not even the case's rows could be read."""
    refusal: Refusal | None = None
    resource: str | None = None
    """The row that the command made."""
    fault: StepFault | None = None
    ended_on: Instant | None = None
    """By the clock of the worker, when the step had ended: a deadline's timer is set from then on."""


RELEASE = 2
"""Of the order in which a case's run asks for its steps. Runs that an earlier release began go on in its order."""


class CaseStart(Message):
    """A run's argument. `fresh` is the opener's word that nothing has happened yet; the first step verifies it."""

    release: int = 1
    """Absent in what release 0.1.0 began; every start of today says `RELEASE`."""
    case_id: UUID
    number: str
    fresh: bool = False
    seen: tuple[str, ...] = ()
    """Ids of the commands and deliveries last applied, carried by continue-as-new (bounded)."""


class StepKind(StrEnum):
    """What a step does; its name says what for."""

    LOAD = "load"
    OPEN = "open"
    COMMAND = "command"
    DELIVER = "deliver"
    LAPSE = "lapse"


class StepInput(Message):
    """One opening step, and the loading of a case that was woken."""

    case_id: UUID
    now: Instant


class CommandInput(Message):
    case_id: UUID
    now: Instant
    version: int
    command: CaseCommand


class DeliveryInput(Message):
    case_id: UUID
    now: Instant
    version: int
    delivery_id: UUID


class LapseInput(Message):
    case_id: UUID
    now: Instant


class CommandResult(Message):
    """An update's answer: the case's version after the write, and the row that it made."""

    version: int
    resource: str | None = None
