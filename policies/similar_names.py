"""Whether two names may be of the same person or company, for people to decide (domain 9.2)."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

ALIKE = 0.86
"""Of 1: so much of the longer name stands in the other, in the same order."""
LEGAL_FORMS = frozenset(
    [
        *("ab", "ag", "as", "bv", "co", "company", "corp", "corporation", "eg", "ek", "ev", "gbr", "gmbh", "inc"),
        *("incorporated", "kg", "kgaa", "limited", "llc", "llp", "ltd", "mbh", "nv", "ohg", "oy", "plc", "pte", "pty"),
        *("sa", "sarl", "se", "spa", "srl", "ug"),
    ]
)
WORD = re.compile(r"\w+")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"})


def key_of(name: str) -> str:
    """The name's words in one spelling and order, without legal forms: "Müller, Jürgen" is "juergen mueller"."""
    folded = unicodedata.normalize("NFC", name).casefold().translate(UMLAUTS)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(sign))
    words = WORD.findall(plain.replace(".", ""))
    return " ".join(sorted(word for word in words if word not in LEGAL_FORMS) or sorted(words))


def are_alike(one: str, other: str) -> bool:
    """Of names as they are written; the same words in another order are the same name."""
    first, second = key_of(one), key_of(other)
    if not first or not second:
        return False
    return first == second or SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE
