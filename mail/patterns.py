"""Long lists of words as one pattern."""

import re


def any_of(*alternatives: str) -> re.Pattern[str]:
    """Matches any of them, in any letter case; "^" is the beginning of a line."""
    return re.compile("|".join(alternatives), re.IGNORECASE | re.MULTILINE)


def choice(text: str) -> str:
    """The words of a text, parted by "|", as a choice; longer ones first, so that none is taken for its own beginning."""
    return "|".join(sorted(filter(None, (word.strip() for word in text.split("|"))), key=len, reverse=True))


def phrases(text: str) -> str:
    """The same of one a line, which may be patterns themselves."""
    return "|".join(line.strip() for line in text.strip().splitlines())
