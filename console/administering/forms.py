"""Forms of records and definitions: drawn for a page, read when they come back, and what of them differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from console.administering.drawing import Control, Drawing, Told, as_sent
from console.administering.filling import Filled, filled
from console.administering.naming import names_in
from console.administering.shapes import PAIR_KEYS, STAGE, How, Shape, shapes
from console.comparing import OPS
from console.faults import FILL_IN
from console.labels import label_of_path
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Invalid
from desk.queries.nameable import choices
from desk.queries.names import Names
from desk.reference.bodies import plain
from models.messages.case_fields import CASE_FIELDS
from models.messages.conditions import FIELDS
from models.messages.faults import faults, pointed
from models.messages.notices import READERS
from models.messages.slas import ApplicableFrom
from models.messages.storable import Path

FEW = 15
"""So many choices are a list to choose from; more of them are offered while one types."""
OFFERED: dict[str, list[tuple[str, str]]] = {
    "reader": [(each, "") for each in READERS],
    "data-field": [(field.name, "") for field in CASE_FIELDS if field.step],
    "instant": [(each.value, "") for each in ApplicableFrom],
}
"""What fields offer that can say something else as well."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a page needs to draw one."""

    controls: list[Control]
    summary: list[Told]
    choices: dict[str, list[tuple[str, str]]]
    conditions: bool
    named: bool
    """It has its slug, which never changes."""
    files: bool
    """It asks for a file, so that it is sent as forms with files are."""
    names: Names = field(default_factory=dict)
    """Of what the values name, also where it is out of use and no longer to choose from."""
    few: int = FEW
    clause_fields: Sequence[tuple[str, str]] = tuple((name, label_of_path(name)) for name in sorted(FIELDS))
    """What conditions can look at, each with its words."""
    ops: Mapping[str, str] = field(default_factory=lambda: dict(OPS))
    pair_keys: Mapping[str, str] = field(default_factory=lambda: dict(PAIR_KEYS))


async def drawn(
    staff: Staff,
    me: Visitor,
    model: type[BaseModel],
    values: Mapping[str, Any],
    wrong: Sequence[tuple[Path, str]] = (),
    *,
    named: bool = True,
) -> Form:
    wanted = shapes(model)
    every = [shape for outer in wanted for shape in outer.every()]
    async with staff.database.read() as session:
        refers = {shape.refers for shape in every if shape.refers is not None}
        known = await choices(session, staff.definitions, me.organisation, refers)
    known |= {STAGE: _stages(values), **OFFERED}
    drawing = Drawing(wrong)
    controls = drawing.form(wanted, values)
    conditions = any(shape.how is How.CONDITION for shape in every)
    offered = {kind: known[kind] for kind in refers if kind in known}
    for control in (each for outer in controls for each in outer.every()):
        control.offered = not control.shape.free and 0 < len(offered.get(control.shape.refers or "", ())) <= FEW
    files = any(shape.how is How.PICTURE for shape in every)
    names = await names_in(staff, model, values)
    return Form(controls, drawing.summary(controls), offered, conditions, named, files, names)


def begun(model: type[BaseModel]) -> dict[str, Any]:
    """What a new form begins with: one element of each list that must not be empty."""
    return {shape.name: [{}] for shape in shapes(model) if shape.how is How.LIST and shape.required}


def _stages(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those of the process in the form, as far as they have a slug by now."""
    stages = [each for each in values.get("stages") or () if isinstance(each, Mapping) and each.get("slug")]
    return [(str(each["slug"]), str(each.get("name") or "")) for each in stages]


def read(model: type[BaseModel], posted: Posted) -> Filled:
    """The values that a form was filled with, and everything that is wrong with them in themselves."""
    given = filled(shapes(model), posted)
    told = {path for path, _ in given.faults}
    wrong = [(path, rule) for path, rule in wrong_of(model, given.values) if not _within(path, told)]
    given.faults += [
        (path, FILL_IN) if _is_empty(given.values, path) else (pointed(path, rule, given.values), rule)
        for path, rule in wrong
    ]
    return given


def _is_empty(values: object, path: Path) -> bool:
    """Whether the form left that field empty: what its type should be is no news to whoever has not filled it in."""
    for part in path:
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            values = values[part]
        else:
            return False
    return values is None


def wrong_of(model: type[BaseModel], values: Mapping[str, Any]) -> list[tuple[Path, str]]:
    try:
        model.model_validate(values)
    except ValidationError as error:
        return faults(error, values)
    return []


def changed(model: type[BaseModel], old: BaseModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """A merge patch: the fields in which the form differs from the one that was given out for `old`."""
    before = untouched(shapes(model), plain(old))
    return {name: value for name, value in values.items() if name not in before or before[name] != value}


def untouched(wanted: tuple[Shape, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of these values says when nobody touches it."""
    sent: list[tuple[str, Any]] = [*as_sent(Drawing().form(wanted, values))]
    return filled(wanted, Posted(FormData(sent), "")).values


def told(error: Invalid) -> tuple[Path, str]:
    """A refusal as a fault of the form."""
    return error.path or ((error.field,) if error.field else ()), error.rule


def placed(model: type[BaseModel], values: Mapping[str, Any], wrong: Iterable[tuple[Path, str]]) -> list[Told]:
    """Each of these faults by its place in the form of these values, with the words and the link that the form itself has.
    Each is drawn alone: of two at one field, both are told."""
    return [told for each in wrong for told in _alone(Drawing([each]), shapes(model), values)]


def _alone(drawing: Drawing, wanted: tuple[Shape, ...], values: Mapping[str, Any]) -> list[Told]:
    return drawing.summary(drawing.form(wanted, values))


def _within(path: Path, told: Iterable[Path]) -> bool:
    return any(path[: len(each)] == each for each in told)
