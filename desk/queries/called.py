"""How what values name by slugs is called: records and definitions by their names, for pages that people read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.nameable import name_column
from desk.reference.references import TABLES
from storage.definitions import DefinitionKind, Definitions

Names = Mapping[str, Mapping[str, str]]
"""By kind, then by slug. What is not in it is shown by its slug: it has no name, or is gone."""
MOST = 2000
"""Slugs that are looked up for one page; a page does not show more."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


async def called(session: AsyncSession, definitions: Definitions, kinds: Iterable[str], slugs: Iterable[str]) -> Names:
    """To whoever may read all that is laid down: the names of queues that are private to others are among them."""
    wanted = sorted(set(slugs))[:MOST]
    found: dict[str, dict[str, str]] = {}
    for kind in set(kinds) if wanted else ():
        if (table := TABLES.get(kind)) is not None and (name := name_column(table)) is not None:
            rows = await session.execute(select(table.slug, name).where(table.slug.in_(wanted)))
            found[kind] = {slug: name for slug, name in rows if name}
        elif kind in tuple(DefinitionKind):
            active = (await definitions.active(session, DefinitionKind(kind)))[DefinitionKind(kind)]
            named = ((slug, getattr(active[slug].body, "name", None)) for slug in wanted if slug in active)
            found[kind] = {slug: str(name) for slug, name in named if name}
    return found


def slugs_in(value: Any) -> Iterator[str]:
    """Every text within these values that could be a slug."""
    match value:
        case str():
            if _SLUG.fullmatch(value):
                yield value
        case Mapping():
            for key, each in value.items():
                yield from slugs_in(key)
                yield from slugs_in(each)
        case list() | tuple():
            for each in value:
                yield from slugs_in(each)
        case _:
            pass  # A number, yes or no, or nothing.
