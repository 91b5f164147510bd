"""Notices: what the engine itself says of a case, to the house's people or to the customer, each as they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from letters.templates import Facts, shown_in
from models.messages.mail_facts import OutgoingKind
from models.messages.organisation import OrganisationSettings
from models.messages.templates import MailTemplate


@dataclass(frozen=True)
class NoticeReader:
    """Who reads a notice. Without a zone of their own they read by the organisation's clock, without a language in its."""

    address: str
    zone: str | None = None
    language: str | None = None
    customer: bool = False
    agent_id: UUID | None = None
    """Of whoever may have chosen how they want to be told."""


@dataclass(frozen=True)
class Notice:
    """`key` names it for ever; `template` is the organisation's own, `words` the engine's; `facts` are those that this
    notice knows beyond the case, instants among them."""

    key: str
    template: str | None
    words: MailTemplate
    facts: Mapping[str, Mapping[str, str | datetime]] = field(default_factory=dict)
    kind: OutgoingKind = OutgoingKind.NOTICE
    not_before: datetime | None = None
    """Wall time before which it does not leave."""

    def facts_in(self, zone: str) -> Facts:
        return {
            root: {
                name: shown_in(value, zone) if isinstance(value, datetime) else value for name, value in names.items()
            }
            for root, names in self.facts.items()
        }


class Way(NamedTuple):
    """How a letter is read: by which clock, in which language, inside the house or outside."""

    zone: str
    language: str
    customer: bool


def way_of(reader: NoticeReader, organisation: OrganisationSettings) -> Way:
    return Way(reader.zone or organisation.time_zone, reader.language or organisation.language, reader.customer)


def by_way(readers: Iterable[NoticeReader], organisation: OrganisationSettings) -> dict[Way, tuple[str, ...]]:
    """The addresses of those who read alike get one letter; nobody gets two."""
    ways: dict[Way, tuple[str, ...]] = {}
    known: set[str] = set()
    for reader in readers:
        if reader.address not in known:
            known.add(reader.address)
            way = way_of(reader, organisation)
            ways[way] = (*ways.get(way, ()), reader.address)
    return ways
