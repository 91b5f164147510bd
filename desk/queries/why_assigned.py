"""Why somebody got a case, and who was passed over: read from the case's timeline (domain 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.visibility import named_in, sight_of
from desk.reference.references import slugs_of
from models.messages.assigning import PassedOver
from models.messages.base import Instant, Message
from models.messages.telling import Sentence
from models.records.cases import Case, QueueItem
from models.records.reference import Team
from models.records.timeline import TimelineEntry

KINDS = ("routed", "picked", "assigned", "released", "removed-from-queue")
GIVES = ("picked", "assigned")


class AssignmentStep(Message):
    """A step by which the case came to somebody, or into a queue. `by`: `queue` (a queue that assigns or overflows by
    itself), `rule`, or `agent`, who is `actor` then."""

    at: Instant
    kind: str
    by: str
    actor: str | None = None
    queue: str | None = None
    owner: str | None = None
    rule: str | None = None
    method: str | None = None
    overflowed: str | None = None
    skills: dict[str, int] | None = None
    why: Sentence | None = None
    passed_over: tuple[PassedOver, ...] = ()
    more_passed_over: int = 0


class AssignmentWhy(Message):
    """Where a case stands, the step by which its owner got it, and all such steps, the newest first."""

    case: str
    queue: str | None
    owner: str | None
    worked_by: str | None
    decided: AssignmentStep | None
    steps: tuple[AssignmentStep, ...]


async def why_assigned(session: AsyncSession, identity: Identity, case: Case) -> AssignmentWhy:
    """Of a case that the identity may see."""
    rows = list(
        await session.scalars(
            select(TimelineEntry)
            .where(TimelineEntry.case_id == case.id, TimelineEntry.kind.in_(KINDS))
            .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        )
    )
    told = await named_in(session, await sight_of(session, identity), [row.data for row in rows])
    worker = await session.scalar(select(QueueItem.worked_by).where(QueueItem.case_id == case.id, QueueItem.live))
    names = await slugs_of(session, "agent", {row.actor_id for row in rows} | {case.owner_id, worker})
    team = await session.scalar(select(Team.slug).where(Team.id == case.owner_team_id))
    steps = tuple(_step(row, data, names) for row, data in zip(rows, told, strict=True))
    owner = names.get(case.owner_id) if case.owner_id else team
    return AssignmentWhy(
        case=case.number,
        queue=case.queue,
        owner=owner,
        worked_by=names.get(worker),
        decided=next((step for step in steps if owner is not None and _gave(step, owner)), None),
        steps=steps,
    )


def _gave(step: AssignmentStep, owner: str) -> bool:
    """Whether the case became the owner's by this step: picked, assigned, or given by a rule."""
    return step.owner == owner and (step.kind in GIVES or step.by == "rule")


def _step(row: TimelineEntry, data: dict[str, Any], names: Mapping[UUID | None, str | None]) -> AssignmentStep:
    actor = names.get(row.actor_id)
    return AssignmentStep(
        at=row.at,
        kind=row.kind,
        by=data.get("by") or "agent",
        actor=actor,
        queue=data.get("queue"),
        owner=actor if row.kind == "picked" else data.get("owner") or data.get("agent") or data.get("team"),
        rule=data.get("rule"),
        method=data.get("method"),
        overflowed=data.get("overflowed"),
        skills=data.get("skills"),
        why=data.get("why"),
        passed_over=tuple(map(PassedOver.model_validate, data.get("passed_over") or ())),
        more_passed_over=data.get("more_passed_over") or 0,
    )
