"""What a report of figures says, in each language that it speaks: English and German."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.messages.figures import FigureName
from models.messages.languages import wider


@dataclass(frozen=True)
class FigureWords:
    figure: str
    value: str
    before: str
    change: str
    nobody: str
    subject: str
    """Of the report's name and its first and last day."""
    period: str
    """Of the organisation's name, the first and the last day and the time zone."""
    decimal: str = "."
    titles: Mapping[str, str] = field(default_factory=dict)
    """By the name of a figure; the registry's own where there is none."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """Of what stands beside a figure."""


WORDS = {
    "en": FigureWords(
        figure="Figure",
        value="Value",
        before="Before",
        change="Change",
        nobody="(none)",
        subject="{name}, {first} to {last}",
        period="{organisation}: from {first} to {last} ({zone})",
    ),
    "de": FigureWords(
        figure="Kennzahl",
        value="Wert",
        before="Davor",
        change="Änderung",
        nobody="(ohne)",
        subject="{name}, {first} bis {last}",
        period="{organisation}: vom {first} bis zum {last} ({zone})",
        decimal=",",
        titles={
            FigureName.INCOMING: "Neue Fälle",
            FigureName.RESOLVED: "Gelöste Fälle",
            FigureName.BACKLOG: "Offene Fälle",
            FigureName.CONTACTS: "Kontakte",
            FigureName.FIRST_CONTACT_RESOLUTION: "Beim ersten Kontakt gelöst",
            FigureName.REOPEN_RATE: "Wieder geöffnet",
            FigureName.ESCALATION_RATE: "Eskaliert",
            FigureName.WAIT_TIME: "Wartezeit",
            FigureName.SPEED_TO_ANSWER: "Mittlere Zeit bis zur Annahme",
            FigureName.ABANDONMENT_RATE: "Aufgegeben",
            FigureName.TRANSFER_RATE: "Weitergegeben",
            FigureName.FIRST_RESPONSE_TIME: "Zeit bis zur ersten Antwort",
            FigureName.FIRST_RESPONSE_BUSINESS_TIME: "Zeit bis zur ersten Antwort, in Arbeitszeit",
            FigureName.RESOLUTION_TIME: "Lösungszeit",
            FigureName.RESOLUTION_BUSINESS_TIME: "Lösungszeit, in Arbeitszeit",
            FigureName.HANDLE_TIME: "Mittlere Bearbeitungszeit",
            FigureName.HANDLE_TIME_PER_CASE: "Bearbeitungszeit je gelöstem Fall",
            FigureName.COST_PER_CONTACT: "Kosten je Kontakt",
            FigureName.SLA_COMPLIANCE: "Eingehaltene Zusagen",
            FigureName.CSAT: "Kundenzufriedenheit",
            FigureName.CSAT_SCORE: "Kundenzufriedenheit, mittlere Note",
            FigureName.NPS: "Weiterempfehlung (NPS)",
            FigureName.CES: "Aufwand für den Kunden (CES)",
        },
        outcomes={
            "cancelled": "hinfällig",
            "paused": "angehalten",
            "in-progress": "läuft",
            "nearing-noncompliance": "bald fällig",
        },
    ),
}


def spoken(wanted: str | None, fallback: str) -> str:
    """The reader's language, a wider one, the organisation's; English where there are words of none of them."""
    return next((each for each in (*wider(wanted or fallback), *wider(fallback)) if each in WORDS), "en")
