"""Values that hurt, and the marks that stand in a drawn document for what only the running desk knows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Raw:
    """A piece of JSON as it stands: what Python's own writer would not write."""

    text: str


@dataclass(frozen=True)
class Known:
    """One of the desk's own words of a kind (`queues`, `cases`, `priorities`): the `pick`-th, counted around."""

    kind: str
    pick: int


@dataclass(frozen=True)
class Fresh:
    """A word that nobody has used: `before` and `after` it make, for example, an address of it."""

    pick: int
    before: str = "f"
    after: str = ""


def deep(levels: int, inside: str = "1") -> Raw:
    return Raw('{"a":' * levels + inside + "}" * levels)


NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2, 1.5, -0.5, 2**31 - 1, 2**31, -(2**31) - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30,
    Raw("1E+1000000"), Raw("1E-1000000"), Raw("-1E+1000000"), Raw("1e400"), Raw("-0.0"), Raw("0.00001"),
    Raw("0.10000000000000000555111512312578270211815834045410156"), Raw("9" * 4000), Raw("NaN"), Raw("Infinity"),
    "1E+1000000", "1E-1000000", "NaN", "sNaN", "-Infinity", "0x10", "1_000", " 1 ", "\u0661\u0662", "1.00000000001",
    "999999999999", "0", "-0", "1e3", True, False,
)  # fmt: skip
INSTANTS: tuple[Any, ...] = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.999999Z",
    "10000-01-01T00:00:00Z", "1900-01-01T00:00:00+14:00", "1900-01-01T00:00:00Z", "9000-12-31T23:59:59-12:00",
    "2031-03-30T02:30:00", "2031-03-30T02:30:00+01:00", "2016-12-31T23:59:60Z", "2031-01-01T24:00:00Z",
    "2031-02-29T00:00:00Z", "2031-01-01T00:00:00+23:59", "2031-01-01", "2032-02-29", "0001-01-01", "9999-12-31",
    "9000-12-31", "0000-00-00", "today", "P1D", "12:00", "24:00", "24:01", 0, -62135596801, 253402300800, Raw("1e18"),
)  # fmt: skip
SPANS: tuple[Any, ...] = (
    "1 minute", "0 minutes", "0.0001 minutes", "0.00001 minutes", "5270400 minutes", "5270401 minutes", "3660 days",
    "3661 days", "999999999 days", "99999999999 days", "4 business hours", "0.0001 business days", "-1 hours", "hours",
    "1E+5 hours", {"amount": "1E+1000000", "unit": "days"}, {"amount": 1, "unit": "minutes"}, {"amount": "NaN", "unit": "days"},
)  # fmt: skip
TEXTS: tuple[Any, ...] = (
    "", " ", "\n", "\t \r\n", "one line", "two\nlines", "\ud800", "a\udfffb", "\x00", "a\x00b", "\x7f", "\x1b[31m",
    "\u202eright to left\u202c", "e" + "\u0301" * 200, "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 30, "\u2028",
    "\ufeffmark", "\u0130" * 63, "\ufb03", "\U0010ffff", "\ufffe", "\u05e9\u05dc\u05d5\u05dd", "x" * 10_000,
    "%", "_", "100%_\\", "'", '"', "'; drop table cases; --", "{{ case.number }}", "{{ 7 * 7", "{% for x in y %}",
    "{{ ''.__class__ }}", "{{ 'x' * 1000000000 }}", "{% for a in range(99999999) %}{% endfor %}", "<script>", "../..",
    "a@b", "A@B.EXAMPLE", "\u00fc@b.example", "a@" + "b" * 252, "a@" + "b" * 253, "me", "none", "24x7", "null", "true",
    "-", "A", "a", "a-", "1", "in-progress", "merged", "resolved", "case.title", "case.custom.x", "custom.x", "custom.",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "CAS-00000-000000",
    *(letter * length for letter in "a\u00fc" for length in (63, 64, 200, 201, 254, 255, 300, 301, 500, 501)),
    *("a" * length for length in (2000, 2001, 4000, 4001, 20_001, 100_000, 100_001)),
)  # fmt: skip
SHAPES: tuple[Any, ...] = (
    None, None, None, [], {}, [None], [[]], {"": 1}, [{}], deep(5), deep(19), deep(20), deep(30), deep(2000),
    Raw("[" * 50 + "]" * 50), list(range(3000)), ["a"] * 101, {f"k{place}": place for place in range(300)},
    {"\ud800": 1}, {"a\x00": 1}, {"a.b": 1}, {"a/b~c": 1}, {"__class__": 1}, {"all": []}, {"any": [{"all": []}]},
)  # fmt: skip
TEMPLATES: tuple[Any, ...] = (
    "{{ " + "not " * 4000 + "case }}", "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "{{ case" + ".title" * 3000 + " }}",
    "{{ case.title | truncate(0) }}", "{{ case.title | truncate(5, end=1) }}", "{{ case.title | default }}",
    "{% if case.number < 1 %}x{% endif %}", "{{ case.number > contact }}", "{{ 'a' | truncate(1E+999) }}", "{{ \ud800 }}",
    "{{ loop }}", "{{ case['title'] }}", "{{ self }}", "{{ case.title | upper | lower | title | trim('x') }}", "{#", "{{",
    "{% if true %}" * 500 + "{% endif %}" * 500, "{{ case.__class__ }}", "{{ 1e400 }}", "{{ 'x' if contact.name else 1 }}",
)  # fmt: skip
EXTREMES = (NUMBERS, INSTANTS, SPANS, TEXTS, TEXTS, SHAPES)


def write(document: Any) -> str:
    """JSON in ASCII, lone surrogates as escapes, `Raw` as it stands. Marks have been replaced before."""
    if isinstance(document, Raw):
        return document.text
    if isinstance(document, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{write(value)}" for name, value in document.items()) + "}"
    if isinstance(document, list):
        return "[" + ",".join(map(write, document)) + "]"
    return json.dumps(document)
