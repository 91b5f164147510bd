"""Accounts and contacts as forms: new ones, and changes that are refused if somebody else has changed the same meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.edits import edited
from console.reading.forms import Form, checked, lines
from console.staff import Posted, Staff
from console.visitor import Visitor
from console.words_asked import asked_word
from desk.errors import Conflict, Invalid, Stale
from desk.queries.customer_pages import CustomerPage, customer_page
from desk.reference.kinds import ACCOUNTS, CONTACTS
from desk.reference.records import etag
from models.messages.customers import CustomerKind
from models.messages.reference import AccountBody, ContactBody

KINDS: dict[CustomerKind, Any] = {CustomerKind.ACCOUNT: ACCOUNTS, CustomerKind.CONTACT: CONTACTS}
BODIES: dict[CustomerKind, Any] = {CustomerKind.ACCOUNT: AccountBody, CustomerKind.CONTACT: ContactBody}
SEVERAL = ("phones", "addresses")
"""A line for each value."""


class CustomerForms:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def new(self, request: Request, me: Visitor) -> Response:
        kind = _kind(request.query_params)
        given = {name: request.query_params.get(name, "")[:300] for name in BODIES[kind].model_fields}
        return self._page(me, kind, Form(given), None)

    async def create(self, request: Request, me: Visitor, posted: Posted) -> Response:
        kind = _kind({"kind": posted.text("kind")})
        form, raw = _filled(kind, posted)
        if not checked(BODIES[kind], raw, form):
            return self._page(me, kind, form, None)
        body = BODIES[kind].model_validate(raw)

        async def work(edit: Any) -> Any:
            made = await KINDS[kind].create(edit, body)
            return made.body.slug or str(made.id)

        try:
            key = await edited(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            form.refused(error, list(BODIES[kind].model_fields))
            return self._page(me, kind, form, None, status=error.status)
        return self.staff.after(me, f"/customers/{key}")

    async def edit(self, request: Request, me: Visitor) -> Response:
        customer = await self._customer(request, me)
        return self._page(me, customer.kind, _of(customer), customer)

    async def change(self, request: Request, me: Visitor, posted: Posted) -> Response:
        customer = await self._customer(request, me)
        kind = customer.kind
        form, raw = _filled(kind, posted)
        if customer.item.body.slug is not None:
            raw["slug"] = customer.item.body.slug
        if not checked(BODIES[kind], raw, form):
            return self._page(me, kind, form, customer)
        version = posted.text("version")

        async def work(edit: Any) -> Any:
            await KINDS[kind].change(edit, customer.key, raw, etag(int(version)) if version.isdigit() else None)

        try:
            await edited(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            form.refused(error, list(BODIES[kind].model_fields))
            return self._page(me, kind, form, customer, status=error.status)
        except Stale:
            # What others have saved is shown beside what was typed; sending once more takes it over.
            form.key = None
            return self._page(me, kind, form, customer, status=Stale.status, theirs=_of(customer).values)
        return self.staff.after(me, f"/customers/{raw['slug'] or customer.key}")

    async def _customer(self, request: Request, me: Visitor) -> CustomerPage:
        async with self.staff.database.read() as session:
            return await customer_page(session, self.staff.definitions, me.identity, request.path_params["key"])

    def _page(
        self,
        me: Visitor,
        kind: CustomerKind,
        form: Form,
        customer: CustomerPage | None,
        *,
        status: int = 200,
        theirs: dict[str, str] | None = None,
    ) -> Response:
        if form.wrong and status == 200:
            status = Invalid.status
        facts: dict[str, Any] = {
            "kind": kind.value,
            "form": form,
            "customer": customer,
            "theirs": theirs,
            "several": SEVERAL,
        }
        return self.staff.view(me, "reading/customer_form.html", status=status, **facts)


def _kind(query: Mapping[str, str]) -> CustomerKind:
    return asked_word(CustomerKind, query, "kind", CustomerKind.ACCOUNT)


def _filled(kind: CustomerKind, posted: Posted) -> tuple[Form, dict[str, Any]]:
    """What was typed, and the same as values of the record: an empty field is none."""
    typed = {name: posted.text(name) for name in BODIES[kind].model_fields}
    raw: dict[str, Any] = {
        name: lines(value) if name in SEVERAL else value.strip() or None for name, value in typed.items()
    }
    return Form(typed, key=posted.key), raw


def _of(customer: CustomerPage) -> Form:
    body = customer.item.body.model_dump(mode="json")
    return Form({name: "\n".join(value) if name in SEVERAL else value or "" for name, value in body.items()})
