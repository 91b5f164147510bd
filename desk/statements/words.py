"""The words of a statement, in each language that it speaks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from models.messages.entitlements import Allocation
from models.messages.statements import LineEvent, StatementLanguage

LANGUAGES: tuple[StatementLanguage, ...] = ("en", "de")

# A case that is opened on a contract, one that is put on it later, and one whose channel is corrected are all `applied`.
EVENTS: dict[StatementLanguage, dict[LineEvent, str]] = {
    "en": {
        LineEvent.APPLIED: "The case counts on the contract",
        LineEvent.CLEARED: "The case no longer counts on the contract",
        LineEvent.RESOLVED: "The case was resolved",
        LineEvent.CANCELLED: "The case was cancelled",
        LineEvent.REACTIVATED: "The case was taken up again",
        LineEvent.AGREED: "Agreed in the contract",
    },
    "de": {
        LineEvent.APPLIED: "Der Fall zählt zum Vertrag",
        LineEvent.CLEARED: "Der Fall zählt nicht mehr zum Vertrag",
        LineEvent.RESOLVED: "Der Fall wurde gelöst",
        LineEvent.CANCELLED: "Der Fall wurde abgebrochen",
        LineEvent.REACTIVATED: "Der Fall wurde wieder aufgenommen",
        LineEvent.AGREED: "Im Vertrag vereinbart",
    },
}

LABELS: dict[StatementLanguage, dict[str, str]] = {
    "en": {
        "title": "Statement",
        "customer": "Customer",
        "contract": "Contract",
        "term": "Term of the contract",
        "period": "Period",
        "zone": "Days by the clock of",
        "unit_cases": "Terms count cases",
        "unit_hours": "Terms count hours",
        "opening": "Opening balance",
        "closing": "Closing balance",
        "agreed": "Agreed",
        "taken": "Taken",
        "given_back": "Given back",
        "day": "Day",
        "case": "Case",
        "subject": "Subject",
        "what": "What happened",
        "channel": "Channel",
        "all": "All channels",
        "terms": "Terms",
        "remaining": "Balance",
        "none": "Nothing moved in this period.",
        "hidden": "A case that is not shown here",
        "balances": "Balances",
        "movements": "Movements",
    },
    "de": {
        "title": "Kontoauszug",
        "customer": "Kunde",
        "contract": "Vertrag",
        "term": "Laufzeit des Vertrags",
        "period": "Zeitraum",
        "zone": "Tage nach der Uhr von",
        "unit_cases": "Die Einheiten zählen Fälle",
        "unit_hours": "Die Einheiten zählen Stunden",
        "opening": "Anfangssaldo",
        "closing": "Endsaldo",
        "agreed": "Vereinbart",
        "taken": "Entnommen",
        "given_back": "Gutgeschrieben",
        "day": "Tag",
        "case": "Fall",
        "subject": "Betreff",
        "what": "Vorgang",
        "channel": "Kanal",
        "all": "Alle Kanäle",
        "terms": "Einheiten",
        "remaining": "Saldo",
        "none": "In diesem Zeitraum hat sich nichts bewegt.",
        "hidden": "Ein Fall, der hier nicht gezeigt wird",
        "balances": "Salden",
        "movements": "Bewegungen",
    },
}


def label(language: StatementLanguage, name: str) -> str:
    return LABELS[language][name]


def unit(language: StatementLanguage, allocation: Allocation) -> str:
    return LABELS[language][f"unit_{allocation.value}"]


def number(language: StatementLanguage, terms: Decimal, *, signed: bool = False) -> str:
    """As people of the language write it, with a real minus sign."""
    plain = f"{abs(terms).normalize() + Decimal(0):f}"
    written = plain.replace(".", ",") if language == "de" else plain
    sign = "\N{MINUS SIGN}" if terms < 0 else "+" if signed and terms > 0 else ""
    return f"{sign}{written}"


def day(language: StatementLanguage, value: date) -> str:
    return f"{value:%d.%m.%Y}" if language == "de" else f"{value.day} {value:%B %Y}"
