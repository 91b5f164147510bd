"""Who reads a page: somebody who is signed in, with all that decides how pages look to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from desk.identity import Identity
from desk.preferences import Preferences
from desk.sessions import SignedIn
from models.messages.organisation import OrganisationSettings
from models.messages.reference import Role
from policies.zones import first_known, zone


@dataclass(frozen=True, slots=True)
class Visitor:
    """`here`: the address that they asked for, with its query; `part`: their browser's script asked, for a piece of a page;
    `posted`: a form asked, and not its script, so that the answer stands in the browser's history without an address of its own;
    `needs_second_factor`: their role needs one, they have none, and until they do they reach nothing else."""

    session: SignedIn
    preferences: Preferences
    organisation: OrganisationSettings
    language: str
    now: datetime
    here: str
    part: bool = False
    needs_second_factor: bool = False
    posted: bool = False

    @property
    def identity(self) -> Identity:
        return self.session.identity

    @property
    def zone_name(self) -> str:
        own = first_known(self.preferences.time_zone, self.session.time_zone)
        return own or self.organisation.time_zone

    @property
    def zone(self) -> tzinfo:
        return zone(self.zone_name)

    def has(self, *roles: Role) -> bool:
        return bool(self.identity.roles.intersection(roles))
