"""Several cases at once: what agents say of families and merges, and what the run that orders them is told (domain 1.4, 1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from models.messages.base import CASE_NUMBER, Message, WrongAt
from models.messages.case_fields import BY_NAME, one_line, with_fields
from models.messages.said import said

MOST_MERGED = 10
"""Cases of one merge, the survivor included (domain 1.5)."""

if TYPE_CHECKING:
    # A type checker reads no type that a function makes.
    Line: TypeAlias = str
else:
    Line = one_line(300)

CaseNumber = Annotated[str, StringConstraints(pattern=CASE_NUMBER), AfterValidator(lambda number: number.upper())]
"""A case number as people write it, in any case."""


def _example(body: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class MergeBody(Message):
    """The cases that go up in this one: at most nine, so that ten cases become one (domain 1.5)."""

    model_config = _example({"losers": ["CAS-01043-B2C3D4"]})
    losers: Annotated[tuple[CaseNumber, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.losers) >= MOST_MERGED:
            rule = said(
                "at most {most_merged} cases are merged at once, the survivor among them; these are {count}",
                most_merged=MOST_MERGED,
                count=len(self.losers) + 1,
            )
            raise WrongAt(("losers",), rule)
        if len(set(self.losers)) != len(self.losers):
            raise WrongAt(("losers",), said("a case is named twice"))
        return self


CHILD_FIELDS = ("description", "priority", "severity", "case_type", "subject", "product", "origin")
"""What can be said of a new child; everything else it inherits, or it is changed afterwards."""


@with_fields(lambda field: field.name in CHILD_FIELDS, lambda field: (field.type | None, None))
class ChildBody(Message):
    """A new child, or an existing case that becomes one (domain 1.4).

    `case`: the number of the existing case; then nothing else is said. Without it a new case is opened: it takes the
    title and the customer of its parent, and what `inherited_by_children` of the organisation names; what is given here
    goes first.
    """

    model_config = _example({"title": "The second router does it too"})
    case: CaseNumber | None = None
    title: Line | None = None

    if TYPE_CHECKING:
        # The fields that the table adds are known when the program runs.
        def __init__(self, **fields: Any) -> None: ...

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.case is not None and len(self.model_fields_set) > 1:
            raise WrongAt(("case",), said("an existing case keeps its own fields; name it alone"))
        return self

    def given(self) -> dict[str, Any]:
        """What is said of the new child beside its title, by field."""
        return {name: getattr(self, name) for name in self.model_fields_set if name in BY_NAME and name != "title"}


class SplitBody(Message):
    """A customer's mail of this case that becomes a case of its own. Without a title, the mail's subject is taken."""

    model_config = _example({"message": "01961d8e-0000-7000-8000-000000000000"})
    message: UUID
    title: Line | None = None


class FamilyRun(Message):
    """The argument of `FamilyWorkflow`. Nothing of it is believed: what is to be done stands in rows."""

    kind: str
    """merge, close or undo."""
    command_id: UUID
    number: str
    """Of the case that the command is on: the survivor, or the parent."""


class FamilyProgress(Message):
    """Of how many cases something is asked, and of how many it is decided."""

    total: int
    done: int
