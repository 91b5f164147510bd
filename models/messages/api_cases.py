"""Bodies of the commands on a case: what an agent says. API and write activity check a body by the same model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_serializer,
    field_validator,
    model_validator,
)

from models.messages.api_activities import ActivityBody as ActivityBody
from models.messages.api_activities import ChangeActivityBody, CloseActivityBody
from models.messages.api_values import (
    ArticleNumber,
    AttachmentIds,
    CaseValue,
    CustomName,
    Line,
    LongText,
    Recipients,
    example,
    plain_values,
)
from models.messages.assigning import OverflowBody, QueueAssignBody
from models.messages.base import Message, Slug, WrongAt
from models.messages.case_fields import (
    NEVER_CLEARED,
    as_changed,
    as_opened,
    not_blank,
    storable_text,
    with_fields,
)
from models.messages.cases import CommandKind
from models.messages.families import ChildBody, MergeBody, SplitBody
from models.messages.languages import Language
from models.messages.process_actions import DataField
from models.messages.processes import DataValue
from models.messages.said import said
from models.messages.storable import check


class ResolveBody(Message):
    """Domain 1.2. Open activities refuse it, unless `cancel_open_activities` confirms that they are cancelled first.

    Without `resolution_type`, the organisation's first resolved reason that may follow: Problem Solved, as delivered.
    Without `billable_minutes`, a contract of hours takes what the completed activities lasted, and asks if there are none.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"resolution_type": "problem-solved", "resolution": "Firmware 2.1 cures it.", "billable_minutes": 15}
            ]
        }
    )
    resolution_type: Slug | None = None
    resolution: Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(not_blank)]
    billable_minutes: int | None = Field(default=None, ge=0, le=1_000_000)
    cancel_open_activities: bool = False


class HoldBody(Message):
    """A status reason that pauses the clocks; without one, the organisation's first: On Hold, as delivered."""

    model_config = example({"status_reason": "waiting-for-details"})
    status_reason: Slug | None = None


class InsertedArticle(Message):
    """An article in a letter: its words, or its address. Without a language, in the customer's if it is published in that.
    `typed`: the agent has put it into the text already, so that it is linked and counted alone."""

    article: ArticleNumber
    send: Literal["content", "link", "typed"] = "content"
    language: Language | None = None


class ReplyBody(Message):
    """An email to the customer. Without `to` it goes to the case's contact; `attachments` are uploads of this agent. Each of
    `articles` follows the text, and is linked to the case.

    It leaves after `send_after_seconds`, and can be taken back until then; without it, after the organisation's
    `undo_send_seconds`. With `resolve` the case is resolved along with it, with `wait` it is held until the customer
    answers; whoever takes the reply back takes that back too.

    `seen` is the id of the last entry of the timeline that its writer has read: if somebody else has written on the case
    since, or has taken it, the reply is refused (`newer-entries`).
    """

    model_config = example({"text": "Please restart the router and tell us the light's colour."})
    text: LongText
    html: Annotated[str, StringConstraints(max_length=500_000), AfterValidator(storable_text)] | None = None
    to: Recipients | None = None
    cc: Recipients = ()
    attachments: AttachmentIds = ()
    articles: Annotated[tuple[InsertedArticle, ...], Field(max_length=5)] = ()
    send_after_seconds: Annotated[int, Field(ge=0, le=120)] | None = None
    resolve: ResolveBody | None = None
    wait: HoldBody | None = None
    seen: UUID | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.resolve is not None and self.wait is not None:
            raise WrongAt(("wait",), said("a reply resolves the case or waits, not both"))
        return self

    @field_validator("to")
    @classmethod
    def _somebody(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and not value:
            raise ValueError(said("is empty; leave it out to write to the case's contact"))
        return value


class DraftBody(Message):
    """An unfinished reply of this agent on this case; an empty text removes it."""

    model_config = example({"text": "Dear Ms Ito,"})
    text: Annotated[str, StringConstraints(max_length=100_000), AfterValidator(storable_text)]
    to: Recipients | None = None
    cc: Recipients = ()
    attachments: AttachmentIds = ()


class NoteBody(Message):
    """A note for colleagues; it never leaves the house, and neither do its files: `attachments` are uploads of this agent."""

    model_config = example({"text": "Customer is on site until Friday."})
    text: LongText
    attachments: AttachmentIds = ()


class LinkArticleBody(Message):
    """Link a knowledge article; with `send` it is mailed to the customer as well, as its content or as its address. Without a
    language, in the customer's if it is published in that."""

    model_config = example({"article": "KA-01003", "send": "content"})
    article: ArticleNumber
    send: Literal["content", "link"] | None = None
    language: Language | None = None


class RecomputeBody(Message):
    """What the house asks of each case whose promises follow a changed calendar."""

    calendar: Slug


class FirstResponseBody(Message):
    """That the customer has been answered in a way that the case does not show, and how: it stands on the timeline."""

    model_config = example({"reason": "Answered at the counter of the shop."})
    reason: Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(not_blank)]


class CancelBody(Message):
    """Domain 1.3: refused while an activity is open. Without a reason, the organisation's first: Cancelled."""

    model_config = example({"status_reason": "cancelled"})
    status_reason: Slug | None = None


class ReactivateBody(Message):
    """Back to active (domain 1.3); without a reason, the organisation's first: In Progress, as delivered.

    `entitlement` null goes on without the case's contract, a slug with another one; left out, it stays (domain 3.4).
    """

    model_config = example({"status_reason": "in-progress"})
    status_reason: Slug | None = None
    entitlement: Slug | None = None


