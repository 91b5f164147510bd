"""The plan of a run: which server is hit at which step of a mail's way. Every deed is done at every place at least once; the
seed decides about the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

INTAKE = (
    "intake.found",
    "intake.fetched",
    "intake.stored",
    "intake.written",
    "intake.committed",
    "intake.marked",
    "intake.flagged",
    "intake.dispatched",
)
OPENING = (
    "opening.customer.written",
    "opening.sla.written",
    "opening.routing.written",
    "opening.process.written",
    "opening.acknowledgement.written",
    "opening.notices.written",
    "opening.committed",
)
DELIVERY = ("delivery.written", "delivery.committed")
OUTBOX = ("outbox.claimed", "outbox.sent", "outbox.written", "outbox.committed")
PLACES = (*INTAKE, *OPENING, *DELIVERY, *OUTBOX)
"""The names are those of `failpoint(...)` calls; between two of them lies one step."""

ONCE_A_MAIL = frozenset({"intake.written", "intake.committed", "intake.dispatched", "outbox.sent", *OPENING, *DELIVERY})
"""The other places are reached once for many mails."""
LATEST = 2


class Deed(StrEnum):
    """What happens while the worker stands still at a place."""

    WORKER = "worker"
    """`kill -9` of the worker itself."""
    TEMPORAL = "temporal"
    """`kill -9` of the Temporal server."""
    MAIL = "mail"
    """`kill -9` of the IMAP server, which is the SMTP server, too."""
    TCP = "tcp"
    """Every connection of the worker to IMAP and SMTP is reset."""
    UIDVALIDITY = "uidvalidity"
    """The IMAP server comes back from its backup: other UIDVALIDITY, UIDs from 1, no flags."""
    POSTGRES = "postgres"
    """PostgreSQL crashes, and recovers what was committed."""


WORKERS = 0.3
"""The share of the worker in what is left to the seed: its steps are what the run is about."""


@dataclass(frozen=True)
class Blow:
    """A deed for when the worker has come to the place for the `nth` time, counted from the blow before it there."""

    place: str
    deed: Deed
    nth: int

    def __str__(self) -> str:
        return f"{self.deed} at {self.place}"


@dataclass(frozen=True)
class Plan:
    """`blows` as they become due: a few at a time, of which the one whose place is reached first is dealt first."""

    deeds: tuple[Deed, ...]
    blows: tuple[Blow, ...]


def pairs(deeds: Sequence[Deed]) -> int:
    """The number of blows that it takes to do every deed at every place."""
    return len(PLACES) * len(deeds)


def make_plan(seed: int, kills: int, deeds: Sequence[Deed] = tuple(Deed)) -> Plan:
    """The same for the same numbers. Of `kills` blows at least one is of each deed; from `pairs(deeds)` on each of
    them is dealt at every place. Raises ValueError."""
    if kills < len(deeds):
        raise ValueError(f"--kills: at least {len(deeds)}, one of each kind ({', '.join(deeds)})")
    rng = Random(seed)
    if kills >= pairs(deeds):
        chosen = [(place, deed) for place in PLACES for deed in deeds]
    else:
        chosen = list(zip(rng.sample(PLACES, len(deeds)), deeds, strict=True))
    # After each change of UIDVALIDITY every mail is read again, which takes the time of many other blows.
    quick = [deed for deed in deeds if deed is not Deed.UIDVALIDITY]
    while len(chosen) < kills:
        deed = Deed.WORKER if rng.random() < WORKERS else rng.choice(quick)
        chosen.append((rng.choice(PLACES), deed))
    rng.shuffle(chosen)
    blows = [Blow(place, deed, rng.randint(1, LATEST) if place in ONCE_A_MAIL else 1) for place, deed in chosen]
    return Plan(tuple(deeds), tuple(blows))
