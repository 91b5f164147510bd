"""Long lists of words as one pattern."""

import re


def any_of(*alternatives: str) -> re.Pattern[str]:
    """Matches any of them, in any letter case; "^" is the beginning of a line."""
    return re.compile("|".join(alternatives), re.IGNORECASE | re.MULTILINE)
