"""What entries of a timeline say, by names where names are known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from console.case_pages.entries import entries_of
from console.sayings import in_words
from models.messages.api_case_views import TimelineItem
from models.records.base import new_id

OLD, NEW = "01a21d15-7805-72f4-9d55-1747c80871fe", "01a21d15-8af8-713a-a2f2-ddf42beebaa4"
STAGES = {"identify": "Identify", "research": "Research"}
NAMES = {
    "sla": {"gold": "Gold promises"},
    "queue": {"gold": "Gold customers"},
    "subject": {"sound": "How it sounds"},
    "was": STAGES,
    "stage": STAGES,
    "entitlement_id": {OLD: "Care", NEW: "More care"},
}


@pytest.mark.parametrize(
    ("kind", "data", "head", "changes"),
    [
        (
            "changed",
            {"event": "warned", "priority": ["normal", "high"]},
            "Geändert: Priorität",
            "Priorität: normal → hoch",
        ),
        ("changed", {"changes": {"entitlement_id": [OLD, NEW]}}, "Geändert: Vertrag", "Vertrag: Care → More care"),
        ("changed", {"changes": {"contact_id": [None, OLD]}}, "Geändert: Kontakt", f"Kontakt: – → {OLD}"),
        (
            "changed",
            {"changes": {"escalated": [False, True], "case_type": [None, "problem"], "subject": ["sound", None]}},
            "Geändert: Eskaliert, Art, Thema",
            "Eskaliert: nein → ja; Art: – → Problem; Thema: How it sounds → –",
        ),
        (
            "changed",
            {"changes": {"custom": [{"device": "one", "seat": "4"}, {"device": "high", "seat": "4"}]}},
            "Geändert: Eigene Felder",
            "Device: one → high",
        ),
        (
            "incident",
            {"step": "open: notices"},
            "Ein Schritt ist bei uns fehlgeschlagen: Eröffnung des Vorgangs: Hinweise",
            None,
        ),
        ("changed", {"changes": {}}, "Nichts war zu ändern", None),
        ("not-changed", {"priority": ["high", "high"]}, "Konnte nicht geändert werden", None),
        ("escalated", {"event": "warned"}, "Eskaliert", None),
        ("picked", {"queue": "gold"}, "Übernommen aus Gold customers", None),
        ("sla", {"sla": "gold"}, "Zusagen gewählt: Gold promises", None),
        ("sla", {"sla": None, "why": None}, "Es gelten keine Zusagen", None),
        ("routed", {"queue": "silver"}, "Weitergeleitet an silver", None),
        ("stage", {"was": "identify", "stage": "research"}, "Phase: Identify → Research", None),
    ],
)
def test_entries_are_told_by_names(kind: str, data: dict[str, Any], head: str, changes: str | None) -> None:
    nothing = dict.fromkeys(("actor", "text", "message", "activity"))
    at = datetime(2031, 6, 1, tzinfo=UTC)
    item = TimelineItem.model_validate({**nothing, "id": new_id(), "at": at, "kind": kind, "data": data})
    (entry,) = entries_of([item], None, "grace", NAMES)
    assert in_words("de", entry.words, entry.values) == head
    told = {label: in_words("de", said) for label, said in entry.why if isinstance(said, str)}
    assert told.get("Changes") == changes
