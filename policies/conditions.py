"""Conditions decided: does a group of clauses hold for these facts, and which clauses decided it.

One rule for every operator (routing, record creation, SLAs and process branches share it):

* Facts are a flat mapping from an allow-listed field (`case.priority`, `case.custom.x`) to its value.
* A missing field is as None. None satisfies only `ne`, `not-in`, `not-contains` and `empty`.
* Text is compared without regard to letter case. Where either side is a number, both are compared as decimals
  (definitions travel as JSON, where a decimal is a string). Where either side is a yes/no, `"true"`/`"yes"` and
  `"false"`/`"no"` count as such. Order (`gt`, `ge`, `lt`, `le`) is numeric; what is no number has none.
* A list satisfies an operator if any of its elements does; `ne`, `not-in` and `not-contains` are the exact negations of
  `eq`, `in` and `contains`, so they hold of a list if no element offends.
* Addresses and domains are compared in one form: "bücher.example" is "xn--bcher-kva.example".
* A time of day (`now.time`) has an order: that of the clock.
* `empty` is None, blank text or a list without elements; neither 0 nor "no" is empty.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from models.messages.addresses import A_LABEL, canonical_address, canonical_domain
from models.messages.base import Message
from models.messages.cases import CaseStatus
from models.messages.conditions import ADDRESSES, NOW_TIME, OF_THE_INSTANT, Clause, ConditionGroup, Op, Scalar
from models.messages.said import Said, joined, said, word
from policies.moments import Moment, minute_of

Value = Scalar | tuple[Scalar, ...] | None

_NEGATED = {Op.NE: Op.EQ, Op.NOT_IN: Op.IN, Op.NOT_CONTAINS: Op.CONTAINS, Op.NOT_EMPTY: Op.EMPTY}
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_SHOWN = 80
_STATES = frozenset({"case.status", "email.related_status"})
_STATUSES = frozenset(CaseStatus)
"""Words that catalogues know, unlike an organisation's own."""


class ClauseResult(Message):
    """One clause and what was found. `decisive`: the answer of the whole group follows from this clause."""

    field: str
    op: Op
    wanted: Value
    found: Value
    held: bool
    decisive: bool
    time_zone: str | None = None

    def __str__(self) -> str:
        return str(self.told())

    def told(self) -> Said:
        field: str = word(self.field)
        if self.time_zone:
            field = said("{field} in {time_zone}", field=field, time_zone=self.time_zone)
        if self.op in (Op.EMPTY, Op.NOT_EMPTY):
            clause = said("{field} {op}", field=field, op=word(self.op))
        else:
            wanted = _shown(self.wanted, of=self.field)
            clause = said("{field} {op} {wanted}", field=field, op=word(self.op), wanted=wanted)
        found = _shown(self.found, of=self.field)
        return clause if self.held else said("{clause} (was {found})", clause=clause, found=found)


class Explanation(Message):
    """Whether a condition holds, and every clause of it in the order of the definition."""

    holds: bool
    clauses: tuple[ClauseResult, ...] = ()

    def why(self) -> str:
        """For people: `matched: account.tier eq 'gold'`, `failed: case.priority eq 'high' (was 'normal')`."""
        if not self.clauses:
            return said("always")
        decisive = joined((clause.told() for clause in self.clauses if clause.decisive), " and ")
        return (
            said("matched: {clauses}", clauses=decisive) if self.holds else said("failed: {clauses}", clauses=decisive)
        )


def evaluate(group: ConditionGroup | None, facts: Mapping[str, Any], moment: Moment | None = None) -> Explanation:
    """Every clause is looked at, so that the explanation is whole; a blank condition always holds (domain 6.1).

    `moment`: of the instant at which it is asked, where conditions may look at that; without it, `now.*` is missing.
    """
    if group is None:
        return Explanation(holds=True)
    holds, clauses = _group(group, facts, moment)
    return Explanation(holds=holds, clauses=clauses)


def _group(
    group: ConditionGroup, facts: Mapping[str, Any], moment: Moment | None
) -> tuple[bool, tuple[ClauseResult, ...]]:
    parts = [
        _group(part, facts, moment) if isinstance(part, ConditionGroup) else _clause(part, facts, moment)
        for part in group.all or group.any
    ]
    held = [part_held for part_held, _ in parts]
    holds = all(held) if group.all else any(held)
    # A group holds because of its parts that hold, and fails because of its parts that fail: only those are decisive.
    return holds, tuple(
        result if part_held == holds else result.model_copy(update={"decisive": False})
        for part_held, results in parts
        for result in results
    )


