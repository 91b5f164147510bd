"""The words of the audit: one for each thing that can be done, in the reader's language, and none that a program wrote."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.administering.audited import DEEDS, OF_HELD_MAIL, OF_VERSIONS, deed_of
from console.administering.readable import Readable
from desk.audit import Changes
from desk.organisation.differences import apart
from models.messages.audited import ACTIONS
from models.records.reference import Audit
from tests.console.case.test_times import words


def test_whatever_can_be_done_has_its_words() -> None:
    assert set(DEEDS) == ACTIONS
    assert {*OF_VERSIONS, *OF_HELD_MAIL} <= ACTIONS
    with pytest.raises(TypeError, match="no page has words for 'frobnicate'"):
        Audit(at=datetime.now(UTC), actor="ada", kind="team", object_id="lab", action="frobnicate", changes={})


@pytest.mark.parametrize(
    ("action", "kind", "told"),
    [
        ("activate version 2", "sla", ("put in force", "version 2")),
        ("activate", "agent", ("taken into use", "")),
        ("publish en 1.1", "article", ("published", "en 1.1")),
        ("plan expiry", "article", ("end planned", "")),
        ("dismiss", "held-mail", ("filed without a case", "")),
        ("dismiss", "incident", ("set aside", "")),
    ],
)
def test_an_action_is_told_by_what_it_was_done_to(action: str, kind: str, told: tuple[str, str]) -> None:
    assert deed_of(action, kind) == told


def test_what_no_form_asks_for_is_told_by_label_and_by_name() -> None:
    new: Changes = {"agent": [None, "zoe"], "role": [None, "manager"], "expires_on": [None, "soon"]}
    pairs = apart({name: old for name, (old, _) in new.items()}, {name: now for name, (_, now) in new.items()})
    lines = Readable(words("UTC", "de").me, None, {"agent": {"zoe": "Zoë Brontë"}}).lines(pairs)
    told = {line.label: line.new.short for line in lines if line.new is not None}
    assert told == {"Bearbeiter": "Zoë Brontë", "Rolle": "Leitung", "Gilt bis": "soon"}
