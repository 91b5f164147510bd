"""What is said of a word that no list has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from models.messages.base import quoted
from models.messages.said import joined, said


def unknown_word(word: object, words: Sequence[str]) -> str:
    """`unknown 'urgent'; one of: low, normal, high; did you mean 'high'?`"""
    return said(
        "unknown {word}; one of: {words}{meant}",
        word=quoted(word),
        words=joined(words),
        meant=did_you_mean(str(word), words),
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'email'?`, or nothing where no known word is like it."""
    by_small = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), by_small, n=1, cutoff=0.6)
    return said("; did you mean {close!r}?", close=by_small[close[0]]) if close else ""
