"""Names for what the values of a page name by slugs: looked up once, for whatever shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from console.administering.kinds import BY_NAME
from console.administering.shapes import shapes
from console.staff import Staff
from desk.queries.names import Names, names_by_kind
from desk.reference.clauses import record_of
from models.messages.conditions import FIELDS

IN_CONDITIONS = frozenset(kind for field in FIELDS if (kind := record_of(field)) is not None)
"""Kinds of which conditions can name one."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def kinds_of(model: type[BaseModel]) -> set[str]:
    """What fields of the model, and conditions within it, can name."""
    every = [shape for outer in shapes(model) for shape in outer.every()]
    return {shape.refers for shape in every if shape.refers} | IN_CONDITIONS


async def names_in(staff: Staff, model: type[BaseModel], *values: Any) -> Names:
    """`values`: of the model, as documents have them, or parts of such."""
    async with staff.database.read() as session:
        return await _names(session, staff, kinds_of(model), values)


async def names_of_changes(session: AsyncSession, staff: Staff, rows: Sequence[Any]) -> Names:
    """`rows`: of the audit. Of what was changed, of who did it, and of what the changed values name."""
    kinds = {"agent", *(row.kind for row in rows)}
    for kind in [kind for kind in kinds if kind in BY_NAME]:
        kinds |= kinds_of(BY_NAME[kind].model)
    told = [each for row in rows for each in (row.actor, row.object_id, row.changes)]
    return await _names(session, staff, kinds, told)


async def _names(session: AsyncSession, staff: Staff, kinds: set[str], values: Any) -> Names:
    """Of whatever these values hold that could be a slug or an id of one of the kinds."""
    return await names_by_kind(session, staff.definitions, dict.fromkeys(kinds, frozenset(_slugs_in(values))))


def _slugs_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            if _SLUG.fullmatch(value):
                yield value
        case Mapping():
            for key, each in value.items():
                yield from _slugs_in(key)
                yield from _slugs_in(each)
        case list() | tuple():
            for each in value:
                yield from _slugs_in(each)
        case _:
            pass  # A number, yes or no, or nothing.
