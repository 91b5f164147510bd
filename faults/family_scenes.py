"""What is asked of several cases while the worker dies: a merge, the closing of a family, an action on many, or all three."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from models.messages.operations import BulkAction

IN_ONE_CASE = ("command.written", "command.committed", "delivery.written", "delivery.committed")
OF_FAMILIES = (*IN_ONE_CASE, "family.told")
OF_MANY = ("command.written", "command.committed", "operation.sent", "operation.written")
LATEST_ROUND = 2
"""An action on many cases comes to the end of a round, which is two dozen cases, so often at most before the worker dies."""


class FamilySceneName(StrEnum):
    MERGE = "merge"
    CASCADE = "cascade"
    CLOSE = "close"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class FamilyScene:
    places: tuple[str, ...]
    latest: int
    """The worker dies when it comes to a place for at most the so many-th time."""
    families: int = 0
    children: int = 0
    """Of each family, which is closed with its parent."""
    merges: int = 0
    losers: int = 0
    action: BulkAction | None = None
    """On as many cases as were asked for."""
    places_of_families: tuple[str, ...] = ()
    """Where the first lives die: the families and merges are done in them."""

    def places_of(self, life: int, rng: random.Random) -> str:
        """As a failpoint's setting: the worker dies at the first of these that it comes to."""
        known = (*self.places_of_families, *self.places) if life <= FIRST_LIVES else self.places
        return ",".join(f"{name}:{self._nth(name, rng)}" for name in known)

    def _nth(self, name: str, rng: random.Random) -> int:
        return rng.randint(1, LATEST_ROUND if name.startswith("operation") else self.latest)


FIRST_LIVES = 4
FAMILY_SCENES = {
    FamilySceneName.MERGE: FamilyScene(OF_FAMILIES, latest=2, merges=1, losers=9),
    FamilySceneName.CASCADE: FamilyScene(OF_FAMILIES, latest=4, families=1, children=60),
    FamilySceneName.CLOSE: FamilyScene(OF_MANY, latest=12, action=BulkAction.RESOLVE),
    FamilySceneName.TOGETHER: FamilyScene(
        OF_MANY,
        latest=12,
        families=5,
        children=6,
        merges=5,
        losers=4,
        action=BulkAction.CHANGE,
        places_of_families=("delivery.written", "delivery.committed", "family.told"),
    ),
}
