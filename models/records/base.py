"""The declarative base and the column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, MetaData, Table, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator
from uuid_utils import uuid7 as _uuid7

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

TERM_SCALE = Decimal(10_000)


def new_id() -> UUID:
    """A uuid7 of the standard library's class: ordered by the time it was made."""
    return UUID(int=_uuid7().int)


class UtcInstant(TypeDecorator[datetime]):
    """Aware UTC in Python; `timestamptz` on PostgreSQL, naive UTC on SQLite. A naive value is a bug and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Terms(TypeDecorator[Decimal]):
    """Entitlement terms, exact to 1/10,000, kept as an integer so that SQL can add them up on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value) * TERM_SCALE
        if scaled != scaled.to_integral_value():
            raise ValueError("terms are exact to four decimal places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / TERM_SCALE).normalize() + Decimal(0)


class Record(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    # `recorded_at` is for operators: reading it back after every insert would cost more than the insert.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - the base class declares its type
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcInstant,
        UUID: Uuid,
        dict[str, Any]: JSON,
        list[str]: JSON,
        Decimal: Terms,
    }


def table_of(record: type[Record]) -> Table:
    """For statements that read and write rows as such: on hot ways an entity costs more than its row."""
    return Record.metadata.tables[record.__tablename__]


def values_of(row: Record) -> dict[str, Any]:
    """What an entity that was just made was given: the parameters of an insert into its table."""
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


class Keyed:
    """A uuid7 key and the wall time of the row's making, for operators; no rule reads `recorded_at`."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
