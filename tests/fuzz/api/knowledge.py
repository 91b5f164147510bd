"""What the fuzzer knows of the desk: its words and records by kind, and whose tokens it holds."""

from __future__ import annotations

from typing import Any

from models.messages.calendars import TIME_ZONES
from tests.fuzz.api.values import Fresh, Known

ROOT = "root"
"""The agent who repairs and looks after things; no drawn request names it."""


class Knowledge:
    """Words by kind; records that calls make are added as they come."""

    def __init__(self) -> None:
        self.words: dict[str, list[str]] = {
            "reasons": ["in-progress", "on-hold", "waiting-for-details", "problem-solved", "cancelled", "researching"],
            "priorities": ["high", "normal", "low"],
            "origins": ["phone", "email", "web"],
            "case-types": ["question", "problem", "request"],
            "activity-types": ["phone-call", "task", "letter"],
            "stages": ["begin", "middle", "end", "identify"],
            "time-zones": sorted(TIME_ZONES),
            "fields": [
                "case.priority",
                "case.custom.x",
                "account.tier",
                "email.subject",
                "title",
                "custom.x",
                "case_type",
            ],
            "organisation": ["organisation"],
        }
        self.homes: dict[str, str] = {}
        """The case of a letter or link."""
        self._made = 0

    def add(self, kind: str, word: str | None) -> None:
        if word and word != ROOT and word not in self.words.setdefault(kind, []):
            self.words[kind].append(word)

    def resolved(self, value: Any) -> Any:
        """The document without marks. A kind of which nothing is known yet gives a word that nothing has."""
        match value:
            case Known():
                known = self.words.get(value.kind)
                return known[value.pick % len(known)] if known else "nothing"
            case Fresh():
                self._made += 1
                return f"{value.before}{self._made}-{value.pick}{value.after}"
            case dict():
                return {key: self.resolved(inner) for key, inner in value.items()}
            case list():
                return [self.resolved(inner) for inner in value]
            case _:
                pass
        return value
