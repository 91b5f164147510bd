"""The organisation as it is in force, written as a file: applied to an empty house it makes the same, without a secret.

Left out is what is no part of an organisation file: cases, balances of contracts, tokens, drafts, what is retired, and
contacts whom only a mail made known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.organisation.applicable import applicable
from desk.organisation.applied import kept
from desk.organisation.file import ACTIVE, SECTIONS, SETTINGS
from desk.organisation.states import PLAIN, states
from desk.organisation.writing import written
from desk.reference import article_standing
from desk.reference.customers import numbers_from_abroad
from desk.reference.entitlements import CANCELLED, DRAFT, ENTITLEMENTS
from models.messages.reading_back import read_back
from models.records.applied import AppliedRecord
from models.records.articles import Article
from models.records.reference import DefinitionRecord, Entitlement
from policies.articles import LIVE
from storage.definitions import MODELS, DefinitionKind

CUSTOMERS = frozenset({"accounts", "contacts", "entitlements"})
HEAD = """\
# The organisation as it is in force, written by `starter.py export`. It holds no password: `password_env` or
# `password_file` name where a mailbox's is, where the file that made it said so.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """`text` is the file; `notes` say what could not be part of it, a sentence each."""

    text: str
    notes: tuple[str, ...]


async def export(session: AsyncSession, *, customers: bool = True, now: datetime | None = None) -> Exported:
    """`customers` false: without accounts, contacts and contracts, as a desk with many of them keeps those elsewhere.

    It can always be applied: see `desk.organisation.applicable`."""
    export = _Export(session, await kept(session))
    document: dict[str, Any] = {}
    settings = await export.definitions(DefinitionKind.ORGANISATION)
    if settings:
        document[SETTINGS] = {name: value for name, value in settings[0].items() if name != "slug"}
    for key, (kind, _) in SECTIONS.items():
        if key in CUSTOMERS and not customers:
            continue
        if kind in PLAIN:
            found = await export.plain(kind)
        elif kind == ENTITLEMENTS.name:
            found = await export.entitlements()
        elif kind == "article":
            found = await export.articles()
        else:
            found = await export.definitions(DefinitionKind(kind))
        if found:
            document[key] = found
    elsewhere = frozenset() if customers else frozenset(SECTIONS[key][0] for key in CUSTOMERS)
    text, mended = await applicable(document, _file, now or datetime.now(UTC), elsewhere)
    return Exported(text, (*export.notes, *mended))


def _file(document: Mapping[str, Any]) -> str:
    kept = {key: value for key, value in document.items() if value}
    return f"{HEAD}\n{_spaced(written(kept) if kept else '')}"


class _Export:
    def __init__(self, session: AsyncSession, known: Mapping[tuple[str, str], AppliedRecord]) -> None:
        self.session, self.known = session, known
        self.notes: list[str] = []

    async def plain(self, name: str) -> list[dict[str, Any]]:
        kind = PLAIN[name]
        table = kind.table
        wanted = select(table).where(table.slug.is_not(None)).order_by(table.slug)
        if hasattr(table, "merged_into_id"):
            wanted = wanted.where(table.merged_into_id.is_(None))
        rows = list(await self.session.scalars(wanted))
        bodies = await kind.bodies(self.session, rows)
        abroad = await numbers_from_abroad(self.session, kind, rows)
        found = []
        for row, body in zip(rows, bodies, strict=True):
            values = values_of(body)
            if row.id in abroad:
                values["phones"] = list(abroad[row.id])
            if name == "mailbox":
                values |= await self._secret_source(row.slug)
            found.append(values if row.active else {**values, ACTIVE: False})
        return found

    async def _secret_source(self, slug: str) -> dict[str, Any]:
        """Only as long as the password is the one that came from there."""
        said = self.known.get(("mailbox", slug))
        if said is None:
            return {}
        now = (await states(self.session, [("mailbox", slug)])).get(("mailbox", slug), {})
        return dict(said.secret_source) if now.get("password") == said.state.get("password") else {}

    async def definitions(self, kind: DefinitionKind) -> list[dict[str, Any]]:
        wanted = select(DefinitionRecord).where(DefinitionRecord.kind == kind, DefinitionRecord.status == "active")
        found = []
        for row in await self.session.scalars(wanted.order_by(DefinitionRecord.slug)):
            body = read_back(MODELS[kind], row.body)
            found.append(values_of(body))
        return found

    async def entitlements(self) -> list[dict[str, Any]]:
        rows = list(await self.session.scalars(select(Entitlement).order_by(Entitlement.slug)))
        bodies = await ENTITLEMENTS.bodies(self.session, rows)
        found = []
        for row, body in zip(rows, bodies, strict=True):
            if row.status in (DRAFT, CANCELLED):
                self.notes.append(f"entitlement {row.slug} is left out: it is {row.status}.")
                continue
            values = values_of(body)
            values["total_terms"] = _number(body.total_terms)
            for channel, given in zip(body.channels, values.get("channels", ()), strict=False):
                given["total_terms"] = _number(channel.total_terms)
            found.append(values)
        return found

    async def articles(self) -> list[dict[str, Any]]:
        slugs = list(await self.session.scalars(select(Article.slug).order_by(Article.slug)))
        standing = await article_standing.standing(self.session, slugs)
        found = []
        for slug in slugs:
            now = standing[slug]
            if now.status not in LIVE:
                self.notes.append(f"article {slug} is left out: no version of it is published.")
                continue
            if now.scheduled is not None:
                self.notes.append(f"article {slug}: a version that is planned to follow is left out.")
            found.append(values_of(now.entry))
        return found


def values_of(body: BaseModel) -> dict[str, Any]:
    """What differs from the defaults, the slug first."""
    values = body.model_dump(mode="json", exclude_defaults=True, exclude={"password"})
    first = {"slug": values.pop("slug")} if "slug" in values else {}
    return {**first, **values}


def _number(terms: Decimal) -> int | float | str:
    if terms == terms.to_integral_value():
        return int(terms)
    return float(terms) if Decimal(repr(float(terms))) == terms else f"{terms:f}"


def _spaced(body: str) -> str:
    """An empty line before each list."""
    lines = body.splitlines()
    return (
        "\n".join(f"\n{line}" if at and line and line[0] not in " -#" else line for at, line in enumerate(lines)) + "\n"
    )
