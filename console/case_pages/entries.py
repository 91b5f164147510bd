"""Entries of a timeline as a page shows them: whose they are, in what words, and why what the house did by itself was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from console.case_pages.entry_words import INSTANTS, OURS, WHY, changes_of, words_of
from console.labels import of_case
from console.languages import N_
from console.overheard import in_whole
from console.own_words import WORDS
from desk.queries.names import Names
from desk.readings import TELLING, Seen
from models.messages.api_case_views import TimelineItem
from models.messages.said import joined, of_field, word

NOTHING = "\N{EN DASH}"
BY = {"rule": N_("a rule"), "agent": N_("somebody by hand"), "process": N_("the process")}
"""By what a case was routed, or its fields were changed."""
OF_WORDS = ("priority", "origin", "case_type")
"""Fields that hold words of the organisation, of which those that it has as delivered are in the catalogues."""


class Side(StrEnum):
    """Whose voice it is: each has its own colour, and says so in words as well."""

    CUSTOMER = "customer"
    OURS = "ours"
    NOTE = "note"
    ACTIVITY = "activity"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Entry:
    item: TimelineItem
    side: Side
    words: str
    """A text of the catalogues, with places for `values`."""
    values: dict[str, str]
    why: tuple[tuple[str, str | datetime], ...]
    """What explains it: a label of the catalogues, and what the house noted."""
    new: bool

    @property
    def anchor(self) -> str:
        return f"entry-{self.item.id}"


def entries_of(items: Iterable[TimelineItem], seen: Seen | None, me: str, names: Names) -> tuple[Entry, ...]:
    """In the order of `items`. `new`: what somebody else than `me` has said or done since that look, and not what the house
    noted of it; of a case that was never opened nothing is new."""
    return tuple(_entry(item, seen, me, names) for item in items)


def runs_of(entries: Iterable[Entry]) -> list[tuple[bool, list[Entry]]]:
    """Events that follow each other are folded into one line: True and those; everything else stands alone."""
    found: list[tuple[bool, list[Entry]]] = []
    for (folded, _), group in groupby(entries, lambda entry: (entry.side is Side.EVENT, entry.new)):
        run = list(group)
        found += [(True, run)] if folded else [(False, [entry]) for entry in run]
    return found


def _entry(item: TimelineItem, seen: Seen | None, me: str, names: Names) -> Entry:
    words, values = words_of(item, names)
    later = seen is not None and (item.at, item.id) > (seen.until, seen.entry)
    others = item.actor != me if item.actor else item.kind in TELLING
    return Entry(item, side_of(item), words, values, _why(item, names), later and others)


def side_of(item: TimelineItem) -> Side:
    if item.message is not None and item.kind in ("mail", "reply", "article", "acknowledgement"):
        return Side.CUSTOMER if item.message.direction == "in" else Side.OURS
    if item.kind == "note":
        return Side.NOTE
    if item.kind in ("survey-answered", "customer-solved"):
        return Side.CUSTOMER
    if item.activity is not None and item.kind in ("activity", "converted"):
        return Side.ACTIVITY
    return Side.EVENT


def _why(item: TimelineItem, names: Names) -> tuple[tuple[str, str | datetime], ...]:
    data = item.data | {"changes": _changes(changes_of(item), names)}
    said = [
        (label, _noted(name, data[name])) for name, label in WHY.items() if data.get(name) not in (None, "", [], {})
    ]
    return (*said, *(((WHY["text"], item.text),) if item.text else ()))


def _changes(changes: dict[str, Any], names: Names) -> str:
    """`Contract: Care → More care`, of each field; of what has parts, of each part that differs."""

    def told(field: str, value: Any) -> str:
        if isinstance(value, bool):
            return word("yes" if value else "no")
        plain = NOTHING if value in (None, "", [], {}) else _plain(value)
        return word(plain) if plain in WORDS and field in OF_WORDS else names.get(field, {}).get(plain, plain)

    return joined(
        (
            of_field(of_case(field), joined((told(field, each) for each in values), " → "))
            for field, values in _parted(changes)
        ),
        "; ",
    )


def _parted(changes: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for field, values in changes.items():
        if any(isinstance(each, dict) for each in values):
            old, new = (each if isinstance(each, dict) else {} for each in values)
            parts = ((name, [old.get(name), new.get(name)]) for name in {**old, **new})
            yield from (part for part in parts if part[1][0] != part[1][1])
        else:
            yield field, values


def _noted(name: str, value: Any) -> str | datetime:
    if name in INSTANTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    return (
        word(BY[value]) if name == "by" and value in BY else in_whole(_plain(value)) if name in OURS else _plain(value)
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return value if isinstance(value, str) else str(value)
