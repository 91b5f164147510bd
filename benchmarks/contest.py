"""What is measured in the alternating rounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from benchmarks.figures import Line, Ratio, Spending
from benchmarks.site import Cpu, Site


@dataclass(frozen=True)
class Round:
    site: Site
    api: httpx.AsyncClient
    cpu: Cpu
    cases: int
    say: Callable[[str], None]

    @contextmanager
    def spending(self, spending: Spending, count: int) -> Iterator[None]:
        """Add the processor time of the block to the sum of this kind, for `count` more of them."""
        before = self.cpu.spent()
        yield
        spending.add(count, *(after - first for after, first in zip(self.cpu.spent(), before, strict=True)))


class Contest(ABC):
    """Is played once in each round, with empty starts before and after it, and keeps its samples."""

    name: str
    """What `--only` calls it."""

    @abstractmethod
    async def play(self, round: Round) -> None: ...

    @abstractmethod
    def ratios(self, starts: list[float]) -> list[Ratio]:
        """Beside `starts`: the empty workflows a second around each play."""

    @abstractmethod
    def lines(self) -> list[Line]: ...
