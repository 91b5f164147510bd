"""Each name in a file that names nothing is said in the same pass, by the field where it stands: taken from what the models say
that the examples name, so that a new field is asked about here as soon as an example has it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from desk.organisation import OrganisationErrors
from desk.organisation.checking import check
from desk.organisation.file import SETTINGS, read
from desk.reference.references import references
from models.messages.storable import path_text
from storage.throwaway import throwaway_database

NOW = datetime(2026, 10, 3, 10, tzinfo=UTC)
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))
Place = tuple[str | int, ...]


def named(text: str) -> Iterator[tuple[Place, str]]:
    """Where the file names a record or definition, and of which kind."""
    file = read(text, "f.yaml")
    bodies: list[tuple[Place, BaseModel]] = [(entry.path, entry.body) for entry in file.entries]
    if file.settings is not None:
        bodies.append(((SETTINGS,), file.settings))
    for path, body in bodies:
        for each in references(body):
            yield (*path, *each.path), each.kind


def put(document: Any, place: Place, word: str) -> bool:
    """Whether a word stands there, which is replaced; a body may have made a value of a shorter one."""
    for part in place[:-1]:
        if not _has(document, part):
            return False
        document = document[part]
    if not _has(document, place[-1]) or not isinstance(document[place[-1]], str):
        return False
    document[place[-1]] = word
    return True


def _has(document: Any, part: str | int) -> bool:
    if isinstance(document, list):
        return isinstance(part, int) and part < len(document)
    return isinstance(document, dict) and part in document


NAMING = [example for example in EXAMPLES if next(named(example.read_text("utf-8")), None) is not None]


@pytest.mark.parametrize("example", NAMING, ids=lambda path: path.stem)
async def test_each_is_said_at_its_field(example: Path) -> None:
    text = example.read_text("utf-8")
    document = deepcopy(read(text, "f.yaml").document.value)
    wanted = [(place, kind) for place, kind in named(text) if put(document, place, "nowhere")]
    assert len(wanted) > 10

    async with throwaway_database() as database:
        with pytest.raises(OrganisationErrors) as raised:
            await check(database, read(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), "f.yaml"), NOW)

    silent = [
        (path_text(place), kind)
        for place, kind in wanted
        if not any(f"{path_text(place)}: " in line and "nowhere" in line for line in raised.value.lines)
    ]
    assert silent == []
