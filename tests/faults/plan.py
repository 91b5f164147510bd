"""Where the worker dies, and in which order: each gap on a mail's way at least once, the rest by the seed's choice."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

INTAKE = ("intake.fetched", "intake.stored", "intake.committed", "intake.flagged", "intake.dispatched")
OPENING = (
    "opening.customer.written",
    "opening.sla.written",
    "opening.routing.written",
    "opening.process.written",
    "opening.committed",
)
OUTBOX = ("outbox.claimed", "outbox.sent", "outbox.committed")
GAPS = (*INTAKE, *OPENING, *OUTBOX)
"""The names are those of `failpoint(...)` calls; between two of them lies one step."""

ONCE_A_BATCH = frozenset({"intake.fetched", "intake.stored", "intake.flagged", "outbox.claimed", "outbox.committed"})
"""Reached once for many mails, so that a life of the worker may pass them a single time."""
MAILS_A_LIFE = 3
"""Mails that arrive before each life of the worker, so that what is armed in it will be reached."""


@dataclass(frozen=True)
class Kill:
    """The worker dies when it reaches the place for the `nth` time in one life."""

    place: str
    nth: int

    def __str__(self) -> str:
        return f"{self.place}:{self.nth}"


@dataclass(frozen=True)
class Plan:
    """`waiting` mails lie in the mailbox before the first life; `arriving[i]` come while the worker is dead before life
    i + 1, in which `kills[i]` is armed. Together they are all mails."""

    kills: tuple[Kill, ...]
    waiting: int
    arriving: tuple[int, ...]


def make_plan(seed: int, mails: int, kills: int) -> Plan:
    """The same for the same numbers. With at least `len(GAPS)` kills every gap is among them. Raises ValueError."""
    if kills < 1 or mails <= kills:
        raise ValueError(
            f"--kills: at least 1 and fewer than the mails ({mails}), so that each life has a mail to work on"
        )
    rng = Random(seed)
    share = min(MAILS_A_LIFE, (mails - 1) // kills)
    places = list(GAPS) if kills >= len(GAPS) else rng.sample(GAPS, kills)
    places += rng.choices(GAPS, k=kills - len(places))
    rng.shuffle(places)
    chosen = tuple(Kill(place, 1 if place in ONCE_A_BATCH else rng.randint(1, share)) for place in places)
    return Plan(chosen, mails - share * kills, (share,) * kills)