def _clause(clause: Clause, facts: Mapping[str, Any], moment: Moment | None) -> tuple[bool, tuple[ClauseResult, ...]]:
    wanted: Value = clause.value
    found: Value = _value(facts.get(clause.field))
    if clause.field in OF_THE_INSTANT:
        found = None if moment is None else moment.value(clause.field, clause.time_zone)
    if clause.field in ADDRESSES:
        found, wanted = _in_one_form(found), _in_one_form(wanted)
    if clause.field == NOW_TIME:
        held = _decided(clause.op, _minutes(found), _minutes(wanted))
    else:
        held = _decided(clause.op, found, wanted)
    result = ClauseResult(
        field=clause.field,
        op=clause.op,
        wanted=clause.value,
        found=found,
        held=held,
        decisive=True,
        time_zone=clause.time_zone,
    )
    return held, (result,)


def _decided(op: Op, found: Value, wanted: Value) -> bool:
    positive = _NEGATED.get(op)
    return not _holds(positive, found, wanted) if positive else _holds(op, found, wanted)


def _minutes(value: Value) -> Value:
    """Times of day as minutes after midnight, so that they have an order."""
    if isinstance(value, tuple):
        return tuple(minute_of(each) for each in value)
    return None if value is None else minute_of(value)


def _in_one_form(value: Value) -> Value:
    """Of an address, a domain, or a part of either, such as "@bücher.example"."""
    if isinstance(value, tuple):
        return tuple(_one_form(each) for each in value)
    return None if value is None else _one_form(value)


def _one_form(value: Scalar) -> Scalar:
    if not isinstance(value, str) or (value.isascii() and A_LABEL not in value.lower()):
        return value
    return canonical_address(value.strip()) if "@" in value else canonical_domain(value.strip())


def _holds(op: Op, found: Value, wanted: Value) -> bool:
    if op is Op.EMPTY:
        return found is None or found == () or (isinstance(found, str) and not found.strip())
    candidates = wanted if isinstance(wanted, tuple) else (wanted,)
    elements = found if isinstance(found, tuple) else (found,)
    return any(
        _compare(op, element, candidate)
        for element in elements
        for candidate in candidates
        if element is not None and candidate is not None
    )


def _compare(op: Op, found: Scalar, wanted: Scalar) -> bool:
    match op:
        case Op.EQ | Op.IN:
            return _equal(found, wanted)
        case Op.CONTAINS:
            return _text(wanted) in _text(found)
        case Op.STARTS_WITH:
            return _text(found).startswith(_text(wanted))
        case Op.ENDS_WITH:
            return _text(found).endswith(_text(wanted))
        case Op.GT | Op.GE | Op.LT | Op.LE:
            left, right = _number(found), _number(wanted)
            return left is not None and right is not None and ORDERS[op](left, right)
        case Op.NE | Op.NOT_IN | Op.NOT_CONTAINS | Op.EMPTY | Op.NOT_EMPTY:
            raise AssertionError(f"no comparison for {op}")


ORDERS = {Op.GT: operator.gt, Op.GE: operator.ge, Op.LT: operator.lt, Op.LE: operator.le}


def _equal(found: Scalar, wanted: Scalar) -> bool:
    if isinstance(found, bool) or isinstance(wanted, bool):
        truth = _truth(found)
        return truth is not None and truth is _truth(wanted)
    # Two texts are compared as texts, even if both are digits: a serial number '007' is not '7'.
    if not (isinstance(found, str) and isinstance(wanted, str)):
        return _number(found) is not None and _number(found) == _number(wanted)
    return _text(found) == _text(wanted)


def _value(found: Any) -> Value:
    """The fact as a scalar, a tuple of scalars or None; ids, enums and dates by their text."""
    if found is None:
        return None
    if isinstance(found, Iterable) and not isinstance(found, str | bytes | Mapping):
        return tuple(_scalar(element) for element in found if element is not None)
    return _scalar(found)


def _scalar(found: Any) -> Scalar:
    if isinstance(found, bool | int):
        return found
    if isinstance(found, float | Decimal):
        number = Decimal(str(found))
        return number if number.is_finite() else str(found)
    return str(found)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip().casefold()


def _truth(value: Scalar) -> bool | None:
    return value if isinstance(value, bool) else _TRUTHS.get(_text(value))


def _number(value: Scalar) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(value.strip()) if isinstance(value, str) else Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _shown(value: Value, *, of: str) -> str:
    """The value of the field `of`, as a sentence has it."""
    if value is None:
        return word("nothing")
    if isinstance(value, tuple):
        return said("[{elements}]", elements=joined(_shown(each, of=of) for each in value))
    if isinstance(value, bool):
        return word("true") if value else word("false")
    if isinstance(value, str) and of in _STATES and value in _STATUSES:
        return said("'{status}'", status=word(value))
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
    return str(value)
