"""Contracts made of templates: the template's values are copied, and nothing follows from it later (domain 3.8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from desk.errors import Invalid, NotFound
from desk.reference.bodies import validated
from desk.reference.entitlements import ENTITLEMENTS, local_day
from desk.reference.records import Edit, Item
from models.messages.contract_templates import ContractOfTemplate, EntitlementTemplate
from models.messages.entitlements import EntitlementDefinition
from models.messages.said import said
from policies.entitlements import last_day
from storage.definitions import DefinitionKind, Definitions


async def make(edit: Edit, key: str, given: ContractOfTemplate) -> Item[EntitlementDefinition]:
    """A draft of the active version of the template with this slug; what is `given` goes first.

    Raises NotFound without an active template, and Invalid for what no contract can be.
    """
    kind = DefinitionKind.ENTITLEMENT_TEMPLATE
    template = await Definitions().one(edit.session, kind, key, EntitlementTemplate)
    if template is None:
        raise NotFound(f"active {kind}", key)
    values = completed(template, given.given(), await local_day(edit.session, edit.now))
    return await ENTITLEMENTS.create(edit, validated(EntitlementDefinition, values), template.slug)


def completed(template: EntitlementTemplate, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The values of a contract: what is given, else what the template says. Null counts as not given where a contract
    needs a value. Raises Invalid where nobody says the last day."""
    said = {name: value for name, value in given.items() if value is not None or name in NULLABLE}
    values = template.copied() | said
    if "start" not in said:
        values["start"] = (template.start or today).isoformat()
    if "end" not in said:
        values["end"] = _end(template, date.fromisoformat(values["start"])).isoformat()
    return values


NULLABLE = frozenset(
    name
    for name, field in EntitlementDefinition.model_fields.items()
    if not field.is_required() and field.default is None
)
"""What a contract may be without: null takes away what the template has."""


def _end(template: EntitlementTemplate, start: date) -> date:
    if template.end is not None:
        return template.end
    if template.months is None:
        raise Invalid(
            "end",
            said(
                "neither you nor the template {name!r} says the last day, or how many months it lasts",
                name=template.slug,
            ),
        )
    try:
        return last_day(start, template.months)
    except OverflowError:
        raise Invalid("end", said("leads beyond the calendar")) from None
