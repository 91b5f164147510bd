"""Extremes in every field of every body of reference data, generated from the models: refused with the field, or storable.

Never an arithmetic error, never a value that no row can hold; and every list has an end.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from desk.errors import Invalid
from desk.reference.bodies import plain, storable
from models.messages import storable as rules
from models.messages.faults import faults
from tests.support.bodies import ALL, Place, at, places

NUMBERS = (
    "1E+1000000", "-1E+1000000", "1E-1000000", "Infinity", "-Infinity", "NaN", "sNaN", float("inf"), float("nan"),
    10**30, -(10**30), 2**63, -(2**63) - 1, 2**31, 1e300, 5e-324, "9" * 4000, Decimal("1E+999999"), True,
)  # fmt: skip
INSTANTS = (
    "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "10000-01-01", "0000-00-00",
    "1899-12-31", "9001-01-01", -62135596801, 253402300800,
)  # fmt: skip
SPANS = ("1E+999999 days", "999999999 days", "0 days", "-1 hours", {"amount": "1E+1000000", "unit": "days"},
         {"amount": "NaN", "unit": "minutes"}, {"amount": "1E-1000000", "unit": "business days"})  # fmt: skip
TEXTS = ("", "\ud800", "a\x00b", "x" * 100_001, "\u2028", " ", "1E+1000000", "24:01", "25:00")
SHAPES: tuple[Any, ...] = (None, {}, [], [None], {"": 1}, [[]], ["x" * 70])
EXTREMES = (*NUMBERS, *INSTANTS, *SPANS, *TEXTS, *SHAPES)
ENDLESS = (600, 6_000)
"""Elements: more than most lists take, and more than any does."""


def tried(model: type[BaseModel], document: dict[str, Any]) -> list[Place]:
    """The places that are refused; none if the body is right. Whatever is right can be stored and read again."""
    try:
        body = model.model_validate(document)
    except ValidationError as error:
        found = faults(error, document)
        assert found, "a refusal names something"
        return [path for path, _ in found]
    try:
        storable(body)
    except Invalid as error:
        return [error.path]
    kept = plain(body)
    rules.check(kept)
    if "password" not in kept:
        assert plain(model.model_validate(kept)) == kept, "what was stored is read as it was written"
    return []


@pytest.mark.parametrize("kind", list(ALL))
def test_the_sample_of_each_kind_is_right_and_gives_every_field(kind: str) -> None:
    model, document = ALL[kind]
    assert tried(model, document) == []
    # A contract has an account or a contact, a default queue is an agent's or a team's, mail has one origin, and a template
    # gives the length of a contract or its last day.
    given = (
        set(document)
        | {"contact", "default_of_team", "origin"}
        | ({"end"} if kind == "entitlement-template" else set())
    )
    assert set(model.model_fields) <= given


HELD_AGAINST_OTHERS = {
    ("warnings",),
    ("total_terms",),
    ("items", "actions", "on"),
    ("stages", "branches", "to"),
    ("stages", "next"),
}
"""A contract's warnings are wrong where its terms or channels leave no room for them, its terms where channels have more; an
action where nothing warns, a way where the stage that it leads to is called otherwise."""


@pytest.mark.parametrize("kind", list(ALL))
def test_an_extreme_is_refused_where_it_stands_or_can_be_stored(kind: str) -> None:
    model, document = ALL[kind]
    for place, _ in places(document):
        for value in EXTREMES:
            for path in tried(model, at(document, place, value)):
                # A rule between two fields names the object that holds both, or the one that is held against the other.
                above = path == place[: len(path)] or path[: len(place)] == place
                fields = tuple(part for part in path if isinstance(part, str))
                held = any(fields[: len(each)] == each for each in HELD_AGAINST_OTHERS)
                assert above or held, (place, value, path)


@pytest.mark.parametrize("kind", list(ALL))
def test_every_list_has_an_end_that_is_told_by_its_field(kind: str) -> None:
    model, document = ALL[kind]
    for place, value in places(document):
        if isinstance(value, list) and value:
            # The elements differ, so that it is their number alone that is wrong.
            assert any(_is_told(model, at(document, place, []), place, value[0], count) for count in ENDLESS), place


def _is_told(model: type[BaseModel], document: dict[str, Any], place: Place, element: Any, count: int) -> bool:
    """Whether so many elements there are refused. It is then said of the list."""
    *above, last = place
    within: Any = document
    for part in above:
        within = within[part]
    within[last] = [_numbered(element, number) for number in range(count)]
    try:
        model.model_validate(document)
    except ValidationError as error:
        found = faults(error, document)
    else:
        return False
    assert any(path[: len(place)] == place for path, _ in found), place
    return True


def _numbered(element: Any, number: int) -> Any:
    if isinstance(element, str):
        return f"n{number}"
    if isinstance(element, dict) and "slug" in element:
        return element | {"slug": f"n{number}"}
    return element
