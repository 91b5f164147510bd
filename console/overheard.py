"""Reasons that were kept as English text alone, understood again: what earlier releases wrote, and what columns of text hold.

Only the sentences in which rules say why they decided are looked for: they are few, and each begins with words of its own.
"""

from __future__ import annotations

import re
from functools import cache

from models.messages.mail_facts import CreationVerdict, RelatedAction
from models.messages.said import Said, joined, word

LISTS = ("no rule matched; {looked_at}", "released by hand; by the rules: {why}")
"""Reasons of which one place holds several more."""
REASONS = (
    "matched: always",
    "item {item!r} applies",
    "item {item!r} no longer applies",
    "item {item!r} {why}",
    "rule {rule!r} {why}",
    "matched: {clauses}",
    "failed: {clauses}",
    "on hold: {status_reason}",
    "SLA {sla!r} was replaced",
    "the case was {status}",
    "the case is {status}",
    "it came outside the hours of {out_of_hours!r}",
    "it has waited {longest_wait}",
    "{longest_queue} were waiting already",
    "works on the fewest cases ({load}) of those who can take it",
    "calendar {pin!r} is now version {version}",
    "resolved within the last {resolved_window_minutes} minutes",
    "{action}: {reason}",
)
"""Of two that match, the first."""
FURTHER = ("why", "looked_at")
"""Places that hold reasons themselves."""
WORDS = ("status", "action", "reason")
"""Places that hold words of the catalogues."""
FORMS = {"action": "|".join((*CreationVerdict, *RelatedAction)), "reason": "[a-z-]+"}
"""Of places that would match too much."""
LONGEST = 2_000
"""Characters; of anything longer nothing is looked for."""
_PLACE = re.compile(r"\\\{(\w+)(!r)?\\\}")
_CLAUSE = re.compile(
    r"(?P<field>[a-z_]+(?:\.[a-z0-9_]+)+) (?P<op>[a-z-]+)(?: (?P<wanted>.+?))??(?: \(was (?P<found>.+)\))?"
)


def understood(text: str) -> str:
    """The reason with its template and its values, if it is one; else as it is."""
    if isinstance(text, Said) or len(text) > LONGEST:
        return text
    if (found := _matched(text, LISTS)) is not None:
        return found
    parts = text.split("; ")
    if len(parts) > 1 and any(_matched(part, REASONS) for part in parts):
        return joined(map(in_whole, parts), "; ")
    return _matched(text, REASONS) or text


def in_whole(text: str) -> str:
    """The same of what is never anything but a reason, or a word of the catalogues."""
    found = understood(text)
    return found if isinstance(found, Said) else word(found)


def _matched(text: str, templates: tuple[str, ...]) -> Said | None:
    for each in templates:
        if found := _pattern(each).fullmatch(text):
            return Said(text, each, {name: _value(name, value) for name, value in found.groupdict().items()})
    return None


def _value(name: str, text: str) -> str:
    if name == "clauses":
        return joined(map(_clause, text.split(" and ")), " and ")
    return in_whole(text) if name in FURTHER else word(text) if name in WORDS else text


def _clause(text: str) -> str:
    found = _CLAUSE.fullmatch(text)
    if found is None:
        return text
    field, op, wanted, was = found.groups()
    places = {"field": word(field), "op": word(op)}
    clause = f"{field} {op}"
    made = Said(clause, "{field} {op}", places)
    if wanted is not None:
        clause += f" {wanted}"
        made = Said(clause, "{field} {op} {wanted}", places | {"wanted": wanted})
    return (
        made
        if was is None
        else Said(text, "{clause} (was {found})", {"clause": made, "found": word(was) if was == "nothing" else was})
    )


@cache
def _pattern(each: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(_place, re.escape(each)))


def _place(found: re.Match[str]) -> str:
    name, quoted = found.groups()
    return rf"['\"](?P<{name}>[^'\"]*)['\"]" if quoted else rf"(?P<{name}>{FORMS.get(name, '.+')})"
