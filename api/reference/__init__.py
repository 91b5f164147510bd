"""Reference data over HTTP: everyone with a token reads, managers and administrators write (domain 11)."""

from fastapi import APIRouter

from api.reference import articles, definitions, entitlements, operators, organisation, quarantine, records

router = APIRouter()
for each in (
    *records.ROUTERS,
    entitlements.router,
    *definitions.ROUTERS,
    organisation.router,
    articles.router,
    operators.router,
    quarantine.router,
):
    router.include_router(each)

__all__ = ["router"]
