"""Bodies of the commands on a case: what an agent says. API and write activity check a body by the same model."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, field_serializer, model_validator

from models.messages.base import EmailAddress, Instant, Message, Slug
from models.messages.cases import CommandKind
from models.messages.processes import DataField, DataValue


def _without_nul(value: str) -> str:
    # PostgreSQL's text cannot hold it.
    if "\x00" in value:
        raise ValueError("the text contains a NUL character")
    return value


def _example(body: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f\u2028\u2029]+$"),
]
"""One line of text, 1 to 300 characters, no control characters: it may become a mail's subject."""

LongText = Annotated[str, StringConstraints(min_length=1, max_length=100_000), AfterValidator(_without_nul)]
"""Text of several lines, 1 to 100,000 characters, no NUL."""

CustomName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,63}$")]
ArticleNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,8}-[0-9]{1,10}$")]
Recipients = Annotated[tuple[EmailAddress, ...], Field(max_length=50)]
AttachmentIds = Annotated[tuple[UUID, ...], Field(max_length=20)]


def _bounded(value: DataValue) -> DataValue:
    if isinstance(value, str):
        if len(value) > 4000:
            raise ValueError("a value has at most 4,000 characters")
        return _without_nul(value)
    if value is None or isinstance(value, bool):
        return value
    number = Decimal(value)
    if not number.is_finite() or abs(number) > 2**53:
        raise ValueError("a number must lie between -2^53 and 2^53")
    return value


CaseValue = Annotated[DataValue, AfterValidator(_bounded)]
"""A value of a data step or custom field: yes/no, number, text of at most 4,000 characters, or null to clear it."""


def _plain(values: dict[str, DataValue]) -> dict[str, bool | int | float | str | None]:
    # A decimal would become text in JSON, and come back from the command row as another kind of value.
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in values.items()}


class ReplyBody(Message):
    """An email to the customer. Without `to` it goes to the case's contact; `attachments` are uploads of this agent.

    It leaves after `send_after_seconds`, and can be taken back until then; without it, after the organisation's
    `undo_send_seconds`.
    """

    model_config = _example({"text": "Please restart the router and tell us the light's colour."})
    text: LongText
    html: Annotated[str, StringConstraints(max_length=500_000), AfterValidator(_without_nul)] | None = None
    to: Recipients | None = None
    cc: Recipients = ()
    attachments: AttachmentIds = ()
    send_after_seconds: Annotated[int, Field(ge=0, le=120)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.text.strip():
            raise ValueError("'text' is blank")
        if self.to is not None and not self.to:
            raise ValueError("'to' is empty; leave it out to write to the case's contact")
        return self


class DraftBody(Message):
    """An unfinished reply of this agent on this case; an empty text removes it."""

    model_config = _example({"text": "Dear Ms Ito,"})
    text: Annotated[str, StringConstraints(max_length=100_000), AfterValidator(_without_nul)]
    to: Recipients | None = None
    cc: Recipients = ()
    attachments: AttachmentIds = ()


class NoteBody(Message):
    """A note for colleagues; it never leaves the house."""

    model_config = _example({"text": "Customer is on site until Friday."})
    text: LongText


class LinkArticleBody(Message):
    """Link a knowledge article; with `send` it is mailed to the customer as well, as its content or as its address."""

    model_config = _example({"article": "KA-01003", "send": "content"})
    article: ArticleNumber
    send: Literal["content", "link"] | None = None


class ActivityBody(Message):
    """A phone call, task, appointment or letter; `kind` is one of the organisation's activity types."""

    model_config = _example({"kind": "phone-call", "title": "Call back", "due": "2026-03-02T09:00:00Z"})
    kind: Slug = "task"
    title: Line
    description: LongText | None = None
    due: Instant | None = None
    duration_minutes: int = Field(default=0, ge=0, le=100_000)


class ResolveBody(Message):
    """Domain 1.2. Open activities refuse it, unless `cancel_open_activities` confirms that they are cancelled first.

    Without `resolution_type`, the organisation's first resolved reason that may follow: Problem Solved, as delivered.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"resolution_type": "problem-solved", "resolution": "Firmware 2.1 cures it.", "billable_minutes": 15}
            ]
        }
    )
    resolution_type: Slug | None = None
    resolution: Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(_without_nul)]
    billable_minutes: int = Field(default=0, ge=0, le=1_000_000)
    cancel_open_activities: bool = False


class CancelBody(Message):
    """Domain 1.3: refused while an activity is open. Without a reason, the organisation's first: Cancelled."""

    model_config = _example({"status_reason": "cancelled"})
    status_reason: Slug | None = None


class HoldBody(Message):
    """A status reason that pauses the clocks; without one, the organisation's first: On Hold, as delivered."""

    model_config = _example({"status_reason": "waiting-for-details"})
    status_reason: Slug | None = None


class ReactivateBody(Message):
    """Back to active (domain 1.3); without a reason, the organisation's first: In Progress, as delivered."""

    model_config = _example({"status_reason": "in-progress"})
    status_reason: Slug | None = None


class StageBody(Message):
    """Values for the active stage's data steps, by field (`custom.x` for a custom field), saved before the move."""

    model_config = _example({"data": {"customer": "ada-ito", "custom.device": "R-7"}})
    data: dict[DataField, CaseValue] = Field(default_factory=dict, max_length=100)

    @field_serializer("data", when_used="json")
    def _data(self, values: dict[str, DataValue]) -> dict[str, bool | int | float | str | None]:
        return _plain(values)


class SetActiveBody(Message):
    """An earlier stage of the path, to go back to."""

    model_config = _example({"stage": "research"})
    stage: Slug


class SwitchBody(Message):
    """Another active process definition; the present instance is parked with its state (domain 7)."""

    model_config = _example({"process": "phone-to-case"})
    process: Slug


class AssignBody(Message):
    """The new owner: an agent or a team, by slug."""

    model_config = _example({"agent": "berta"})
    agent: Slug | None = None
    team: Slug | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.agent is None) == (self.team is None):
            raise ValueError("name exactly one of 'agent' or 'team'")
        return self


