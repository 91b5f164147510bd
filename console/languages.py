"""The words of pages: English as it stands in the templates, other languages from catalogues, read as they are (gettext)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALES = Path(__file__).parent / "locale"
SHARED = "console"
"""The catalogue of what all rooms share."""
DESK = "desk"
"""The catalogue of what the rooms below the pages say."""
SOURCE = "en"
"""The language that the templates are written in: it needs no catalogue."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Marks a text of the code for the catalogues; it is translated where it is shown."""
    return message


@cache
def languages() -> tuple[str, ...]:
    """Those that pages can be read in, the source first."""
    return (SOURCE, *sorted(path.name for path in LOCALES.iterdir() if path.is_dir() and path.name != SOURCE))


@cache
def translations(language: str, room: str | None = None) -> NullTranslations:
    """The catalogues of one of `languages()` as one; nothing is compiled before, so that none can be out of date.

    `room`: whose words count where two rooms say the same in English and mean different things, such as a mail's subject
    and the subject that a case is about.
    """
    if language == SOURCE:
        return NullTranslations()
    paths = [path for path in catalogues(language) if path.stem != DESK]
    return _read(sorted(paths, key=lambda path: path.stem == room))


@cache
def desks(language: str, room: str | None = None) -> NullTranslations:
    """What the desk says, with words of its own for what pages use otherwise; what only pages say is there too, as `room`
    says it."""
    known = NullTranslations() if language == SOURCE else _read([catalogue(language, DESK)])
    known.add_fallback(translations(language, room))
    return known


def _read(paths: Iterable[Path]) -> NullTranslations:
    whole: NullTranslations = NullTranslations()
    for path in paths:
        compiled = BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file))
        compiled.seek(0)
        room = Translations(compiled, domain="console")
        if isinstance(whole, Translations):
            whole.merge(room)
        else:
            whole = room
    return whole


@cache
def texts() -> frozenset[str]:
    """Every text that the catalogues know, as English has it."""
    found: set[str] = set()
    for path in (path for language in languages() if language != SOURCE for path in catalogues(language)):
        with path.open("rb") as file:
            found |= {each.id for each in read_po(file) if isinstance(each.id, str)}
    return frozenset(found)


def catalogue(language: str, room: str) -> Path:
    """Each room of the console has a catalogue of its own; `console` has what all share."""
    return LOCALES / language / "LC_MESSAGES" / f"{room}.po"


def catalogues(language: str) -> list[Path]:
    return sorted((LOCALES / language / "LC_MESSAGES").glob("*.po"))


def chosen(*wanted: str | None) -> str:
    """The first of the wanted tags that there are words of, `de` for `de-AT`; else English."""
    for tag in wanted:
        spoken = (tag or "").partition("-")[0].lower()
        if spoken in languages():
            return spoken
    return SOURCE


def accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, the best first (RFC 9110 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in header[:1_000].split(",")[:50]:
        tag, _, weight = part.partition(";")
        try:
            value = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if tag.strip() and value > 0:
            weighed.append((value, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda each: -each[0])]
