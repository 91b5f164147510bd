"""Products lie in families and bundles, and cases are about those alone that can be had (domain 1.1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cases.fields import checked
from desk.errors import Conflict, DeskError, Invalid
from desk.organisation import OrganisationErrors, apply, load
from desk.reference.products import PRODUCTS, check_selectable
from desk.reference.records import Edit
from models.messages.case_fields import WrongValue
from models.messages.organisation import OrganisationSettings
from models.messages.products import ProductBody
from storage.definitions import MODELS, DefinitionKind
from storage.engines import Database
from storage.repositories.contracts import covered_case

NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
GIVEN: tuple[dict[str, Any], ...] = (
    {"slug": "audio", "name": "Audio", "kind": "family"},
    {"slug": "headphones", "name": "Headphones", "kind": "family", "family": "audio"},
    {"slug": "one", "name": "One", "family": "headphones"},
    {"slug": "two", "name": "Two", "family": "headphones"},
    {"slug": "next", "name": "Next", "draft": True},
    {"slug": "set", "name": "Set", "kind": "bundle", "products": ["one", "two"], "family": "audio"},
    {"slug": "next-set", "name": "Next set", "kind": "bundle", "products": ["next"], "draft": True},
)


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as session:
        edit = Edit(session, "ada", NOW)
        for body in GIVEN:
            await PRODUCTS.create(edit, ProductBody.model_validate(body))
    return database


WRONG: tuple[tuple[str | None, Mapping[str, Any], type[DeskError], str], ...] = (
    (None, {"slug": "x", "name": "X", "family": "one"}, Invalid, "family: 'one' is of the kind product, not a family"),
    (None, {"slug": "x", "name": "X", "family": "set"}, Invalid, "family: 'set' is of the kind bundle, not a family"),
    (None, {"slug": "x", "name": "X", "family": "nothing"}, Invalid, "family: there is no active product 'nothing'"),
    (None, {"slug": "x", "name": "X", "kind": "bundle", "products": ["one", "set"]}, Invalid,
     r"products\[1\]: 'set' is of the kind bundle: a bundle holds products alone"),
    (None, {"slug": "x", "name": "X", "kind": "bundle", "products": ["audio"]}, Invalid,
     r"products\[0\]: 'audio' is of the kind family: a bundle holds products alone"),
    (None, {"slug": "x", "name": "X", "kind": "bundle", "products": ["nothing"]}, Invalid, r"products\[0\]: there is no"),
    ("audio", {"family": "headphones"}, Invalid, "family: 'headphones' lies in 'audio' itself"),
    ("audio", {"kind": "product"}, Conflict, "stays one as long as it is named: 'headphones' at family; 'set' at family"),
    ("one", {"kind": "family"}, Conflict, "the bundle 'set' at products"),
    ("one", {"kind": "bundle"}, Invalid, "a bundle holds at least one product"),
    ("one", {"products": ["two"]}, Invalid, "only a bundle holds products"),
    ("set", {"products": ["two", "two"]}, Invalid, "a bundle names each of its products once"),
    ("headphones", {"family": "headphones"}, Invalid, "a family cannot lie in itself"),
)  # fmt: skip


async def test_what_may_not_lie_where_is_refused_with_the_reason(filled: Database) -> None:
    async with filled.write() as session:
        edit = Edit(session, "ada", NOW)
        for slug, body, error, said in WRONG:
            with pytest.raises(error, match=said):
                await _written(edit, slug, body)


async def _written(edit: Edit, slug: str | None, body: Mapping[str, Any]) -> None:
    if slug is None:
        await PRODUCTS.create(edit, ProductBody.model_validate(body))
    else:
        await PRODUCTS.change(edit, slug, body, "*")


async def test_what_others_need_stays_in_use(filled: Database) -> None:
    async with filled.write() as session:
        edit = Edit(session, "ada", NOW)
        for slug, said in (
            ("audio", "'headphones' at family; 'set' at family"),
            ("one", "the bundle 'set' at products"),
        ):
            with pytest.raises(Conflict, match=said):
                await PRODUCTS.deactivate(edit, slug)
        await PRODUCTS.deactivate(edit, "set")
        assert not (await PRODUCTS.deactivate(edit, "one")).active


SELECTABLE = {
    "one": None,
    "set": None,
    "audio": "is a family of products: name one of those that lie in it",
    "next": "is a draft: no case can be about it yet",
    "next-set": "is a draft: no case can be about it yet",
    "nothing": "there is no active product",
}


async def test_a_case_is_about_what_can_be_had(filled: Database) -> None:
    async with filled.write() as session:
        for slug, why in SELECTABLE.items():
            given = {"product": slug}
            if why is None:
                assert await checked(session, OrganisationSettings(), given) == given
            else:
                with pytest.raises(WrongValue, match=why):
                    await checked(session, OrganisationSettings(), given)
        await PRODUCTS.change(Edit(session, "ada", NOW), "next", {"draft": False}, "*")
        assert await checked(session, OrganisationSettings(), {"product": "next"}) == {"product": "next"}


async def test_a_rule_gives_cases_nothing_that_they_cannot_be_about(filled: Database) -> None:
    kinds: dict[DefinitionKind, Callable[[str], dict[str, Any]]] = {
        DefinitionKind.RECORD_CREATION_RULE: lambda slug: {
            "queue": "gold", "items": [{"name": "All", "product": slug}],
        },
        DefinitionKind.PROCESS: lambda slug: {
            "stages": [{"slug": "a", "name": "A", "on_entry": [{"do": "set", "values": {"product": slug}}]}],
        },
    }  # fmt: skip
    async with filled.read() as session:
        for kind, body in kinds.items():
            for slug, why in SELECTABLE.items():
                rule = MODELS[kind].model_validate({"slug": "r", "name": "R", **body(slug)})
                if why is None or slug == "nothing":  # Whether it is there at all, is asked before.
                    await check_selectable(session, rule)
                else:
                    with pytest.raises(Invalid, match=rf"product: '{slug}' {why}"):
                        await check_selectable(session, rule)


async def test_a_contract_covers_what_lies_in_its_families(filled: Database) -> None:
    async with filled.read() as session:
        for product, families in {"one": {"headphones", "audio"}, "set": {"audio"}, "next": set(), None: set()}.items():
            asks = {"account_id": None, "contact_id": None, "origin": "phone"}
            assert (await covered_case(session, product=product, **asks)).families == families  # type: ignore[arg-type]


async def test_a_file_says_it_in_any_order_but_not_in_a_circle(database: Database) -> None:
    entries = "\n".join(f"- {json.dumps(body)}" for body in reversed(GIVEN))
    for changes in (len(GIVEN), 0):
        made = await apply(database, load(f"products:\n{entries}\n", "f.yaml"), "ada", NOW)
        assert len(made) == changes
    circle = "- {slug: a, name: A, kind: family, family: b}\n- {slug: b, name: B, kind: family, family: a}\n"
    with pytest.raises(OrganisationErrors, match="these families lie in one another in a circle"):
        await apply(database, load(f"products:\n{circle}", "f.yaml"), "ada", NOW)
    # A circle that is none of families: nothing of it could stand before the rest, and none of it is passed over in silence.
    for bundles, words in (
        (
            "- {slug: a, name: A, kind: bundle, products: [a]}\n",
            r"products\[0\]: 'a' is of the kind bundle: a bundle holds",
        ),
        (
            "- {slug: a, name: A, kind: bundle, products: [b]}\n- {slug: b, name: B, family: a}\n",
            r"products\[1\].family: 'a' is of the kind bundle, not a family",
        ),
    ):
        with pytest.raises(OrganisationErrors, match=words):
            await apply(database, load(f"products:\n{bundles}", "f.yaml"), "ada", NOW)
