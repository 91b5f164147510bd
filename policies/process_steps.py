"""Data steps of a stage (domain 7): what a value must be, whether a step is filled, and whether the way on is open."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from models.messages.base import Message
from models.messages.case_fields import BY_NAME, FieldKind, WrongValue
from models.messages.cases import ProblemType, Refusal
from models.messages.processes import DataStep, DataValue, Stage, StepKind
from models.messages.said import joined, of_error, said
from models.messages.storable import is_blank, number, text_fault

TEXT_LIMIT = 4000
"""Characters of a text step that fills a custom field."""
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class StepView(Message):
    """A data step as shown. `missing`: it is required and would block the way on from its stage."""

    field: str
    label: str
    kind: StepKind
    required: bool
    read_only: bool
    choices: tuple[str, ...]
    value: DataValue
    filled: bool
    missing: bool


def step_views(stage: Stage, values: Mapping[str, DataValue]) -> tuple[StepView, ...]:
    """The steps of a stage that are shown, with what the case holds of them."""
    return tuple(
        StepView(
            field=step.field,
            label=step.label,
            kind=step.kind,
            required=step.required,
            read_only=step.read_only,
            choices=step.choices,
            value=values.get(step.field),
            filled=_is_filled(values.get(step.field)),
            missing=_is_missing(step, values),
        )
        for step in stage.steps
        if not step.hidden
    )


def check_value(step: DataStep, value: object) -> DataValue:
    """The value in the step's own type; None or blank text clears it. Raises `WrongValue` with field and rule."""
    if step.read_only:
        raise WrongValue(step.field, said("is read-only here"))
    if value is None or (isinstance(value, str) and is_blank(value)):
        return None
    match step.kind:
        case StepKind.TEXT:
            if not isinstance(value, str):
                raise WrongValue(step.field, said("must be text"))
            if (rule := text_fault(value, longest(step.field))) is not None:
                raise WrongValue(step.field, rule)
            return value.strip()
        case StepKind.YES_NO:
            truth = value if isinstance(value, bool) else _YES_NO.get(str(value).strip().lower())
            if truth is None:
                raise WrongValue(step.field, said("must be yes or no"))
            return truth
        case StepKind.NUMBER:
            return _number(step, value)
        case StepKind.CHOICE:
            chosen = _chosen(step, value) if isinstance(value, str) else None
            if chosen is None:
                raise WrongValue(
                    step.field, said("must be one of: {choices}", choices=joined(step.choices)), step.choices
                )
            return chosen


def _chosen(step: DataStep, value: str) -> str | None:
    """As it is written, or else the first that people would take for the same."""
    if value in step.choices:
        return value
    return next((choice for choice in step.choices if as_chosen(choice) == as_chosen(value)), None)


def as_chosen(text: str) -> str:
    """In the one form in which choices are compared: without regard to letter case, blanks around it, and how its signs are
    put together."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def longest(field: str) -> int:
    """Characters that the field itself can hold: what a stage asks for is no shorter than what PATCH takes."""
    known = BY_NAME.get(field)
    return known.longest if known is not None and known.kind is FieldKind.TEXT else TEXT_LIMIT


def _number(step: DataStep, value: object) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise WrongValue(step.field, said("must be a number"))
    try:
        exact = number(value)
    except ValueError as error:
        raise WrongValue(step.field, of_error(error)) from None
    return int(exact) if exact == exact.to_integral_value() else exact


def gate(stage: Stage, values: Mapping[str, DataValue]) -> Refusal | None:
    """What the stage still needs before it can be left forward; None: the way is open."""
    missing = [step for step in stage.steps if _is_missing(step, values)]
    if not missing:
        return None
    named = joined(
        said("{label} ({field}, must be yes)", label=step.label, field=step.field)
        if step.kind is StepKind.YES_NO
        else said("{label} ({field})", label=step.label, field=step.field)
        for step in missing
    )
    return Refusal(
        type=ProblemType.DATA_STEP_MISSING,
        detail=said("Stage {stage!r} still needs: {named}.", stage=stage.name, named=named),
        missing=tuple(step.field for step in missing),
    )


def _is_missing(step: DataStep, values: Mapping[str, DataValue]) -> bool:
    """A hidden step never blocks; a read-only one does, since something else must fill it first."""
    if not step.required or step.hidden:
        return False
    value = values.get(step.field)
    return value is not True if step.kind is StepKind.YES_NO else not _is_filled(value)


def _is_filled(value: DataValue) -> bool:
    return value is not None and not (isinstance(value, str) and is_blank(value))
