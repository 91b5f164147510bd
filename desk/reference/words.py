"""Which words of the organisation's lists, and which case fields, a body names: asked when it comes into force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import BaseModel

from models.messages.base import quoted
from models.messages.case_fields import BY_NAME, FieldKind, names
from models.messages.cases import CaseStatus
from models.messages.conditions import Clause, Op
from models.messages.entitlements import EntitlementDefinition
from models.messages.organisation import OrganisationSettings
from models.messages.processes import DataStep, ProcessDefinition
from models.messages.record_creation import RecordCreationRule
from models.messages.slas import SlaDefinition
from models.messages.storable import Path

STEPS = names(lambda field: field.step and field.stored and field.kind is not FieldKind.CUSTOM)


EQUALITY = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN})
"""Operators that compare with a whole word; the others look for a part of one."""


class WrongWord(NamedTuple):
    path: Path
    rule: str


def wrong_words(body: BaseModel, organisation: OrganisationSettings) -> Iterator[WrongWord]:
    """What could never be done: a word that no case can have, a data step that nobody can fill."""
    if isinstance(body, ProcessDefinition):
        for stage, each in enumerate(body.stages):
            for position, step in enumerate(each.steps):
                if (rule := _step_fault(step)) is not None:
                    yield WrongWord(("stages", stage, "steps", position, "field"), rule)
    for path, field, word in _named(body):
        words: tuple[str, ...] = getattr(organisation, BY_NAME[field].words or "")
        if word is not None and word not in words:
            yield WrongWord(path, _unknown(word, words))
    for path, clause in _clauses(body, ()):
        listed = _listed(clause.field, organisation)
        values = clause.value if isinstance(clause.value, tuple) else (clause.value,)
        for place, value in enumerate(values):
            if (
                isinstance(value, str)
                and listed
                and value.strip().casefold() not in {word.casefold() for word in listed}
            ):
                where = ("value", place) if isinstance(clause.value, tuple) else ("value",)
                yield WrongWord(
                    (*path, *where), f"{clause.field} is never {_unknown(value, listed).removeprefix('unknown ')}"
                )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'email'?`, or nothing where no known word is like it."""
    by_small = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), by_small, n=1, cutoff=0.6)
    return f"; did you mean {by_small[close[0]]!r}?" if close else ""


def _unknown(word: str, words: tuple[str, ...]) -> str:
    return f"unknown {quoted(word)}; one of: {', '.join(words)}{did_you_mean(word, words)}"


def _clauses(value: object, path: Path) -> Iterator[tuple[Path, Clause]]:
    """Every clause of every condition within a message, with its path."""
    if isinstance(value, Clause):
        if value.op in EQUALITY:
            yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _clauses(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for position, each in enumerate(value):
            yield from _clauses(each, (*path, position))


def _listed(field: str, organisation: OrganisationSettings) -> tuple[str, ...]:
    """The only values that a field of a condition can have; none where any word may stand."""
    if field in ("case.status", "email.related_status"):
        return tuple(CaseStatus)
    if field == "case.status_reason":
        return tuple(reason.slug for reason in organisation.status_reasons)
    if field == "customer.kind":
        return ("account", "contact")
    known = BY_NAME.get(field.removeprefix("case."))
    words: tuple[str, ...] = getattr(organisation, known.words) if known is not None and known.words else ()
    return words


def _step_fault(step: DataStep) -> str | None:
    if step.field.startswith("custom.") or step.field in STEPS:
        return None
    return f"no stage can fill this field; one of: {', '.join(STEPS)}, custom.*"


def _named(body: Any) -> Iterator[tuple[Path, str, str | None]]:
    match body:
        case RecordCreationRule():
            for position, item in enumerate(body.items):
                yield ("items", position, "priority"), "priority", item.priority
                yield ("items", position, "case_type"), "case_type", item.case_type
        case SlaDefinition():
            for position, promise in enumerate(body.items):
                for place, action in enumerate(promise.actions):
                    yield ("items", position, "actions", place, "value"), "priority", action.value
        case EntitlementDefinition():
            for position, channel in enumerate(body.channels):
                yield ("channels", position, "origin"), "origin", channel.origin
        case ProcessDefinition():
            for stage, each in enumerate(body.stages):
                for position, step in enumerate(each.steps):
                    field = BY_NAME.get(step.field)
                    if field is not None and field.words is not None:
                        for place, choice in enumerate(step.choices):
                            yield ("stages", stage, "steps", position, "choices", place), field.name, choice
        case _:
            pass  # It names no word of the organisation's lists.
