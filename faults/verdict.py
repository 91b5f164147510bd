"""What was found at the end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum


class Harm(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    HALF_WRITTEN = "half-written"
    UNFLAGGED = "unflagged"
    STUCK = "stuck"


@dataclass
class RunVerdict:
    """Everything is well if `faults` is empty."""

    faults: dict[Harm, list[str]] = field(default_factory=lambda: defaultdict(list))
    cases: int = 0
    merged: int = 0
    """Cases that turned out to be part of another's conversation, and went into it."""
    held: dict[str, int] = field(default_factory=dict)
    """Mails in quarantine, by reason."""
    entered: int = 0
    """Rows of the mail log: a mail has one for each UID that it ever had."""
    movements: int = 0
    balance: str = ""
    acknowledgements: int = 0
    bounced: int = 0
    sent_again: dict[int, int] = field(default_factory=dict)
    """Copies of the same Message-ID in a customer's mailbox (2 or more) to the number of such mails."""
    histories: int = 0

    def add(self, fault: Harm, what: str) -> None:
        self.faults[fault].append(what)

    def expect(self, fault: Harm, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.add(fault, f"{what}: expected {expected}, found {found}")
