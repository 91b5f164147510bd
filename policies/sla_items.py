"""What an SLA's items say of a case: which one applies, what it counts from, whether its clock stands still (domain 4.1, 4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from models.messages.kpi import SlaTerms
from models.messages.said import Said, joined, said
from models.messages.slas import CUSTOM_INSTANT, KpiInstance, SlaDefinition, SlaItem
from models.messages.storable import instant_fault
from policies.conditions import evaluate


def applicable(sla: SlaDefinition, kpi: str, facts: Mapping[str, Any]) -> int | None:
    """Index of the first item of the KPI whose condition holds (domain 4.1)."""
    return next(
        (n for n, item in enumerate(sla.items) if item.kpi == kpi and evaluate(item.applicable_when, facts).holds), None
    )


def matched(sla: SlaDefinition, kpi: str, facts: Mapping[str, Any]) -> str:
    """Which of a KPI's items were looked at, up to the one that applies, and which of their clauses decided."""
    looked: list[Said] = []
    for item in sla.items:
        if item.kpi == kpi:
            explanation = evaluate(item.applicable_when, facts)
            looked.append(said("item {item!r} {why}", item=item.name, why=explanation.why()))
            if explanation.holds:
                break
    return joined(looked, "; ")


def instant_of(item: SlaItem, facts: Mapping[str, Any]) -> datetime | None:
    """What the item counts from. A custom field holds text, and only an instant with its zone will do."""
    field = f"case.{item.applicable_from}"
    if CUSTOM_INSTANT.fullmatch(item.applicable_from):
        return custom_instant(facts.get(field))
    if field not in facts:
        raise LookupError(f"the facts lack {field!r}, which SLA item {item.name!r} counts from")
    found: datetime | None = facts[field]
    return found


def custom_instant(value: object) -> datetime | None:
    """The instant that the text of a custom field says, in UTC; None: it says none, or no time that a case can have."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None or found.tzinfo is None or instant_fault(found) is not None:
        return None
    return found.astimezone(UTC)


def moved_on(item: SlaItem, instance: KpiInstance, facts: Mapping[str, Any]) -> datetime | None:
    """The instant that a repeating promise counts from now, if that is later than it was."""
    start = instant_of(item, facts) if item.repeats else None
    return start if start is not None and start > instance.applicable_from else None


def on_hold(terms: SlaTerms, instance: KpiInstance, facts: Mapping[str, Any]) -> bool:
    """The most specific rule wins: the item's, else the KPI's, else the desk's list (domain 4.4)."""
    item, kpi = terms.item(instance), terms.kpis.get(instance.kpi)
    rule = item.pause_when or (kpi.pause_when if kpi else None)
    if not item.allow_pause:
        return False
    return evaluate(rule, facts).holds if rule else facts.get("case.status_reason") in terms.pause_reasons
