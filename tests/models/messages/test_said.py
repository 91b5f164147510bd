"""Sentences that remember how they were made, on both sides of a wire."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from models.messages.cases import ProblemType, Refusal
from models.messages.said import (
    Listed,
    Said,
    how,
    joined,
    of_error,
    of_field,
    said,
    said_again,
    whole,
    without_field,
    word,
    words,
)
from models.messages.telling import told_again, with_hows

CLOSED = said("case {number!r} is {status}, {count:,} times", number="CAS-1", status=word("closed"), count=5_000)


def test_a_sentence_is_the_finished_english_and_knows_its_template_and_values() -> None:
    assert CLOSED == "case 'CAS-1' is closed, 5,000 times"
    assert type(str(CLOSED)) is str
    assert CLOSED.template == "case {number!r} is {status}, {count:,} times"
    assert CLOSED.values["count"] == 5_000
    assert isinstance(CLOSED.values["status"], Said)


def test_without_values_a_sentence_is_taken_as_it_stands() -> None:
    assert said("a text that begins with '{{' is put into quotes") == "a text that begins with '{{' is put into quotes"
    assert word("{x}") == "{x}"


def test_what_people_wrote_is_never_filled_in() -> None:
    assert said("there is no {key!r}", key="{0.__class__}") == "there is no '{0.__class__}'"


@pytest.mark.parametrize(
    "sentence",
    [CLOSED, said("always"), joined(["a", CLOSED, 3], " or "), whole(CLOSED), of_field("title", said("is blank"))],
)
def test_how_a_sentence_was_made_survives_json_pickle_and_copies(sentence: Said) -> None:
    for again in (
        said_again(str(sentence), json.loads(json.dumps(how(sentence)))),
        pickle.loads(pickle.dumps(sentence)),  # noqa: S301 - our own
        copy.deepcopy(sentence),
    ):
        assert again == sentence
        assert type(again) is type(sentence)
        assert isinstance(again, Said)
        assert (again.template, dict(again.values)) == (sentence.template, dict(sentence.values))


@pytest.mark.parametrize("kept", [None, {}, {"template": 1, "values": {}}, {"glue": ", "}, "x", ["template"]])
def test_what_cannot_be_read_leaves_the_english_sentence(kept: object) -> None:
    again = said_again("The case is closed.", kept)
    assert again == "The case is closed."
    assert not isinstance(again, Said)


def test_several_things_stand_in_a_row() -> None:
    assert joined(["a", "b", "c"]) == "a, b, c"
    assert words(["agent", "manager"], " or ") == "agent or manager"
    assert isinstance(joined([]), Listed)
    assert joined([]) == ""


def test_a_rule_is_taken_from_behind_its_field() -> None:
    rule = said("is blank")
    assert of_field("title", rule) == "title: is blank"
    assert of_field("", rule) is rule
    assert without_field(of_field("data.title", rule), "data.title") is rule
    assert without_field("title: is blank", "title") == "is blank"
    assert without_field("The case is closed.", "title") == "The case is closed."


def test_an_error_says_what_it_was_made_with() -> None:
    assert of_error(ValueError(CLOSED)) is CLOSED
    assert of_error(OSError(2, "no such file")) == "[Errno 2] no such file"


def test_a_refusal_takes_its_sentence_along_and_reads_one_that_never_had_any() -> None:
    refusal = Refusal(type=ProblemType.INVALID, detail=of_field("title", CLOSED), field="title")
    again = Refusal.model_validate_json(refusal.model_dump_json())
    assert again == refusal
    assert isinstance(again.detail, Said)
    assert again.detail.values == refusal.detail.values  # type: ignore[attr-defined]
    assert again.about("data.title", CLOSED).detail == f"data.title: {CLOSED}"
    old = Refusal.model_validate({"type": "case-not-active", "detail": "The case is resolved."})
    assert old.detail == "The case is resolved."
    assert not isinstance(old.detail, Said)


def test_what_is_kept_as_json_has_its_hows_beside_it_only_if_there_are_any() -> None:
    assert with_hows({"rule": "Gold", "n": 1}) == {"rule": "Gold", "n": 1}
    kept = json.loads(json.dumps(with_hows({"why": CLOSED, "rule": "Gold"})))
    assert kept["why"] == str(CLOSED)
    told = told_again(kept)
    assert told == {"why": str(CLOSED), "rule": "Gold"}
    assert isinstance(told["why"], Said)
