"""What decisions led to and what they would lead to by the version that is tried, counted; and those that differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from desk.trying.periods import MOST_SHOWN
from models.messages.base import Message

End = TypeVar("End", bound=Message)
Difference = TypeVar("Difference", bound=Message)
Tried = TypeVar("Tried", bound=Message)


class Tally(Generic[End, Difference]):
    def __init__(self) -> None:
        self.uncertain = self.differing = 0
        self.would: Counter[End] = Counter()
        self.did: Counter[End] = Counter()
        self.differences: list[Difference] = []

    @property
    def decisions(self) -> int:
        return self.did.total()

    def add(self, did: End, would: End, difference: Callable[[], Difference], *, differs: bool | None = None) -> None:
        """One decision. `differs`: where that is seen from more than its ends; `difference` is asked of the first alone, because
        it may take long to say why."""
        self.did[did] += 1
        self.would[would] += 1
        if not (did != would if differs is None else differs):
            return
        self.differing += 1
        if len(self.differences) < MOST_SHOWN:
            self.differences.append(difference())

    def ends(self, tried: type[Tried]) -> tuple[Tried, ...]:
        """Each end with how many would come to it and how many did, what most would come to first."""
        every = sorted(self.would | self.did, key=lambda end: (-self.would[end], -self.did[end], str(end)))
        return tuple(
            tried.model_validate({**end.model_dump(), "would": self.would[end], "did": self.did[end]}) for end in every
        )

    def told(self) -> dict[str, Any]:
        return {"uncertain": self.uncertain, "differing": self.differing, "differences": tuple(self.differences)}