class StageBody(Message):
    """Values for the active stage's data steps, by field (`custom.x` for a custom field), saved before the move."""

    model_config = example({"data": {"case_type": "problem", "custom.device": "R-7"}})
    data: dict[DataField, CaseValue] = Field(default_factory=dict, max_length=100)

    @field_serializer("data", when_used="json")
    def _data(self, values: dict[str, DataValue]) -> dict[str, bool | int | float | str | None]:
        return plain_values(values)


class SetActiveBody(Message):
    """An earlier stage of the path, to go back to."""

    model_config = example({"stage": "research"})
    stage: Slug


class SwitchBody(Message):
    """Another active process definition; the present instance is parked with its state (domain 7)."""

    model_config = example({"process": "phone-to-case"})
    process: Slug


class AssignBody(Message):
    """The new owner: an agent or a team, by slug."""

    model_config = example({"agent": "berta"})
    agent: Slug | None = None
    team: Slug | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.agent is None) == (self.team is None):
            raise ValueError(said("name exactly one of 'agent' or 'team'"))
        return self


class RouteBody(Message):
    """The queue to move the case's queue item to; or the agent or the team whose default queue it is."""

    model_config = example({"queue": "gold"})
    queue: Slug | None = None
    agent: Slug | None = None
    team: Slug | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(target is not None for target in (self.queue, self.agent, self.team)) != 1:
            raise ValueError(said("name exactly one of 'queue', 'agent' or 'team'"))
        return self


class _CaseFields(Message):
    """What opening and changing share beyond the table of case fields; reference records by slug."""

    contact: Slug | None = None
    entitlement: Slug | None = None
    sla: Slug | None = None
    custom: dict[CustomName, CaseValue] = Field(default_factory=dict, max_length=100)

    @field_serializer("custom", when_used="json")
    def _custom(self, values: dict[str, DataValue]) -> dict[str, bool | int | float | str | None]:
        return plain_values(values)


@with_fields(lambda field: field.change, as_changed)
class ChangeBody(_CaseFields):
    """PATCH: only the fields given change, null clears one (see `model_fields_set`); `custom` is merged.

    `customer` is an account's slug or, if no account has it, a contact's.
    """

    model_config = example({"priority": "high", "custom": {"device": "R-7"}})
    customer: Annotated[Slug | None, NEVER_CLEARED] = None
    status_reason: Annotated[Slug | None, NEVER_CLEARED] = None

    if TYPE_CHECKING:
        # The fields that the table adds are known when the program runs.
        def __init__(self, **fields: Any) -> None: ...

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(said("the body names no field to change"))
        return self


@with_fields(lambda field: field.opening, as_opened)
class NewCaseBody(_CaseFields):
    """A case that did not come by mail.

    `customer` as in `ChangeBody`; `contact` is the person, if the customer is an account. `route` false keeps the
    routing rules away, `decrement` false takes no terms. `entitlement` null opens it without the customer's default
    one; left out, that applies.
    """

    model_config = example({"title": "Router loses its connection", "customer": "ito-works", "contact": "ada-ito"})
    title: Line
    customer: Slug

    if TYPE_CHECKING:
        # The fields that the table adds are known when the program runs.
        def __init__(self, **fields: Any) -> None: ...


BODIES: dict[CommandKind, type[Message]] = {
    CommandKind.CHANGE: ChangeBody,
    CommandKind.STAGE_NEXT: StageBody,
    CommandKind.STAGE_PREVIOUS: StageBody,
    CommandKind.PROCESS_FINISH: StageBody,
    CommandKind.PROCESS_SWITCH: SwitchBody,
    CommandKind.REPLY: ReplyBody,
    CommandKind.NOTE: NoteBody,
    CommandKind.ADD_ACTIVITY: ActivityBody,
    CommandKind.CHANGE_ACTIVITY: ChangeActivityBody,
    CommandKind.COMPLETE_ACTIVITY: CloseActivityBody,
    CommandKind.CANCEL_ACTIVITY: CloseActivityBody,
    CommandKind.ATTACH_ARTICLE: LinkArticleBody,
    CommandKind.FIRST_RESPONSE: FirstResponseBody,
    CommandKind.RECOMPUTE: RecomputeBody,
    CommandKind.RESOLVE: ResolveBody,
    CommandKind.CANCEL: CancelBody,
    CommandKind.REACTIVATE: ReactivateBody,
    CommandKind.HOLD: HoldBody,
    CommandKind.MERGE: MergeBody,
    CommandKind.ADD_CHILD: ChildBody,
    CommandKind.SPLIT: SplitBody,
    CommandKind.QUEUE_ASSIGN: QueueAssignBody,
    CommandKind.OVERFLOW: OverflowBody,
}
"""The kinds whose body waits in a command row before the update is sent; others carry a target, a stage or nothing."""


BODY_MAY_BE_ABSENT = frozenset({CommandKind.COMPLETE_ACTIVITY, CommandKind.CANCEL_ACTIVITY})
"""Most say nothing more than the verb, and then need no row beforehand."""


def stored(body: Message) -> dict[str, Any]:
    """A body as its command row keeps it: only what the caller gave, so that PATCH can tell null from absent.

    `Unstorable` names the first value that no row can hold.
    """
    content = body.model_dump(mode="json", exclude_unset=True)
    check(content)
    return content
