"""Names of what a figure is asked of alone, and of where its cases are and whose they are, for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.key_figures import FigureFilter
from desk.queries.named import names_by_slug
from desk.reference.references import keyed
from models.messages.figures import CountedCase
from models.records.reference import Agent, Queue
from storage.figures.viewing import NAMED

FigureNames = Mapping[str, Mapping[str, str]]
"""By queue, agent, customer or product: names by what stands there, which is a slug, or of a filter also an id."""


async def figure_names(
    session: AsyncSession, given: FigureFilter, items: Iterable[CountedCase] = ()
) -> dict[str, dict[str, str]]:
    """To whoever may see these cases and ask with this filter."""
    found: dict[str, dict[str, str]] = {}
    for by, record in NAMED.items():
        key = getattr(given, by.value)
        name = None if key is None else await session.scalar(select(record.name).where(keyed(record, key)))
        found[by.value] = {key: name} if name else {}
    shown = tuple(items)
    for place, table in (("queue", Queue), ("agent", Agent)):
        slugs = {slug for item in shown if (slug := getattr(item, place)) is not None}
        found[place] |= await names_by_slug(session, table, slugs)
    return found
