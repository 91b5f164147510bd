"""What a person types, as each database is asked for it: all of the words, each in any of its forms.

A word finds its own forms by its stem, and what begins with it: compounds, and a word that is still being typed. No text is
refused and none means anything but its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from models.messages.api_search import SearchKind
from models.messages.said import said
from storage.fulltext.languages import GERMAN_AND_ENGLISH, TELLS_NOTHING, Language
from storage.fulltext.words import LONGEST_WORD, parts_of, plain, spoken, stem, stretches, words_of

LONGEST_QUERY = 400
NO_WORDS = said("words to look for: letters or digits")
"""What a search that is asked for nothing wants: every search refuses that alike."""
MOST_WORDS = 20
SHORTEST_BEGINNING = 4
"""Letters of a word that others may begin with; of the last one, which may be unfinished, a letter less."""
SHORTEST_STEM = 5
"""Letters of a German stem that a compound may begin with."""
CASE_NUMBER = re.compile(r"[a-z]{1,8}-0[0-9]{4,}(-[a-z0-9]{6})?", re.ASCII | re.IGNORECASE)
"""A case's number as it is shown, filled up with zeros. Without them what is left of it is a small number, which many titles
have: by its parts, case 1 would be found behind each case that speaks of a 1."""


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
    words = [word.written for word in words_of(_asked_for(typed))][:MOST_WORDS]
    kept = [word for word in words if word.lower() not in TELLS_NOTHING] or words
    found = [_of_word(word, last=place == len(kept) - 1) for place, word in enumerate(kept)]
    return AllOf(tuple(found)) if found else None


def _asked_for(typed: str) -> str:
    return re.sub("[\x00\ud800-\udfff]", " ", typed[:LONGEST_QUERY])


def telling(text: str, most: int) -> dict[str, Asked]:
    """The words that tell most of a text, each as it is written there with what it is asked for: the longest, without those
    that every text has."""
    words = dict.fromkeys(
        word.written for word in words_of(_asked_for(text)) if word.written.lower() not in TELLS_NOTHING
    )
    chosen = sorted(words, key=len, reverse=True)[:most]
    return {word: _of_word(word, last=False) for word in words if word in chosen}


def at_least(parts: Sequence[Asked], count: int) -> Asked:
    """So many of them, whichever."""
    if count >= len(parts):
        return AllOf(tuple(parts))
    if count <= 1:
        return AnyOf(tuple(parts))
    first, *others = parts
    return AnyOf((AllOf((first, at_least(others, count - 1))), at_least(others, count)))


def word_of_kind(kind: SearchKind) -> str:
    """A word that every entry of a kind has, so that the index of words tells kinds apart. No text has such a word."""
    return f"§{kind.value}"


def of_kinds(question: Asked, kinds: Iterable[SearchKind]) -> Asked:
    """The same, of entries of these kinds alone."""
    return AllOf((AnyOf(tuple(Form(word_of_kind(kind)) for kind in kinds)), question))


def only_articles(question: Asked) -> bool:
    """Whether `of_kinds` made it a question about published articles, and nothing else."""
    match question:
        case AllOf((AnyOf((Form(word),)), _)):
            return word == word_of_kind(SearchKind.ARTICLE)
        case _:
            return False


def _of_word(word: str, *, last: bool) -> Asked:
    """A word, or several that a hyphen or an apostrophe joins: also written as one; the number of a case as one alone."""
    *first, end = parts_of(word)
    apart = AllOf((*(one for part in first for one in _of_part(part, last=False)), *_of_part(end, last=last)))
    joined = "".join((*first, end))
    if not first or any(unspaced for _, unspaced in stretches(joined)):
        return apart
    if CASE_NUMBER.fullmatch(word):
        return AllOf(tuple(_of_part(joined, last=last)))
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


def holds(asked: Asked, words: frozenset[str]) -> bool:
    """Whether all that is asked for is among the words of an entry."""
    match asked:
        case Form(text, begins):
            return text in words or (begins and any(word.startswith(text) for word in words))
        case AnyOf(ways):
            return any(holds(way, words) for way in ways)
        case AllOf(parts):
            return all(holds(part, words) for part in parts)
