"""Numbers of telephones in one form, so that the same one is known however it is written (domain 9.1)."""

from __future__ import annotations

import phonenumbers

COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""The countries whose way of writing numbers is known, by ISO 3166-1."""


def normal_number(written: str, country: str | None) -> str | None:
    """E.164, `+49301234567` of `(030) 123 45 67` in DE, with `;ext=12` behind it for an extension; None if it is no number.

    `country`: whose numbers are written without their country's code; None: nobody's, and such a number is none.
    """
    try:
        found = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    normal: str = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return f"{normal};ext={found.extension}" if found.extension else normal
