"""Values of case fields: checked in one place and written in one place, whichever way they come (design, "One table").

What needs no row is in the table itself (`models.messages.case_fields`): lengths, lines, forms. Here is what does: words
of the organisation's lists, and records that must be there and active.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.ledger import check_scope, swap_origin
from cases.unit import CaseUnit, Refused, refused
from models.messages.base import sentence
from models.messages.case_fields import BY_NAME, CaseField, FieldKind, WrongValue, names
from models.messages.cases import ProblemType
from models.messages.organisation import OrganisationSettings
from models.messages.processes import DataValue
from models.messages.products import ProductBody, ProductKind
from models.messages.record_creation import CreationItem
from models.messages.said import joined, said, whole, without_field
from models.records.cases import Case
from models.records.reference import Product, Subject

PLAIN = frozenset(names(lambda field: field.stored and (field.step or field.change))) - {
    "sla",
    "status_reason",
    "custom",
}
"""Fields that a value alone changes. The others have rules of their own: `cases.verbs.change`."""
OF_RULES = ("priority", "case_type", "subject", "product")
"""Fields that an item of a record creation rule can give."""
MOST_CUSTOM = 200
"""Custom fields of one case."""

_RECORDS: dict[str, Any] = {"product": Product, "subject": Subject}


async def checked(
    session: AsyncSession, organisation: OrganisationSettings, given: Mapping[str, Any], present: Case | None = None
) -> dict[str, Any]:
    """The values of plain fields as they are stored. `WrongValue` names the first that its field cannot take.

    What the case holds already may stay, also when its word or record has been retired since.
    """
    return {name: await _checked(session, organisation, BY_NAME[name], value, present) for name, value in given.items()}


async def _checked(
    session: AsyncSession, organisation: OrganisationSettings, field: CaseField, given: Any, present: Case | None
) -> Any:
    if given is None:
        if not field.nullable:
            raise WrongValue(field.name, said("cannot be cleared"))
        return None
    try:
        value = field.adapter.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise WrongValue(field.name, sentence(first)) from None
    if present is not None and getattr(present, field.name) == value:
        return value
    if field.words is not None:
        words: tuple[str, ...] = getattr(organisation, field.words)
        for word in value if field.kind is FieldKind.SKILLS else (value,):
            if word not in words:
                known = said("one of: {words}", words=joined(words)) if words else said("the organisation lists none")
                raise WrongValue(field.name, said("unknown {word!r}; {known}", word=word, known=known), words)
    if field.kind is FieldKind.REFERENCE:
        record = _RECORDS[field.record or ""]
        found = await session.scalar(select(record).where(record.slug == value, record.active))
        if found is None:
            raise WrongValue(
                field.name, said("there is no active {record} {value!r}", record=field.record, value=value)
            )
        if isinstance(found, Product) and (why := not_selectable(found)) is not None:
            raise WrongValue(field.name, said("{value!r} {why}", value=value, why=why))
    return value


def not_selectable(product: Product | ProductBody) -> str | None:
    """Why no case can be about a product (domain 1.1)."""
    if product.kind == ProductKind.FAMILY:
        return said("is a family of products: name one of those that lie in it")
    return said("is a draft: no case can be about it yet") if product.draft else None


async def fitting(
    session: AsyncSession, organisation: OrganisationSettings, given: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Values of plain fields that a rule gives, where nobody is there to be told: those that their fields can take, and
    why the others are left out. A rule was checked when it came into force; its words may have been retired since."""
    values: dict[str, Any] = {}
    left_out: list[str] = []
    for name, value in given.items():
        if value is None:
            continue
        try:
            values |= await checked(session, organisation, {name: value})
        except WrongValue as error:
            left_out.append(str(error))
    return values, tuple(left_out)


async def of_item(
    session: AsyncSession, organisation: OrganisationSettings, item: CreationItem | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What an item of a record creation rule says of the case that it opens, as `fitting` finds it."""
    if item is None:
        return {}, ()
    given, left_out = await fitting(session, organisation, {name: getattr(item, name) for name in OF_RULES})
    return (given if item.sla is None else {**given, "automatic_sla": item.sla}), left_out


async def write(unit: CaseUnit, given: Mapping[str, Any]) -> None:
    """Give plain fields new values. The entitlement's scope is the caller's to check: it may change as well."""
    case = unit.case
    try:
        values = await checked(unit.session, unit.organisation, given, case)
    except WrongValue as error:
        raise refused(ProblemType.INVALID, whole(error.rule), field=error.field, allowed=error.allowed) from None
    for name, value in values.items():
        match name:
            case "origin":
                await swap_origin(unit, value)
            case "escalated":
                if value != case.escalated:
                    case.escalated, case.escalated_on = value, unit.now if value else None
            case _:
                setattr(case, name, value)


def write_custom(unit: CaseUnit, given: Mapping[str, bool | int | float | str | None]) -> None:
    """Merge custom fields into those that the case has; None takes one away."""
    merged = {name: value for name, value in {**unit.case.custom, **given}.items() if value is not None}
    if len(merged) > MOST_CUSTOM and len(merged) > len(unit.case.custom):
        raise refused(
            ProblemType.INVALID,
            said("a case has at most {most_custom} custom fields.", most_custom=MOST_CUSTOM),
            field="custom",
        )
    unit.case.custom = merged


async def fill(unit: CaseUnit, data: Mapping[str, DataValue]) -> None:
    """Values of data steps, by field or `custom.x`: as PATCH would write them, and refused as it would."""
    plain = {name: value for name, value in data.items() if name in PLAIN and BY_NAME[name].step}
    custom = {name.removeprefix("custom."): value for name, value in data.items() if name.startswith("custom.")}
    for name in data.keys() - plain.keys():
        if not name.startswith("custom."):
            raise refused(
                ProblemType.INVALID,
                said("this case field cannot be filled by a stage."),
                field=f"data.{name}",
            )
    product = unit.case.product
    try:
        await write(unit, plain)
        if unit.case.product != product:
            await check_scope(unit)
        write_custom(unit, {name: as_json(value) for name, value in custom.items()})
    except Refused as error:
        refusal = error.refusal
        rule = without_field(refusal.detail, refusal.field)
        raise Refused(refusal.about(f"data.{refusal.field}", rule)) from None


def as_json(value: DataValue) -> bool | int | float | str | None:
    return value if value is None or isinstance(value, bool | int | str) else float(value)


def values(case: Case) -> dict[str, DataValue]:
    """What data steps show: case fields by name, custom ones as `custom.x`."""
    plain: dict[str, DataValue] = {name: getattr(case, name) for name in _SHOWN}
    return plain | {f"custom.{name}": value for name, value in case.custom.items()}


_SHOWN = names(lambda field: field.step and field.stored and field.kind is not FieldKind.CUSTOM)
