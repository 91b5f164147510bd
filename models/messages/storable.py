"""What can be stored: one rule for every value that reaches a row, typed or untyped, whichever database is in use.

Checked three times by the same functions: where a request or an organisation file comes in, so that the answer names
the field; where a body is made ready to be kept; and, as a backstop, where a value is bound to a column
(`models.records.base`). All checks are made before any arithmetic, so that "1E+1000000" is never expanded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from math import isfinite
from unicodedata import category

from models.messages.said import said

Path = tuple[str | int, ...]

DEEPEST = 20
"""Objects and lists within each other."""
LARGEST = 4_000_000
"""Characters of one document's texts and keys together, each value counting one more."""
MOST_INTEGER = 2**63 - 1
MOST_PRECISE = 2**53
"""Beyond it readers of JSON lose digits."""
MOST_DIGITS = 40
"""Significant digits of a decimal."""
GREATEST_EXPONENT, SMALLEST_EXPONENT = 17, -30
"""A decimal lies below 1E+18, and has at most 30 places after the point."""
EARLIEST, LATEST = 1900, 9000
"""Years. Both databases hold more, but a span of business time must still find its end within Python's calendar."""
LONGEST = timedelta(days=100 * 366)


class Unstorable(ValueError):
    """A value that no row can hold: its field as a path in the document (`data.custom.amount`), and the rule."""

    def __init__(self, field: str, rule: str, path: Path = ()) -> None:
        super().__init__(f"{field}: {rule}" if field else rule)
        self.field, self.rule, self.path = field, rule, path


def check(document: object, *, deepest: int = DEEPEST, largest: int = LARGEST) -> None:
    """Every value within plain data (dicts, lists, scalars). Raises `Unstorable` with the path of one that cannot be."""
    size = 0
    waiting: list[tuple[Path, object]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            if len(path) >= deepest:
                raise Unstorable(
                    path_text(path[:1]), said("is nested deeper than {deepest} levels", deepest=deepest), path[:1]
                )
            for key, inner in value.items():
                size += 1 + len(key)
                if not key.isascii() or "\x00" in key:
                    _refuse(path, text_fault(key))
                waiting.append(((*path, key), inner))
        elif isinstance(value, list | tuple):
            if len(path) >= deepest:
                raise Unstorable(
                    path_text(path[:1]), said("is nested deeper than {deepest} levels", deepest=deepest), path[:1]
                )
            waiting += [((*path, position), inner) for position, inner in enumerate(value)]
        elif isinstance(value, str):
            size += 1 + len(value)
            if not value.isascii() or "\x00" in value:
                _refuse(path, text_fault(value))
        else:
            size += 1
            _refuse(path, fault(value))
    if size > largest:
        raise Unstorable("", said("holds more than {largest:,} characters", largest=largest))


def fault(value: object) -> str | None:
    """The rule that a single value breaks; None if it can be stored."""
    if value is None or value is True or value is False:
        return None
    match value:
        case str():
            return text_fault(value)
        case int():
            return integer_fault(value)
        case float():
            return None if isfinite(value) else said("must be a finite number")
        case Decimal():
            return decimal_fault(value)
        case datetime():
            return instant_fault(value)
        case date():
            return day_fault(value)
        case timedelta():
            return None if abs(value) <= LONGEST else said("is longer than a hundred years")
        case _:
            return None


def text_fault(value: str, longest: int | None = None) -> str | None:
    if longest is not None and len(value) > longest:
        return said("has at most {longest:,} characters", longest=longest)
    if "\x00" in value:
        return said("the text contains a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return said("the text contains half a surrogate pair, which is no character")
    return None


TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs of no width that turn the direction of what follows, also of what a page or log writes behind the text."""
BREAKING = frozenset("\u0085\u2028\u2029")
"""Ends of lines that are no control characters of ASCII."""


def line_fault(value: str) -> str | None:
    """The rule that a text breaks which stands on one line among others: it says something else there than by itself."""
    if not BREAKING.isdisjoint(value):
        return said("must be one line, without line separators")
    if not TURNING.isdisjoint(value):
        return said("holds a sign that turns the direction of the text after it (U+202A to U+202E, U+2066 to U+2069)")
    return None


_SIGNLESS = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Mc", "Me"))
UNSEEN = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and symbols to Unicode, and yet nothing on paper: fillers of Hangul and Khmer, and the empty Braille cell."""


def is_blank(value: str) -> bool:
    """Whether nothing of it can be seen: spaces of every kind, controls, signs of no width, marks without a letter."""
    return all(sign in UNSEEN or category(sign) in _SIGNLESS for sign in value)


def integer_fault(value: int, most: int = MOST_INTEGER) -> str | None:
    return (
        None
        if -most - 1 <= value <= most
        else said("holds a number that is not between {least} and {most}", least=-most - 1, most=most)
    )


def decimal_fault(value: Decimal) -> str | None:
    """By digits and exponent alone, which costs the same for every number."""
    if not value.is_finite():
        return said("must be a finite number")
    _, digits, exponent = value.as_tuple()
    if (
        len(digits) > MOST_DIGITS
        or value.adjusted() > GREATEST_EXPONENT
        or (isinstance(exponent, int) and exponent < SMALLEST_EXPONENT)
    ):
        return said(
            "must be a number below 1E+{greatest_exponent} with at most {places} decimal places",
            greatest_exponent=GREATEST_EXPONENT + 1,
            places=-SMALLEST_EXPONENT,
        )
    return None


def number(value: str | float | Decimal) -> Decimal:
    """What was given as a number, as an exact one. `ValueError` names the rule that it breaks."""
    if isinstance(value, str) and len(value) > 100:
        raise ValueError(said("must be a number"))
    try:
        found = Decimal(value.strip()) if isinstance(value, str) else Decimal(str(value))
    except InvalidOperation:
        raise ValueError(said("must be a number")) from None
    if (rule := decimal_fault(found)) is not None:
        raise ValueError(rule)
    if abs(found) > MOST_PRECISE:
        raise ValueError(said("a number must lie between -2^53 and 2^53"))
    return found


def instant_fault(value: datetime) -> str | None:
    # Only the year is looked at: at the ends of the calendar even a change of the zone overflows.
    if value.tzinfo is None:
        return said("an instant needs its time zone")
    return day_fault(value)


def day_fault(value: date) -> str | None:
    return (
        None
        if EARLIEST <= value.year <= LATEST
        else said("must lie between the years {earliest} and {latest}", earliest=EARLIEST, latest=LATEST)
    )


def path_text(path: Iterable[str | int]) -> str:
    """`("items", 1, "fail_after")` as `items[1].fail_after`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _refuse(path: Path, rule: str | None) -> None:
    if rule is not None:
        raise Unstorable(path_text(path), rule, path)
