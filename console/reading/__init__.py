"""What one looks up: customers with their contracts, and knowledge articles with their versions."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.reading.contracts import Contracts
from console.reading.customer_forms import CustomerForms
from console.reading.customers import Customers
from console.staff import Staff
from models.messages.reference import CASE_ROLES, Role

LEADS = (Role.MANAGER, Role.ADMINISTRATOR)


def routes(staff: Staff) -> list[BaseRoute]:
    customers, forms, contracts = Customers(staff), CustomerForms(staff), Contracts(staff)
    return [
        staff.page("/customers", customers.search, roles=CASE_ROLES),
        staff.page("/customers/duplicates", customers.duplicates, roles=CASE_ROLES),
        staff.page("/customers/new", forms.new, roles=CASE_ROLES),
        staff.deed("/customers/new", forms.create, roles=CASE_ROLES),
        staff.page("/customers/{key}", customers.show, roles=CASE_ROLES),
        staff.page("/customers/{key}/change", forms.edit, roles=CASE_ROLES),
        staff.deed("/customers/{key}/change", forms.change, roles=CASE_ROLES),
        staff.deed("/customers/{key}/merge", customers.merge, roles=LEADS),
        staff.part("/part/accounts", customers.choices, roles=CASE_ROLES),
        staff.page("/contracts/{key}", contracts.show, roles=CASE_ROLES),
        staff.page("/contracts/{key}/statement.csv", contracts.table, roles=CASE_ROLES),
        staff.page("/contracts/{key}/statement", contracts.paper, roles=CASE_ROLES),
    ]
