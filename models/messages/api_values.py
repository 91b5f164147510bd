"""Types that the bodies of commands share: texts, names, and values of custom fields and data steps."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from models.messages.base import EmailAddress
from models.messages.case_fields import one_line, text
from models.messages.processes import DataValue
from models.messages.storable import number, text_fault


def example(body: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


if TYPE_CHECKING:
    # A type checker reads no type that a function makes.
    Line: TypeAlias = str
    LongText: TypeAlias = str
else:
    Line, LongText = one_line(300), text(100_000)

CustomName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,63}$")]
ArticleNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,8}-[0-9]{1,10}$")]
Recipients = Annotated[tuple[EmailAddress, ...], Field(max_length=50)]
AttachmentIds = Annotated[tuple[UUID, ...], Field(max_length=20)]


LONGEST_VALUE = 4000
"""Characters of a text in a custom field."""


def _bounded(value: DataValue) -> DataValue:
    if isinstance(value, str):
        if (rule := text_fault(value, LONGEST_VALUE)) is not None:
            raise ValueError(rule)
    elif value is not None and not isinstance(value, bool):
        number(value)
    return value


CaseValue = Annotated[DataValue, AfterValidator(_bounded)]
"""A value of a data step or custom field: yes/no, number, text of at most 4,000 characters, or null to clear it."""


def plain_values(values: dict[str, DataValue]) -> dict[str, bool | int | float | str | None]:
    # A decimal would become text in JSON, and come back from the command row as another kind of value.
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in values.items()}
