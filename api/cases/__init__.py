"""The case routes of the API: `router` gathers them."""

from __future__ import annotations

from fastapi import APIRouter

from api.cases import correspondence, files, lifecycle, ownership, process, reads

router = APIRouter()
for _part in (reads, lifecycle, ownership, process, correspondence, files):
    router.include_router(_part.router)
