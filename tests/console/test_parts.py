"""Parts of the pages by themselves: marks of forms, links, limits, looks and settings."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from console.case_pages.asking import given as asked_for
from console.faults import faults_of
from console.forms import LASTS, Forms
from console.rendering import HEADERS, brand_style
from console.staff import Posted
from console.throttling import MOST_KNOWN, Throttle
from letters.links import LinkKind, LinkSigner, address_of, read_token
from models.messages.api_activities import CloseActivityBody
from models.messages.organisation import OrganisationSettings
from models.messages.pages import PublicPages
from models.messages.surveys import AnswerRule, SurveyDefinition
from policies.surveys import asked_too_lately, is_sampled, met, survey_for

NOW = datetime(2031, 3, 27, 9, 0, tzinfo=UTC)
KEYS = {"k1": b"1" * 32, "k2": b"2" * 32}
SIGNER = LinkSigner("k2", KEYS)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 20).decode()


def request(**headers: str) -> Request:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": given})


def test_a_mark_is_of_one_page_for_a_day_and_from_our_own_site() -> None:
    forms = Forms(SIGNER)
    mark = forms.mark("survey/a", NOW)
    read = forms.read(request(), "survey/a", mark, NOW + timedelta(hours=1))
    assert (read.fresh, read.key) == (True, mark.split(".")[0])
    assert forms.read(request(sec_fetch_site="same-origin"), "survey/a", mark, NOW).fresh
    assert not forms.read(request(sec_fetch_site="cross-site"), "survey/a", mark, NOW).fresh
    assert not forms.read(request(sec_fetch_site="same-site"), "survey/a", mark, NOW).fresh
    assert not forms.read(request(), "survey/b", mark, NOW).fresh
    assert not forms.read(request(), "survey/a", mark, NOW + LASTS + timedelta(seconds=1)).fresh
    assert not forms.read(request(), "survey/a", mark, NOW - timedelta(hours=1)).fresh
    for wrong in ("", None, 7, "a.1.b", mark[:-1], mark + "a", f"{mark}\0"):
        assert not forms.read(request(), "survey/a", wrong, NOW).fresh
    older = Forms(LinkSigner("k1", KEYS)).mark("survey/a", NOW)
    assert forms.read(request(), "survey/a", older, NOW).fresh, "a key that was changed meanwhile"
    assert not forms.read(
        request(), "survey/a", Forms(LinkSigner("x", {"x": b"3" * 32})).mark("survey/a", NOW), NOW
    ).fresh


def test_a_token_opens_one_thing_of_one_case() -> None:
    id, case, other = uuid4(), uuid4(), uuid4()
    token = read_token(SIGNER.token(LinkKind.CASE, id, case))
    assert token is not None
    assert token.id == id
    assert SIGNER.holds(LinkKind.CASE, token, case)
    assert not SIGNER.holds(LinkKind.SURVEY, token, case)
    assert not SIGNER.holds(LinkKind.CASE, token, other)
    assert not SIGNER.holds(LinkKind.CASE, token._replace(id=other), case)
    assert not SIGNER.holds(LinkKind.CASE, token._replace(key="k1"), case)
    assert not SIGNER.holds(LinkKind.CASE, token._replace(key="k9"), case)
    old = read_token(LinkSigner("k1", KEYS).token(LinkKind.CASE, id, case).upper())
    assert old is not None
    assert SIGNER.holds(LinkKind.CASE, old, case), "an older key, and a program that raised the letters"
    for wrong in ("", "x", id.hex, f"{id.hex}.k1", f"{id.hex}.k1.{'a' * 31}", f"{id.hex}.k1.{'a' * 33}", "a" * 10_000):
        assert read_token(wrong) is None


def test_only_bare_addresses_of_ours_are_signed() -> None:
    base, id, case = "https://help.example", uuid4(), uuid4()
    bare = address_of(base, LinkKind.CASE, id)
    token = SIGNER.token(LinkKind.CASE, id, case)
    assert SIGNER.signed(f"See {bare}.", base, case) == f"See {bare}.", "a dot behind it may be part of a signature"
    assert SIGNER.signed(f"See {bare} now", base, case) == f"See {base}/my/{token} now"
    assert SIGNER.signed(f'<a href="{bare}">', base, case) == f'<a href="{base}/my/{token}">'
    for text in (f"https://evil.example/my/{id.hex}", f"{base}/other/{id.hex}", f"{bare}a", f"{base}/my/{id}"):
        assert SIGNER.signed(text, base, case) == text
    assert SIGNER.signed(f"{base}/my/{token}", base, case) == f"{base}/my/{token}"


def test_a_whole_number_that_is_too_small_is_told_the_least_and_what_is_none_that_it_is_none() -> None:
    for typed, told in (("-5", "Please give at least 0."), ("1.5", "Please give a whole number.")):
        raw = asked_for(Posted(FormData({"duration_minutes": typed}), "key"), numbers=("duration_minutes",))
        with pytest.raises(ValidationError) as caught:
            CloseActivityBody.model_validate(raw)
        (fault,) = faults_of(caught.value)
        assert fault.words % fault.values == told


def test_who_asks_too_often_waits_and_nobody_else_does() -> None:
    clock = [0.0]
    throttle = Throttle(3, 60, clock=lambda: clock[0])
    assert [throttle.takes("a") for _ in range(5)] == [True, True, True, False, False]
    assert throttle.takes("b")
    clock[0] = 20
    assert [throttle.takes("a") for _ in range(2)] == [True, False]
    for number in range(MOST_KNOWN + 5):
        throttle.takes(str(number))
    assert len(throttle._left) == MOST_KNOWN


@pytest.mark.parametrize(
    ("colour", "writing"),
    [("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#ffd700", "#000000"), ("#1d4ed8", "#ffffff")],
)
def test_writing_on_the_organisations_colour_can_be_read(colour: str, writing: str) -> None:
    pages = PublicPages(address="https://help.example", colour=colour)
    assert f"--on-brand: {writing}" in brand_style(OrganisationSettings(pages=pages))
    assert brand_style(OrganisationSettings()) == ""


def test_the_headers_leave_no_way_for_a_foreign_script() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"address": "help.example"}, "must be an address"),
        ({"address": "javascript:alert(1)"}, "must be an address"),
        ({"address": "https://help.example/?x=1"}, "must be an address"),
        ({"help": True}, "need the 'address'"),
        ({"customer_view": True}, "need the 'address'"),
        ({"logo": "PHN2Zz4="}, "no PNG, JPEG or WebP"),
        ({"logo": "%%%"}, "not base64"),
        ({"logo": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 65_536).decode()}, "at most 65536"),
        ({"colour": "red"}, "should match pattern"),
    ],
)
def test_settings_of_pages_that_could_not_be_are_refused(given: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        PublicPages.model_validate(given)
    assert PublicPages(address="https://help.example/de/", logo=PNG).address == "https://help.example/de"


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"rules": [{"at_most": 6, "reopen": True}]}, "scores of csat are 1 to 5"),
        ({"kind": "ces", "rules": [{"at_most": 0, "reopen": True}]}, "scores of ces are 1 to 7"),
        ({"rules": [{"at_most": 2}]}, "says what follows"),
        ({"rules": [{"at_most": 2, "reopen": True, "template": "t"}]}, "of the notice"),
        ({"delay": "2 business hours"}, "no business time"),
        ({"delay": "91 days"}, "at most 90 days"),
        ({"sample_percent": 0}, "greater than or equal to 1"),
        ({"rules": [{"at_most": 2, "notify": "nobody"}]}, "nobody to tell"),
        ({"rules": [{"at_most": 2, "notify": "customer"}]}, "people of the house"),
        ({"question": {"en": "two\nlines"}}, "match pattern"),
    ],
)
def test_surveys_that_could_not_be_are_refused(given: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        SurveyDefinition.model_validate({"slug": "a", "name": "A", **given})


def test_who_is_asked_and_what_follows_is_decided_by_the_survey_alone() -> None:
    high = {"all": [{"field": "case.priority", "value": "high"}]}
    first = SurveyDefinition.model_validate({"slug": "b", "name": "B"})
    special = SurveyDefinition.model_validate({"slug": "a", "name": "A", "when": high})
    assert survey_for((first, special), {"case.priority": "high"}) == special
    assert survey_for((first, special), {"case.priority": "low"}) == first
    assert survey_for((special,), {"case.priority": "low"}) is None
    third = SurveyDefinition(slug="c", name="C", sample_percent=33)
    drawn = sum(is_sampled(third, uuid4()) for _ in range(3_000))
    assert 800 < drawn < 1_200
    assert is_sampled(first, uuid4())
    day = timedelta(days=1)
    assert asked_too_lately(first, NOW, NOW - 29 * day)
    assert not asked_too_lately(first, NOW, NOW - 30 * day)
    assert not asked_too_lately(first, NOW, None)
    assert asked_too_lately(first, NOW, NOW + day), "another one waits to be asked"
    rules = (AnswerRule(at_most=2, reopen=True), AnswerRule(at_most=4, notify="owner"))
    both = SurveyDefinition(slug="d", name="D", rules=rules)
    assert [[place for place, _ in met(both, score)] for score in (1, 2, 3, 5)] == [[0, 1], [0, 1], [1], []]
