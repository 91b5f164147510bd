"""Settings of the organisation: a versioned document of kind `organisation`. Lists of words here are data, not code."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from models.messages.activities import ActivityType
from models.messages.base import Message, Name, Slug
from models.messages.calendars import ZoneName
from models.messages.languages import StoredLanguage
from models.messages.notices import WorkNotice
from models.messages.pages import PublicPages
from models.messages.reference import Role
from models.messages.terms import Terms

DEFAULT_REASONS: tuple[dict[str, object], ...] = (
    {"slug": "in-progress", "name": "In Progress", "status": "active"},
    {"slug": "on-hold", "name": "On Hold", "status": "active", "pauses": True},
    {"slug": "waiting-for-details", "name": "Waiting for Details", "status": "active", "pauses": True},
    {"slug": "researching", "name": "Researching", "status": "active"},
    {"slug": "problem-solved", "name": "Problem Solved", "status": "resolved"},
    {"slug": "information-provided", "name": "Information Provided", "status": "resolved"},
    {"slug": "cancelled", "name": "Cancelled", "status": "cancelled"},
    {"slug": "merged", "name": "Merged", "status": "cancelled"},
)


class StatusReason(Message):
    """Domain 1.1. `pauses` puts it on the desk's list of on-hold reasons; `next` is its row of the transition graph."""

    slug: Slug
    name: Name
    status: Literal["active", "resolved", "cancelled"]
    pauses: bool = False
    next: Annotated[tuple[Slug, ...], Field(max_length=500)] | None = None
    """Reasons that may follow; None: any."""


def default_reasons() -> tuple[StatusReason, ...]:
    return tuple(StatusReason.model_validate(reason) for reason in DEFAULT_REASONS)


Words = Annotated[tuple[Slug, ...], Field(max_length=500)]


class SeveralQueues(StrEnum):
    """What becomes of one mail that reaches several monitored queues (domain 6.5)."""

    ONE_CASE = "one-case"
    CASE_PER_QUEUE = "case-per-queue"


class TakeOver(StrEnum):
    """Who may assign, release, route or remove a case that another agent works on. Managers and administrators always may."""

    ANYBODY = "anybody"
    MEMBERS = "members"
    """The queue's owner and its members; anybody, where it lists no members."""
    MANAGERS = "managers"


class ClosingParents(StrEnum):
    """What becomes of the children when their parent is resolved or cancelled (domain 1.4)."""

    INDEPENDENT = "independent"
    """They stay as they are."""
    CASCADE = "cascade"
    """All active children are closed in the same way."""
    BLOCK = "block"
    """The parent cannot be closed while a child is open."""


class ClosedUpdates(StrEnum):
    """Which closed cases take notes, activities, articles and changes of what they were about (domain 1.3)."""

    ALL = "resolved-and-cancelled"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    NONE = "none"


Inherited = Literal[
    "description",
    "priority",
    "severity",
    "case_type",
    "subject",
    "product",
    "origin",
    "custom",
    "contact",
    "entitlement",
    "sla",
    "owner",
    "queue",
]
"""What a new child can take over from its parent, beside the title and the customer."""

EMAIL = "email"
ContactCost = Annotated[Terms, Field(ge=0, le=1_000_000, decimal_places=4)]


