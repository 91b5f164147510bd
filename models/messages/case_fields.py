"""The table of case fields: one row each. Facts, PATCH, data steps, conditions, lists and search attributes follow it.

A new field is one row here and one migration: its column, its place in the bodies and in the view of a case are made
from the row (`tests/cases/test_new_field.py` adds one). A field that the code also names itself, such as `title`, stands
in the record and in the view as well, and `tests/cases/test_fields.py` holds them to this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
)

from models.messages.base import ONE_LINE_OF_A_LETTER, GivenInstant, Instant, Message, Slug, sentence
from models.messages.said import said
from models.messages.skills import Skills
from models.messages.storable import is_blank, line_fault, text_fault

M = TypeVar("M", bound=Message)


class FieldKind(StrEnum):
    TEXT = "text"
    WORD = "word"
    """A slug; of the organisation's list, if the field names one."""
    REFERENCE = "reference"
    """The slug of an active reference record."""
    NUMBER = "number"
    """A whole one of 32 bits."""
    FLAG = "flag"
    INSTANT = "instant"
    SKILLS = "skills"
    """Words of the organisation's list, each with a level."""
    CUSTOM = "custom"
    """Values of the organisation's own, by name: yes/no, numbers and texts."""


@dataclass(frozen=True)
class CaseField:
    """One row. What a field is, and who may do what with it."""

    name: str
    kind: FieldKind
    longest: int = 63
    """Characters of a text or word."""
    one_line: bool = False
    """A text that may end up in a mail's header."""
    words: str | None = None
    """The organisation's setting that lists its words."""
    record: str | None = None
    """The kind of record that it names."""
    nullable: bool = True
    default: Any = None
    stored: bool = True
    """It is a column of the same name; otherwise it is read from related rows, and written by a rule of its own."""
    opening: bool = False
    """`POST /cases` takes it."""
    change: bool = False
    """PATCH takes it."""
    step: bool = False
    """A stage of a process can ask for it."""
    condition: bool = False
    """`case.<name>` can stand in a condition."""
    filter: bool = False
    """Lists can be filtered by it."""
    search: str | None = None
    """The search attribute of the Temporal UI that shows it."""

    @cached_property
    def type(self) -> Any:
        """What a body holds in this field, as pydantic reads it: the rules that need no row."""
        match self.kind:
            case FieldKind.TEXT if self.one_line:
                return one_line(self.longest)
            case FieldKind.TEXT:
                return text(self.longest)
            case FieldKind.WORD | FieldKind.REFERENCE:
                return Slug
            case FieldKind.NUMBER:
                return Annotated[int, Field(ge=-(2**31), lt=2**31)]
            case FieldKind.FLAG:
                return bool
            case FieldKind.INSTANT:
                return GivenInstant
            case FieldKind.SKILLS:
                return Skills
            case FieldKind.CUSTOM:
                raise TypeError("custom values have a type of their own")

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.type)

    def fault(self, value: object) -> str | None:
        """The rule that a value breaks, of those that need no row; None if the field can take it."""
        if value is None:
            return None if self.nullable else said("cannot be cleared")
        try:
            self.adapter.validate_python(value)
        except ValidationError as error:
            return sentence(error.errors(include_url=False, include_input=False)[0])
        return None


