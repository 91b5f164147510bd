"""Columns made from the table of case fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from models.messages.case_fields import CaseField, FieldKind
from models.records.base import Document, Record, String, UtcInstant, Whole, name_columns


def add_columns(record: type[Record], fields: Iterable[CaseField]) -> None:
    """Give the record a column for each field that it does not declare itself."""
    for field in fields:
        if field.name not in record.__table__.columns:
            setattr(record, field.name, _column(field))
    name_columns(record)


def _column(field: CaseField) -> MappedColumn[Any]:
    return mapped_column(_type(field), nullable=field.nullable, default=field.default)


def _type(field: CaseField) -> TypeEngine[Any]:
    match field.kind:
        case FieldKind.TEXT | FieldKind.WORD | FieldKind.REFERENCE:
            return String(field.longest)
        case FieldKind.NUMBER:
            return Whole()
        case FieldKind.FLAG:
            return Boolean()
        case FieldKind.INSTANT:
            return UtcInstant()
        case FieldKind.SKILLS | FieldKind.CUSTOM:
            return Document()
