"""Terms of contracts as numbers: decimal, exact to four places (domain 3.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, PlainSerializer

from models.messages.said import said

MOST_TERMS = 10**11
"""With four decimal places these are 15 digits: as many as a JSON number holds exactly in every program."""


PLACES = Decimal("0.0001")


def as_number(terms: Decimal) -> int | float:
    """Terms as the API writes them everywhere: a JSON number, whole where it can be."""
    return int(terms) if terms == terms.to_integral_value() else float(terms)


Terms = Annotated[Decimal, PlainSerializer(as_number, return_type=int | float, when_used="json")]
"""Terms, or a balance of them, which may be negative."""


def _exact(terms: Decimal) -> Decimal:
    if terms != terms.quantize(PLACES):
        raise ValueError(said("exact to four decimal places"))
    return terms


TermCount = Annotated[Terms, Field(ge=0, le=MOST_TERMS), AfterValidator(_exact)]
