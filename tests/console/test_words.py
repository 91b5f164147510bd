"""The words of the pages: whole in every language; and what a reader's language is."""

from __future__ import annotations

import re

import pytest

from console import catalogues
from console.languages import SOURCE, accepted, chosen, languages
from letters.customer_links import SEE_YOUR_CASE
from letters.survey_words import OF_SURVEYS, QUESTIONS

OTHERS = [language for language in languages() if language != SOURCE]
PLACE = re.compile(r"%\(\w+\)s")


def texts(message: object) -> list[str]:
    return [message] if isinstance(message, str) else [str(each) for each in message]  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_in_every_catalogue_with_its_placeholders(language: str) -> None:
    said = {message.id: message for message in catalogues.said() if message.id}
    assert len(said) > 60, "the texts are not where this test looks for them"
    known = {message.id: message for message in catalogues.read(language) if message.id}
    assert set(known) == set(said), "run .venv/bin/python -m console.catalogues, and translate what is new"
    for id, message in known.items():
        for given, translated in zip(texts(id), texts(message.string), strict=True):
            assert translated.strip(), id
            assert set(PLACE.findall(given)) == set(PLACE.findall(translated)), id
        assert not message.fuzzy, id


def test_the_texts_of_letters_are_there_in_every_language_of_the_pages() -> None:
    for language in languages():
        assert language in SEE_YOUR_CASE
        assert language in OF_SURVEYS.texts
        for questions in QUESTIONS.values():
            assert language in questions


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (("de-AT",), "de"),
        ((None, "fr", "de"), "de"),
        (("fr", "pt-BR"), "en"),
        (("", "../../etc", "x" * 500), "en"),
        (("DE",), "de"),
    ],
)
def test_a_reader_gets_the_first_language_that_there_are_words_of(
    wanted: tuple[str | None, ...], language: str
) -> None:
    assert chosen(*wanted) == language


def test_what_a_browser_accepts_is_read_by_weight() -> None:
    assert accepted("fr;q=0.2, de-DE, en;q=0.8, xx;q=0, ;;;, q=x") == ["de-DE", "q=x", "en", "fr"]
    assert accepted("") == []
    assert len(accepted("a," * 5_000)) == 50
