"""What the API shows of a case: lines of a list, the whole case, its timeline. States are the stored ones."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from models.messages.api_activity_views import ActivityView
from models.messages.base import Instant, Message
from models.messages.case_fields import as_shown, with_fields
from models.messages.mail_facts import SenderProof
from models.messages.mailflow import OutboxState
from models.messages.terms import Terms


class Ref(Message):
    """A reference record by its slug, with the name that people read."""

    slug: str
    name: str


class OwnerView(Ref):
    kind: Literal["agent", "team"]


class ContactView(Message):
    id: UUID
    slug: str | None
    name: str
    email: str


class CustomerView(Message):
    """The account if the case has one, else the contact is the customer (domain 1.1)."""

    account: Ref | None
    contact: ContactView | None


class EntitlementView(Message):
    """The contract that the case counts on, with its balance now."""

    id: UUID
    slug: str
    name: str
    remaining_terms: Terms
    total_terms: Terms


class FamilyMember(Message):
    """A child of the case, or one that was merged into it."""

    number: str
    title: str
    status: str


class ResolutionView(Message):
    """One time that the case was resolved. Reactivating the case keeps it (domain 1.2)."""

    resolution_type: str
    resolution: str
    total_minutes: int
    billable_minutes: int
    resolved_on: Instant
    agent: str


class ArticleLink(Message):
    id: UUID
    number: str
    title: str
    linked_on: Instant


class CaseLine(Message):
    """A case as lists show it. `version` is its ETag; `next_due` the earliest deadline, or that of a missed
    first response or resolution that is owed still (domain 4.2)."""

    id: UUID
    number: str = Field(examples=["CAS-01042-A1B2C3"])
    title: str
    status: str
    status_reason: str
    priority: str
    origin: str
    queue: str | None
    owner: OwnerView | None
    worked_by: str | None
    customer: CustomerView
    sla_state: str
    first_response_by: Instant | None
    resolve_by: Instant | None
    next_due: Instant | None
    stage: str | None
    escalated: bool
    customer_replied_last: bool
    version: int
    created_on: Instant
    modified_on: Instant


class Links(Message):
    """Addresses of what belongs to the case; `workflow` is its page in the Temporal UI, if the house knows that UI."""

    self: str
    timeline: str
    sla: str
    process: str
    workflow: str | None


@with_fields(lambda field: field.stored and (field.change or field.step), as_shown)
class CaseView(CaseLine):
    """A whole case. `allowed` names the verbs that its state admits now."""

    description: str | None
    severity: str | None
    case_type: str | None
    subject: str | None
    product: str | None
    custom: dict[str, Any]
    entitlement: EntitlementView | None
    entitlement_note: str | None
    sla: str | None
    sla_source: str | None
    first_response_sent: bool
    resolved_on: Instant | None
    merged_into: str | None
    merged: tuple[FamilyMember, ...]
    """Cases that were merged into it."""
    parent: str | None
    children: tuple[FamilyMember, ...]
    related: str | None
    process_status: str | None
    open_activities: int
    articles: tuple[ArticleLink, ...]
    resolutions: tuple[ResolutionView, ...]
    allowed: tuple[str, ...]
    links: Links


class CasePage(Message):
    """`next` is the cursor of the page that follows; null at the end."""

    items: tuple[CaseLine, ...]
    next: str | None


class Made(Message):
    """What a command made (a reply, note, activity or article link), and the case after it."""

    id: str
    case: CaseView


class AttachmentView(Message):
    """`kind`: file, inline-image, calendar, tnef, signature, encrypted, message or report; `method` of an invitation,
    such as REQUEST (RFC 5546)."""

    id: UUID
    filename: str
    content_type: str
    size: int
    kind: str
    method: str | None = None


class MessageView(Message):
    """An email as the timeline embeds it. The text is the customer's: escape it when rendering.

    `trimmed` is the part of `text` that is new, without the mail that it quotes and its signature.
    """

    id: UUID
    direction: Literal["in", "out"]
    sender: str
    sender_name: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str
    trimmed: str
    has_html: bool
    """`GET /messages/{id}/html` shows it; without, that shows the text."""
    defects: tuple[str, ...]
    """What was wrong with the mail and was made do with (docs/parsing.md)."""
    date: Instant | None
    automatic: str | None
    """Why no person wrote it."""
    unanswerable: str | None = None
    """Why nothing automatic answers it, whoever wrote it."""
    via: str | None = None
    """The group or form that passed it on."""
    sender_proof: SenderProof | None = None
    """Of an incoming one: whether the sender is who they say."""
    delivery: OutboxState | None
    """Of an outgoing one."""
    delivery_detail: str | None
    """The last that a server said of it, at most 500 characters; or why it is not sent."""
    not_before: Instant | None
    """While it is queued: when it leaves. So long it can be taken back, unless it was tried already."""
    sent_on: Instant | None
    attachments: tuple[AttachmentView, ...]


class TimelineItem(Message):
    """What happened; `data` explains (which rule matched, which deadline follows). An email or activity comes along."""

    id: UUID
    at: Instant
    kind: str
    actor: str | None
    text: str | None
    data: dict[str, Any]
    message: MessageView | None
    activity: ActivityView | None
    attachments: tuple[AttachmentView, ...] = ()
    """The files of a note; those of an email come with it."""


class TimelinePage(Message):
    """Newest first."""

    items: tuple[TimelineItem, ...]
    next: str | None


class KpiView(Message):
    """A KPI instance (domain 4.2). While it is paused, its deadlines stand as if the hold had ended at `paused_on`."""

    id: UUID
    kpi: str
    item: str
    status: str
    applicable_from: Instant
    warning_at: Instant | None
    failure_at: Instant
    warned_on: Instant | None
    paused_on: Instant | None
    succeeded_on: Instant | None
    failed_on: Instant | None
    cancelled_on: Instant | None
    held_minutes: float
    """Business minutes of its holds."""
    reason: str


class SlaView(Message):
    sla: str | None
    version: int | None
    source: str | None
    state: str
    items: tuple[KpiView, ...]


class Operation(Message):
    """A command as its row has it: pending, done, refused, or failed by a fault of ours. A pending one may be sent again
    with the same key; a failed one is an incident."""

    id: UUID
    kind: str
    state: Literal["pending", "done", "refused", "failed"]
    case: str
    version: int | None = None
    resource: str | None = None
    problem: dict[str, Any] | None = None
    incident: UUID | None = None
