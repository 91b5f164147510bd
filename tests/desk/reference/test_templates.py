"""Templates that would fail or run away are refused when they are written."""

from __future__ import annotations

import pytest

from desk.errors import Invalid
from desk.reference.templates import check_template, template_faults
from models.messages.templates import MailTemplate


def template(body: str) -> MailTemplate:
    return MailTemplate.model_validate({"slug": "t", "name": "T", "texts": {"en": {"subject": "s", "body": body}}})


@pytest.mark.parametrize(
    "body",
    [
        "Dear {{ contact.name }}, {{ case.title | truncate(20) | upper }}",
        "{% if queue.name == 'Gold' and not mail.subject %}you{% else %}{{ organisation.name }}{% endif %}",
        "no placeholder, 100 % plain",
    ],
)
def test_placeholders_and_conditions(body: str) -> None:
    check_template(template(body))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("a\n{{ case.number", r"texts.en.body: line 2: .*; a placeholder is written as \{\{ case.number \}\}"),
        ("{{ case.numbr }}", "texts.en.body: .*numbr.*; known: case.number"),
        ("{{ shoe.size }}", "'shoe.size' is not known; known: case.number"),
        ("{{ owner.nam }} {{ case.number }}", "'owner.nam' is not known; known: owner.name$"),
        ("{{ shoe }}", "'shoe' is not known"),
        ("{{ case['number'] }}", "getitem is not allowed"),
        ("{% for i in case %}x{% endfor %}", "line 1: for is not allowed"),
        ("{{ 'a' * 1000000000 }}", "mul is not allowed"),
        ("{{ case.title.format('x') }}", "call is not allowed"),
        ("{{ case.title | center(1000000000) }}", "the filter 'center' is not allowed"),
        ("{% include 'x' %}", "include is not allowed"),
        ("{{ case.title | truncate('x') }}", "texts.en.body: "),
        ("{{ case.title | truncate(0) }}", "texts.en.body: expected length"),
        ("{{ " + "not " * 4000 + "case }}", "texts.en.body: is nested deeper than 50 levels"),
        ("{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}", "nested deeper"),
        ("{{ case" + ".title" * 60 + " }}", "nested deeper"),
        ("{% if true %}" * 500 + "{% endif %}" * 500, "nested deeper"),
    ],
)
def test_anything_else_is_refused(body: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        check_template(template(body))


def test_every_name_that_nothing_has_is_told() -> None:
    faults = [
        str(wrong.rule)
        for wrong in template_faults(template("{{ customer }} {{ owner.nam }} {{ ticket.id }} {{ owner.nam }}"))
    ]
    assert [rule.partition(" is not known")[0] for rule in faults] == ["'owner.nam'", "'ticket.id'", "'customer'"]


def test_a_name_is_told_also_where_no_letter_would_come_to_it() -> None:
    with pytest.raises(Invalid, match=r"'owner\.nam' is not known"):
        check_template(template("{% if case.title == 'never' %}{{ owner.nam }}{% endif %}"))


def test_the_html_form_is_checked_too() -> None:
    texts = {"en": {"subject": "s", "body": "b", "html": "<p>{{ contact.name }}</p>"}}
    check_template(MailTemplate.model_validate({"slug": "t", "name": "T", "texts": texts}))
    texts["en"]["html"] = "<p>{{ contact.secret }}</p>"
    with pytest.raises(Invalid, match=r"texts\.en\.html: .*secret"):
        check_template(MailTemplate.model_validate({"slug": "t", "name": "T", "texts": texts}))
