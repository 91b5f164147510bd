"""What a queue decides and its case does: give it to an agent, send it on to another queue (domain 5.2).

The queue proposed it by what it saw; the case decides by what is so now. Whatever has changed meanwhile refuses it, and the
queue looks again.
"""

from __future__ import annotations

from sqlalchemy import Uuid, bindparam, or_, update

from cases.unit import CaseUnit, refused
from models.messages.assigning import OverflowBody, QueueAssignBody
from models.messages.cases import CaseCommand, ProblemType
from models.messages.said import said
from models.records.base import UtcInstant, looked_for
from models.records.cases import QueueItem
from models.records.reference import Agent, Queue
from storage.kept import keep

GIVEN = (
    update(Agent)
    .where(
        Agent.id == bindparam("agent", type_=Uuid()),
        Agent.active,
        Agent.presence.in_(looked_for("presences", expanding=True)),
        or_(Agent.capacity.is_(None), Agent.load < Agent.capacity),
    )
    .values(load=Agent.load + 1, last_assigned_on=bindparam("turn", type_=UtcInstant()))
    .returning(Agent)
    .execution_options(synchronize_session=False)
)
"""An agent has a case more to work on, if they are there and can take it."""
BY_QUEUE = "queue"
"""Who did it, on the timeline, where no agent and no rule did."""


async def queue_assign(unit: CaseUnit, command: CaseCommand, body: QueueAssignBody) -> None:
    """The agent owns the case and works on it, with their capacity taken in the same statement that asks for it."""
    item = _waiting(unit, body.item)
    queue = await unit.session.get_one(Queue, item.queue_id)
    if not queue.active:
        raise refused(ProblemType.QUEUE_INACTIVE, said("Queue {queue!r} is not active any more.", queue=queue.slug))
    given = {"agent": command.target_id, "presences": [each.value for each in body.presences], "turn": body.turn_on}
    agent = await unit.session.scalar(GIVEN, given)
    if agent is None:
        raise refused(
            ProblemType.NO_CAPACITY, said("The agent is not there any more, or has no room for another case.")
        )
    keep(unit.session, agent)
    unit.works(item, agent.id)
    unit.case.owner_id, unit.case.owner_team_id = agent.id, None
    unit.tell(
        f"command/{command.id}",
        "assigned",
        by=BY_QUEUE,
        queue=queue.slug,
        owner=agent.slug,
        method=body.method.value,
        why=body.why,
        passed_over=[each.model_dump() for each in body.passed_over],
        more_passed_over=body.more_passed_over or None,
    )


async def overflow(unit: CaseUnit, command: CaseCommand, body: OverflowBody) -> None:
    """The case goes on to another queue. It does so once: there it stays, however long it waits."""
    item = _waiting(unit, body.item)
    if item.overflowed_from is not None:
        raise refused(
            ProblemType.INVALID, said("the case has come from a queue that overflowed already."), field="item"
        )
    left = await unit.session.get_one(Queue, item.queue_id)
    queue = await unit.session.get(Queue, command.target_id, with_for_update={"read": True})
    if queue is None or not queue.active:
        raise refused(ProblemType.QUEUE_INACTIVE, said("The queue that it was to go to is not active any more."))
    await unit.enter_queue(queue.id, queue.slug)
    if unit.item is not None:
        unit.item.overflowed_from = left.id
    unit.tell(f"command/{command.id}", "routed", by=BY_QUEUE, queue=queue.slug, overflowed=left.slug, why=body.why)


def _waiting(unit: CaseUnit, id: object) -> QueueItem:
    """The item that the queue saw, unless the case has left that place, or somebody works on it."""
    item = unit.item
    if item is None or item.id != id:
        raise refused(ProblemType.NO_QUEUE_ITEM, said("The case has left that place in the queue."))
    if item.worked_by is not None:
        raise refused(ProblemType.ALREADY_PICKED, said("Somebody works on the case already."))
    return item
