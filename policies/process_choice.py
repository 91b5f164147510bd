"""Which process a new case begins with, and to which one it may be switched (domain 7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from models.messages.base import Message
from models.messages.cases import ProblemType, Refusal
from models.messages.processes import ProcessDefinition
from models.messages.reference import CASE_ROLES, Role
from models.messages.said import joined, said
from models.messages.telling import Sentence
from policies.conditions import evaluate


class ProcessChoice(Message):
    """`slug` None: there is no process to begin with. `why` is for people."""

    slug: str | None
    why: Sentence


def choose_process(
    active: Mapping[str, ProcessDefinition], default: str | None, facts: Mapping[str, Any]
) -> ProcessChoice:
    """By order and then by slug, the first whose condition holds; else the default; else the first without a condition."""
    ordered = sorted(active.values(), key=lambda each: (each.order, each.slug))
    for definition in ordered:
        if definition.applies_when is not None:
            explanation = evaluate(definition.applies_when, facts)
            if explanation.holds:
                return ProcessChoice(slug=definition.slug, why=explanation.why())
    if default in active:
        return ProcessChoice(slug=default, why=said("the organisation's default"))
    plain = next((each.slug for each in ordered if each.applies_when is None), None)
    return ProcessChoice(slug=plain, why=said("the lowest order") if plain else said("no process applies"))


def may_use(definition: ProcessDefinition, roles: tuple[Role, ...]) -> Refusal | None:
    """Whether somebody of these roles may work in the process."""
    wanted = definition.roles or CASE_ROLES
    if set(wanted).intersection(roles):
        return None
    return Refusal(
        type=ProblemType.PROCESS_NOT_YOURS,
        detail=said(
            "The process {definition!r} is for {wanted} alone.",
            definition=definition.name,
            wanted=joined((role.value for role in wanted), " and "),
        ),
    )


def applies(definition: ProcessDefinition, facts: Mapping[str, Any], secret: Collection[str] = ()) -> Refusal | None:
    """Whether a case of these facts may be switched to the process. A reason that would name what is `secret`, the slug of
    a private queue, is not given: whoever asks need not belong to it."""
    explanation = evaluate(definition.applies_when, facts)
    if explanation.holds:
        return None
    if any(slug in explanation.why().casefold() for slug in secret):
        return Refusal(
            type=ProblemType.STAGE_FORBIDDEN,
            detail=said("The process {definition!r} is not for this case.", definition=definition.name),
        )
    return Refusal(
        type=ProblemType.STAGE_FORBIDDEN,
        detail=said(
            "The process {definition!r} is not for this case: {why}.", definition=definition.name, why=explanation.why()
        ),
    )
