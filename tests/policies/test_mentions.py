"""Whom a note names (domain 11.1)."""

from __future__ import annotations

import pytest

from policies.mentions import MOST, mentioned


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("@grace, could you look?", ("grace",)),
        ("Could (@Grace) or @sam-2. look? @grace!", ("grace", "sam-2")),
        ("casey@customer.example wrote, and grace@desk", ()),
        ("@ grace, @@grace, @-grace", ()),
        ("@grace@desk.example", ()),
        ("@grace-", ("grace",)),
        ("", ()),
        ("\n@grace\n", ("grace",)),
        ("@grace_b", ()),
    ],
)
def test_names_are_found_and_addresses_are_none(text: str, slugs: tuple[str, ...]) -> None:
    assert mentioned(text) == slugs


def test_no_more_than_so_many_are_looked_for() -> None:
    assert len(mentioned(" ".join(f"@agent-{n}" for n in range(2 * MOST)))) == MOST
