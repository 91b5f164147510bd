"""Whom a text names: `@` and an agent's slug, as in "@grace, could you look?"."""

from __future__ import annotations

import re

MOST = 20
"""Names of one text that are looked at."""
# A sign of an address before it, as in `casey@customer.example`, makes it no name.
_NAMED = re.compile(r"(?<![\w.+@-])@([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![\w@])", re.IGNORECASE)


def mentioned(text: str) -> tuple[str, ...]:
    """The slugs that a text names, each once, in its order, `MOST` at most."""
    return tuple(dict.fromkeys(name.lower() for name in _NAMED.findall(text)))[:MOST]
