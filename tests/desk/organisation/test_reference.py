"""docs/organisation.md is what the code prints, has every key, and shows only values that can be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter

from desk.organisation.examples import EXAMPLES, example_of
from desk.organisation.file import SECTIONS, SETTINGS, dated
from desk.organisation.mending import annotated
from desk.organisation.reference import inner_messages, reference
from models.messages.contract_templates import EntitlementEntry
from models.messages.organisation import OrganisationSettings

PAGE = Path(__file__).parents[3] / "docs" / "organisation.md"
MODELS: dict[str, type[BaseModel]] = {
    SETTINGS: OrganisationSettings,
    **{key: model for key, (_, model) in SECTIONS.items()},
}


def keys() -> Iterator[tuple[type[BaseModel], str]]:
    told = dict.fromkeys(each for model in MODELS.values() for each in (model, *inner_messages(model)))
    for model in told:
        for name in model.model_fields:
            yield model, name


def test_the_page_is_what_is_printed() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "python3 dev.py reference > docs/organisation.md"


@pytest.mark.parametrize("section", MODELS)
def test_every_key_of_a_list_is_told(section: str) -> None:
    told = set(re.findall(r"^\| `([a-z_]+)` \|", reference(section), re.MULTILINE))
    wanted = {info.alias or name for name, info in MODELS[section].model_fields.items()}
    assert told >= wanted - ({"slug"} if section == SETTINGS else set())


@pytest.mark.parametrize(
    ("model", "name"), list(keys()), ids=lambda each: each if isinstance(each, str) else each.__name__
)
def test_what_is_shown_as_an_example_can_be_written(model: type[BaseModel], name: str) -> None:
    info = model.model_fields[name]
    value: Any = example_of(model, info.alias or name, info)
    if model is EntitlementEntry and name in ("start", "end"):
        value = dated({"start": "today", "end": "+1 year"}, date(2026, 1, 1))[name]
    TypeAdapter(annotated(info)).validate_python(value)


@pytest.mark.parametrize(
    ("model", "name"), list(keys()), ids=lambda each: each if isinstance(each, str) else each.__name__
)
def test_a_word_or_text_is_shown_as_somebody_would_write_it(model: type[BaseModel], name: str) -> None:
    """What a word means is not in its type: no value that merely fits may stand there, as `gold` for an address."""
    info = model.model_fields[name]
    if any(f"{model.__name__}.{key}" in EXAMPLES or key in EXAMPLES for key in (name, info.alias)):
        return
    value = example_of(model, info.alias or name, info)
    words = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
    assert all(_is_listed(info.annotation, each) for each in words), value


@pytest.mark.parametrize(
    "words",
    [
        "| `contact_costs` | by slug: number |",
        "| `pages` | [public pages](#public-pages) | `{}` |",
        "`case.custom.*` or `activity.fields.*`",
        "in the organisation's time zone, or in the clause's own `time_zone`",
    ],
)
def test_the_page_says(words: str) -> None:
    assert words in reference()


def _is_listed(annotation: Any, word: str) -> bool:
    """Whether it is one of the words of a fixed list that the field takes."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return word in list(annotation)
    return word in get_args(annotation) or any(_is_listed(each, word) for each in get_args(annotation))
