"""Products, their families and bundles (domain 1.1): what may lie where, and what is still needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.fields import not_selectable
from desk.errors import Conflict, Invalid
from desk.reference.bodies import as_stored
from desk.reference.clauses import asked_records
from desk.reference.process_faults import actions_of
from desk.reference.records import Edit, Kind
from desk.reference.sla_faults import sla_actions
from desk.reference.uses import check_not_named
from models.messages.processes import ProcessDefinition
from models.messages.products import ProductBody, ProductKind
from models.messages.record_creation import RecordCreationRule
from models.messages.said import said, word
from models.messages.slas import SlaDefinition
from models.messages.storable import Path, path_text
from models.records.reference import Product


class Products(Kind[ProductBody]):
    name = "product"
    body = ProductBody

    async def bodies(self, session: AsyncSession, rows: Sequence[Product]) -> list[ProductBody]:
        return [
            as_stored(
                ProductBody,
                slug=row.slug,
                name=row.name,
                kind=ProductKind(row.kind),
                draft=row.draft,
                family=row.family,
                products=tuple(row.products),
            )
            for row in rows
        ]

    async def columns(self, edit: Edit, body: ProductBody) -> dict[str, Any]:
        return {**body.model_dump(mode="json"), "products": list(body.products)}

    async def check(self, edit: Edit, body: ProductBody, row: Product | None) -> None:
        for position, slug in enumerate(body.products):
            held = await _active(edit.session, slug)
            if held is not None and (held.kind != ProductKind.PRODUCT or slug == body.slug):
                raise Invalid(
                    f"products[{position}]",
                    said(
                        "{slug!r} is of the kind {kind}: a bundle holds products alone", slug=slug, kind=word(held.kind)
                    ),
                )
        above, seen = body.family, {body.slug}
        while above is not None:
            family = await _active(edit.session, above)
            if family is not None and family.kind != ProductKind.FAMILY:
                raise Invalid(
                    "family", said("{above!r} is of the kind {kind}, not a family", above=above, kind=word(family.kind))
                )
            if above in seen:
                raise Invalid("family", said("{family!r} lies in {slug!r} itself", family=body.family, slug=body.slug))
            seen.add(above)
            above = family.family if family is not None else None
        if row is not None and row.kind != body.kind and (needed := await _needed_by(edit.session, row)):
            raise Conflict(
                "in-use",
                said(
                    "the {kind} {slug!r} stays one as long as it is named: {needed}",
                    kind=word(row.kind),
                    slug=row.slug,
                    needed=needed,
                ),
            )

    async def check_unused(self, edit: Edit, row: Product) -> None:
        await check_not_named(edit.session, "product", row.slug, edit.leaving)
        if needed := await _needed_by(edit.session, row, edit.leaving):
            raise Conflict(
                "in-use",
                said(
                    "the {kind} {slug!r} is named by other products: {needed}",
                    kind=word(row.kind),
                    slug=row.slug,
                    needed=needed,
                ),
            )


async def check_selectable(session: AsyncSession, body: BaseModel) -> None:
    """`Invalid` if a definition gives cases a product that no case can be about: it would be left out each time."""
    for path, _, rule in product_faults(body, await active_products(session)):
        raise Invalid(path_text(path), rule, path=path)


async def active_products(session: AsyncSession) -> dict[str, Product]:
    """Those that are in use, by slug."""
    return {row.slug: row for row in await session.scalars(select(Product).where(Product.active))}


def product_faults(body: BaseModel, known: Mapping[str, Product | ProductBody]) -> Iterator[tuple[Path, str, str]]:
    """Where a definition speaks of a product that no case can be about, which one, and why that says nothing."""
    for path, slug in _given(body):
        found = known.get(slug)
        if found is not None and (why := not_selectable(found)) is not None:
            yield path, slug, said("{slug!r} {why}", slug=slug, why=why)
    for path, kind, slug in asked_records(body):
        found = known.get(slug) if kind == Products.name else None
        if found is not None and found.kind == ProductKind.FAMILY:
            why = said("{slug!r} is a family: no case is about one, so this clause would never find any", slug=slug)
            yield path, slug, why


def _given(body: BaseModel) -> Iterator[tuple[Path, str]]:
    match body:
        case RecordCreationRule():
            for position, item in enumerate(body.items):
                if item.product is not None:
                    yield ("items", position, "product"), item.product
        case ProcessDefinition():
            yield from _set((path, done.values) for path, done in actions_of(body))
            for position, stage in enumerate(body.stages):
                for place, step in enumerate(stage.steps):
                    if step.field == Products.name:
                        for nth, choice in enumerate(step.choices):
                            yield ("stages", position, "steps", place, "choices", nth), choice
        case SlaDefinition():
            yield from _set((path, done.values) for path, done in sla_actions(body))
        case _:
            pass  # It gives cases nothing.


def _set(actions: Iterable[tuple[Path, Mapping[str, object]]]) -> Iterator[tuple[Path, str]]:
    for path, values in actions:
        if isinstance(slug := values.get("product"), str):
            yield (*path, "values", "product"), slug


async def _active(session: AsyncSession, slug: str) -> Product | None:
    found: Product | None = await session.scalar(select(Product).where(Product.slug == slug, Product.active))
    return found


async def _needed_by(session: AsyncSession, row: Product, leaving: frozenset[tuple[str, str]] = frozenset()) -> str:
    """Active products that lie in this one, and bundles that hold it; but for what is `leaving` with it."""
    within = await session.scalars(
        select(Product.slug).where(Product.family == row.slug, Product.active).order_by(Product.slug)
    )
    bundles = await session.scalars(
        select(Product).where(Product.kind == ProductKind.BUNDLE, Product.active).order_by(Product.slug)
    )
    holding = [bundle.slug for bundle in bundles if row.slug in bundle.products]
    return "; ".join(
        [
            *(said("{slug!r} at family", slug=slug) for slug in within if (Products.name, slug) not in leaving),
            *(
                said("the bundle {slug!r} at products", slug=slug)
                for slug in holding
                if (Products.name, slug) not in leaving
            ),
        ]
    )


PRODUCTS = Products()
