"""What the API shows of a command, or of an action on many cases, that takes its time."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from models.messages.base import Message


class Progress(Message):
    """Of how many cases something is asked, and what became of them. `refused` ones say why in the results; `failed` ones
    are incidents, or did not answer."""

    total: int
    pending: int = 0
    done: int = 0
    refused: int = 0
    failed: int = 0
    cancelled: int = 0


class CaseResult(Message):
    """What became of one case of an operation. `number` is null for a case that may not be known of any more."""

    number: str | None
    state: Literal["pending", "done", "refused", "failed", "cancelled"]
    version: int | None = None
    outcome: str | None = None
    """Of a merge or a family: what the case did, or why it did not."""
    problem: dict[str, Any] | None = None
    incident: UUID | None = None


class ResultPage(Message):
    """In the order in which the cases were named or found."""

    items: tuple[CaseResult, ...]
    next: str | None


class Operation(Message):
    """A command as its row has it: pending, done, refused, or failed by a fault of ours. A pending one may be sent again
    with the same key; a failed one is an incident. An operation on many cases has no `case`, and can be cancelled; it and a
    command that other cases must hear of show their `progress` and a page of their `results`."""

    id: UUID
    kind: str
    state: Literal["pending", "done", "refused", "failed", "cancelling", "cancelled"]
    case: str | None = None
    version: int | None = None
    resource: str | None = None
    problem: dict[str, Any] | None = None
    incident: UUID | None = None
    progress: Progress | None = None
    results: ResultPage | None = None
