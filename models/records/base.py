"""The declarative base and the column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Table,
    Uuid,
    bindparam,
    event,
    func,
    or_,
)
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine
from uuid_utils import uuid7 as _uuid7

from models.messages import storable
from models.messages.said import said
from models.messages.storable import Unstorable

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


class UnstorableColumn(Unstorable, DontWrapMixin):
    """As `Unstorable`, found when a value was bound to a column; `field` is `table.column`.

    SQLAlchemy would wrap any other error from a column type in a StatementError.
    """


class _Checked:
    """What the column types share: each knows its column by name, and refuses what that cannot hold."""

    column = ""

    def refuse(self, rule: str | None) -> None:
        if rule is not None:
            raise UnstorableColumn(self.column, rule)


class String(_Checked, TypeDecorator[str]):
    """Text of at most `length` characters: SQLite enforces none, and PostgreSQL's own refusal names no column."""

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int | None = None, *, collation: str | None = None) -> None:
        super().__init__(length, collation=collation)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None:
            self.refuse(storable.text_fault(value, self.length))
        return value

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        """What is only looked for may be longer than anything that is there."""
        return _LOOKED_FOR


_LOOKED_FOR = String()


def looked_for(name: str, *, expanding: bool = False) -> BindParameter[Any]:
    """A parameter that a column of text is compared with, in a statement that is built once.

    A plain one takes the column's type, and with it the refusal of what is too long: so a stranger's address could stop
    whoever only asks whether it is known.
    """
    return bindparam(name, type_=_LOOKED_FOR, expanding=expanding)


class Whole(_Checked, TypeDecorator[int]):
    """A whole number of 32 bits, as PostgreSQL's INTEGER has them and SQLite's does not."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None:
            self.refuse(storable.integer_fault(value, 2**31 - 1))
        return value

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self.impl_instance


class Long(_Checked, TypeDecorator[int]):
    """A whole number of 64 bits, which SQLite's INTEGER has by itself."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None:
            self.refuse(storable.integer_fault(value))
        return value

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self.impl_instance


class Document(_Checked, TypeDecorator[Any]):
    """A JSON document, see `storable.check`. It is larger than what came in: an audit row holds the old beside the new."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        try:
            storable.check(value, deepest=2 * storable.DEEPEST, largest=4 * storable.LARGEST)
        except Unstorable as error:
            raise UnstorableColumn(f"{self.column}.{error.field}" if error.field else self.column, error.rule) from None
        return value


class Day(_Checked, TypeDecorator[date]):
    impl = Date
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> date | None:
        if value is not None:
            self.refuse(storable.day_fault(value))
        return value


class UtcInstant(_Checked, TypeDecorator[datetime]):
    """Aware UTC in Python; `timestamptz` on PostgreSQL, naive UTC on SQLite. A naive value is a bug and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(said("an instant needs its time zone"))
        self.refuse(storable.instant_fault(value))
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Terms(_Checked, TypeDecorator[Decimal]):
    """Entitlement terms, exact to 1/10,000, kept as an integer so that SQL can add them up on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        value = Decimal(value)
        self.refuse(storable.decimal_fault(value))
        scaled = value * TERM_SCALE
        if scaled != scaled.to_integral_value():
            self.refuse("terms are exact to four decimal places")
        self.refuse(storable.integer_fault(int(scaled)))
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / TERM_SCALE).normalize() + Decimal(0)


class Record(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    # `recorded_at` is for operators: reading it back after every insert would cost more than the insert.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - the base class declares its type
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: String,
        int: Whole,
        date: Day,
        datetime: UtcInstant,
        UUID: Uuid,
        dict[str, Any]: Document,
        list[str]: Document,
        Decimal: Terms,
    }


def table_of(record: type[Record]) -> Table:
    """For statements that read and write rows as such: on hot ways an entity costs more than its row."""
    return Record.metadata.tables[record.__tablename__]


def keyed(record: Any, key: str) -> ColumnElement[bool]:
    """The condition that a reference record's slug or id is `key`: a contact that a mail made known has no slug.

    An article also answers to its number.
    """
    ways = [getattr(record, name) == key for name in ("slug", "number") if hasattr(record, name)]
    try:
        return or_(*ways, record.id == UUID(key))
    except ValueError:
        return or_(*ways)


def values_of(row: Record) -> dict[str, Any]:
    """What an entity that was just made was given: the parameters of an insert into its table."""
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


class Keyed:
    """A uuid7 key and the wall time of the row's making, for operators; no rule reads `recorded_at`."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())


def name_columns(record: type[Record]) -> None:
    """Tell each column's type its column, so that a refusal can name it."""
    for column in record.__table__.columns:
        if isinstance(column.type, _Checked):
            column.type.column = str(column)


@event.listens_for(Record, "instrument_class", propagate=True)
def _mapped(_mapper: Mapper[Any], record: type[Record]) -> None:
    name_columns(record)
