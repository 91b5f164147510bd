"""The words of the pages: whole in every language; and what a reader's language is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console
from console import catalogues
from console.administering.texts import texts as texts_of_fields
from console.languages import SOURCE, accepted, chosen, languages
from console.languages import catalogues as every_catalogue
from letters.customer_links import SEE_YOUR_CASE
from letters.survey_words import OF_SURVEYS, QUESTIONS

OTHERS = [language for language in languages() if language != SOURCE]
PLACE = re.compile(r"%\(\w+\)s")
SAID = re.compile(r"""\bdata-([a-z-]+)="\{\{ _\(""")


def forms(message: object) -> list[str]:
    return [message] if isinstance(message, str) else [str(each) for each in message]  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_in_every_catalogue_with_its_placeholders(language: str) -> None:
    rooms = catalogues.texts()
    assert sum(map(len, rooms.values())) > 60, "the texts are not where this test looks for them"
    assert {path.stem for path in every_catalogue(language)} == set(rooms), "run .venv/bin/python -m console.catalogues"
    for room, texts in rooms.items():
        said = {message.id for message in texts if message.id}
        known = {message.id: message for message in catalogues.read(language, room) if message.id}
        assert set(known) == said, f"{room}: run .venv/bin/python -m console.catalogues, and translate what is new"
        for id, message in known.items():
            for given, translated in zip(forms(id), forms(message.string), strict=True):
                assert translated.strip(), (room, id)
                assert set(PLACE.findall(given)) == set(PLACE.findall(translated)), (room, id)
            assert not message.fuzzy, (room, id)


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


def test_what_scripts_of_a_page_say_has_one_word_for_one_thing() -> None:
    """All of it stands at one element, where of two attributes with one name the first is taken."""
    templates = Path(console.__file__).parent / "templates"
    pages = {path: path.read_text(encoding="utf-8") for path in templates.rglob("*.html")}
    frame = set(SAID.findall(pages[templates / "live" / "words.html"])) | {"offline"}
    rooms = [text for path, text in pages.items() if path.name == "said_by_scripts.html" or "block words" in text]
    assert len(frame) > 15
    assert len(rooms) >= 4
    for text in rooms:
        said = SAID.findall(text)
        assert len(set(said)) == len(said)
        assert not (set(said) - {"offline"}) & frame


def test_what_one_signs_in_with_has_one_german_word() -> None:
    told = {path.stem: path.read_text(encoding="utf-8") for path in every_catalogue("de")}
    assert [room for room, text in told.items() if "Kennwort" in text or "Kennwörter" in text] == []
    assert "Passwort" in told["starting"]


def test_no_hint_of_a_field_says_none_as_python_does() -> None:
    assert [text for text in texts_of_fields() if text != "None" and re.search(r"\bNone\b", text)] == []
