"""What takes part in the alternating rounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from benchmarks.figures import Line, Ratio
from benchmarks.site import Site


@dataclass(frozen=True)
class Round:
    site: Site
    api: httpx.AsyncClient
    cases: int
    say: Callable[[str], None]


class Contest(ABC):
    """Plays once a round, beside the empty starts of that round, and keeps its samples."""

    name: str
    """What `--only` calls it."""

    @abstractmethod
    async def play(self, round: Round) -> None: ...

    @abstractmethod
    def ratios(self, starts: list[float]) -> list[Ratio]:
        """Beside `starts`, the empty workflows a second of each round."""

    @abstractmethod
    def lines(self) -> list[Line]: ...
