"""Text without its case and its accents, so that a search finds a word however somebody has typed it.

SQLite calls `folded` as a function of SQL, in the triggers that keep the index of titles; on PostgreSQL migration 0005
makes a function of the same name, which does the same steps. What a person searches for is folded here in both cases.
"""

from __future__ import annotations

import unicodedata

MARKS = "".join(map(chr, range(0x0300, 0x0370)))
"""The combining marks of Latin, Greek and Cyrillic: a letter's accent, once the letter is taken apart."""
_NO_MARKS = dict.fromkeys(map(ord, MARKS))
ALIKE = (("ß", "ss"), ("ς", "σ"))  # noqa: RUF001 - Greek, and meant
"""Letters that have no capital of their own: STRASSE is straße, and ΟΔΟΣ ends in the same letter as οδος."""


def folded(text: str) -> str:
    """`text` in small letters, without accents, in one form (NFC) whichever form it came in; ligatures and wide letters
    are taken apart."""
    plain = unicodedata.normalize("NFKD", text).translate(_NO_MARKS).lower()
    for letter, other in ALIKE:
        plain = plain.replace(letter, other)
    return unicodedata.normalize("NFC", plain)
