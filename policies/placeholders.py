"""Places in a letter that its writer has still to fill in: `[[serial number]]`, or a template's own that nothing filled."""

from __future__ import annotations

import re

_PLACE = re.compile(r"\[\[[^\[\]\n]{1,100}\]\]|\{\{[^{}\n]{1,100}\}\}")
MOST_NAMED = 5


def unfilled(text: str) -> tuple[str, ...]:
    """The places that are left, each once, the first of them."""
    return tuple(dict.fromkeys(found.group() for found in _PLACE.finditer(text)))[:MOST_NAMED]


ATTACHING = re.compile(
    r"\b(attach(ed|ment|ments|ing)?|enclos(ed|ure)|anbei|anhang|angehängt|angefügt|beigefügt|anlage[n]?)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)


def speaks_of_a_file(text: str) -> bool:
    """Whether the letter says that something comes with it, outside of what it quotes."""
    return ATTACHING.search(QUOTED.sub("", text)) is not None
