"""A word in an address that stands for one of several things: one that nothing is called is refused with those that would do.

To pass over it would show something else than was asked, under an address that says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from desk.errors import Invalid
from models.messages.said import joined, said

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def one_of(words: Iterable[E], name: str, value: str) -> E:
    """`Invalid` if none of them is called so; `name` is the parameter."""
    known = {each.value: each for each in words}
    if value not in known:
        raise none_of(known, name)
    return known[value]


def asked_word(words: Iterable[E], query: Mapping[str, str], name: str, usual: T) -> E | T:
    """The one that the parameter names, or the usual one where there is none or an empty one."""
    value = query.get(name, "").strip()
    return one_of(words, name, value) if value else usual


def none_of(words: Iterable[str], name: str) -> Invalid:
    return Invalid(name, said("one of: {words}", words=joined(words)))