class WrongValue(ValueError):
    """A value that a field cannot take: the field, the rule that it breaks, and the words that would do."""

    def __init__(self, field: str, rule: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(f"{field}: {rule}")
        self.field, self.rule, self.allowed = field, rule, allowed


def storable_text(value: str) -> str:
    if (rule := text_fault(value)) is not None:
        raise ValueError(rule)
    return value


def not_blank(value: str) -> str:
    if is_blank(value):
        raise ValueError(said("is blank"))
    return storable_text(value)


def _on_a_line(value: str) -> str:
    if (rule := line_fault(value)) is not None:
        raise ValueError(rule)
    return not_blank(value)


def one_line(longest: int) -> Any:
    """One line of text, 1 to `longest` characters, no control characters: it may become a mail's subject."""
    line = StringConstraints(min_length=1, max_length=longest, strip_whitespace=True, pattern=ONE_LINE_OF_A_LETTER)
    return Annotated[str, line, AfterValidator(_on_a_line)]


def text(longest: int) -> Any:
    """Text of several lines, 1 to `longest` characters, not blank."""
    return Annotated[str, StringConstraints(min_length=1, max_length=longest), AfterValidator(not_blank)]


CASE_FIELDS: tuple[CaseField, ...] = (
    CaseField(
        "title",
        FieldKind.TEXT,
        longest=300,
        one_line=True,
        nullable=False,
        opening=True,
        change=True,
        step=True,
        condition=True,
    ),
    CaseField("description", FieldKind.TEXT, longest=100_000, opening=True, change=True, step=True),
    CaseField(
        "priority",
        FieldKind.WORD,
        words="priorities",
        nullable=False,
        default="normal",
        opening=True,
        change=True,
        step=True,
        condition=True,
        filter=True,
        search="CasePriority",
    ),
    CaseField("severity", FieldKind.WORD, opening=True, change=True, step=True, condition=True),
    CaseField("case_type", FieldKind.WORD, words="case_types", opening=True, change=True, step=True, condition=True),
    CaseField("subject", FieldKind.REFERENCE, record="subject", opening=True, change=True, step=True, condition=True),
    CaseField("product", FieldKind.REFERENCE, record="product", opening=True, change=True, step=True, condition=True),
    CaseField(
        "origin",
        FieldKind.WORD,
        words="origins",
        nullable=False,
        default="phone",
        opening=True,
        change=True,
        step=True,
        condition=True,
    ),
    CaseField("skills", FieldKind.SKILLS, words="skills", opening=True, change=True),
    CaseField("custom", FieldKind.CUSTOM, nullable=False, opening=True, change=True, step=True),
    # What has rules of its own: `cases.verbs.change`.
    CaseField("customer", FieldKind.REFERENCE, nullable=False, stored=False, opening=True, change=True, filter=True),
    CaseField("contact", FieldKind.REFERENCE, record="contact", stored=False, opening=True, change=True),
    CaseField(
        "entitlement",
        FieldKind.REFERENCE,
        record="entitlement",
        stored=False,
        opening=True,
        change=True,
        condition=True,
        search="CaseEntitlement",
    ),
    CaseField("sla", FieldKind.REFERENCE, record="sla", opening=True, change=True),
    CaseField("status_reason", FieldKind.WORD, nullable=False, change=True, condition=True),
    CaseField("escalated", FieldKind.FLAG, nullable=False, default=False, change=True, condition=True),
    # What the case itself writes.
    CaseField("route", FieldKind.FLAG, nullable=False, default=True, opening=True, condition=True),
    CaseField("decrement", FieldKind.FLAG, nullable=False, default=True, opening=True),
    CaseField("apply_sla", FieldKind.FLAG, nullable=False, default=True, opening=True, change=True),
    CaseField("status", FieldKind.WORD, longest=10, nullable=False, condition=True, filter=True, search="CaseStatus"),
    CaseField("first_response_sent", FieldKind.FLAG, nullable=False, default=False, condition=True),
    CaseField("queue", FieldKind.REFERENCE, record="queue", condition=True, filter=True, search="CaseQueue"),
    CaseField("stage", FieldKind.WORD, condition=True, search="CaseStage"),
    CaseField(
        "owner", FieldKind.REFERENCE, record="agent", stored=False, condition=True, filter=True, search="CaseOwner"
    ),
    CaseField("created_on", FieldKind.INSTANT, nullable=False),
    CaseField("modified_on", FieldKind.INSTANT, nullable=False),
    CaseField("escalated_on", FieldKind.INSTANT),
    CaseField("last_on_hold", FieldKind.INSTANT),
    CaseField("reactivated_on", FieldKind.INSTANT),
    CaseField("last_resolved_on", FieldKind.INSTANT),
    CaseField("answered_on", FieldKind.INSTANT),
    CaseField("follow_up_by", FieldKind.INSTANT, change=True),
)

BY_NAME = MappingProxyType({field.name: field for field in CASE_FIELDS})


def names(wanted: Callable[[CaseField], object]) -> tuple[str, ...]:
    """The fields of which `wanted` is true, in the order of the table."""
    return tuple(field.name for field in CASE_FIELDS if wanted(field))


def _not_cleared(value: Any) -> Any:
    if value is None:
        raise ValueError(said("cannot be cleared"))
    return value


NEVER_CLEARED = BeforeValidator(_not_cleared)


def as_changed(field: CaseField) -> tuple[Any, Any]:
    """Of a change: absent, null where it may be cleared, or a value."""
    return (field.type | None, None) if field.nullable else (Annotated[field.type | None, NEVER_CLEARED], None)


def as_opened(field: CaseField) -> tuple[Any, Any]:
    return (field.type | None, None) if field.default is None else (field.type, field.default)


def as_shown(field: CaseField) -> tuple[Any, Any]:
    """What is read back is not asked whether it could be written today."""
    plain: dict[FieldKind, Any] = {
        FieldKind.NUMBER: int,
        FieldKind.FLAG: bool,
        FieldKind.INSTANT: Instant,
        FieldKind.SKILLS: dict[str, int],
    }
    return plain.get(field.kind, str) | None, None


def with_fields(
    wanted: Callable[[CaseField], object], made: Callable[[CaseField], tuple[Any, Any]]
) -> Callable[[type[M]], type[M]]:
    """The message with a field more for each row of the table that it does not declare itself."""

    def extended(model: type[M]) -> type[M]:
        rows = [field for field in CASE_FIELDS if wanted(field) and field.name not in model.model_fields]
        if not rows:
            return model
        more: dict[str, Any] = {field.name: made(field) for field in rows}
        return create_model(model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **more)

    return extended
