"""What the fields of a form can name: records in use, definitions in force, and the organisation's own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.references import TABLES
from models.messages.organisation import OrganisationSettings
from storage.definitions import DefinitionKind, Definitions

MOST_CHOICES = 300
"""Of one kind; who looks for one of more writes its slug."""
WORDS = ("priorities", "case_types", "origins", "skills")
"""Lists of the organisation."""

Choices = dict[str, list[tuple[str, str]]]
"""By kind: slug and name. A kind of which there are too many is not in it."""


async def choices(
    session: AsyncSession, definitions: Definitions, settings: OrganisationSettings, kinds: Iterable[str]
) -> Choices:
    """Of each kind, if it is one: a kind of record, a kind of definition, or one of `WORDS`."""
    found: Choices = {}
    for kind in sorted(set(kinds)):
        if kind in WORDS:
            found[kind] = [(word, "") for word in getattr(settings, kind)]
        elif kind in TABLES:
            table = TABLES[kind]
            wanted = select(table.slug, name_column(table)).where(table.slug.is_not(None), table.active)
            rows = (await session.execute(wanted.order_by(table.slug).limit(MOST_CHOICES + 1))).all()
            if len(rows) <= MOST_CHOICES:
                found[kind] = [(slug, name) for slug, name in rows]
        elif kind in tuple(DefinitionKind):
            active = (await definitions.active(session, DefinitionKind(kind)))[DefinitionKind(kind)]
            named = [(slug, str(getattr(each.body, "name", "") or "")) for slug, each in active.items()]
            found[kind] = sorted(named)[:MOST_CHOICES]
    return found


def matching(kind: str, said: str) -> tuple[object, ...]:
    """The conditions of records whose slug or name holds what was said."""
    table, wanted = TABLES[kind], said.strip().casefold()
    if not wanted:
        return ()
    return (
        or_(
            table.slug.contains(wanted, autoescape=True),
            func.lower(name_column(table)).contains(wanted, autoescape=True),
        ),
    )


def name_column(table: Any) -> Any:
    """What people call a row of this table by; None: its titles stand elsewhere, as those of an article do."""
    return getattr(table, "name", None) or getattr(table, "display_name", None)
