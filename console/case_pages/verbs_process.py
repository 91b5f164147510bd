"""The way through the stages of the case's process (domain 7)."""

from __future__ import annotations

from typing import Any

from console.case_pages.asking import Ask, Choices, Input, Sent, Verb
from console.languages import N_, SOURCE, translations
from console.own_words import own_word
from console.staff import Posted
from console.stage_answers import NO, YES, as_shown, change_of, changed
from desk.errors import Invalid
from models.messages.api_cases import StageBody, SwitchBody
from models.messages.api_process_views import StepItem
from models.messages.cases import CommandKind as K
from models.messages.said import said

NAMED_BY_SLUG = frozenset({"case_type", "priority", "origin"})
"""Fields whose values are words of the desk: a step shows them as the properties of the case do."""


async def steps(ask: Ask) -> list[Input]:
    """What the active stage asks for."""
    say = translations(ask.me.language, "case_pages").gettext
    yes_or_no = ((YES, say(N_("Yes"))), (NO, say(N_("No"))))
    return [_input(step, yes_or_no, ask.me.language, ask.shown.in_last_stage) for step in ask.shown.steps]


def _input(step: StepItem, yes_or_no: Choices = (), language: str = SOURCE, last: bool = False) -> Input:
    """`last`: no stage comes after this one, so that a hint must not speak of the next."""
    kind, hint = "lines" if step.field == "description" else "line", ""
    choices: Choices = ()
    match step.kind:
        case "yes-no":
            kind, choices = "choice", (("", ""), *yes_or_no)
            must = (
                N_("Must be Yes before the process is finished.") if last else N_("Must be Yes before the next stage.")
            )
            hint = must if step.required else ""
        case "choice":
            words = ((each, own_word(each, language) if step.field in NAMED_BY_SLUG else each) for each in step.choices)
            kind, choices = "choice", (("", ""), *words)
        case "number":
            kind = "number"
        case _:
            pass
    if step.read_only:
        kind = "shown"
    elif step.required and not hint:
        hint = N_("Needed before the process is finished.") if last else N_("Needed before the next stage.")
    return Input(step.field, step.label, kind, choices, as_shown(step), hint, said=True, needed=step.required)


def filled(ask: Ask, posted: Posted) -> dict[str, Any]:
    """What was changed in the steps' fields."""
    return changed(ask.shown.steps, {name: posted.text(name) for name in posted.form})


async def _moved(ask: Ask, posted: Posted) -> Sent:
    return Sent(StageBody(data=filled(ask, posted)))


async def _saved(ask: Ask, posted: Posted) -> Sent:
    data = filled(ask, posted)
    if not data:
        raise Invalid("", said("Nothing was saved: fill in what is to be kept."))
    return Sent(change_of(ask.shown.steps, data))


async def _earlier(ask: Ask) -> list[Input]:
    names = {stage.slug: stage.name for stage in ask.shown.process.stages}
    stages = tuple((slug, names.get(slug, slug)) for slug in ask.shown.process.path[:-1])
    return [Input("stage", N_("Back to which stage"), "choice", stages)]


async def _set_active(_: Ask, posted: Posted) -> Sent:
    if not posted.text("stage"):
        raise Invalid("stage", said("choose a stage"))
    return Sent(stage=posted.text("stage"))


async def _others(ask: Ask) -> list[Input]:
    others = tuple((each.slug, each.name) for each in ask.shown.process.others)
    return [Input("process", N_("Process"), "choice", others)]


async def _switched(_: Ask, posted: Posted) -> Sent:
    return Sent(SwitchBody(process=posted.text("process")))


NEXT = Verb("process-next", K.STAGE_NEXT, N_("Next stage"), N_("The next stage has begun."), "", steps, _moved)
PROCESS_VERBS = (
    NEXT,
    Verb(
        "process-finish", K.PROCESS_FINISH, N_("Finish the process"), N_("The process is finished."), "", steps, _moved
    ),
    Verb("process-save", K.CHANGE, N_("Save"), N_("Saved."), "", steps, _saved),
    Verb(
        "process-previous",
        K.STAGE_PREVIOUS,
        N_("Previous stage"),
        N_("Back in the stage before."),
        becomes=_moved,
        leaves=True,
    ),
    Verb(
        "process-set-active",
        K.STAGE_SET_ACTIVE,
        N_("Back to a stage"),
        N_("Back."),
        "",
        _earlier,
        _set_active,
        leaves=True,
    ),
    Verb(
        "process-abandon",
        K.PROCESS_ABANDON,
        N_("Abandon the process"),
        N_("The process is abandoned."),
        danger=True,
        leaves=True,
    ),
    Verb("process-reactivate", K.PROCESS_REACTIVATE, N_("Take the process up again"), N_("It goes on.")),
    Verb(
        "process-switch",
        K.PROCESS_SWITCH,
        N_("Other process"),
        N_("Another process."),
        "",
        _others,
        _switched,
        leaves=True,
    ),
)
