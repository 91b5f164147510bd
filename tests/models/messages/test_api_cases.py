"""Bodies: what they refuse, and that a stored one means the same when it is read back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from models.messages.api_cases import (
    BODIES,
    ActivityBody,
    AssignBody,
    ChangeBody,
    FirstResponseBody,
    NewCaseBody,
    NoteBody,
    ReplyBody,
    ResolveBody,
    StageBody,
    stored,
)
from models.messages.base import Message
from models.messages.cases import HOUSE_VERBS


@pytest.mark.parametrize(
    ("model", "body", "named"),
    [
        (NewCaseBody, {"title": "a\r\nBcc: x@y.z", "customer": "a"}, "title"),
        (NewCaseBody, {"title": "a" * 301, "customer": "a"}, "title"),
        (NewCaseBody, {"title": " ", "customer": "a"}, "title"),
        (NewCaseBody, {"title": "a", "customer": "Not A Slug"}, "customer"),
        (NewCaseBody, {"title": "a", "customer": "a", "custom": {"UP": 1}}, "custom"),
        (NewCaseBody, {"title": "a", "customer": "a", "status": "resolved"}, "status"),
        (ChangeBody, {}, "names no field"),
        (ChangeBody, {"title": None}, "title"),
        (ChangeBody, {"customer": None}, "cannot be cleared"),
        (ChangeBody, {"escalated": None}, "cannot be cleared"),
        (ChangeBody, {"custom": {"x": "y" * 4001}}, "custom"),
        (ChangeBody, {"custom": {"x": "a\x00b"}}, "NUL"),
        (ChangeBody, {"custom": {"x": "1" * 30, "y": 10**30}}, "custom"),
        (NoteBody, {"text": "a\x00b"}, "NUL"),
        (NoteBody, {"text": ""}, "text"),
        (ReplyBody, {"text": "  \n"}, "blank"),
        (ReplyBody, {"text": "a", "to": []}, "to"),
        (ReplyBody, {"text": "a", "to": ["a@b.c, d@e.f"]}, "to"),
        (ReplyBody, {"text": "a", "cc": ["a@b.c\r\nBcc: d@e.f"]}, "cc"),
        (ResolveBody, {"resolution": ""}, "resolution"),
        (ResolveBody, {"resolution": "a" * 10_001}, "resolution"),
        (ResolveBody, {"resolution": "a", "billable_minutes": -1}, "billable_minutes"),
        (ActivityBody, {"title": "a", "due": "2031-03-03T09:00:00"}, "due"),
        (AssignBody, {}, "exactly one"),
        (AssignBody, {"agent": "a", "team": "b"}, "exactly one"),
        (StageBody, {"data": {"__class__.x": 1}}, "data"),
    ],
)
def test_what_a_body_refuses_is_named(model: type[Message], body: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        model.model_validate(body)


BLANK = {
    "spaces": " \n\t",
    "no-break space": "\u00a0\u202f\u2007",
    "em and ideographic": "\u2003\u3000\u205f",
    "zero width": "\u200b\u200c\u200d\ufeff\u2060",
    "directions": "\u200e\u202e\u2066\u2069",
    "combining alone": "\u0301\u0308",
    "variation selector": "\ufe0f",
    "soft hyphen": "\u00ad",
    "fillers": "\u3164\u115f\u2800\uffa0",
    "line and paragraph": "\u2028\u2029",
    "tags": "\U000e0061\U000e007f",
    "mixed": " \u200b\u00a0\u0301\n",
}


@pytest.mark.parametrize("words", BLANK.values(), ids=BLANK)
@pytest.mark.parametrize(
    ("model", "field", "others"),
    [
        (NoteBody, "text", {}),
        (ReplyBody, "text", {}),
        (ResolveBody, "resolution", {}),
        (FirstResponseBody, "reason", {}),
        (ActivityBody, "title", {}),
        (ActivityBody, "description", {"title": "Call"}),
        (ChangeBody, "title", {}),
        (NewCaseBody, "title", {"customer": "a"}),
        (NewCaseBody, "description", {"customer": "a", "title": "a"}),
    ],
)
def test_what_nobody_can_see_is_blank(model: type[Message], field: str, others: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({**others, field: words})
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


@pytest.mark.parametrize("words", [".", "0", "ok\u200b", "e\u0301", "\U0001fae8", "\u0e01", "\ue000", "\u00a0x"])
def test_what_can_be_seen_is_not(words: str) -> None:
    assert NoteBody(text=words).text == words


@pytest.mark.parametrize("line", ["\n", "\r", "\v", "\f", "\x1c", "\x1e", "\x85", "\u2028", "\u2029"])
def test_a_title_has_one_line_whatever_ends_it(line: str) -> None:
    for model, others in ((ChangeBody, {}), (NewCaseBody, {"customer": "a"}), (ActivityBody, {})):
        with pytest.raises(ValidationError, match="title"):
            model.model_validate({**others, "title": f"two{line}lines"})


def test_null_and_absent_are_two_things_when_stored() -> None:
    body = ChangeBody.model_validate({"severity": None, "priority": "high"})
    kept = stored(body)
    assert kept == {"severity": None, "priority": "high"}
    assert ChangeBody.model_validate(kept).model_fields_set == {"severity", "priority"}


def test_a_stored_value_keeps_its_kind() -> None:
    given = {"custom.a": 1.5, "custom.b": "1.5", "custom.c": 2, "custom.d": True, "custom.e": None}
    body = StageBody.model_validate({"data": given})
    again = StageBody.model_validate(stored(body))
    assert again.data == body.data
    assert [type(value) for value in again.data.values()] == [Decimal, str, int, bool, type(None)]


ASKED = [body for kind, body in BODIES.items() if kind not in HOUSE_VERBS]


@pytest.mark.parametrize("model", [*ASKED, NewCaseBody, AssignBody], ids=lambda model: model.__name__)
def test_every_example_is_valid_and_survives_its_row(model: type[Message]) -> None:
    for example in model.model_json_schema()["examples"]:
        body = model.model_validate(example)
        assert model.model_validate(stored(body)) == body
