"""What a person types, as each database is asked for it: all of the words, each in any of its forms.

A word finds its own forms by its stem, and what begins with it: compounds, and a word that is still being typed. No text is
refused and none means anything but its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from storage.fulltext.languages import GERMAN_AND_ENGLISH, TELLS_NOTHING, Language
from storage.fulltext.words import LONGEST_WORD, parts_of, plain, spoken, stem, stretches, words_of

LONGEST_QUERY = 200
MOST_WORDS = 20
SHORTEST_BEGINNING = 4
"""Letters of a word that others may begin with; of the last one, which may be unfinished, a letter less."""
SHORTEST_STEM = 5
"""Letters of a German stem that a compound may begin with."""


@dataclass(frozen=True, slots=True)
class Form:
    """A word as it is indexed, or what one begins with."""

    text: str
    begins: bool = False


@dataclass(frozen=True, slots=True)
class AnyOf:
    ways: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Asked, ...]


Asked: TypeAlias = "Form | AnyOf | AllOf"


def asked(typed: str) -> Asked | None:
    """What is asked for; None: no words were typed."""
    words = [word.written for word in words_of(re.sub("[\x00\ud800-\udfff]", " ", typed)[:LONGEST_QUERY])][:MOST_WORDS]
    telling = [word for word in words if word.lower() not in TELLS_NOTHING] or words
    found = [_of_word(word, last=place == len(telling) - 1) for place, word in enumerate(telling)]
    return AllOf(tuple(found)) if found else None


def _of_word(word: str, *, last: bool) -> Asked:
    """A word, or several that a hyphen or an apostrophe joins: also written as one."""
    *first, end = parts_of(word)
    apart = AllOf((*(one for part in first for one in _of_part(part, last=False)), *_of_part(end, last=last)))
    joined = "".join((*first, end))
    if not first or any(unspaced for _, unspaced in stretches(joined)):
        return apart
    return AnyOf((apart, *_of_part(joined, last=last)))


def _of_part(part: str, *, last: bool) -> list[Asked]:
    found: list[Asked] = []
    for run, unspaced in stretches(part):
        signs = plain(run)
        if not unspaced:
            found.append(_of_run(run, signs[:LONGEST_WORD], last=last))
        elif len(signs) == 1:
            found.append(Form(signs, begins=True))
        else:
            found += [Form(signs[place : place + 2]) for place in range(len(signs) - 1)]
    return found


def _of_run(run: str, form: str, *, last: bool) -> Asked:
    if form.isdigit():
        return AnyOf(tuple(Form(each) for each in dict.fromkeys((form, form.lstrip("0"))) if each))
    ways = {form: len(form) >= SHORTEST_BEGINNING - last}
    if not any(map(str.isdigit, form)):
        for language in spoken(run, GERMAN_AND_ENGLISH):
            other = stem(run, language)
            compounds = language is Language.GERMAN and len(other) >= SHORTEST_STEM
            ways[other] = ways.get(other, False) or compounds
    return AnyOf(tuple(Form(text, begins) for text, begins in ways.items() if text))


# ---- for each database -----------------------------------------------------------------------------------------------


def for_fts5(asked: Asked) -> str:
    """An expression for MATCH. Every form is one token of letters, digits and signs beyond ASCII."""
    match asked:
        case Form(text, begins):
            return f'"{text}"*' if begins else f'"{text}"'
        case AnyOf(ways):
            return f"({' OR '.join(map(for_fts5, ways))})"
        case AllOf(parts):
            return f"({' AND '.join(map(for_fts5, parts))})"


def for_tsquery(asked: Asked) -> str:
    """A tsquery in its own text form."""
    match asked:
        case Form(text, begins):
            return f"'{text}':*" if begins else f"'{text}'"
        case AnyOf(ways):
            return f"({' | '.join(map(for_tsquery, ways))})"
        case AllOf(parts):
            return f"({' & '.join(map(for_tsquery, parts))})"


def wanted_forms(asked: Asked) -> tuple[frozenset[str], tuple[str, ...]]:
    """The forms that match whole, and what others begin with: for the places to mark."""
    match asked:
        case Form(text, begins):
            return (frozenset((text,)), (text,) if begins else ())
        case AnyOf(ways) | AllOf(ways):
            each = [wanted_forms(way) for way in ways]
            return frozenset().union(*(whole for whole, _ in each)), tuple(text for _, texts in each for text in texts)
