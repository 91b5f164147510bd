"""A definition as somebody may see it: wherever it names a queue that is private to others, null stands for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from desk.queries.visibility import Sight
from desk.reference.clauses import clauses, values
from desk.reference.definitions import Version
from desk.reference.references import references
from models.messages.storable import Path

QUEUE = "queue"
NAMES_OF_QUEUES = ("queue.slug", "case.queue")


def seen(version: Version, sight: Sight) -> dict[str, Any]:
    """As `Version.shown`, for a reader of this sight."""
    body: Any = version.body
    for path in _hidden(version, sight):
        body = _with_null(body, path)
    return version.shown | {"body": body}


def _with_null(value: Any, path: Path) -> Any:
    """The same, with null at that place. Its rules are not asked again."""
    if not path:
        return None
    first, *further = path
    if isinstance(value, BaseModel):
        name = str(first)
        return value.model_copy(update={name: _with_null(getattr(value, name), tuple(further))})
    return tuple(_with_null(each, tuple(further)) if at == first else each for at, each in enumerate(value))


def _hidden(version: Version, sight: Sight) -> Iterator[Path]:
    """Where a name stands, be it in an action or in a condition, which may ask for a part of one."""
    if not sight.hidden:
        return
    for path, kind, slug in references(version.body):
        if kind == QUEUE and slug in sight.hidden_slugs:
            yield path
    for path, clause in clauses(version.body):
        if clause.field in NAMES_OF_QUEUES:
            for inner, value in values(clause):
                if any(str(value).strip().casefold() in slug for slug in sight.hidden_slugs):
                    yield (*path, *inner)
