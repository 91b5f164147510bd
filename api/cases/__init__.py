"""The case routes of the API: `router` gathers them."""

from __future__ import annotations

from api.bodies import Router
from api.cases import (
    bulk,
    correspondence,
    customer,
    families,
    files,
    lifecycle,
    mine,
    ownership,
    process,
    reads,
    similar,
    suggested,
)

router = Router()
for _part in (
    *(reads, mine, similar, suggested, bulk, lifecycle, ownership),
    *(process, correspondence, files, families, customer),
):
    router.include_router(_part.router)
