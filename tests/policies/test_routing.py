from __future__ import annotations

from typing import Any

import pytest

from models.messages.routing import RoutingRuleSet
from policies.routing import RoutingDecision, route

RULES = RoutingRuleSet.model_validate(
    {
        "slug": "main",
        "name": "Main",
        "rules": [
            {"name": "Gold", "when": {"all": [{"field": "account.tier", "value": "gold"}]}, "queue": "gold"},
            {"name": "Urgent", "when": {"all": [{"field": "case.priority", "value": "high"}]}, "agent": "anna"},
            {"name": "Web", "when": {"all": [{"field": "case.origin", "value": "web"}]}, "team": "web"},
        ],
    }
)
OPEN_ENDED = RoutingRuleSet.model_validate({"slug": "all", "name": "All", "rules": [{"name": "Rest", "queue": "rest"}]})


def target(decision: RoutingDecision) -> tuple[str | None, ...]:
    return decision.rule, decision.queue, decision.agent, decision.team


@pytest.mark.parametrize(
    ("facts", "expected", "looked_at"),
    [
        ({"account.tier": "gold", "case.priority": "high"}, ("Gold", "gold", None, None), 1),
        ({"case.priority": "high", "case.origin": "web"}, ("Urgent", None, "anna", None), 2),
        ({"case.origin": "web", "case.route": True}, ("Web", None, None, "web"), 3),
        ({"case.origin": "phone"}, (None, None, None, None), 3),
        ({}, (None, None, None, None), 3),
    ],
)
def test_the_first_match_wins(facts: dict[str, Any], expected: tuple[str | None, ...], looked_at: int) -> None:
    decision = route(RULES, facts)
    assert target(decision) == expected
    assert len(decision.looked_at) == looked_at


def test_route_no_suppresses() -> None:
    decision = route(RULES, {"account.tier": "gold", "case.route": False})
    assert decision.skipped
    assert target(decision) == (None,) * 4
    assert decision.why() == "case.route is no: the case is not routed by rules"


def test_no_rule_set_leaves_the_case() -> None:
    assert target(route(None, {"account.tier": "gold"})) == (None,) * 4
    assert route(None, {}).why() == "no active routing rule set"


def test_why() -> None:
    assert route(RULES, {"account.tier": "gold"}).why() == "rule 'Gold' matched: account.tier eq 'gold'"
    assert route(OPEN_ENDED, {}).why() == "rule 'Rest' matched: always"
    assert route(RULES, {"account.tier": "silver"}).why() == (
        "no rule matched; rule 'Gold' failed: account.tier eq 'gold' (was 'silver'); "
        "rule 'Urgent' failed: case.priority eq 'high' (was nothing); "
        "rule 'Web' failed: case.origin eq 'web' (was nothing)"
    )
