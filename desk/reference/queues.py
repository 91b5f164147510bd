"""What hangs on a queue beside its members: its teams, and the agent or the team whose default queue it is (domain 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Conflict
from desk.reference.records import Edit
from models.messages.reference import QueueBody
from models.messages.said import said, word
from models.records.base import new_id
from models.records.cases import QueueItem
from models.records.reference import Queue, QueueTeam, Team


async def teams_of(session: AsyncSession, queues: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Slugs of the teams by the queue that they belong to, in the order in which they were listed."""
    rows = await session.execute(
        select(QueueTeam.queue_id, Team.slug)
        .join(Team, Team.id == QueueTeam.team_id)
        .where(QueueTeam.queue_id.in_(queues))
        .order_by(QueueTeam.id)
    )
    found: dict[UUID, tuple[str, ...]] = dict.fromkeys(queues, ())
    for queue, slug in rows:
        found[queue] += (slug,)
    return found


async def replace_teams(edit: Edit, queue: UUID, teams: Iterable[str]) -> None:
    await edit.session.execute(delete(QueueTeam).where(QueueTeam.queue_id == queue))
    for slug in teams:
        team = await edit.names.require("team", slug, "teams")
        edit.session.add(QueueTeam(id=new_id(), queue_id=queue, team_id=team))


async def check_default(edit: Edit, body: QueueBody, row: Queue | None) -> None:
    """`Conflict` if the agent or the team has another default queue."""
    whose = ("agent", body.default_of_agent) if body.default_of_agent else ("team", body.default_of_team)
    id = None if whose[1] is None else await edit.names.find(whose[0], whose[1])
    if id is None:
        return
    other = await default_queue_of(edit.session, id)
    if other is not None and (row is None or other.id != row.id):
        raise Conflict(
            "already-exists",
            said(
                "the {whose} {slug!r} has the default queue {other!r} already",
                whose=word(whose[0]),
                slug=whose[1],
                other=other.slug,
            ),
        )


async def default_queue_of(session: AsyncSession, id: UUID) -> Queue | None:
    """The default queue of an agent or a team, in use or not."""
    found: Queue | None = await session.scalar(select(Queue).where(Queue.default_of == id))
    return found


async def check_default_queue_empty(session: AsyncSession, kind: str, row: Any) -> None:
    """`Conflict` if cases wait for them in their default queue."""
    waits = exists().where(QueueItem.queue_id == Queue.id, QueueItem.live)
    queue = await session.scalar(select(Queue.slug).where(Queue.default_of == row.id, waits))
    if queue is not None:
        raise transfer_needed(
            kind,
            row.slug,
            said(
                "cases wait for the {kind} {slug!r} in the queue {queue!r}", kind=word(kind), slug=row.slug, queue=queue
            ),
        )


def transfer_needed(kind: str, slug: str, what: str) -> Conflict:
    """Files and the command line cannot hand cases over: whoever reads this there learns what can."""
    return Conflict(
        "transfer-needed",
        said(
            "{what}; hand them over first: in the console, or by POST /{kind}s/{slug}/deactivate with transfer_to",
            what=what,
            kind=kind,
            slug=slug,
        ),
        missing=("transfer_to",),
    )
