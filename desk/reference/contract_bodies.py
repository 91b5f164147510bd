"""What a contract's body must keep to beyond its message's own rules (domain 3.1), and its terms as the database has them."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.contract_times import of_its_customer
from desk.errors import Conflict, Invalid
from desk.reference.readers import check_readers
from desk.reference.records import Edit
from desk.reference.templates import check_texts
from models.messages.entitlements import EntitlementDefinition, EntitlementStatus
from models.messages.said import said
from models.records.reference import Contact, Entitlement


async def check_contract(edit: Edit, body: EntitlementDefinition) -> None:
    """`Invalid` unless listed contacts are the customer's, and warnings can be said."""
    for position, slug in enumerate(body.contacts):
        contact = await edit.names.require("contact", slug, f"contacts[{position}]")
        account = await edit.session.scalar(select(Contact.account_id).where(Contact.id == contact))
        if body.account is not None and account != await edit.names.find("account", body.account):
            raise Invalid(
                f"contacts[{position}]",
                said("{slug!r} is not a contact of the account {account!r}", slug=slug, account=body.account),
            )
        if body.contact is not None and slug != body.contact:
            raise Invalid(
                f"contacts[{position}]",
                said("{slug!r} is not the customer {contact!r}", slug=slug, contact=body.contact),
            )
    await check_texts(edit, body)
    await check_readers(edit.session, body)


async def check_default(session: AsyncSession, row: Entitlement) -> None:
    """`Conflict` if it is the customer's default on a day on which another one is it already (domain 3.5)."""
    if not row.is_default:
        return
    others = select(Entitlement).where(
        of_its_customer(row),
        Entitlement.is_default,
        Entitlement.status.in_((EntitlementStatus.DRAFT, EntitlementStatus.WAITING, EntitlementStatus.ACTIVE)),
        Entitlement.start <= row.end,
        Entitlement.end >= row.start,
        Entitlement.id != row.id,
    )
    other = await session.scalar(others.order_by(Entitlement.start).limit(1))
    if other is not None:
        raise Conflict(
            "default-taken",
            said(
                "{other!r} is the default of the same customer from {start} to {end}; let this one "
                "begin after it, or make this one the default once it is active, which takes its place",
                other=other.slug,
                start=other.start,
                end=other.end,
            ),
            allowed=("activate", "set-default"),
            field="default",
        )


def exact(body: EntitlementDefinition) -> EntitlementDefinition:
    """The body with its terms written as the database gives them back: 15.0 is 15, and no change."""
    channels = tuple(c.model_copy(update={"total_terms": _plain(c.total_terms)}) for c in body.channels)
    return body.model_copy(update={"total_terms": _plain(body.total_terms), "channels": channels})


def _plain(terms: Decimal) -> Decimal:
    return terms.normalize() + Decimal(0)
