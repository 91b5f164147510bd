"""The places where the worker dies around contracts are places of the code, each in the room that writes them."""

from __future__ import annotations

import re
from pathlib import Path

from faults.contracts import PLACES

ROOT = Path(__file__).parents[2]


def test_the_places_are_those_of_the_house() -> None:
    rooms = [file.read_text() for room in ("cases", "letters") for file in (ROOT / room).rglob("*.py")]
    known = set(re.findall(r'failpoint\("([a-z.]+)"\)', "".join(rooms)))
    assert {place for place in PLACES if not place.startswith("opening.customer")} <= known
    assert {place for place in known if place.startswith("contract.")} <= set(PLACES)
