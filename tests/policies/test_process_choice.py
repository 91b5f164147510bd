"""Whether a case may have a process, and what is said of why not."""

from __future__ import annotations

import pytest

from models.messages.processes import ProcessDefinition
from policies.process_choice import applies


def asking(field: str, value: str) -> ProcessDefinition:
    return ProcessDefinition.model_validate(
        {
            "slug": "p",
            "name": "P",
            "applies_when": {"all": [{"field": field, "value": value}]},
            "stages": [{"slug": "a", "name": "A"}],
        }
    )


@pytest.mark.parametrize("field", ["case.queue", "queue.slug"])
def test_why_not_is_said_unless_it_names_a_private_queue(field: str) -> None:
    facts = {"case.queue": "support", "queue.slug": "support"}
    told = applies(asking(field, "gold"), facts, {"inner"})
    assert told is not None
    assert "'gold'" in told.detail
    kept = applies(asking(field, "Inner"), facts, {"inner"})
    assert kept is not None
    assert kept.type == told.type
    assert "inner" not in kept.detail.casefold()
    assert applies(asking(field, "support"), facts, {"support"}) is None
