"""What the receiving server found out about the sender (RFC 8601). Nobody else's word counts."""

import re
from collections.abc import Sequence
from enum import StrEnum

VERDICT = re.compile(r";\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)


class Dmarc(StrEnum):
    PASS = "pass"  # noqa: S105 a verdict, no password
    FAIL = "fail"
    NONE = "none"
    """The server said nothing usable: no policy, a temporary error, or no header of the trusted server at all."""


def dmarc(auth_results: Sequence[str], authserv_id: str) -> Dmarc:
    """The verdict of the server that calls itself `authserv_id`; only the topmost header in its name is its own."""
    for result in auth_results:
        bare = without_asides(result)
        name = bare.partition(";")[0].split()
        if name and name[0].lower() == authserv_id.lower():
            verdict = VERDICT.search(bare)
            word = verdict[1].lower() if verdict else ""
            return Dmarc(word) if word in (Dmarc.PASS, Dmarc.FAIL) else Dmarc.NONE
    return Dmarc.NONE


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
