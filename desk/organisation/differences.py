"""What differs between two states of a record, in lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST = 70
"""Characters of a value that a line shows."""
SECRET = {"password"}


def different_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    names = dict.fromkeys([*before, *after])
    return tuple(name for name in names if before.get(name) != after.get(name))


@dataclass(frozen=True, slots=True)
class Apart:
    """One value that differs: where, and what it was and is, whole. Of a secret nothing is known but that it does."""

    path: str
    old: Any = None
    new: Any = None
    secret: bool = False

    @property
    def line(self) -> str:
        """`items[First response].fail_after: 15 minutes -> 20 minutes`; of a text its first line that differs."""
        if self.secret:
            return f"{self.path}: changed"
        path, old, new = self.path, self.old, self.new
        if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
            at, old, new = _lines(old.splitlines(), new.splitlines())
            path += f" (from line {at + 1})"
        return f"{path}: {_shown(old)} -> {_shown(new)}"


def apart(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Apart, ...]:
    """Each value that differs between two states."""
    found = _differing("", dict(before), dict(after))
    return tuple(Apart(each.path, secret=True) if each.path in SECRET else each for each in found)


def _differing(path: str, before: Any, after: Any) -> Iterator[Apart]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else str(name)
            yield from _differing(inner, before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list) and (names := _named(before, after)) is not None:
        old, new = ({str(_name(each)): each for each in side} for side in (before, after))
        if list(old) != list(new) and sorted(old) == sorted(new):
            yield Apart(path, ", ".join(old), ", ".join(new))
        for name in names:
            yield from _differing(f"{path}[{name}]", old.get(name), new.get(name))
    else:
        yield Apart(path, before, after)


def _lines(before: Sequence[str], after: Sequence[str]) -> tuple[int, str | None, str | None]:
    at = next((n for n, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), None)
    at = min(len(before), len(after)) if at is None else at
    old, new = (lines[at] if at < len(lines) else None for lines in (before, after))
    return at, old, new


def _named(before: list[Any], after: list[Any]) -> list[str] | None:
    """The names by which elements of both lists can be told apart, in order; None where they have none."""
    names = [[_name(each) for each in side] for side in (before, after)]
    if any(None in side or len(set(side)) != len(side) for side in names):
        return None
    return [name for name in dict.fromkeys([*names[0], *names[1]]) if name is not None]


def _name(element: Any) -> str | None:
    if not isinstance(element, Mapping):
        return None
    found = element.get("slug") or element.get("name") or element.get("address") or element.get("origin")
    return str(found) if found else None


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
