"""What may be done with a version of an article in each of its states, and what its instants bring about (domain 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.messages.articles import AfterExpiry, ArticleStatus

S = ArticleStatus

VERBS: dict[ArticleStatus, tuple[str, ...]] = {
    S.DRAFT: ("change", "submit", "approve", "discard"),
    S.IN_REVIEW: ("approve", "reject", "redraft", "discard"),
    S.REJECTED: ("change", "submit", "discard"),
    S.APPROVED: ("publish", "reject", "versions"),
    S.SCHEDULED: ("update", "publish", "unschedule", "versions"),
    S.PUBLISHED: ("update", "versions", "expire", "archive"),
    S.EXPIRED: ("versions", "archive"),
    S.ARCHIVED: ("versions",),
    S.DISCARDED: ("redraft", "versions"),
}
"""`versions` begins a new one with its content; a change of what is no draft does the same."""

OPEN = frozenset({S.DRAFT, S.IN_REVIEW, S.REJECTED, S.APPROVED, S.SCHEDULED})
"""Work that is not done yet: while there is some, no further version is begun in that language."""
WRITTEN_AT = frozenset({S.DRAFT, S.REJECTED})
"""In these an author changes the version itself."""
LIVE = frozenset({S.SCHEDULED, S.PUBLISHED})
"""In these only who may publish changes it, by `update`."""
MAILED = frozenset({S.PUBLISHED, S.EXPIRED})
"""In these it may leave the house."""


@dataclass(frozen=True, slots=True)
class VersionTimes:
    """What the instants of one version say."""

    id: UUID
    status: ArticleStatus
    publish_on: datetime | None = None
    expires_on: datetime | None = None
    after_expiry: AfterExpiry = AfterExpiry.EXPIRED


@dataclass(frozen=True, slots=True)
class Change:
    """A version becomes something else at an instant."""

    at: datetime
    id: UUID
    status: ArticleStatus


def next_change(versions: Iterable[VersionTimes]) -> Change | None:
    """The earliest of what the instants bring about, whether it has come or not; at one instant, what ends comes first."""
    coming = [change for each in versions if (change := _of(each)) is not None]
    return min(coming, key=lambda change: (change.at, change.status is S.PUBLISHED, change.id), default=None)


def _of(version: VersionTimes) -> Change | None:
    if version.status is S.SCHEDULED and version.publish_on is not None:
        return Change(version.publish_on, version.id, S.PUBLISHED)
    if version.status is S.PUBLISHED and version.expires_on is not None:
        return Change(version.expires_on, version.id, ArticleStatus(version.after_expiry))
    return None
