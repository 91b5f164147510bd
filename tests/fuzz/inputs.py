"""The inputs of a run: each follows from the seed and its number alone, so that one can be had again."""

from pathlib import Path
from random import Random

from tests.fuzz import hostile
from tests.fuzz.grammar import grow
from tests.fuzz.mutations import mutate

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mail"
LARGE_ONE_IN = 400
"""Hostile mails of several megabytes: each takes as long as hundreds of others."""


class Inputs:
    """`make(number)`: most are changed fixtures, some grown from nothing, some built to hurt."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.corpus = [file.read_bytes() for file in sorted(FIXTURES.glob("*.eml"))]

    def make(self, number: int) -> bytes:
        chance = Random(f"{self.seed}/{number}")
        if number % LARGE_ONE_IN == 0:
            return self._hostile(chance, 0.1)
        match chance.randrange(20):
            case 0:
                return self._hostile(chance, 0.003)
            case 1:
                return mutate(self._hostile(chance, 0.001), chance, self.corpus)
            case 2 | 3 | 4 | 5:
                return grow(chance)
            case 6 | 7:
                return mutate(grow(chance), chance, self.corpus)
            case _:
                return mutate(chance.choice(self.corpus), chance, self.corpus)

    def _hostile(self, chance: Random, largest: float) -> bytes:
        return chance.choice(list(hostile.BY_NAME.values()))(chance.uniform(0, largest))
