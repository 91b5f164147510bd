"""What one looks up: customers with their contracts, and knowledge articles with their versions."""

from __future__ import annotations

from starlette.routing import BaseRoute

from console.reading.article_forms import ArticleForms
from console.reading.article_verbs import ArticleVerbs
from console.reading.articles import WRITERS, Articles
from console.reading.contract_exchange import ContractExchange
from console.reading.contract_verbs import LEADS, ContractVerbs
from console.reading.contracts import Contracts
from console.reading.customer_forms import CustomerForms
from console.reading.customers import Customers
from console.staff import Staff
from models.messages.reference import CASE_ROLES


def routes(staff: Staff) -> list[BaseRoute]:
    customers, forms, contracts = Customers(staff), CustomerForms(staff), Contracts(staff)
    articles, writing = Articles(staff), ArticleForms(staff)
    exchange = ContractExchange(staff)
    verbs = ArticleVerbs(staff, articles)
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
        staff.page("/contracts/{key}/exchange", exchange.show, roles=LEADS),
        staff.deed("/contracts/{key}/exchange", exchange.do, roles=LEADS),
        *ContractVerbs(staff).routes(),
        staff.page("/articles", articles.list, roles=WRITERS),
        staff.deed("/articles/search", articles.look_for, roles=WRITERS),
        staff.page("/articles/new", writing.new, roles=WRITERS),
        staff.deed("/articles/new", writing.create, roles=WRITERS),
        staff.page("/articles/{key}", articles.show, roles=WRITERS),
        staff.page("/articles/{key}/change", writing.edit, roles=WRITERS),
        staff.deed("/articles/{key}/change", writing.change, roles=WRITERS),
        staff.deed("/articles/{key}/opened", articles.opened, roles=WRITERS),
        staff.deed("/articles/{key}/rate", articles.rate, roles=WRITERS),
        staff.deed("/articles/{key}/{verb}", verbs.do, roles=WRITERS),
    ]
