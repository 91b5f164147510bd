"""Contracts that somebody chooses from, by names that tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from console.view import Words
from console.visitor import Visitor


class Named(Protocol):
    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date: ...


def told_apart(me: Visitor, contracts: Iterable[Named]) -> tuple[tuple[str, str], ...]:
    """Slug and name of each; those of the same name with their days and their slug."""
    given, day = tuple(contracts), Words(me).date_of
    times = Counter(each.name for each in given)

    def named(each: Named) -> str:
        days = f"{day(each.start)} \N{EN DASH} {day(each.end)}"
        return each.name if times[each.name] == 1 else f"{each.name} ({days}, {each.slug})"

    return tuple((each.slug, named(each)) for each in given)
