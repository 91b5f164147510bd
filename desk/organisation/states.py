"""Records of the organisation as they stand, in one form for every kind: what a file would say of them, and no secret."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.article_standing import standing
from desk.reference.bodies import plain
from desk.reference.entitlements import DRAFT, ENTITLEMENTS
from desk.reference.kinds import ACCOUNTS, AGENTS, CONTACTS, MAILBOXES, PRODUCTS, QUEUES, SUBJECTS, TEAMS
from desk.reference.records import Kind
from models.messages.articles import ArticleStatus
from models.messages.reading_back import read_back
from models.records.reference import DefinitionRecord, Entitlement
from storage.definitions import MODELS, DefinitionKind

PLAIN: dict[str, Kind[Any]] = {
    kind.name: kind for kind in (AGENTS, TEAMS, MAILBOXES, QUEUES, ACCOUNTS, CONTACTS, SUBJECTS, PRODUCTS)
}

Key = tuple[str, str]
"""Kind and slug."""
State = dict[str, Any]
"""The body's fields, and `active`: whether it is in use, or in force. Of a mailbox `password` is a digest that changes
with it; of an article, `draft` is a version that somebody works at, and `scheduled` one that is planned to follow on what is
published."""
PLANNED = ("translations", "publish_on", "expires_on", "after_expiry")
"""Of an article: left out of its entry where there is none, and null here."""


async def states(session: AsyncSession, keys: Iterable[Key]) -> dict[Key, State]:
    """Of those that there are."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for kind, slug in keys:
        wanted[kind].add(slug)
    found: dict[Key, State] = {}
    for name, slugs in wanted.items():
        if name in PLAIN:
            of_kind = await _plain(session, PLAIN[name], slugs)
        elif name == ENTITLEMENTS.name:
            of_kind = await _entitlements(session, slugs)
        elif name == "article":
            of_kind = await _articles(session, slugs)
        else:
            of_kind = await _definitions(session, DefinitionKind(name), slugs)
        found |= {(name, slug): state for slug, state in of_kind.items()}
    return found


async def _plain(session: AsyncSession, kind: Kind[Any], slugs: set[str]) -> dict[str, State]:
    rows = list(await session.scalars(select(kind.table).where(kind.table.slug.in_(slugs))))
    bodies = await kind.bodies(session, rows)
    return {
        row.slug: {**_shown(plain(body)), **_secret(kind, row), "active": row.active}
        for row, body in zip(rows, bodies, strict=True)
    }


def _shown(body: Mapping[str, Any]) -> State:
    return {name: value for name, value in body.items() if name != "password"}


def _secret(kind: Kind[Any], row: Any) -> State:
    if kind is not MAILBOXES:
        return {}
    return {"password": hashlib.sha256(row.secret.encode()).hexdigest() if row.secret else None}


async def _definitions(session: AsyncSession, kind: DefinitionKind, slugs: set[str]) -> dict[str, State]:
    """The active version of each, or else the latest."""
    wanted = select(DefinitionRecord).where(DefinitionRecord.kind == kind, DefinitionRecord.slug.in_(slugs))
    found: dict[str, State] = {}
    for row in await session.scalars(wanted.order_by(DefinitionRecord.slug, DefinitionRecord.version)):
        if row.slug not in found or not found[row.slug]["active"]:
            body = plain(read_back(MODELS[kind], row.body))
            found[row.slug] = {**body, "active": row.status == "active"}
    return found


async def _entitlements(session: AsyncSession, slugs: set[str]) -> dict[str, State]:
    rows = list(await session.scalars(select(Entitlement).where(Entitlement.slug.in_(slugs))))
    bodies = await ENTITLEMENTS.bodies(session, rows)
    return {row.slug: {**plain(body), "active": row.status != DRAFT} for row, body in zip(rows, bodies, strict=True)}


async def _articles(session: AsyncSession, slugs: set[str]) -> dict[str, State]:
    found: dict[str, State] = {}
    for slug, now in (await standing(session, slugs)).items():
        planned = {name: value for name, value in plain(now.entry).items() if name in PLANNED}
        found[slug] = {
            **plain(now.entry),
            **dict.fromkeys(PLANNED),
            **planned,
            "active": now.status is ArticleStatus.PUBLISHED,
            "draft": plain(now.draft) if now.draft is not None else None,
            "scheduled": plain(now.scheduled) if now.scheduled is not None else None,
        }
    return found
