"""What a form asks for, read from the model that checks it: one shape for each field, with its words and its choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from console.administering.texts import hint_of, label_of_field
from console.languages import N_
from desk.organisation.examples import example_of
from desk.organisation.writing import brief
from models.messages.calendars import Span
from models.messages.conditions import ConditionGroup
from models.messages.organisation import OrganisationSettings
from models.messages.pages import PublicPages
from models.messages.products import ProductBody
from models.messages.reference import SubjectBody
from models.messages.shares import Share


class How(StrEnum):
    """How a field is asked for."""

    LINE = "line"
    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    DAY = "day"
    COLOUR = "colour"
    SECRET = "secret"  # noqa: S105 - the word, not one
    YES_NO = "yes-no"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    """Several words, each on a line of its own."""
    HOURS = "hours"
    """`09:00-12:00, 13:00-17:00`"""
    CONDITION = "condition"
    YAML = "yaml"
    """What no other field can ask for, as an organisation file has it."""
    GROUP = "group"
    LIST = "list"
    KEYED = "keyed"
    """As a list, each element under a word of its own, such as a language."""
    PAIRS = "pairs"
    """Words, each with one value, in rows."""
    PICTURE = "picture"
    """A file of the reader's, kept in base64."""
    SCALAR = "scalar"
    """A text, a number, yes or no, whichever is typed."""


@dataclass(frozen=True, slots=True)
class Shape:
    """`refers`: the kind of record, or the list of the organisation's words, of which the field names some."""

    name: str
    how: How
    label: str
    hint: str = ""
    example: str = ""
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    refers: str | None = None
    parts: tuple[Shape, ...] = ()
    may_lack: bool = False
    """Of a group: there may be none of it."""
    decides: bool = False
    """Its value decides which other fields of its group are asked for."""
    only_with: frozenset[str] = frozenset()
    """The values of the field that decides with which this one is asked for; empty: with every one."""
    from_file: bool = False
    """Of a list: its elements can be brought in as a file that other programs write."""

    @property
    def free(self) -> bool:
        """It names what is offered, or something else."""
        return self.refers in FREE

    def every(self) -> Iterator[Shape]:
        yield self
        for part in self.parts:
            yield from part.every()


STAGE = "stage"
"""A stage of the process that the form itself is about."""
REFERS: dict[str, str] = {
    **dict.fromkeys(("owner", "agent", "members", "default_of_agent"), "agent"),
    **dict.fromkeys(("team", "teams", "default_of_team"), "team"),
    "mailbox": "mailbox",
    "queue": "queue",
    **dict.fromkeys(("calendar", "business_hours", "figures_calendar", "out_of_hours"), "calendar"),
    **dict.fromkeys(("sla", "default_sla"), "sla"),
    "kpi": "kpi",
    "default_process": "process",
    **dict.fromkeys(
        ("template", "auto_reply_template", "digest_template", "invitation_template", "reset_template"), "template"
    ),
    "account": "account",
    **dict.fromkeys(("contact", "contacts"), "contact"),
    **dict.fromkeys(("product", "products"), "product"),
    "subject": "subject",
    "to": "reader",
    "values": "data-field",
    "skills": "skills",
    "contact_costs": "origins",
    "question": "",
    "priority": "priorities",
    "case_type": "case_types",
    "origin": "origins",
}
"""What a field names, by its own name; these names mean the same in every model."""
REFERS_IN: dict[tuple[str, str], str] = {
    (SubjectBody.__name__, "parent"): "subject",
    (ProductBody.__name__, "family"): "product",
    ("Overflow", "to"): "queue",
    ("Branch", "to"): STAGE,
    ("Stage", "next"): STAGE,
    ("DataStep", "field"): "data-field",
    ("SlaItem", "applicable_from"): "instant",
    ("SlaAction", "value"): "priorities",
    ("SlaStepAction", "value"): "priorities",
    ("ContractWarning", "to"): "",
    ("TemplateText", "subject"): "",
}
"""Where they mean something else."""
FREE = frozenset({"reader", "data-field", "instant"})
"""What may be something else than is offered."""
PAIR_KEYS: dict[str, str] = {
    "values": N_("Field"),
    "skills": N_("Skill"),
    "question": N_("Language"),
    "contact_costs": N_("Channel"),
}
"""What the words of pairs are, by the name of the field."""
VALUE = "value"
UNEXEMPLIFIED = (How.YES_NO, How.CHOICE, How.CHOICES, How.DAY, How.PICTURE, How.SECRET)
ANY_EXAMPLE = "gold"
"""What stands for an example of a word where none is told: it would say nothing."""
FIRST = ("on",)
"""When something is done is asked before what is done."""
NAMING = (How.LINE, How.LINES, How.PAIRS)
LONG = frozenset({"signature", "description", "guidance", "body", "html", "content", "footer", "help", "article"})
"""Texts of several lines."""
PICTURE = (PublicPages.__name__, "logo")


