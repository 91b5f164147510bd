"""Domains in one form, whichever way they are written (IDNA 2008)."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from models.messages.addresses import ascii_address, canonical_address, canonical_domain, domain_of
from models.messages.base import LONGEST_ADDRESS, EmailAddress

ONE_AND_THE_SAME = [
    ("jana@bücher.example", "jana@xn--bcher-kva.example"),
    ("jana@BÜCHER.example", "Jana@XN--BCHER-KVA.Example"),
    ("jana@bu\u0308cher.example", "jana@bücher.example."),
    ("jana@bücher。example", "jana@bücher．example"),
    ("jana@straße.example", "jana@xn--strae-oqa.example"),
    ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
    ("ann@почта.рф", "ann@xn--80a1acny.xn--p1ai"),
    ("ann@ΒΌΛΟΣ.example", "ann@xn--nxasmq6b.example"),
    ("ann@ＥＸＡＭＰＬＥ.net", "ann@example.net"),
    ("ann@i❤.example", "ann@xn--i-7iq.example"),
    ("Jörg@bücher.example", "jo\u0308rg@xn--bcher-kva.example"),
]
OTHERS = [
    ("ann@straße.example", "ann@strasse.example"),
    ("ann@bücher.example", "ann@bucher.example"),
    ("ann@xn--bcher-kva.example", "ann@bcher.example"),
    ("ann+a@bücher.example", "ann@bücher.example"),
    ("ann@apple.example", "ann@\u0430pple.example"),
]


@pytest.mark.parametrize(("one", "other"), ONE_AND_THE_SAME)
def test_one_domain_in_its_two_spellings_is_one(one: str, other: str) -> None:
    assert canonical_address(one) == canonical_address(other)
    assert canonical_address(canonical_address(one)) == canonical_address(one)
    assert ascii_address(canonical_address(one)).rpartition("@")[2].isascii()
    assert canonical_address(ascii_address(one)) == canonical_address(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_only_looks_alike_stays_two(one: str, other: str) -> None:
    assert canonical_address(one) != canonical_address(other)


@pytest.mark.parametrize(
    "domain",
    [
        "foo_bar.example",
        "-.example",
        "xn--.example",
        "xn--zzzzzzzz---.example",
        "[192.0.2.1]",
        "a--b.example",
        "",
        ".",
        "a..b",
    ],
)
def test_a_label_that_nobody_registered_is_kept_in_lower_case(domain: str) -> None:
    assert canonical_domain(domain.upper()) == domain.removesuffix(".")


@pytest.mark.parametrize(
    "domain", ["ü" * 300 + ".example", "ü" * 80 + ".example", "\u202eevil.example", "a\u200db.example"]
)
def test_a_domain_that_cannot_be_is_no_error(domain: str) -> None:
    assert canonical_address(f"ann@{domain}").startswith("ann@")
    ascii_address(f"ann@{domain}")


@pytest.mark.parametrize("sign", ["\uff20", "\uff1c", "\uff1e", "\uff0c", "\u2100", "\uff1b", "\uff3b"])
def test_no_mapping_makes_an_address_of_a_domain(sign: str) -> None:
    """Compatibility forms of "@", "<", ",": mapped, they would put another address into this one."""
    kept = canonical_address(f"ann@evil.example{sign}bank.example")
    assert kept.count("@") == 1
    assert not set("<>,;[]") & set(kept)
    assert domain_of(kept) != "bank.example"


def test_addresses_that_people_give_are_kept_in_one_form() -> None:
    read = TypeAdapter(EmailAddress).validate_python
    assert read("Jana@XN--BCHER-KVA.example") == "jana@bücher.example"
    with pytest.raises(ValidationError):
        read(f"{'a' * LONGEST_ADDRESS}@example.net")
