"""Basic routing rule sets decided (domain 5.1): the first match wins; without one the case stays where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from models.messages.base import Message
from models.messages.routing import RoutingRuleSet
from models.messages.said import joined, said, word
from models.messages.skills import Skills
from policies.conditions import Explanation, evaluate
from policies.moments import Moment

ROUTE_FIELD = "case.route"


class RuleLookedAt(Message):
    rule: str
    explanation: Explanation


class RoutingDecision(Message):
    """Where a case goes: at most one of `queue`, `agent`, `team` (slugs). `looked_at`: the rules up to the winner."""

    rule_set: str | None = None
    rule: str | None = None
    queue: str | None = None
    agent: str | None = None
    team: str | None = None
    skills: Skills = Field(default_factory=dict)
    """What the case needs from now on; empty: as before."""
    sla: str | None = None
    skipped: bool = False
    looked_at: tuple[RuleLookedAt, ...] = ()

    def why(self) -> str:
        """For people: `rule 'Gold' matched: account.tier eq 'gold'`; without a match, why each rule failed."""
        if self.rule_set is None:
            return said("no active routing rule set")
        if self.skipped:
            return said("{route_field} is no: the case is not routed by rules", route_field=word(ROUTE_FIELD))
        if self.rule is not None:
            return _sentence(self.looked_at[-1])
        return said("no rule matched; {looked_at}", looked_at=joined(map(_sentence, self.looked_at), "; "))


def route(rule_set: RoutingRuleSet | None, facts: Mapping[str, Any], moment: Moment | None = None) -> RoutingDecision:
    """`facts` and `moment` as `policies.conditions` takes them; `case.route` False (RouteCase = No) suppresses routing."""
    if rule_set is None:
        return RoutingDecision()
    if facts.get(ROUTE_FIELD) is False:
        return RoutingDecision(rule_set=rule_set.slug, skipped=True)
    looked_at: list[RuleLookedAt] = []
    for rule in rule_set.rules:
        explanation = evaluate(rule.when, facts, moment)
        looked_at.append(RuleLookedAt(rule=rule.name, explanation=explanation))
        if explanation.holds:
            return RoutingDecision(
                rule_set=rule_set.slug,
                rule=rule.name,
                queue=rule.queue,
                agent=rule.agent,
                team=rule.team,
                skills=rule.skills,
                sla=rule.sla,
                looked_at=tuple(looked_at),
            )
    return RoutingDecision(rule_set=rule_set.slug, looked_at=tuple(looked_at))


def _sentence(looked: RuleLookedAt) -> str:
    why = looked.explanation.why()
    return said("rule {rule!r} {why}", rule=looked.rule, why=said("matched: always") if why == "always" else why)
