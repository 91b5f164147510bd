"""What the receiving server found out about the sender (RFC 8601). Nobody else's word counts, and it counts for the
domain alone that it speaks of."""

import re
from collections.abc import Sequence
from enum import StrEnum

from models.messages.addresses import canonical_domain

VERDICT = re.compile(r"\s*dmarc\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
ABOUT = re.compile(r"\sheader\s*\.\s*from\s*=\s*([^\s;]+)", re.IGNORECASE)


class Dmarc(StrEnum):
    PASS = "pass"  # noqa: S105 a verdict, no password
    FAIL = "fail"
    OTHER = "other"
    """It passed, but for another domain than the one asked about."""
    UNNAMED = "unnamed"
    """It passed, and the server does not say for which domain."""
    NONE = "none"
    """The server said nothing usable: no policy, a temporary error, or no header of the trusted server at all."""


def dmarc(auth_results: Sequence[str], authserv_id: str, domain: str | None = None) -> Dmarc:
    """The verdict of the server that calls itself `authserv_id`; only the topmost header in its name is surely its own.

    Where that has no verdict, because the server writes a header for each check, a failure in a further one counts: nobody
    forges that. `domain`: of the address that is taken for the sender. Without one, a pass is a pass. A failure counts
    whatever it is about: then somebody in the From field is not who they say.
    """
    found = [_of_header(methods, domain) for name, methods in map(_parts, auth_results) if name == authserv_id.lower()]
    first = next(iter(found), Dmarc.NONE)
    return Dmarc.FAIL if first is Dmarc.NONE and Dmarc.FAIL in found else first


def _parts(result: str) -> tuple[str, list[str]]:
    """Who says it, and the methods with their results."""
    name, *methods = without_asides(result).split(";")
    return next(iter(name.lower().split()), ""), methods


def _of_header(methods: Sequence[str], domain: str | None) -> Dmarc:
    found = {_verdict(method, domain) for method in methods}
    return next((word for word in (Dmarc.FAIL, Dmarc.PASS, Dmarc.OTHER, Dmarc.UNNAMED) if word in found), Dmarc.NONE)


def _verdict(method: str, domain: str | None) -> Dmarc:
    verdict = VERDICT.match(method)
    word = verdict[1].lower() if verdict else ""
    if word != Dmarc.PASS or domain is None:
        return Dmarc(word) if word in (Dmarc.PASS, Dmarc.FAIL) else Dmarc.NONE
    about = ABOUT.search(method)
    if about is None:
        return Dmarc.UNNAMED
    return Dmarc.PASS if canonical_domain(about[1].rpartition("@")[2]) == canonical_domain(domain) else Dmarc.OTHER


def without_asides(value: str) -> str:
    """Without comments and quoted strings: in those, a server repeats what the sender wrote."""
    bare: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\" and (depth or quoted):
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
            bare.append(" ")
        elif character == ")" and depth:
            depth -= 1
        elif not depth:
            bare.append(character)
    return "".join(bare)
