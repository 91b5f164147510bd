"""Languages are those of the registry, in one form whatever way they are written."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from letters.templates import in_language
from models.messages.articles import ArticleBody
from models.messages.languages import normal, wider
from models.messages.organisation import OrganisationSettings
from models.messages.reference import AccountBody, ContactBody
from models.messages.templates import MailTemplate

TEXT = {"subject": "S", "body": "B"}


@pytest.mark.parametrize(
    ("said", "one_form"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("de-at", "de-AT"),
        ("DE_AT", "de-AT"),
        ("zh-hant-hk", "zh-Hant-HK"),
        ("sr-LATN-rs", "sr-Latn-RS"),
        ("es-419", "es-419"),
        ("pt-br", "pt-BR"),
        ("tlh", "tlh"),
        ("iw", "he"),
        ("de-at-1901", "de-AT-1901"),
    ],
)
def test_a_language_has_one_form(said: str, one_form: str) -> None:
    assert normal(said) == one_form
    for body in (
        AccountBody(slug="a", name="A", language=said),
        ContactBody(slug="a", name="A", email="a@b.example", language=said),
        ArticleBody(slug="a", title="A", content="A", language=said),
        OrganisationSettings(language=said),
    ):
        assert body.language == one_form
    template = MailTemplate.model_validate({"slug": "a", "name": "A", "texts": {said: TEXT}})
    assert list(template.texts) == [one_form]


@pytest.mark.parametrize(
    "said",
    [
        *("english", "xx", "qq", "de-XYZ", "xx-AT", "und", "mul", "zxx", "x-private", "en-x-ours", "", " ", "e n"),
        *("de-AT-", "-de", "en\n", "d\u0435", "en\x00", "e" * 5000, "de-AT-1901-1996", "aa-bb-cc", "9", "en-a-" * 4),
    ],
)
def test_what_is_no_language_is_refused_by_its_field(said: str) -> None:
    assert normal(said) is None
    for build in (
        lambda: AccountBody(slug="a", name="A", language=said),
        lambda: ContactBody(slug="a", name="A", email="a@b.example", language=said),
        lambda: ArticleBody(slug="a", title="A", content="A", language=said),
    ):
        with pytest.raises(ValidationError) as wrong:
            build()
        (error,) = wrong.value.errors()
        assert error["loc"] == ("language",)
        assert "unknown language" in error["msg"]
        assert len(error["msg"]) < 200


def test_what_a_definition_says_is_read_back_whatever_it_is() -> None:
    """Refused when it is to come into force (tests/desk/reference/test_references.py)."""
    assert OrganisationSettings(language="xx").language == "xx"
    twice = MailTemplate.model_validate({"slug": "a", "name": "A", "texts": {"de-at": TEXT, "de-AT": TEXT, "xx": TEXT}})
    assert list(twice.texts) == ["de-at", "de-AT", "xx"]


def test_a_reader_gets_the_nearest_language() -> None:
    assert list(wider("zh-Hant-HK")) == ["zh-Hant-HK", "zh-Hant", "zh"]
    template = MailTemplate.model_validate(
        {"slug": "a", "name": "A", "texts": {"fr": TEXT, "zh": TEXT, "zh-Hant": TEXT, "de-AT": TEXT, "en": TEXT}}
    )
    for wanted, fallback, found in (
        ("zh-Hant-HK", "en", "zh-Hant"),
        ("zh-CN", "en", "zh"),
        ("de-AT", "en", "de-AT"),
        ("de-CH", "en-GB", "en"),
        (None, "de-AT", "de-AT"),
        ("it", "es", "fr"),
    ):
        assert in_language(template, wanted, fallback)[0] == found
