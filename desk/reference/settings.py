"""The organisation's settings: one document, always in force; a change is a new version at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid, NotFound
from desk.reference import definitions
from desk.reference.bodies import plain, validated
from desk.reference.records import Edit, check_version, etag
from models.messages.organisation import OrganisationSettings
from models.messages.said import said
from storage.definitions import DefinitionKind

SLUG = "organisation"


async def in_force(session: AsyncSession) -> tuple[OrganisationSettings, int]:
    """The settings and their version; without any the defaults, as version 0."""
    try:
        item = await definitions.get(session, DefinitionKind.ORGANISATION, SLUG)
    except NotFound:
        return OrganisationSettings(), 0
    if not isinstance(item.body, OrganisationSettings):
        raise TypeError("the settings are none")
    return item.body, item.version


async def change(edit: Edit, patch: Mapping[str, Any], if_match: str | None) -> tuple[OrganisationSettings, int]:
    """A merge patch on what is in force. `Stale` if that is another version than `if_match` names."""
    shown, version = await in_force(edit.session)
    if patch.get("slug", SLUG) != SLUG:
        raise Invalid("slug", said("is always {slug!r}", slug=SLUG))
    check_version(version, if_match)
    body = validated(OrganisationSettings, {**plain(shown), **patch, "slug": SLUG})
    await definitions.put(edit, DefinitionKind.ORGANISATION, body)
    return await in_force(edit.session)


def tag(version: int) -> str:
    """As `ETag` and `If-Match` have it."""
    return etag(version)
