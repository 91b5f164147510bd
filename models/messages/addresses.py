"""Addresses of mail in the one form in which they are kept and compared.

The local part is in lower case and in Unicode's composed form. A domain is as people read it: "bücher.example" for
"xn--bcher-kva.example", by IDNA 2008 with the mapping of UTS 46. A label that IDNA 2008 does not know (an emoji, an
underscore, hyphens in odd places) stays in ASCII, so that its two spellings are still one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna

A_LABEL = "xn--"
DOTS = re.compile("[.\u3002\uff0e\uff61]")
"""What UTS 46 takes for a dot between labels."""
LONGEST_LABEL = 63
"""Octets (RFC 1035 2.3.4)."""
LONGEST_DOMAIN = 255
UNSAFE = re.compile(r"[\s@<>,;:\"()\[\]\\\x00-\x1f]")
"""What a compatibility mapping may make of a harmless sign, and no label may hold: a domain must not become an address."""


def canonical_address(address: str) -> str:
    """`Ann@XN--Bcher-KVA.example.` as `ann@bücher.example`; what has no "@" is only brought into lower case."""
    local, at, domain = address.rpartition("@")
    if not at:
        return unicodedata.normalize("NFC", address.lower())
    return f"{unicodedata.normalize('NFC', local.lower())}@{canonical_domain(domain)}"


def canonical_domain(domain: str) -> str:
    """As people read it; a dot at the end, which only says that nothing follows, is left out."""
    lower = domain.lower()
    if lower.isascii() and A_LABEL not in lower:
        return lower.removesuffix(".")
    return _canonical(domain)


def domain_of(address: str) -> str:
    """The part behind the last "@", canonical; "" if there is none."""
    _, at, domain = address.rpartition("@")
    return canonical_domain(domain) if at else ""


def ascii_address(address: str) -> str:
    """With its domain as servers take it that know nothing of SMTPUTF8 (RFC 6531); the local part as it is."""
    local, at, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}" if at else address


def ascii_domain(domain: str) -> str:
    """`xn--bcher-kva.example` of `bücher.example`. A label that has no such form stays as it is."""
    if domain.isascii():
        return domain
    return ".".join(_to_ascii(label) for label in canonical_domain(domain).split("."))


@lru_cache(maxsize=4096)
def _canonical(domain: str) -> str:
    if len(domain) > LONGEST_DOMAIN:
        return domain.lower()
    return ".".join(_to_unicode(label) for label in DOTS.split(_mapped(domain).removesuffix(".")))


def _mapped(domain: str) -> str:
    """By UTS 46, in lower case and composed; unmapped where it holds what may not stand in a domain."""
    try:
        mapped = idna.uts46_remap(domain, std3_rules=False, transitional=False)
    except (idna.IDNAError, UnicodeError):
        mapped = unicodedata.normalize("NFKC", domain).lower()
    return domain.lower() if UNSAFE.search(mapped) else mapped


def _to_unicode(label: str) -> str:
    """The label as people read it, if IDNA 2008 knows it; else in ASCII, if it has such a form."""
    if label.isascii() and not label.startswith(A_LABEL):
        return label
    try:
        read = idna.ulabel(label)
        return read if _to_ascii(read) == _to_ascii(label) else label
    except (idna.IDNAError, UnicodeError):
        return _to_ascii(label)


def _to_ascii(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.alabel(label).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        # IDNA 2003 knew more signs, and such domains are in use.
        encoded = A_LABEL + label.encode("punycode").decode("ascii")
        return encoded if len(encoded) <= LONGEST_LABEL else label
