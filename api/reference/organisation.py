"""The organisation's settings: one document, always in force; a change is a new version at once."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.common import ADMINISTRATORS, CHANGE, LIST, Edits, Patch, Tag
from desk.errors import Invalid, NotFound
from desk.reference import definitions
from desk.reference.bodies import plain, validated
from desk.reference.records import check_version, etag
from models.messages.organisation import OrganisationSettings
from storage.definitions import DefinitionKind

router = Router(prefix="/organisation", tags=["definitions"])


async def _in_force(session: AsyncSession) -> tuple[dict[str, Any], int]:
    """The settings and their version; without any the defaults, as version 0."""
    try:
        item = await definitions.get(session, DefinitionKind.ORGANISATION, "organisation")
    except NotFound:
        return plain(OrganisationSettings()), 0
    return plain(item.body), item.version


@router.get(
    "",
    operation_id="read_organisation",
    response_model=OrganisationSettings,
    responses=LIST,
    summary="Read the settings in force",
)
async def read(house: HouseDep, _identity: Anybody, response: Response) -> Any:
    async with house.database.read() as session:
        shown, version = await _in_force(session)
    response.headers["ETag"] = etag(version)
    return shown


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
        shown, version = await _in_force(edit.session)
        if patch.get("slug", "organisation") != "organisation":
            raise Invalid("slug", "is always 'organisation'")
        check_version(version, if_match)
        made = await definitions.put(
            edit,
            DefinitionKind.ORGANISATION,
            validated(OrganisationSettings, {**shown, **patch, "slug": "organisation"}),
        )
        if made is not None:
            shown, version = plain(made.body), made.version
        return edits.tagged(shown, etag(version))
