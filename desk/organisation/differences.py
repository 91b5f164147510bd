"""What differs between two states of a record, in lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LONGEST = 70
"""Characters of a value that a line shows."""
SECRET = {"password"}


def different_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    names = dict.fromkeys([*before, *after])
    return tuple(name for name in names if before.get(name) != after.get(name))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """`items[First response].fail_after: 15 minutes -> 20 minutes`, one line for each value that differs."""
    return [f"{line[0]}: changed" if len(line) == 1 else "{}: {} -> {}".format(*line) for line in parted(before, after)]


def parted(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The same in parts: path, old and new value; of a secret the path alone."""
    found = _differing("", dict(before), dict(after))
    return [(path,) if path in SECRET else (path, old, new) for path, old, new in found]


def _differing(path: str, before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else str(name)
            yield from _differing(inner, before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list) and (names := _named(before, after)) is not None:
        old, new = ({str(_name(each)): each for each in side} for side in (before, after))
        if list(old) != list(new) and sorted(old) == sorted(new):
            yield path, ", ".join(old), ", ".join(new)
        for name in names:
            yield from _differing(f"{path}[{name}]", old.get(name), new.get(name))
    elif isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        yield from _lines(path, before.splitlines(), after.splitlines())
    else:
        yield path, _shown(before), _shown(after)


def _lines(path: str, before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    at = next((n for n, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), None)
    at = min(len(before), len(after)) if at is None else at
    old, new = (lines[at] if at < len(lines) else None for lines in (before, after))
    yield f"{path} (from line {at + 1})", _shown(old), _shown(new)


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
