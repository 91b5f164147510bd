"""A text's words, in the forms by which they are found: without capitals and accents, and by their stems.

Both databases get what stands here, word by word, and split, fold and stem nothing themselves. A word is indexed as it is
written and by its stem (Snowball's), so that "Rechnungen" finds "Rechnung"; a compound of a hyphen or an apostrophe by its
parts and as one, so that "E-Mail" finds "Email"; a number also without the zeros that it begins with. Writing that puts no
spaces between words is cut into overlapping pairs of signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import Stemmer

from storage.folding import folded
from storage.fulltext.languages import GERMAN_AND_ENGLISH, STOP_WORDS, Language

LONGEST_WORD = 60
"""Signs of a word that count: no index needs more, and what is longer is a key or an encoded file."""

# What belongs to the letter before it, and what no one sees. `\w` knows neither.
_BELONGS = "".join(
    re.escape(chr(code))
    for first, last in ((0x0300, 0x1E00), (0x20D0, 0x2100), (0x3099, 0x309B), (0xA800, 0xAC00))
    for code in range(first, last)
    if unicodedata.category(chr(code))[0] == "M"
)
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_LETTER = rf"[^\W_{_BELONGS}]"
_RUN = rf"{_LETTER}(?:{_LETTER}|[{_BELONGS}{_UNSEEN}])*"
_JOINTS = "'’\\-‐‑"  # noqa: RUF001 - the apostrophe and the hyphens that are meant
_WORD = re.compile(rf"{_RUN}(?:[{_JOINTS}]{_RUN})*")
_PART = re.compile(_RUN)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese."""

_MORE_ALIKE = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t"}  # noqa: RUF001
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه"}  # noqa: RUF001
)
"""Letters that are no letter with an accent to Unicode, and are to whoever has no key for them."""
_NO_SIGNS = dict.fromkeys(code for code in range(0x80) if not chr(code).isalnum())
"""What taking a sign apart may bring in, such as the brackets of ⑴: to SQLite a word ends at ASCII's signs."""
_POINTS = dict.fromkeys((*range(0x0591, 0x05C8), 0x0640, *range(0x064B, 0x0660), 0x0670, *map(ord, _UNSEEN)))
"""The points of Hebrew and Arabic, which are mostly left away, and what no one sees."""

_STEMMERS = {language: Stemmer.Stemmer(language.value, 0) for language in Language}
_CYRILLIC, _GREEK = re.compile("[\u0400-\u052f]"), re.compile("[\u0370-\u03ff\u1f00-\u1fff]")


class Word(NamedTuple):
    """A word of a text, and where it stands there."""

    start: int
    end: int
    written: str


def words_of(text: str) -> Iterator[Word]:
    """The words of a text, as they are written there."""
    for found in _WORD.finditer(text):
        yield Word(found.start(), found.end(), found[0])


def language_of(text: str) -> tuple[Language, ...]:
    """German or English, whichever has more of its short words in it; both, if nothing speaks for one of them."""
    counts = dict.fromkeys(GERMAN_AND_ENGLISH, 0)
    for word in words_of(text[:4000]):
        small = word.written.lower()
        for language in counts:
            counts[language] += small in STOP_WORDS[language]
    most = max(counts.values())
    leading = tuple(language for language, count in counts.items() if count == most)
    return leading if most else GERMAN_AND_ENGLISH


def plain(written: str) -> str:
    """One part of a word without capitals and accents."""
    return folded(written).translate(_MORE_ALIKE).translate(_POINTS).translate(_NO_SIGNS)


def forms(written: str, languages: tuple[Language, ...]) -> tuple[str, ...]:
    """What a word is indexed by."""
    # A word of the language comes again and again; what is longer is a sentence of Chinese, or no word at all.
    return _kept(written, languages) if len(written) <= LONGEST_WORD else _forms(written, languages)


def _forms(written: str, languages: tuple[Language, ...]) -> tuple[str, ...]:
    parts = _PART.findall(written)
    found = [form for part in parts for form in _of_part(part, languages)]
    if len(parts) > 1 and not _UNSPACED.search(written):
        found += _of_part("".join(parts), languages)
    return tuple(dict.fromkeys(form for form in found if form))


_kept = lru_cache(maxsize=60_000)(_forms)


def _of_part(part: str, languages: tuple[Language, ...]) -> Iterator[str]:
    for run, unspaced in stretches(part):
        if unspaced:
            signs = plain(run)
            yield from (signs[place : place + 2] for place in range(len(signs)))
        else:
            yield from _of_run(run, languages)


def _of_run(run: str, languages: tuple[Language, ...]) -> Iterator[str]:
    form = plain(run)[:LONGEST_WORD]
    yield form
    if form.isdigit():
        yield form.lstrip("0")
    elif not any(map(str.isdigit, form)):
        yield from (stem(run, language) for language in spoken(run, languages))


def spoken(run: str, languages: tuple[Language, ...]) -> tuple[Language, ...]:
    """Other scripts have one language each that we know the stems of."""
    if _CYRILLIC.search(run):
        return (Language.RUSSIAN,)
    return (Language.GREEK,) if _GREEK.search(run) else languages


def stem(run: str, language: Language) -> str:
    """The stem of a word, which its other forms have as well. The stemmers know accents, so they come before the folding."""
    small = unicodedata.normalize("NFKC", run[: 2 * LONGEST_WORD]).translate(_POINTS).casefold()
    return plain(_STEMMERS[language].stemWord(small))[:LONGEST_WORD]


def stretches(part: str) -> Iterator[tuple[str, bool]]:
    """The stretches of a word that are written without spaces between words (True), and those that are not."""
    at = 0
    for run in _UNSPACED.finditer(part):
        if run.start() > at:
            yield part[at : run.start()], False
        yield run[0], True
        at = run.end()
    if at < len(part):
        yield part[at:], False


def parts_of(written: str) -> list[str]:
    """What a hyphen or an apostrophe joins."""
    return _PART.findall(written)
