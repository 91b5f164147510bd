"""Assignment within a queue decided (domain 5.2): who gets which case that waits, why they, and who was passed over.

An agent can get a case if they are present, within their working hours, below their capacity, hold the skills that it
needs, and did not give this very case back. Of those the method chooses. Cases are given out by priority, which rises with
the time that they wait, and then in the order in which they entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from models.messages.assigning import MOST_NAMED, AgentFacts, PassedOver, Proposal, WaitingItem
from models.messages.assignment import AssignmentMethod, AssignmentRule
from models.messages.said import said
from policies.business_time import INSTANT, is_working, next_working

NEVER = datetime.min.replace(tzinfo=UTC)


def propose(
    rule: AssignmentRule,
    items: Iterable[WaitingItem],
    agents: Sequence[AgentFacts],
    now: datetime,
    *,
    most: int | None = None,
) -> tuple[Proposal, ...]:
    """At most `most` proposals in the order in which they are to be made: nobody gets more than their capacity, and none is
    left out while somebody could take it."""
    if rule.method is AssignmentMethod.MANUAL:
        return ()
    desk = _Desk(rule, agents, now)
    made: list[Proposal] = []
    for item in sorted(items, key=lambda item: order(rule, item, now)):
        if not desk.free or (most is not None and len(made) >= most):
            break
        winner = desk.winner(item)
        if winner is not None:
            named, more = desk.passed_over(item, winner)
            made.append(
                Proposal(
                    item=item.id,
                    agent=winner.id,
                    slug=winner.slug,
                    turn_on=desk.turn_on,
                    why=desk.why(winner),
                    passed_over=named,
                    more_passed_over=more,
                )
            )
            desk.gives(winner)
    return tuple(made)


def order(rule: AssignmentRule, item: WaitingItem, now: datetime) -> tuple[Any, ...]:
    """What items are sorted by: the rank of their priority, one less for each `ageing` that they have waited."""
    older = 0 if rule.ageing is None else int(_waited(item, now) / timedelta(minutes=float(rule.ageing.minutes)))
    return max(item.rank - older, 0), item.entered_on, item.id


def begins_work(rule: AssignmentRule, agents: Iterable[AgentFacts], now: datetime) -> datetime | None:
    """The next instant at which the working hours of an agent begin who could take a case then; None: nobody's do."""
    begins = [
        next_working(agent.calendar, now)
        for agent in agents
        if rule.working_hours
        and agent.calendar is not None
        and agent.presence in rule.presences
        and _has_room(agent)
        and not _works(agent, now)
    ]
    return min((instant for instant in begins if instant is not None), default=None)


def room(rule: AssignmentRule, agents: Iterable[AgentFacts], now: datetime) -> int | None:
    """How many cases those who are there can take together; None: any number."""
    total = 0
    for agent in agents:
        if _absent(rule, agent, now) is None and _has_room(agent):
            if agent.capacity is None:
                return None
            total += agent.capacity - agent.load
    return total


class _Desk:
    """The agents as they stand after the proposals made so far."""

    def __init__(self, rule: AssignmentRule, agents: Sequence[AgentFacts], now: datetime) -> None:
        self.rule = rule
        # Another queue, whose clock is ahead, may have been the last to give them something.
        self.turn_on = max([now, *(agent.last_assigned_on + INSTANT for agent in agents if agent.last_assigned_on)])
        self.absent: dict[str, str] = {}
        self.agents: dict[str, AgentFacts] = {}
        for agent in sorted(agents, key=lambda agent: agent.slug):
            self.agents[agent.slug] = agent
            why = _absent(rule, agent, now)
            if why is not None:
                self.absent[agent.slug] = why
        self.free = {slug: agent for slug, agent in self.agents.items() if slug not in self.absent and _has_room(agent)}

    def winner(self, item: WaitingItem) -> AgentFacts | None:
        fitting = [agent for agent in self.free.values() if _unfit(agent, item) is None]
        return min(fitting, key=self._turn, default=None)

    def _turn(self, agent: AgentFacts) -> tuple[Any, ...]:
        """Ties go to the oldest last assignment."""
        last = agent.last_assigned_on or NEVER
        if self.rule.method is AssignmentMethod.LEAST_LOADED:
            return agent.load, last, agent.slug
        return last, agent.slug

    def gives(self, agent: AgentFacts) -> None:
        taken = agent.model_copy(update={"load": agent.load + 1, "last_assigned_on": self.turn_on})
        self.turn_on += INSTANT
        self.agents[agent.slug] = taken
        if _has_room(taken):
            self.free[agent.slug] = taken
        else:
            del self.free[agent.slug]

    def why(self, winner: AgentFacts) -> str:
        if self.rule.method is AssignmentMethod.LEAST_LOADED:
            return said("works on the fewest cases ({load}) of those who can take it", load=winner.load)
        return said("got their last case the longest time ago of those who can take it")

    def passed_over(self, item: WaitingItem, winner: AgentFacts) -> tuple[tuple[PassedOver, ...], int]:
        """The first of them by name, those who could have taken it before the others, and how many more there are."""
        could = [slug for slug in self.free if slug != winner.slug]
        others = [slug for slug in self.agents if slug not in self.free]
        named = (*could, *others)[:MOST_NAMED]
        over = tuple(PassedOver(agent=slug, why=self._why_not(self.agents[slug], item, winner)) for slug in named)
        return over, len(self.agents) - 1 - len(over)

    def _why_not(self, agent: AgentFacts, item: WaitingItem, winner: AgentFacts) -> str:
        absent = self.absent.get(agent.slug)
        if absent is not None:
            return absent
        if not _has_room(agent):
            return said("works on {load} of {capacity}", load=agent.load, capacity=agent.capacity)
        unfit = _unfit(agent, item)
        if unfit is not None:
            return unfit
        if self.rule.method is AssignmentMethod.LEAST_LOADED and agent.load > winner.load:
            return said("works on {load}, not {least}", load=agent.load, least=winner.load)
        if (agent.last_assigned_on or NEVER) > (winner.last_assigned_on or NEVER):
            return said("got their last case later")
        return said("comes later in the alphabet")


def _absent(rule: AssignmentRule, agent: AgentFacts, now: datetime) -> str | None:
    if agent.presence not in rule.presences:
        return agent.presence.value
    if rule.working_hours and not _works(agent, now):
        return (
            said("outside the hours of {calendar!r}", calendar=agent.calendar.slug)
            if agent.calendar
            else said("outside their hours")
        )
    return None


def _works(agent: AgentFacts, now: datetime) -> bool:
    return agent.calendar is None or is_working(agent.calendar, now)


def _has_room(agent: AgentFacts) -> bool:
    return agent.capacity is None or agent.load < agent.capacity


def _unfit(agent: AgentFacts, item: WaitingItem) -> str | None:
    if item.released_by == agent.id:
        return said("gave this case back")
    return _lacks(agent.skills, item.skills)


def _lacks(held: Mapping[str, int], needed: Mapping[str, int]) -> str | None:
    for skill, level in needed.items():
        have = held.get(skill)
        if have is None:
            return said("does not hold {skill!r}", skill=skill)
        if have < level:
            return said("holds {skill!r} at {have}, not {level}", skill=skill, have=have, level=level)
    return None


def _waited(item: WaitingItem, now: datetime) -> timedelta:
    return max(now - item.entered_on, timedelta(0))
