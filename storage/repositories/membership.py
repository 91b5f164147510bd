"""Who belongs to a queue: the members that it lists, and those of its teams as they are now (domain 2)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, exists, or_, select, union

from models.records.reference import Agent, QueueMember, QueueTeam, Team, TeamMember


def is_member(queue: Any, agent: Any) -> ColumnElement[bool]:
    """The condition that `agent` belongs to `queue`; both are columns, parameters or ids, for any statement.

    A team that was switched off lends its members to no queue.
    """
    listed = exists().where(QueueMember.queue_id == queue, QueueMember.agent_id == agent)
    of_team = exists().where(
        QueueTeam.queue_id == queue,
        Team.id == QueueTeam.team_id,
        Team.active,
        TeamMember.team_id == Team.id,
        TeamMember.agent_id == agent,
    )
    return or_(listed.correlate_except(QueueMember), of_team.correlate_except(QueueTeam, Team, TeamMember))


def has_members(queue: Any) -> ColumnElement[bool]:
    """The condition that a queue names anybody: a public one that does not is everybody's."""
    listed = exists().where(QueueMember.queue_id == queue).correlate_except(QueueMember)
    return or_(listed, exists().where(QueueTeam.queue_id == queue).correlate_except(QueueTeam))


def members(queue: Any) -> CompoundSelect[Any]:
    """The ids of the agents who belong to a queue, each once; switched-off agents among them."""
    of_team = (
        select(TeamMember.agent_id)
        .join(Team, Team.id == TeamMember.team_id)
        .join(QueueTeam, QueueTeam.team_id == Team.id)
        .where(QueueTeam.queue_id == queue, Team.active)
    )
    return union(select(QueueMember.agent_id).where(QueueMember.queue_id == queue), of_team)


def can_work(queue: Any) -> ColumnElement[bool]:
    """The condition that an agent of a statement that selects from `Agent` may be given the queue's cases."""
    return or_(is_member(queue, Agent.id), ~has_members(queue))
