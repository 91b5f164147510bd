"""Reference data over HTTP: everyone with a token reads, managers and administrators write (domain 11)."""

from api.bodies import Router
from api.reference import (
    article_life,
    article_use,
    articles,
    contract_templates,
    customers,
    definitions,
    entitlements,
    incidents,
    mail_log,
    mailboxes,
    operators,
    organisation,
    presence,
    promises,
    quarantine,
    records,
    statements,
    suppressions,
    trying,
    webhooks,
)

router = Router()
for each in (
    mailboxes.router,
    mail_log.router,
    *records.ROUTERS,
    *customers.ROUTERS,
    presence.router,
    entitlements.router,
    statements.router,
    contract_templates.router,
    *definitions.ROUTERS,
    organisation.router,
    articles.router,
    article_life.router,
    article_use.router,
    operators.router,
    incidents.router,
    quarantine.router,
    suppressions.router,
    trying.router,
    promises.router,
    webhooks.router,
):
    router.include_router(each)

__all__ = ["router"]
