"""Phone numbers of customers: what is none, and what is listed twice (domain 9.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from models.messages.said import said
from models.messages.storable import Path
from policies.phone_numbers import normal_number


def phone_faults(
    phones: Sequence[str], country: str | None, stored: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[Path, str]]:
    """`country`: whose numbers may be written without their country's code. `stored`: numbers that were taken before, as they
    were written, and what they meant then: another country since makes them neither wrong nor another number."""
    known: set[str] = set()
    for position, written in enumerate(phones):
        normal = stored.get(written) or normal_number(written, country)
        if normal is None:
            yield (
                ("phones", position),
                said("must be a phone number, such as +49 30 1234567")
                if country
                else said(
                    "must be a phone number, such as +49 30 1234567; numbers without it need 'country' in the organisation's"
                    " settings"
                ),
            )
        elif normal in known:
            yield ("phones", position), said("is listed twice")
        else:
            known.add(normal)
