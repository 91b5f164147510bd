"""The passage of a stored text that a search found, with the words that matched told apart from the rest: never HTML."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from storage.fulltext.asking import Asked, wanted_forms
from storage.fulltext.entries import LONGEST_TEXT
from storage.fulltext.languages import GERMAN_AND_ENGLISH
from storage.fulltext.words import Word, forms, words_of

BEFORE, AROUND = 60, 240
"""Signs before the first word that matched, and of the whole passage."""
LEFT_OUT = "…"


class Piece(NamedTuple):
    text: str
    hit: bool


def snippet(text: str, asked: Asked) -> list[Piece]:
    """The first passage with a word that was asked for, or the text's beginning. Lines are joined."""
    text = text[:LONGEST_TEXT]
    whole, beginnings = wanted_forms(asked)

    def matches(word: Word) -> bool:
        # In any language: which one the text is in, is not worth finding out anew for what is only marked.
        return any(form in whole or form.startswith(beginnings) for form in forms(word.written, GERMAN_AND_ENGLISH))

    words = words_of(text)
    first = next((word for word in words if matches(word)), None)
    start = 0 if first is None else _start(text, first.start)
    end = _end(text, max(start + AROUND, first.end if first else 0))
    hits = [] if first is None else [first, *filter(matches, takewhile(lambda word: word.end <= end, words))]
    pieces = [Piece(LEFT_OUT, False)] if start else []
    at = start
    for word in hits:
        pieces += [Piece(text[at : word.start], False), Piece(text[word.start : word.end], True)]
        at = word.end
    pieces += [Piece(text[at:end], False), Piece(LEFT_OUT if end < len(text) else "", False)]
    return _tidied(pieces)


def _start(text: str, place: int) -> int:
    """Where a word begins, a little before this place."""
    early = max(0, place - BEFORE)
    blank = text.find(" ", early, place)
    return early if early == 0 or blank < 0 else blank + 1


def _end(text: str, place: int) -> int:
    blank = text.rfind(" ", place - BEFORE, place)
    return len(text) if place >= len(text) else place if blank < 0 else blank


def _tidied(pieces: list[Piece]) -> list[Piece]:
    """Without line breaks and empty pieces; neighbours of one kind are one."""
    found: list[Piece] = []
    for piece in pieces:
        blank = " " if piece.text[:1].isspace() else "", " " if piece.text[-1:].isspace() else ""
        text = f"{blank[0]}{' '.join(piece.text.split())}{blank[1]}" if piece.text.strip() else piece.text and " "
        if found and found[-1].hit == piece.hit:
            found[-1] = Piece(found[-1].text + text, piece.hit)
        elif text:
            found.append(Piece(text, piece.hit))
    return [piece for piece in found if piece.text]
