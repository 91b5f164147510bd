"""Phone numbers of customers: what is none, and what is listed twice (domain 9.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.messages.storable import Path
from policies.phone_numbers import normal_number


def phone_faults(phones: Sequence[str], country: str | None) -> Iterator[tuple[Path, str]]:
    """`country`: whose numbers may be written without their country's code."""
    known: set[str] = set()
    for position, written in enumerate(phones):
        normal = normal_number(written, country)
        if normal is None:
            at_home = "" if country else "; numbers without it need 'country' in the organisation's settings"
            yield ("phones", position), f"must be a phone number, such as +49 30 1234567{at_home}"
        elif normal in known:
            yield ("phones", position), "is listed twice"
        else:
            known.add(normal)
