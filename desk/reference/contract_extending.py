"""Extending a contract that is in force, or is about to be: a later last day, further terms, or both (domain 3.2)."""

from __future__ import annotations

from typing import Any

from desk.errors import Invalid
from desk.reference.bodies import patched, plain
from desk.reference.entitlements import ACTIVE, ENTITLEMENTS, WAITING, expect
from desk.reference.records import Edit, Item
from models.messages.entitlements import EntitlementDefinition, ExtendBody
from models.messages.said import said


async def extend(edit: Edit, key: str, given: ExtendBody) -> Item[EntitlementDefinition]:
    """The same contract with more to it, at once: what cases have taken stays taken, and what they hold goes on.

    `Invalid` for a last day that is not later, and for a channel that the contract does not list.
    """
    row = await ENTITLEMENTS.row(edit.session, key, lock=True)
    expect(row, "extend", WAITING, ACTIVE)
    old = (await ENTITLEMENTS.bodies(edit.session, [row]))[0]
    await ENTITLEMENTS.put(edit, row, patched(EntitlementDefinition, plain(old), _patch(old, given)))
    return (await ENTITLEMENTS.items(edit.session, [row]))[0]


def _patch(old: EntitlementDefinition, given: ExtendBody) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    if given.end is not None:
        if given.end <= old.end:
            raise Invalid("end", said("is not after {end}, the last day that the contract has now", end=old.end))
        patch["end"] = given.end
    if given.further_terms:
        patch["total_terms"] = old.total_terms + given.further_terms
    if given.origin is not None and given.further_terms:
        if all(channel.origin != given.origin for channel in old.channels):
            raise Invalid(
                "origin", said("{origin!r} is none of the channels that the contract lists", origin=given.origin)
            )
        patch["channels"] = [
            {"origin": each.origin, "total_terms": each.total_terms + (given.further_terms if each.origin == given.origin else 0)}
            for each in old.channels
        ]  # fmt: skip
    return patch
