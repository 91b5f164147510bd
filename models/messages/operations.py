"""One action on many cases: what agents ask, and what the run of the operation is told (design, "Several cases at once")."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from models.messages.api_cases import AssignBody, CancelBody, ChangeBody, ResolveBody, RouteBody
from models.messages.base import Message
from models.messages.cases import CaseStatus, CommandKind, SlaState
from models.messages.families import CaseNumber
from models.messages.said import said

MOST_CASES = 10_000
"""Of one operation."""
AT_ONCE = 100
"""Up to so many cases the caller waits for the results; with more they get the operation's address."""


class BulkAction(StrEnum):
    ASSIGN = "assign"
    ROUTE = "route"
    APPLY_ROUTING = "apply-routing"
    CHANGE = "change"
    RESOLVE = "resolve"
    CANCEL = "cancel"
    MERGE = "merge"

    @property
    def kind(self) -> CommandKind:
        """Of the command that each case is sent; of a merge, the survivor."""
        return CommandKind(self.value)


class MergeInto(Message):
    """The case that all others go up in."""

    into: CaseNumber


BULK_BODIES: dict[BulkAction, type[Message]] = {
    BulkAction.ASSIGN: AssignBody,
    BulkAction.ROUTE: RouteBody,
    BulkAction.CHANGE: ChangeBody,
    BulkAction.RESOLVE: ResolveBody,
    BulkAction.CANCEL: CancelBody,
    BulkAction.MERGE: MergeInto,
}
"""What an action says beside the cases, as its own route takes it; `apply-routing` says nothing."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[^\x00]*$")]


class BulkFilter(Message):
    """Which cases, as the list of cases takes it; at least one of these, so that nobody means all by mistake."""

    queue: Word | None = None
    status: Annotated[tuple[CaseStatus, ...], Field(max_length=4)] = ()
    owner: Word | None = None
    customer: Word | None = None
    priority: Word | None = None
    sla: SlaState | None = None
    q: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not any(value for value in (getattr(self, name) for name in type(self).model_fields)):
            raise ValueError(said("names nothing to filter by"))
        return self


class BulkBody(Message):
    """One action on the cases of these numbers, or on those that a filter finds now; at most 10,000.

    `body` is what the action's own route takes: `{"agent": ...}` or `{"team": ...}` of assign, one of these or
    `{"queue": ...}` of route, the fields of change, resolve and cancel, `{"into": number}` of merge.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"action": "assign", "numbers": ["CAS-01042-A1B2C3"], "body": {"agent": "berta"}}]
        }
    )
    action: BulkAction
    numbers: Annotated[tuple[CaseNumber, ...], Field(min_length=1, max_length=MOST_CASES)] | None = None
    filter: BulkFilter | None = None
    body: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.numbers is None) == (self.filter is None):
            raise ValueError(said("name the cases by exactly one of 'numbers' or 'filter'"))
        return self


class OperationState(StrEnum):
    PENDING = "pending"
    CANCELLING = "cancelling"
    """Somebody asked that no further case is touched; those that are under way are done."""
    CANCELLED = "cancelled"
    DONE = "done"


class ItemState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    """By a fault of ours, which is an incident; or the case did not answer."""
    CANCELLED = "cancelled"
    """Nothing was asked of it: the operation was cancelled before."""


class OperationRun(Message):
    """The argument of `OperationWorkflow`. Nothing else is needed: what is to be done stands in rows."""

    operation_id: UUID


class OperationProgress(Message):
    """How many cases are decided, and whether nothing is left to do."""

    total: int
    decided: int
    ended: bool
