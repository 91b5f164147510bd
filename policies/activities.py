"""Activities decided: who may, what their fields hold, and how they end (domain 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.messages.activities import ActivityField, ActivityType
from models.messages.case_fields import WrongValue
from models.messages.cases import ProblemType, Refusal
from models.messages.processes import DataStep, DataValue, StepKind
from models.messages.reference import CASE_ROLES, Role
from models.messages.said import joined, of_field, said, word
from models.messages.storable import is_blank
from policies.process_steps import check_value

OPEN, COMPLETED, CANCELLED = "open", "completed", "cancelled"


def may_write(kind: ActivityType, roles: Iterable[Role]) -> Refusal | None:
    return _among(kind, kind.writers or CASE_ROLES, roles)


def may_read(kind: ActivityType, roles: Iterable[Role]) -> Refusal | None:
    return _among(kind, kind.readers, roles) if kind.readers else None


def _among(kind: ActivityType, wanted: Sequence[Role], roles: Iterable[Role]) -> Refusal | None:
    if set(wanted).intersection(roles):
        return None
    return Refusal(
        type=ProblemType.ACTIVITY_NOT_YOURS,
        detail=said(
            "Activities of type {kind!r} are for {wanted} alone.",
            kind=kind.slug,
            wanted=joined((role.value for role in wanted), " and "),
        ),
    )


def unreadable(details: Iterable[ActivityType], roles: Iterable[Role]) -> tuple[str, ...]:
    """Types that somebody of these roles may not read."""
    mine = frozenset(roles)
    return tuple(kind.slug for kind in details if may_read(kind, mine) is not None)


def merged(kind: ActivityType, present: Mapping[str, Any], given: Mapping[str, DataValue]) -> dict[str, DataValue]:
    """The values with those that are given, each as its field takes it; None clears one. Raises `WrongValue`."""
    known = {field.field: field for field in kind.fields}
    values = dict(present)
    for name, value in given.items():
        if name not in known:
            rule = said("is no field of the type {kind!r}", kind=kind.slug)
            raise WrongValue(f"fields.{name}", rule, tuple(f"fields.{each}" for each in known))
        if known[name].kind is StepKind.NUMBER and isinstance(value, str) and not is_blank(value):
            raise WrongValue(f"fields.{name}", said("must be a number, not text"))
        try:
            checked = check_value(_step(known[name]), value)
        except WrongValue as error:
            raise WrongValue(f"fields.{name}", error.rule, error.allowed) from None
        if checked is None:
            values.pop(name, None)
        else:
            values[name] = checked
    return values


def end(
    kind: ActivityType, status: str, to: str, wanted: str | None, values: Mapping[str, Any]
) -> str | Refusal | None:
    """The reason with which an activity ends so; None: its type lists none. Refused if it has ended, or lacks a field."""
    if status != OPEN:
        return Refusal(
            type=ProblemType.ACTIVITY_NOT_OPEN, detail=said("The activity is {status} already.", status=word(status))
        )
    reasons = tuple(reason.slug for reason in kind.reasons if reason.status == to)
    if wanted is not None and wanted not in reasons:
        known = ", ".join(reasons) or "none"
        return Refusal(
            type=ProblemType.INVALID,
            detail=of_field(
                "reason",
                said(
                    "{wanted!r} is no reason to be {to} for the type {kind!r}; known: {known}.",
                    wanted=wanted,
                    to=to,
                    kind=kind.slug,
                    known=known,
                ),
            ),
            field="reason",
            allowed=reasons,
        )
    missing = tuple(f"fields.{field.field}" for field in kind.fields if _is_missing(field, values))
    if to == COMPLETED and missing:
        return Refusal(
            type=ProblemType.ACTIVITY_FIELD_MISSING,
            detail=said("The activity still needs: {missing}.", missing=joined(missing)),
            missing=missing,
        )
    return wanted or next(iter(reasons), None)


def _is_missing(field: ActivityField, values: Mapping[str, Any]) -> bool:
    value = values.get(field.field)
    if not field.required:
        return False
    if field.kind is StepKind.YES_NO:
        return value is not True
    return value is None or (isinstance(value, str) and is_blank(value))


def _step(field: ActivityField) -> DataStep:
    return DataStep(field=f"custom.{field.field}", label=field.label, kind=field.kind, choices=field.choices)
