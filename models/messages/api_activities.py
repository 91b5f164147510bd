"""Bodies about activities: phone calls, tasks, appointments and whatever else the organisation names (domain 9)."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, field_serializer, model_validator

from models.messages.api_values import CaseValue, CustomName, Line, LongText, example, plain_values
from models.messages.base import GivenInstant, Message, Name, Slug
from models.messages.case_fields import NEVER_CLEARED
from models.messages.processes import DataValue
from models.messages.said import said

Minutes = Annotated[int, Field(ge=0, le=100_000)]
Values = Annotated[dict[CustomName, CaseValue], Field(max_length=30)]


class ActivityBody(Message):
    """A phone call, task, appointment or letter; `kind` is one of the organisation's activity types.

    `owner`: an agent's slug; without it, whoever adds it. `fields`: those of its type. `completed`: it is done already, as a
    call that was made; so time is entered afterwards.
    """

    model_config = example({"kind": "phone-call", "title": "Call back", "due": "2026-03-02T09:00:00Z"})
    kind: Slug = "task"
    title: Line
    description: LongText | None = None
    due: GivenInstant | None = None
    duration_minutes: Minutes = 0
    owner: Slug | None = None
    fields: Values = Field(default_factory=dict)
    completed: bool = False

    @field_serializer("fields", when_used="json")
    def _fields(self, values: dict[str, DataValue]) -> dict[str, Any]:
        return plain_values(values)


class NewActivityBody(ActivityBody):
    """An activity that belongs to no case yet; `customer` is an account's slug or, if no account has it, a contact's.

    Whoever does not know the customer says who it is from: `sender`, an address of mail or a phone number, and `sender_name`.
    `queue`: where it arrives. A record creation rule of its type or queue may make a case of it at once (domain 6.6).
    """

    model_config = example({"kind": "phone-call", "title": "Asked for a quote", "sender": "+49 30 1234567"})
    customer: Slug | None = None
    sender: Line | None = None
    sender_name: Name | None = None
    queue: Slug | None = None


class ChangeActivityBody(Message):
    """Only what is given changes, null clears; `fields` are merged. `owner` is an agent's slug."""

    model_config = example({"due": "2026-03-03T09:00:00Z", "fields": {"room": "B 12"}})
    title: Annotated[Line | None, NEVER_CLEARED] = None
    description: LongText | None = None
    due: GivenInstant | None = None
    duration_minutes: Annotated[Minutes | None, NEVER_CLEARED] = None
    owner: Annotated[Slug | None, NEVER_CLEARED] = None
    fields: Values = Field(default_factory=dict)

    @field_serializer("fields", when_used="json")
    def _fields(self, values: dict[str, DataValue]) -> dict[str, Any]:
        return plain_values(values)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(said("the body names no field to change"))
        return self


class CloseActivityBody(Message):
    """`reason`: one of those that the type lists for this end; without it, the first. `duration_minutes`: how long it took."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"duration_minutes": 15}]})
    reason: Slug | None = None
    duration_minutes: Minutes | None = None


class AssignActivityBody(Message):
    model_config = example({"agent": "berta"})
    agent: Slug


class ConvertActivityBody(Message):
    """A case of the activity's. Without `title` and `customer` those of the activity; `close` completes it, if it is open.

    `entitlement` and `decrement` as for a case that is opened by hand: null opens it without a contract, also where the
    customer's default one has no terms left.
    """

    model_config = example({"customer": "ito-works", "close": True})
    title: Line | None = None
    customer: Slug | None = None
    contact: Slug | None = None
    origin: Slug = "phone"
    priority: Slug = "normal"
    entitlement: Slug | None = None
    decrement: bool = True
    close: bool = False
