"""The organisation's settings: one document, always in force; a change is a new version at once."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.common import ADMINISTRATORS, CHANGE, LIST, Edits, Patch, Tag
from desk.reference import settings
from desk.reference.bodies import plain
from desk.reference.records import etag
from models.messages.organisation import OrganisationSettings

router = Router(prefix="/organisation", tags=["definitions"])


@router.get(
    "",
    operation_id="read_organisation",
    response_model=OrganisationSettings,
    responses=LIST,
    summary="Read the settings in force",
)
async def read(house: HouseDep, _identity: Anybody, response: Response) -> Any:
    async with house.database.read() as session:
        body, version = await settings.in_force(session)
    response.headers["ETag"] = etag(version)
    return plain(body)


@router.patch(
    "",
    operation_id="change_organisation",
    response_model=OrganisationSettings,
    responses=CHANGE,
    summary="Change the settings, at once",
    dependencies=only(*ADMINISTRATORS),
)
async def change(patch: Patch, edits: Edits, if_match: Tag = None) -> Any:
    async with edits.edit() as edit:
        body, version = await settings.change(edit, patch, if_match)
        return edits.tagged(plain(body), etag(version))
