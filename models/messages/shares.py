"""A share of a promised time, written "80%"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Discriminator, Field, GetJsonSchemaHandler, Tag, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models.messages.base import Message, quoted
from models.messages.calendars import Span
from models.messages.said import said

_SHARE = re.compile(r"(\d{1,2}(?:\.\d{1,2})?)\s*%", re.ASCII)


class Share(Message):
    """More than none of it, and less than all."""

    percent: Decimal = Field(gt=0, lt=100, decimal_places=2)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict | Share):
            return value
        match = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None or not Decimal(match[1]):
            raise ValueError(
                said(
                    "{value} is no share; write more than 0% and less than 100%, for example '80%'", value=quoted(value)
                )
            )
        return {"percent": match[1]}

    def __str__(self) -> str:
        return f"{self.percent.normalize():f}%"

    @model_serializer
    def _write(self) -> str:
        return str(self)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"title": "Share", "type": "string", "examples": ["80%"]}


def _which(value: Any) -> str:
    is_share = isinstance(value, Share) or (isinstance(value, str) and value.strip().endswith("%"))
    return "share" if is_share else "span"


SpanOrShare = Annotated[Annotated[Span, Tag("span")] | Annotated[Share, Tag("share")], Discriminator(_which)]
"""A span of time, or a share of another one."""
