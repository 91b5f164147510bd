"""What a file names that is there, and is not such as is needed: owners who work no cases, products that no case can be about.

Whatever is put in force is judged when it is. This is for what is passed over, because something else in it, or in what it
names, is wrong: else its faults would be told when that is right at last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.organisation.entries import Entry, OrganisationFile
from desk.reference.products import active_products, product_faults
from desk.reference.workers import owners, why_no_owner
from models.messages.products import ProductBody
from models.messages.reference import AgentBody
from models.messages.storable import Path
from models.records.reference import Agent


async def misfits(
    session: AsyncSession, file: OrganisationFile, passed_over: Sequence[Entry]
) -> list[tuple[Entry, Path, str]]:
    """What is wrong with entries that were passed over, each at its place within the entry."""
    agents: dict[str, Any] = {row.slug: row.roles for row in await session.scalars(select(Agent).where(Agent.active))}
    products: Mapping[str, Any] = await active_products(session)
    # What the file itself says comes into force before what names it.
    agents = {**agents, **{entry.slug: body.roles for entry, body in file.having(AgentBody)}}
    products = {**products, **{entry.slug: body for entry, body in file.having(ProductBody)}}
    unsure = {entry.slug for entry in file.entries if entry.mended}
    return [
        (entry, path, rule)
        for entry in passed_over
        if entry.active
        for path, slug, rule in _of(entry, agents, products)
        if slug not in unsure and path not in entry.mended
    ]


def _of(entry: Entry, agents: Mapping[str, Any], products: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for path, slug in owners(entry.body):
        if slug in agents and (rule := why_no_owner(slug, agents[slug])) is not None:
            yield path, slug, rule
    yield from product_faults(entry.body, products)
