"""The case routes of the API: `router` gathers them."""

from __future__ import annotations

from api.bodies import Router
from api.cases import correspondence, families, files, lifecycle, ownership, process, reads

router = Router()
for _part in (reads, lifecycle, ownership, process, correspondence, files, families):
    router.include_router(_part.router)
