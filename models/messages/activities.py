"""Types of activities as the organisation describes them: fields, ends, and who may do what (domain 9)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from models.messages.base import Message, Name, Slug, WrongAt
from models.messages.processes import StepKind
from models.messages.reference import Role
from models.messages.said import said

FieldName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,63}$")]


class ActivityField(Message):
    """A field of a type of activity. A required one must be filled before the activity is completed; a yes/no with yes."""

    field: FieldName
    label: Name
    kind: StepKind = StepKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = Field(default=(), max_length=1_000)


class ActivityReason(Message):
    """How an activity may end."""

    slug: Slug
    name: Name
    status: Literal["completed", "cancelled"]


class ActivityType(Message):
    """More about one of `activity_types`. Without this, a type has a title, a description, a due date and a duration."""

    slug: Slug
    fields: tuple[ActivityField, ...] = Field(default=(), max_length=30)
    reasons: tuple[ActivityReason, ...] = Field(default=(), max_length=30)
    """The first of a status is taken if nobody names one; none of a status: it ends without a reason."""
    readers: tuple[Role, ...] = Field(default=(), max_length=len(Role))
    """Who may read those of this type; nobody named: everybody who works cases. The timeline names them to all."""
    writers: tuple[Role, ...] = Field(default=(), max_length=len(Role))
    """Who may add, change, assign, complete, cancel and convert them; nobody named: everybody who works cases."""

    @model_validator(mode="after")
    def _check(self) -> ActivityType:
        names = [field.field for field in self.fields]
        if len(set(names)) != len(names):
            raise WrongAt(("fields",), said("two fields have the same name"))
        slugs = [reason.slug for reason in self.reasons]
        if len(set(slugs)) != len(slugs):
            raise WrongAt(("reasons",), said("two reasons have the same slug"))
        for field in self.fields:
            if (field.kind is StepKind.CHOICE) != bool(field.choices):
                raise ValueError(
                    said("field {field!r}: 'choices' are given with 'kind: choice', and only there", field=field.field)
                )
        return self