class RouteBody(Message):
    """The queue to move the case's queue item to."""

    model_config = _example({"queue": "gold"})
    queue: Slug


class _CaseFields(Message):
    """Fields that opening and changing share; reference records by slug."""

    severity: Slug | None = None
    product: Slug | None = None
    subject: Slug | None = None
    contact: Slug | None = None
    case_type: Slug | None = None
    entitlement: Slug | None = None
    sla: Slug | None = None
    custom: dict[CustomName, CaseValue] = Field(default_factory=dict, max_length=100)

    @field_serializer("custom", when_used="json")
    def _custom(self, values: dict[str, DataValue]) -> dict[str, bool | int | float | str | None]:
        return _plain(values)


class ChangeBody(_CaseFields):
    """PATCH: only the fields given change, null clears one (see `model_fields_set`); `custom` is merged.

    `customer` is an account's slug or, if no account has it, a contact's.
    """

    model_config = _example({"priority": "high", "custom": {"device": "R-7"}})
    title: Line | None = None
    priority: Slug | None = None
    customer: Slug | None = None
    origin: Slug | None = None
    status_reason: Slug | None = None
    escalated: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("the body names no field to change")
        for name in ("title", "priority", "customer", "origin", "status_reason", "escalated"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name!r} cannot be cleared")
        return self


class NewCaseBody(_CaseFields):
    """A case that did not come by mail.

    `customer` as in `ChangeBody`; `contact` is the person, if the customer is an account. `route` false keeps the
    routing rules away, `decrement` false takes no terms.
    """

    model_config = _example({"title": "Router loses its connection", "customer": "ito-works", "contact": "ada-ito"})
    title: Line
    customer: Slug
    description: LongText | None = None
    origin: Slug = "phone"
    priority: Slug = "normal"
    route: bool = True
    decrement: bool = True


BODIES: dict[CommandKind, type[Message]] = {
    CommandKind.CHANGE: ChangeBody,
    CommandKind.STAGE_NEXT: StageBody,
    CommandKind.STAGE_PREVIOUS: StageBody,
    CommandKind.PROCESS_FINISH: StageBody,
    CommandKind.PROCESS_SWITCH: SwitchBody,
    CommandKind.REPLY: ReplyBody,
    CommandKind.NOTE: NoteBody,
    CommandKind.ADD_ACTIVITY: ActivityBody,
    CommandKind.ATTACH_ARTICLE: LinkArticleBody,
    CommandKind.RESOLVE: ResolveBody,
    CommandKind.CANCEL: CancelBody,
    CommandKind.REACTIVATE: ReactivateBody,
    CommandKind.HOLD: HoldBody,
}
"""The kinds whose body waits in a command row before the update is sent; others carry a target, a stage or nothing."""


def stored(body: Message) -> dict[str, Any]:
    """A body as its command row keeps it: only what the caller gave, so that PATCH can tell null from absent."""
    return body.model_dump(mode="json", exclude_unset=True)
