"""What trying a draft on past cases and mails answers."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from models.messages.base import Instant, Message
from models.messages.telling import Sentence


class TryingProgress(Message):
    """How far a trial has come: a line of `application/x-ndjson` for each piece, before the answer."""

    looked_at: int
    """Decisions, mails or cases so far."""
    reached: Instant
    """The instant of the period that it has come to."""


class WentTo(Message):
    """Where a case goes by a rule: at most one of queue, agent and team. None of them: it stays where it is."""

    queue: str | None = None
    agent: str | None = None
    team: str | None = None


class TriedTarget(WentTo):
    """How many decisions would lead there, and how many did."""

    would: int
    did: int


class TriedRule(Message):
    rule: str | None
    """None: no rule matched, or the case is not routed by rules."""
    cases: int


class Difference(Message):
    """A decision that would be another one."""

    case: str
    at: Instant
    did: WentTo
    did_by: str | None = Field(description="The rule that matched then.")
    would: WentTo
    would_by: str | None
    why: Sentence
    """Which clauses decide it now."""


class RoutingTried(Message):
    slug: str
    version: int
    decisions: int
    """How many there were in the period: a case is routed when it opens, and when an agent has the rules applied."""
    complete: bool
    """Whether all of the period was looked at."""
    uncertain: int
    """Of cases from before changes were noted field by field: decided by what the cases are today."""
    targets: tuple[TriedTarget, ...]
    rules: tuple[TriedRule, ...]
    differing: int
    differences: tuple[Difference, ...] = Field(description="The first hundred.")


class MailOutcome(Message):
    """What becomes of a mail: open, hold or file; of one about an existing case attach, attach-only, reopen or new-case."""

    outcome: str
    reason: str | None = None
    item: str | None = None
    """The item of the rule that matched; of a mail about an existing case None."""


class TriedOutcome(MailOutcome):
    """How many mails would end so, and how many did."""

    would: int
    did: int


class MailDifference(Message):
    """A mail of which something else would become."""

    mailbox: str
    entry: UUID = Field(description="Its row of the mailbox's log.")
    case: str | None
    at: Instant
    did: MailOutcome
    did_by: str | None = Field(description="The rule that decided then.")
    would: MailOutcome
    why: Sentence
    """Which clauses decide it now."""


class CreationTried(Message):
    slug: str
    version: int
    decisions: int
    """How many mails of the rule's queue a rule decided about in the period. Loops, bounces, copies, and what an operator
    decided are not among them."""
    complete: bool
    """Whether all of the period was looked at."""
    uncertain: int
    """Decided by contracts as they are today, or by a case from before changes were noted field by field."""
    outcomes: tuple[TriedOutcome, ...]
    differing: int
    differences: tuple[MailDifference, ...] = Field(description="The first hundred.")


class PromiseOutcome(Message):
    """What became of one promise. `status` none: the case was promised nothing."""

    item: str | None = None
    status: str = "none"
    due: Instant | None = None
    ended_on: Instant | None = None
    """When it was kept, missed or cancelled."""
    calendar: str | None = None
    """The slug of the calendar that it counts by."""
    calendar_version: int | None = None


class PromiseEnd(Message):
    """A promise of this item that ended so."""

    kpi: str
    item: str | None
    status: str


class TriedPromise(PromiseEnd):
    """How many cases would have a promise of this item that ended so, and how many had."""

    would: int
    did: int


class SlaDifference(Message):
    """A promise that would be another one, or would have ended in another way."""

    case: str
    kpi: str
    did: PromiseOutcome
    would: PromiseOutcome
    why: Sentence
    """Which items apply and which not, by which clauses, and what changed the promise last."""


class SlaTried(Message):
    slug: str
    version: int
    instead_of: str
    """The SLA whose cases it was tried on."""
    cases: int
    """How many cases of that SLA were opened in the period."""
    complete: bool
    """Whether all of the period was looked at."""
    uncertain: int
    """Cases from before changes were noted field by field: their past is not known, and they are not judged."""
    promises: tuple[TriedPromise, ...]
    differing: int
    """Promises, not cases: a case has one of each KPI."""
    differences: tuple[SlaDifference, ...] = Field(description="The first hundred.")
