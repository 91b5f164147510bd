"""What a process says that could never be done: each fault at its place, and in words that name the stage (domain 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.messages.case_fields import BY_NAME, FieldKind, names
from models.messages.process_actions import ProcessAction
from models.messages.processes import DataStep, ProcessDefinition, Stage, StepKind
from models.messages.said import joined, said
from models.messages.storable import Path, text_fault
from policies.process_paths import DEEPEST, Ways, apart, depths, leads_forward, meeting, reachable, ways_of
from policies.process_steps import as_chosen, longest

STEPS = names(lambda field: field.step and field.stored and field.kind is not FieldKind.CUSTOM)
SAID_AS = {
    FieldKind.TEXT: (StepKind.TEXT, StepKind.CHOICE),
    FieldKind.WORD: (StepKind.TEXT, StepKind.CHOICE),
    FieldKind.REFERENCE: (StepKind.TEXT, StepKind.CHOICE),
    FieldKind.NUMBER: (StepKind.NUMBER,),
    FieldKind.FLAG: (StepKind.YES_NO,),
    FieldKind.INSTANT: (StepKind.TEXT,),
}
"""How a step may ask for a field of each kind: another answer would be refused by the field itself."""
SETTABLE = tuple(name for name in STEPS if name != "origin")
"""What an action can set. With its origin a case's terms move from one line of its contract to another: an agent's doing."""
ALWAYS_FILLED = frozenset(names(lambda field: field.step and field.stored and not field.nullable)) - {"custom"}


def process_faults(body: ProcessDefinition) -> Iterator[tuple[Path, str]]:
    ways = ways_of(body)
    sound = leads_forward(body)
    reached = reachable(ways, body.stages[0].slug) if sound else ways.keys()
    for position, stage in enumerate(body.stages):
        here: Path = ("stages", position)
        if stage.slug not in reached:
            yield (*here, "slug"), said("no way leads to this stage, {stage!r}", stage=stage.slug)
        for path, rule in (*(_ways_on(ways, stage) if sound else ()), *_step_faults(body, ways, stage)):
            yield (*here, *path), said("stage {stage!r}: {rule}", stage=stage.slug, rule=rule)
    for path, action in actions_of(body):
        for field, rule in set_faults(action.values):
            yield (*path, *field), rule


def actions_of(body: ProcessDefinition) -> Iterator[tuple[Path, ProcessAction]]:
    """Every action of a process, at its place."""
    for event in ("on_applied", "on_finished", "on_abandoned"):
        for place, action in enumerate(getattr(body, event)):
            yield (event, place), action
    for position, stage in enumerate(body.stages):
        for event in ("on_entry", "on_exit"):
            for place, action in enumerate(getattr(stage, event)):
                yield ("stages", position, event, place), action


# ---- ways ------------------------------------------------------------------------------------------------------------


def _ways_on(ways: Ways, stage: Stage) -> Iterator[tuple[Path, str]]:
    if stage.last and (stage.branches or stage.next):
        yield ("branches" if stage.branches else "next",), said("leads on from a stage that is the last")
    peers = ways[stage.slug]
    if len(peers) < 2:
        return
    met = apart(ways, peers)
    if meeting(ways, peers) is None and met is not None:
        one, other, both = met
        rule = said("its ways must all meet again in one stage, or all end by themselves")
        yield (
            ("branches",),
            said(
                "{rule}: {one!r} and {other!r} meet in {both!r}, and not every way leads there",
                rule=rule,
                one=one,
                other=other,
                both=both,
            ),
        )
    if (depth := depths(ways)[stage.slug]) > DEEPEST:
        yield (
            ("branches",),
            said(
                "branches lie {depth} deep within each other, and at most {deepest} are allowed",
                depth=depth,
                deepest=DEEPEST,
            ),
        )


# ---- data steps ------------------------------------------------------------------------------------------------------


def _step_faults(body: ProcessDefinition, ways: Ways, stage: Stage) -> Iterator[tuple[Path, str]]:
    for place, step in enumerate(stage.steps):
        here: Path = ("steps", place)
        for field, rule in _own_faults(step):
            yield (*here, field), rule
        for position, choice in enumerate(step.choices):
            if as_chosen(choice) in map(as_chosen, step.choices[:position]):
                yield (*here, "choices", position), said("{choice!r} is listed twice", choice=choice)
            fault = text_fault(choice, longest(step.field)) if step.field.startswith("custom.") else None
            if fault is not None:
                yield (*here, "choices", position), fault
        if step.field in [earlier.field for earlier in stage.steps[:place]]:
            yield (*here, "field"), said("{field!r} is asked for twice in this stage", field=step.field)
        if step.required and step.read_only and not step.hidden and not _is_filled(body, ways, stage, step.field):
            yield (
                (*here, "read_only"),
                said(
                    "{field} is required and read-only, and no earlier stage and no action fills it: nobody could go on",
                    field=step.field,
                ),
            )


def _own_faults(step: DataStep) -> Iterator[tuple[str, str]]:
    if step.kind is StepKind.CHOICE and not step.choices:
        yield "choices", said("a choice needs something to choose from")
    if step.kind is not StepKind.CHOICE and step.choices:
        yield "choices", said("are given with 'kind: choice' alone")
    if step.field.startswith("custom."):
        return
    if step.field not in STEPS:
        yield "field", said("no stage can fill this field; one of: {steps}, custom.*", steps=joined(STEPS))
        return
    kinds = SAID_AS[BY_NAME[step.field].kind]
    if step.kind not in kinds:
        yield "kind", said("{field} is asked for as {kinds}", field=step.field, kinds=joined(kinds, " or "))


def _is_filled(body: ProcessDefinition, ways: Ways, stage: Stage, field: str) -> bool:
    """Whether a field that this stage only shows can hold something when the stage is to be left."""
    if field in ALWAYS_FILLED or any(
        action.values.get(field) is not None for _, action in actions_of(body) if action.values
    ):
        return True
    return any(
        step.field == field and not step.read_only
        for earlier in body.stages
        if earlier.slug != stage.slug and stage.slug in reachable(ways, earlier.slug)
        for step in earlier.steps
    )


# ---- actions ---------------------------------------------------------------------------------------------------------


def set_faults(values: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    """What an action sets that no case could take: by the rules of each field, as for PATCH. Words and records that are
    not there are found by whoever knows the lists."""
    for name, value in values.items():
        if name.startswith("custom."):
            continue
        if name not in SETTABLE:
            rule = said("no action can set this field; one of: {settable}, custom.*", settable=joined(SETTABLE))
            yield ("values", name), rule
        elif (fault := BY_NAME[name].fault(value)) is not None:
            yield ("values", name), fault
