"""The conditions of a definition: which words and records they ask for, and which clauses could never be decided.

Found by walking the body's fields, so that a definition with a new condition is checked without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from pydantic import BaseModel

from desk.reference.unknown import unknown_word
from models.messages.case_fields import BY_NAME, CaseField, FieldKind
from models.messages.cases import CaseStatus
from models.messages.conditions import (
    NOW_TIME,
    NOW_WEEKDAY,
    NOW_WITHIN,
    OF_ACTIVITIES,
    OF_MAIL,
    OF_THE_INSTANT,
    OPEN_FIELDS,
    WEEKDAYS,
    Clause,
    Op,
    Scalar,
)
from models.messages.languages import normal, unknown_language
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import MAIL, RecordCreationRule
from models.messages.routing import RoutingRuleSet
from models.messages.said import said
from models.messages.storable import Path
from models.messages.work_hours import LEAST_BASE_60
from policies.moments import minute_of
from storage.definitions import DefinitionKind

SAME = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN})
"""Operators that ask for a whole value: a word that nobody knows is never found, whatever a case holds."""
ORDER = frozenset({Op.GT, Op.GE, Op.LT, Op.LE})
PARTS = frozenset({Op.CONTAINS, Op.NOT_CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH})
TRUTHS = ("true", "yes", "false", "no")
FLAGS = frozenset({"email.automatic", "email.bulk", "email.has_attachments"})
OF_ARRIVING_MAIL = frozenset({"email.has_attachments", "email.related_status"})
"""What only a record creation rule can look at: it is asked while the mail arrives."""
STATUSES = tuple(status.value for status in CaseStatus)
STAGE = "stage"
"""A kind of reference of its own: a stage of an active process."""


class Located(NamedTuple):
    path: Path
    clause: Clause


class Asked(NamedTuple):
    """A record that a clause asks for: the kind and its slug."""

    path: Path
    kind: str
    slug: str


def clauses(body: BaseModel) -> Iterator[Located]:
    """Every clause of every condition within a body."""
    yield from _within(body, ())


def _within(value: Any, path: Path) -> Iterator[Located]:
    match value:
        case Clause():
            yield Located(path, value)
        case BaseModel():
            for name in type(value).model_fields:
                yield from _within(getattr(value, name), (*path, name))
        case tuple() | list():
            for position, each in enumerate(value):
                yield from _within(each, (*path, position))
        case _:
            pass  # A plain value holds no condition.


def asked_records(body: BaseModel) -> Iterator[Asked]:
    """The records that its conditions ask for by slug."""
    for path, clause in clauses(body):
        kind = record_of(clause.field)
        if kind is not None and clause.op in SAME:
            for inner, value in values(clause):
                if isinstance(value, str):
                    yield Asked((*path, *inner), kind, value)


def clause_faults(body: BaseModel, organisation: OrganisationSettings) -> Iterator[tuple[Path, str]]:
    """Clauses that say nothing: a word of no list, a text for a yes/no, an order of what has none."""
    for path, clause in clauses(body):
        if clause.field in OF_ARRIVING_MAIL and not isinstance(body, RecordCreationRule):
            yield (*path, "field"), said("is known to record creation rules alone, while the mail arrives")
        elif (rule := _source_fault(body, clause)) is not None:
            yield (*path, "field"), rule
        elif clause.field in OF_THE_INSTANT and not isinstance(body, RoutingRuleSet):
            yield (*path, "field"), said("is known to routing rules alone, which are asked at one instant")
        elif clause.field == NOW_TIME:
            yield from _time_faults(path, clause)
        elif clause.op in ORDER:
            yield from _order_faults(path, clause)
        elif (clause.op in PARTS and not str(clause.value).strip()) or clause.value == ():
            yield (*path, "value"), said("is empty: with op {op} it says nothing", op=clause.op)
        elif clause.op in SAME:
            for inner, value in values(clause):
                if (rule := value_fault(clause.field, value, organisation)) is not None:
                    yield (*path, *inner), rule


def _source_fault(body: BaseModel, clause: Clause) -> str | None:
    """Mail is what rules about mail look at, an activity what rules about activities do."""
    about_activities = isinstance(body, RecordCreationRule) and body.source != MAIL
    if clause.field.startswith(OF_ACTIVITIES) and not about_activities:
        return said("is known to record creation rules about activities alone")
    if clause.field.startswith(OF_MAIL) and about_activities:
        return said("is known of mail alone, and this rule is about activities")
    return None


def _time_faults(path: Path, clause: Clause) -> Iterator[tuple[Path, str]]:
    if clause.op not in SAME | ORDER:
        yield (*path, "op"), said("{field} is compared with eq, ne, in, not-in, gt, ge, lt or le", field=clause.field)
        return
    for inner, value in values(clause):
        # Whoever writes 22 means ten in the evening, and not 22 minutes past midnight.
        bare = isinstance(value, int) and value < LEAST_BASE_60
        if bare or minute_of(value) < 0:
            yield (*path, *inner), said("is no time of day; write HH:MM from 00:00 to 24:00")


def _order_faults(path: Path, clause: Clause) -> Iterator[tuple[Path, str]]:
    field = _field(clause.field)
    numeric = clause.field.startswith((*OPEN_FIELDS, "activity.duration_minutes")) or (
        field is not None and field.kind is FieldKind.NUMBER
    )
    if not numeric:
        yield (*path, "op"), said("{field} is no number, and has no order", field=clause.field)
    elif not _is_number(clause.value):
        yield (*path, "value"), said("op {op} takes a number", op=clause.op)


def value_fault(name: str, value: Scalar, organisation: OrganisationSettings) -> str | None:
    """Why no case could have this value in the field that conditions call so; None: one could."""
    field = _field(name)
    if name in FLAGS or (field is not None and field.kind is FieldKind.FLAG):
        given = value if isinstance(value, bool) else str(value).strip().casefold() in TRUTHS
        return None if given is not False or value is False else said("must be yes or no")
    if name.endswith(".language"):
        return _language_fault(str(value))
    words = _words(name, field, organisation)
    if words is None or str(value).strip().casefold() in {word.casefold() for word in words}:
        return None
    return unknown_word(value, words)


def _language_fault(tag: str) -> str | None:
    known = normal(tag)
    if known is None:
        return unknown_language(tag)
    return None if known.casefold() == tag.strip().casefold() else said("is written {known!r}", known=known)


def _words(name: str, field: CaseField | None, organisation: OrganisationSettings) -> tuple[str, ...] | None:
    """All values that the field can have; None: any."""
    match name:
        case "case.status" | "email.related_status":
            return STATUSES
        case "case.status_reason":
            return tuple(reason.slug for reason in organisation.status_reasons)
        case "customer.kind":
            return ("account", "contact")
        case str() if name == NOW_WEEKDAY:
            return WEEKDAYS
        case _ if field is not None and field.words is not None:
            words: tuple[str, ...] = getattr(organisation, field.words)
            return words
        case _:
            return None


def record_of(name: str) -> str | None:
    """The kind of what a condition on this field asks for by slug; None: it asks for no such thing."""
    if name == "queue.slug":
        return "queue"
    if name == NOW_WITHIN:
        return DefinitionKind.CALENDAR
    if name == "case.stage":
        return STAGE
    field = _field(name)
    return field.record if field is not None else None


def _field(name: str) -> CaseField | None:
    return BY_NAME.get(name.removeprefix("case.")) if name.startswith("case.") else None


def values(clause: Clause) -> Iterator[tuple[Path, Scalar]]:
    """What a clause asks for, one or several, each with its place in it."""
    if isinstance(clause.value, tuple):
        for position, value in enumerate(clause.value):
            yield ("value", position), value
    elif clause.value is not None:
        yield ("value",), clause.value


def _is_number(value: object) -> bool:
    try:
        return not isinstance(value, bool) and Decimal(str(value).strip()).is_finite()
    except InvalidOperation:
        return False
