"""The order of SLA sources (domain 4.6), and what a manual value withstands."""

from __future__ import annotations

import pytest

from models.messages.slas import SlaSource
from policies.slas import choose_sla


@pytest.mark.parametrize(
    ("manual", "automation", "entitlement", "default", "sla", "source"),
    [
        ("m", "a", "e", "d", "m", SlaSource.MANUAL),
        ("m", None, None, None, "m", SlaSource.MANUAL),
        (None, "a", "e", "d", "a", SlaSource.AUTOMATION),
        (None, None, "e", "d", "e", SlaSource.ENTITLEMENT),
        (None, None, None, "d", "d", SlaSource.DEFAULT),
        (None, None, None, None, None, None),
    ],
)
def test_the_strongest_source_that_names_an_sla_wins(
    manual: str | None,
    automation: str | None,
    entitlement: str | None,
    default: str | None,
    sla: str | None,
    source: SlaSource | None,
) -> None:
    choice = choose_sla(manual, automation, entitlement, default)
    assert (choice.sla, choice.source) == (sla, source)
    assert choice.reason


@pytest.mark.parametrize(
    ("replace", "older", "automation", "entitlement", "sla"),
    [
        pytest.param(False, True, None, "e", "m", id="switch off: kept"),
        pytest.param(True, True, None, "e", "e", id="switch on: a later entitlement replaces it"),
        pytest.param(True, True, "a", "e", "a", id="switch on: automation first"),
        pytest.param(True, False, "a", "e", "m", id="changed together: manual wins regardless"),
        pytest.param(True, True, None, None, "m", id="the default never replaces it"),
    ],
)
def test_apply_sla_after_manual_override(
    replace: bool, older: bool, automation: str | None, entitlement: str | None, sla: str
) -> None:
    choice = choose_sla("m", automation, entitlement, "d", replace_manual=replace, manual_is_older=older)
    assert choice.sla == sla
