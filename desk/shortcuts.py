"""The keys of the console: what each does, which character it usually is, and the characters that somebody has chosen instead."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import permutations


class Shortcut(StrEnum):
    """What a key does. The three that end in `_PAGE` come after the key of `GO`."""

    NEXT_ROW = "next-row"
    ROW_BEFORE = "row-before"
    SELECT = "select"
    REPLY = "reply"
    NOTE = "note"
    ASSIGN = "assign"
    PRIORITY = "priority"
    STATUS = "status"
    RESOLVE = "resolve"
    NEXT_STAGE = "next-stage"
    UNREAD = "unread"
    UNDO = "undo"
    SEARCH = "search"
    HELP = "help"
    GO = "go"
    QUEUES_PAGE = "queues-page"
    MINE_PAGE = "mine-page"
    HOME_PAGE = "home-page"


USUAL: Mapping[Shortcut, str] = {
    Shortcut.NEXT_ROW: "j",
    Shortcut.ROW_BEFORE: "k",
    Shortcut.SELECT: "x",
    Shortcut.REPLY: "r",
    Shortcut.NOTE: "c",
    Shortcut.ASSIGN: "a",
    Shortcut.PRIORITY: "p",
    Shortcut.STATUS: "s",
    Shortcut.RESOLVE: "e",
    Shortcut.NEXT_STAGE: "n",
    Shortcut.UNREAD: "u",
    Shortcut.UNDO: "z",
    Shortcut.SEARCH: "/",
    Shortcut.HELP: "?",
    Shortcut.GO: "g",
    Shortcut.QUEUES_PAGE: "q",
    Shortcut.MINE_PAGE: "m",
    Shortcut.HOME_PAGE: "d",
}
AFTER_GO = frozenset({Shortcut.QUEUES_PAGE, Shortcut.MINE_PAGE, Shortcut.HOME_PAGE})
"""They may be the characters of others, because the first key tells them apart."""


def keys_of(own: Mapping[Shortcut, str]) -> dict[Shortcut, str]:
    """All keys of somebody who has chosen these instead of the usual ones."""
    return {**USUAL, **own}


def is_key(character: str) -> bool:
    """One character that a keyboard types and that does nothing by itself, as the space bar does. Large and small are alike."""
    return len(character) == 1 and len(character.lower()) == 1 and character.isprintable() and not character.isspace()


def clashes_of(keys: Mapping[Shortcut, str]) -> dict[Shortcut, Shortcut]:
    """Each key that another one has too, with the first such other."""
    found: dict[Shortcut, Shortcut] = {}
    for one, other in permutations(keys, 2):
        if keys[one] == keys[other] and (one in AFTER_GO) == (other in AFTER_GO):
            found.setdefault(one, other)
    return found
