"""The keys of the console: the usual ones, and those that somebody has chosen."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from desk.preferences import Preferences
from desk.shortcuts import USUAL, Shortcut, clashes_of, is_key, keys_of

S = Shortcut


def test_every_shortcut_has_a_usual_key_of_its_own() -> None:
    assert list(USUAL) == list(Shortcut)
    assert all(map(is_key, USUAL.values()))
    assert clashes_of(USUAL) == {}


@pytest.mark.parametrize("typed", ["ö", "ж", "+", "#", "1", "\N{GRINNING FACE}", "R"])
def test_whatever_one_character_a_keyboard_types_can_be_a_key(typed: str) -> None:
    assert is_key(typed)


@pytest.mark.parametrize("typed", ["", " ", "\t", "\N{NO-BREAK SPACE}", "ab", "\x00", "\u0130"])
def test_nothing_else_can(typed: str) -> None:
    assert not is_key(typed)


def test_two_keys_that_are_the_same_are_named_both_and_a_second_key_may_be_another_first_one() -> None:
    assert clashes_of(keys_of({S.REPLY: "n"})) == {S.REPLY: S.NEXT_STAGE, S.NEXT_STAGE: S.REPLY}
    assert clashes_of(keys_of({S.REPLY: "n", S.NEXT_STAGE: "r"})) == {}
    assert clashes_of(keys_of({S.MINE_PAGE: "r"})) == {}
    assert clashes_of(keys_of({S.MINE_PAGE: "q"})) == {S.QUEUES_PAGE: S.MINE_PAGE, S.MINE_PAGE: S.QUEUES_PAGE}


def test_only_what_is_not_usual_is_kept_and_nothing_faulty() -> None:
    assert Preferences(own_keys={S.REPLY: "Y", S.NOTE: "C"}).own_keys == {S.REPLY: "y"}
    for wrong in ({"reply": "n"}, {"reply": "no"}, {"reply": " "}, {"sing": "l"}):
        with pytest.raises(ValidationError, match="own_keys"):
            Preferences.model_validate({"own_keys": wrong})
