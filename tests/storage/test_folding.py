"""What is searched for and what is found are folded alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.folding import folded


@given(st.text(st.characters(codec="utf-8", max_codepoint=0x24FF, exclude_characters="\0"), max_size=40))
def test_folding_twice_changes_nothing(given: str) -> None:
    assert folded(folded(given)) == folded(given)