class OrganisationSettings(Message):
    """One per database. `slug` is always `organisation`."""

    slug: Slug = "organisation"
    name: Name = "Our company"
    time_zone: ZoneName = "UTC"
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "EUR"
    language: StoredLanguage = "en"
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None
    """Whose phone numbers may be written without their country's code: two letters, such as DE (ISO 3166-1)."""
    case_prefix: Annotated[str, StringConstraints(pattern="^[A-Z]{1,8}$")] = "CAS"
    status_reasons: tuple[StatusReason, ...] = Field(default_factory=default_reasons, max_length=500)
    """`in-progress`, `cancelled` and `merged` stand in every list: the engine itself gives them."""
    origins: Words = ("phone", "email", "web", "facebook", "twitter")
    """With `email`, which mail has."""
    priorities: Words = ("high", "normal", "low")
    """From the most urgent to the least, with `normal`, which a new case has."""
    case_types: Words = ("question", "problem", "request")
    activity_types: Words = ("phone-call", "task", "appointment", "letter")
    activity_details: tuple[ActivityType, ...] = Field(default=(), max_length=500)
    """Fields, ends and privileges of some of the types above."""
    skills: Words = ()
    """What agents hold and cases need, each with a level from 1 to 10 (`skills: {german: 3}`)."""
    default_sla: Slug | None = None
    slas_off: bool = False
    """Nothing new is promised, as while cases are imported or the house is maintained; what is promised already runs on."""
    default_process: Slug | None = None
    apply_default_entitlement: bool = True
    """To new cases for which no contract is named (domain 3.5)."""
    apply_default_entitlement_on_change: bool = True
    """To open cases whose customer changes, or that have no contract when their contact or product changes (domain 3.5)."""
    replace_manual_sla: bool = False
    recalculate_sla_on_terminal: bool = False
    reinstate_sla_on_reactivation: bool = True
    """Promises that a cancellation ended run again, with their first deadlines, when the case is reactivated (domain 1.3)."""
    first_response_channels: Words = (EMAIL, "phone-call")
    """What can be the first response (domain 1.1): `email`, and activity types, which count when they are completed."""
    take_over: TakeOver = TakeOver.MEMBERS
    closing_parents: ClosingParents = ClosingParents.INDEPENDENT
    """What becomes of the children when their parent is resolved or cancelled (domain 1.4)."""
    most_children: int = Field(default=100, ge=1, le=1000)
    """Children that one case may have (domain 1.4)."""
    inherited_by_children: Annotated[tuple[Inherited, ...], Field(max_length=20)] = (
        "contact",
        "priority",
        "subject",
        "product",
    )
    """What a new child takes over from its parent, beside the title and the customer."""
    duplicates_within_days: int = Field(default=14, ge=0, le=365)
    """A new case is compared with those that its customer has opened since then (domain 1.1); 0: with none."""
    updates_when_closed: ClosedUpdates = ClosedUpdates.ALL
    """Which closed cases still take notes, activities, articles and changes of what they were about."""
    article_url: Annotated[str, StringConstraints(max_length=500)] | None = None
    """Pattern of a public article's address, with `{number}`; without it an article is mailed as content only."""
    case_url: Annotated[str, StringConstraints(max_length=500)] | None = None
    """Pattern of the address at which the house's people open a case, with `{number}`: the link in notices to them."""

    pages: PublicPages = PublicPages()
    """Pages for customers: surveys, their own case, help."""
    notices: tuple[WorkNotice, ...] = Field(default=(), max_length=40)
    """Who is mailed of what happens to cases, and how; as usual of a kind that is not listed. Agents may choose otherwise."""
    digest_template: Slug | None = None
    """The letter in which news is gathered; without it, in the engine's own words."""
    invitation_template: Slug | None = None
    """The letter with the link by which a new agent chooses a password; without it, in the engine's own words."""
    reset_template: Slug | None = None
    """The same for an agent who has forgotten theirs."""
    second_factor: Annotated[tuple[Role, ...], Field(max_length=len(Role))] = ()
    """Roles that need a second factor: whoever holds one, has none and signs in with a password sets it up first."""

    figures_calendar: Slug | None = None
    """The calendar whose working hours key figures count durations in; without one, around the clock (domain 10)."""
    first_contact_days: int = Field(default=7, ge=0, le=365)
    """A resolution is one on first contact only if the case is not reactivated within so many days (domain 10)."""
    contact_costs: dict[Slug, ContactCost] = Field(default_factory=dict, max_length=500)
    """What one contact costs, by its channel: an origin, or the type of an activity that arrived (domain 10)."""

    several_queues: SeveralQueues = SeveralQueues.ONE_CASE
    """A case per queue: only of a mail that opens one, and only in queues with an active record creation rule."""
    new_cases_per_sender: int = Field(default=200, ge=1, le=10_000)
    """Within `sender_window_minutes`; beyond, mail of this sender is held (email promise 7)."""
    mails_per_sender_and_case: int = Field(default=100, ge=1, le=10_000)
    sender_window_minutes: int = Field(default=10, ge=1, le=24 * 60)
    automatic_replies_per_hour: int = Field(default=20, ge=0, le=10_000)
    """To one address; beyond, a case is opened without one and says so (email promise 7)."""
    undo_send_seconds: int = Field(default=0, ge=0, le=120)
    """How long an agent's mail waits in the outbox. Until then it can be taken back."""
    outgoing_per_domain_per_minute: int | None = Field(default=None, ge=1, le=100_000)
    """Mails that leave to one recipient domain; None: as fast as they can be handed in."""

    def activity_type(self, slug: str) -> ActivityType:
        return next((each for each in self.activity_details if each.slug == slug), ActivityType(slug=slug))

    def reason(self, slug: str) -> StatusReason | None:
        return next((reason for reason in self.status_reasons if reason.slug == slug), None)
