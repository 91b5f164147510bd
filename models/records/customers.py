"""How customers are reached: the addresses of contacts, and the numbers of contacts and accounts. Written with their owners."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, event, insert
from sqlalchemy.orm import Mapped, mapped_column

from models.records.base import Keyed, Record, String
from models.records.reference import Contact

PRIMARY = 0
"""The position of the address that letters go to where nothing else is known; it also stands in the contact's own row."""


class ContactAddress(Record):
    """Every address that mail of a contact comes from. An address belongs to one contact alone."""

    __tablename__ = "contact_address"
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"), index=True)
    position: Mapped[int] = mapped_column(default=PRIMARY)


class CustomerPhone(Keyed, Record):
    """A number of a contact or of an account. Several may share one, as colleagues share a switchboard's."""

    __tablename__ = "customer_phone"
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"), index=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(40))
    """As it was written."""
    normal: Mapped[str] = mapped_column(String(40), index=True)
    """In the one form by which numbers are compared (E.164)."""


def _with_address(_mapper: Any, connection: Connection, contact: Contact) -> None:
    values = {"address": contact.email, "contact_id": contact.id, "position": PRIMARY}
    connection.execute(insert(ContactAddress).values(**values))


event.listen(Contact, "after_insert", _with_address)