@cache
def shapes(model: type[BaseModel]) -> tuple[Shape, ...]:
    """One for each field, in the order of the model; the settings' own slug, which is always the same, is left out."""
    fields = sorted(model.model_fields.items(), key=lambda field: field[0] not in FIRST)
    of_settings = model is OrganisationSettings
    decider, given_with = getattr(model, "given_with", ("", {}))
    others = {name for names in given_with.values() for name in names}
    return tuple(
        replace(
            _shape(model, name, info),
            decides=name == decider,
            only_with=frozenset(str(each) for each, names in given_with.items() if name in names)
            if name in others
            else frozenset(),
        )
        for name, info in fields
        if not (of_settings and name == "slug")
    )


def _shape(model: type[BaseModel], name: str, info: FieldInfo) -> Shape:
    key = info.alias or name
    default = None if info.is_required() else _plain(info.get_default(call_default_factory=True, validated_data={}))
    annotation, optional = _bare(info.annotation)
    how, parts, choices = _how(annotation, name)
    refers = REFERS_IN.get((model.__name__, name), REFERS.get(name)) if how in NAMING else None
    if how is How.LINE and (model.__name__, name) == PICTURE:
        how = How.PICTURE
    if how is How.LINE and name in LONG and (model.__name__, name) not in REFERS_IN and not refers:
        how = How.TEXT
    hint = hint_of(model, name)
    required = info.is_required() or (name == "slug" and not of_a_mail(model))
    example = "" if parts or how in UNEXEMPLIFIED else _example(model, key, info, how)
    if example in hint:
        example = ""
    if how is How.CHOICE and optional:
        choices = ("", *choices)
    return Shape(
        name=key,
        how=how,
        label=label_of_field(model, name),
        hint=hint,
        example=example,
        required=required and not optional,
        default=default,
        choices=choices,
        refers=refers or None,
        parts=parts,
        may_lack=how is How.GROUP and optional,
        from_file=how is How.LIST and name == "holidays",
    )


def of_a_mail(model: type[BaseModel]) -> bool:
    """Contacts that a mail made known have no slug."""
    return model.__name__ == "ContactBody"


def _how(annotation: Any, name: str) -> tuple[How, tuple[Shape, ...], tuple[str, ...]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type):
        return _how_of_class(annotation, name)
    if origin is Literal:
        return How.CHOICE, (), tuple(map(str, arguments))
    if origin is dict:
        inner, _ = _bare(arguments[1])
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return How.KEYED, shapes(inner), ()
        return How.PAIRS, (Shape(VALUE, _of_pair(arguments[1]), "Value"),), ()
    if origin is tuple:
        inner, _ = _bare(arguments[0])
        if not isinstance(inner, type):
            return (How.CHOICES, (), tuple(map(str, get_args(inner)))) if get_origin(inner) is Literal else _written()
        if issubclass(inner, StrEnum):
            return How.CHOICES, (), tuple(map(str, inner))
        if inner.__name__ == "WorkInterval":
            return How.HOURS, (), ()
        if issubclass(inner, BaseModel):
            return How.LIST, shapes(inner), ()
        return How.LINES, (), ()
    return How.LINE, (), ()


def _how_of_class(annotation: type, name: str) -> tuple[How, tuple[Shape, ...], tuple[str, ...]]:
    if annotation is ConditionGroup:
        return How.CONDITION, (), ()
    if annotation in (Span, Share):
        return How.LINE, (), ()
    if issubclass(annotation, StrEnum):
        return How.CHOICE, (), tuple(map(str, annotation))
    if issubclass(annotation, BaseModel):
        return How.GROUP, shapes(annotation), ()
    if issubclass(annotation, SecretStr):
        return How.SECRET, (), ()
    plain = {bool: How.YES_NO, int: How.WHOLE, float: How.NUMBER, Decimal: How.NUMBER, date: How.DAY}
    if name == "colour":
        return How.COLOUR, (), ()
    return plain.get(annotation, How.LINE), (), ()


def _of_pair(annotation: Any) -> How:
    """How the values of pairs are asked for; what may be of several kinds is read as it is typed."""
    if hasattr(annotation, "__metadata__"):
        return _of_pair(get_args(annotation)[0])
    several = [each for each in get_args(annotation) if each is not type(None)]
    return How.SCALAR if len(several) > 1 else _how(_bare(annotation)[0], VALUE)[0]


def _written() -> tuple[How, tuple[Shape, ...], tuple[str, ...]]:
    return How.YAML, (), ()


def _bare(annotation: Any) -> tuple[Any, bool]:
    """Without what is said of it and without None; whether None is one of its values."""
    if hasattr(annotation, "__metadata__"):
        return _bare(get_args(annotation)[0])
    members = get_args(annotation)
    if get_origin(annotation) in (tuple, dict, Literal) or type(None) not in members:
        return annotation, False
    others = [each for each in members if each is not type(None)]
    return (_bare(others[0])[0] if len(others) == 1 else str), True


def _plain(value: Any) -> Any:
    match value:
        case BaseModel():
            return value.model_dump(mode="json")
        case tuple() | list():
            return [_plain(each) for each in value]
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case StrEnum():
            return str(value)
        case _:
            return value


def _example(model: type[BaseModel], key: str, info: FieldInfo, how: How) -> str:
    example = example_of(model, key, info)
    if how is How.YAML and isinstance(example, dict | list | tuple):
        return brief(example).partition("\n")[0]
    if isinstance(example, dict | list | tuple | bool) or example in (None, ANY_EXAMPLE):
        return ""
    return str(example)


__all__ = ["How", "Shape", "shapes"]
