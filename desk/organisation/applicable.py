"""An export that can be applied: what older versions of the house took, and today's rules do not, is left out and said.

Found by applying it to an empty house, of which nothing is kept. A rule whose condition cannot be kept goes as a whole: without
its condition it would always match.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from desk.organisation.checking import check
from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.file import SECTIONS, SETTINGS, read
from desk.organisation.yaml import LARGEST_FILE
from models.messages.storable import Path, path_text
from storage.definitions import DefinitionKind
from storage.throwaway import throwaway_database

MOST_ROUNDS = 100
CALLED = ("name", "title")
"""What a slug can stand in for."""
DEFINITIONS = frozenset(kind.value for kind in DefinitionKind) - {DefinitionKind.TEMPLATE}

Document = dict[str, Any]
Write = Callable[[Document], str]


async def applicable(
    document: Document, write: Write, now: datetime, elsewhere: frozenset[str] = frozenset()
) -> tuple[str, list[str]]:
    """The text of the document after what is left out of it here, and a sentence for each of that.

    `elsewhere`: kinds of records that the house has before it is applied. A text that `apply` would not take for its size is
    only looked at without a house.
    """
    notes: list[str] = []
    for _ in range(MOST_ROUNDS if any(document.values()) else 0):
        faults = await _faults(write(document), now)
        faults = [
            each for each in faults if not any(each.message.startswith(f"there is no {kind} ") for kind in elsewhere)
        ]
        if not faults:
            break
        done: list[Path] = []
        # From the end, so that what is taken out of a list moves nothing that is still to be looked at.
        for fault in sorted(faults, key=lambda each: _order(each.path), reverse=True):
            if not any(fault.path[: len(path)] == path for path in done):
                done.append(_mend(document, fault, notes))
    return write(document), notes


async def _faults(text: str, now: datetime) -> list[FileFault]:
    try:
        file = read(text, "export")
        if len(text) > LARGEST_FILE:
            return list(file.faults)
        async with throwaway_database() as empty:
            await check(empty, file, now)
    except OrganisationErrors as errors:
        return errors.faults
    return []


def _order(path: Path) -> list[tuple[bool, int, str]]:
    return [(isinstance(part, int), part if isinstance(part, int) else 0, str(part)) for part in path]


def _mend(document: Document, fault: FileFault, notes: list[str]) -> Path:
    """The place that was mended."""
    section, *inner = fault.path or (SETTINGS,)
    if section == SETTINGS:
        here: Path = (SETTINGS,)
        entry, label, field = document[SETTINGS], SETTINGS, tuple(inner)
    else:
        here = (section, inner[0])
        entry, field = document[str(section)][inner[0]], tuple(inner[1:])
        label = f"{SECTIONS[str(section)][0]} {entry.get('slug', '?')}"
    if (
        field
        and field[-1:] == field
        and field[0] in CALLED
        and entry.get("slug", entry[field[0]]) != entry.get(field[0])
    ):
        entry[field[0]] = entry["slug"]
        notes.append(f"{label} is written with its slug as its {field[0]}, which {fault.message}.")
        return fault.path
    field = _removable(str(section), field)
    if field and _remove(entry, field):
        notes.append(f"{label} is written without its {path_text(field)}: {fault.message}.")
        return (*here, *field)
    if section == SETTINGS:
        document.pop(SETTINGS)
    else:
        document[str(section)].pop(inner[0])
    notes.append(f"{label} is left out: {fault.message}.")
    return here


def _removable(section: str, field: Path) -> Path:
    """Of a definition the whole element of its list: a rule, a promise, a stage."""
    if section == SETTINGS or SECTIONS[section][0] not in DEFINITIONS:
        return field
    numbers = [at for at, part in enumerate(field) if isinstance(part, int)]
    return field[: numbers[0] + 1] if numbers else field


def _remove(entry: Any, field: Path) -> bool:
    *above, last = field
    for part in above:
        try:
            entry = entry[part]
        except (KeyError, IndexError, TypeError):
            return False
    try:
        del entry[last]
    except (KeyError, IndexError, TypeError):
        return False
    return True
