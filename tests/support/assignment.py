"""A queue that assigns by itself, at a desk under test: its rule, its people, and who works on what."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from temporalio.client import WorkflowHandle

from models.messages.assignment import Presence
from models.messages.names import queue_workflow_id
from models.records.cases import QueueItem
from models.records.reference import Agent, Queue
from tests.support.desks import A_MOMENT, Desk
from tests.support.organisations import add

QUEUE = "desk-five"


def people(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"slug": f"five-{n}", "name": f"Five {n}", "email": f"five-{n}@desk.example"} | more for n in range(count)]


async def staffed(desk: Desk, agents: list[dict[str, Any]], *, online: bool = True, **rule: Any) -> list[str]:
    """A queue of these agents alone, with an assignment rule, to which every case is routed; the agents' slugs."""
    slugs = [each["slug"] for each in agents]
    queue = {"slug": QUEUE, "name": "Five", "owner": "mona", "members": slugs, "mailbox": "support"}
    given = {"slug": QUEUE, "name": "Five", "queue": QUEUE, "method": "round-robin", **rule}
    routing = {"slug": "by-tier", "name": "All", "rules": [{"name": "All", "queue": QUEUE}]}
    await add(
        desk,
        {"agents": agents, "queues": [queue], "assignment_rules": [given], "routing_rule_sets": [routing]},
    )
    if online:
        await are(desk, Presence.ONLINE, *slugs)
    return slugs


async def are(desk: Desk, presence: Presence, *slugs: str) -> None:
    """As if they had said so, but that nobody is told of it."""
    async with desk.house.database.write() as session:
        await session.execute(update(Agent).where(Agent.slug.in_(slugs)).values(presence=presence.value))


async def worked(desk: Desk, queue: str = QUEUE) -> Counter[str | None]:
    """How many live items of the queue each agent works on; None: nobody does."""
    async with desk.house.database.read() as session:
        rows = await session.scalars(
            select(Agent.slug)
            .select_from(QueueItem)
            .join(Queue, Queue.id == QueueItem.queue_id)
            .outerjoin(Agent, Agent.id == QueueItem.worked_by)
            .where(Queue.slug == queue, QueueItem.live)
        )
        return Counter(rows)


async def worker_of(desk: Desk, number: str) -> str | None:
    """Who works on the case."""
    live = next((item for item in await desk.items(number) if item.live), None)
    if live is None or live.worked_by is None:
        return None
    async with desk.house.database.read() as session:
        return (await session.scalars(select(Agent.slug).where(Agent.id == live.worked_by))).one()


def run_of(desk: Desk, queue: str = QUEUE) -> WorkflowHandle[Any, Any]:
    return desk.house.client.get_workflow_handle(queue_workflow_id(queue))


async def later(desk: Desk, by: timedelta, queue: str = QUEUE) -> None:
    """Move the queue's own clock."""
    await desk.temporal.fast_forward(run_of(desk, queue), by + A_MOMENT)
