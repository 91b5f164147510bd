"""Languages by their tags (BCP 47): looked up in the registry of IANA, and written in one form whatever the letter case.

`langcodes` brings the registry along; its release moves what is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any

from langcodes import standardize_tag, tag_is_valid
from langcodes.tag_parser import LanguageTagError
from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from models.messages.base import quoted
from models.messages.said import said

LONGEST = 12
"""Characters of a tag in its one form: as many as the tables hold, and more than `zh-Hant-HK` has."""
NO_LANGUAGE = frozenset({"und", "mul", "mis", "zxx"})
"""Tags of the registry that name no language: undetermined, several, without a code, no words at all."""


@lru_cache(maxsize=1_000)
def normal(tag: str) -> str | None:
    """`de-AT` for `de-at` and `DE_at`; None for what is no language."""
    if len(tag) > 3 * LONGEST:
        return None
    try:
        found = standardize_tag(tag) if tag_is_valid(tag) else ""
    except LanguageTagError:
        return None
    first, *more = found.split("-")
    private = first == "x" or "x" in more
    # An extended language that the registry has no language of its own for.
    extended = bool(more) and len(more[0]) == 3 and more[0].isalpha()
    return found if 0 < len(found) <= LONGEST and not (private or extended or first in NO_LANGUAGE) else None


def unknown_language(tag: str) -> str:
    """What is said of a tag that is no language's."""
    return said("unknown language {tag}; write a tag (BCP 47) such as 'en', 'de-AT' or 'zh-Hant'", tag=quoted(tag))


def wider(tag: str) -> Iterator[str]:
    """The tag, and what is said to whoever reads it where that is missing (RFC 4647 3.4): zh-Hant-HK, zh-Hant, zh."""
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def _known(tag: str) -> str:
    found = normal(tag)
    if found is None:
        raise ValueError(unknown_language(tag))
    return found


def _renamed(texts: Any) -> Any:
    if not isinstance(texts, dict):
        return texts
    names = {key: normal(key) or key if isinstance(key, str) else key for key in texts}
    # Twice the same language: left as it is written, and found when it is to come into force.
    return {name if list(names.values()).count(name) == 1 else key: texts[key] for key, name in names.items()}


_SCHEMA = WithJsonSchema({"type": "string", "title": "Language", "examples": ["en", "de-AT"]})

Language = Annotated[str, AfterValidator(_known), _SCHEMA]
"""A language as people give it."""
StoredLanguage = Annotated[
    str, StringConstraints(min_length=1, max_length=63), AfterValidator(lambda tag: normal(tag) or tag), _SCHEMA
]
"""The same in a definition, which is read back whatever it says: an unknown one is refused when it is to come into force."""
BY_LANGUAGE = BeforeValidator(_renamed)
"""For texts by language."""
