"""Plain records: one small service for all kinds, which differ in their body and in the columns that it fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale
from desk.reference.bodies import patched, plain, shown, storable
from desk.reference.references import TABLES, Names, references
from desk.reference.unseen import unseen
from desk.reference.words import wrong_words
from models.messages.base import Message, is_id
from models.messages.organisation import OrganisationSettings
from models.messages.said import said
from models.messages.storable import path_text
from models.records.base import keyed, new_id
from storage.definitions import Definitions
from storage.secrets import Keyring

B = TypeVar("B", bound=Message)

MAX_PAGE = 200


class Edit:
    """One change of reference data: the transaction that it is part of, who makes it, and when."""

    def __init__(self, session: AsyncSession, actor: str, now: datetime, keyring: Keyring | None = None) -> None:
        self.session, self.actor, self.now, self.keyring = session, actor, now, keyring
        self.names = Names(session)
        self.arriving: frozenset[tuple[str, str]] = frozenset()
        """Kind and slug of definitions that this same transaction is about to replace."""
        self.leaving: frozenset[tuple[str, str]] = frozenset()
        """Kind and slug of plain records that this same transaction takes out of use: they keep nothing else in use."""
        self.settings: OrganisationSettings | None = None
        """Whose words count, where the transaction brings settings of its own; None: those in force."""

    async def check_words(self, body: BaseModel, before: BaseModel | None = None) -> None:
        """`Invalid` on the first word that no list of the organisation has (see `desk.reference.words`), unless it stood there
        `before`: a word that was retired since keeps nobody from changing something else."""
        settings = self.settings or await Definitions().organisation(self.session)
        stood = () if before is None else tuple(wrong_words(before, settings))
        for wrong in wrong_words(body, settings):
            if wrong not in stood:
                raise Invalid(path_text(wrong.path), wrong.rule, path=wrong.path)

    def check_seen(self, new: BaseModel, old: BaseModel | None = None) -> None:
        """`Invalid` on the first text that shows nothing or something else, unless it stood there: a mail may have given it."""
        before = () if old is None else tuple(unseen(old))
        for path, rule, text in unseen(new):
            if (path, rule, text) not in before:
                raise Invalid(path_text(path), rule, path=path)

    def check_slug(self, slug: str | None) -> None:
        """`Invalid` for a slug that is read as an id: whoever asks for that id would get either record."""
        if slug is not None and is_id(slug):
            raise Invalid("slug", said("must not be written as an id is; take words that people know it by"))

    def audit(self, kind: str, object_id: str, action: str, changes: audit.Changes) -> None:
        audit.record(self.session, self.now, self.actor, kind, object_id, action, changes)

    async def flush(self, what: str) -> None:
        """Send the rows; two edits at once that want the same key leave one winner."""
        try:
            await self.session.flush()
        except IntegrityError:
            raise Conflict(
                "already-exists", said("{what}: somebody else has just taken one of its keys", what=what)
            ) from None


@dataclass(frozen=True, slots=True)
class Item(Generic[B]):
    """A record as it is shown: its body, its state, and figures that only the database knows."""

    id: UUID
    version: int
    active: bool
    body: B
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, Any]:
        body = {name: value for name, value in shown(self.body).items() if name != "password"}
        return {"id": self.id, **body, "active": self.active, "version": self.version, **self.facts}


def check_version(version: int, if_match: str | None) -> None:
    """If-Match holds the version as the ETag gave it, `"v7"` (RFC 9110 13.1.1); `*` is whatever there is."""
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() not in ("*", etag(version)):
        raise Stale(version)


def etag(version: int) -> str:
    return f'"v{version}"'


class Kind(Generic[B]):
    """One kind of plain record. A subclass says how a body becomes columns, and rows become bodies."""

    name: ClassVar[str]
    unique: ClassVar[tuple[str, ...]] = ("slug",)
    body: type[B]

    @property
    def table(self) -> Any:
        return TABLES[self.name]

    # ---- what a kind says of itself ----------------------------------------------------------------------------------

    async def bodies(self, session: AsyncSession, rows: Sequence[Any]) -> list[B]:
        """The rows' bodies, in the same order; related slugs are loaded for all rows at once."""
        raise NotImplementedError

    async def columns(self, edit: Edit, body: B) -> dict[str, Any]:
        """The values of the row's own columns. References have been checked."""
        raise NotImplementedError

    async def relate(self, edit: Edit, row: Any, body: B) -> None:
        """Rows that hang on this one (members, channels). The row itself is in the database."""

    async def check(self, edit: Edit, body: B, row: Any | None) -> None:
        """Rules beyond the message's own: raise `Invalid` or `Conflict`."""

    async def check_parent(self, edit: Edit, slug: str, parent: str | None, row: Any | None) -> None:
        """`Invalid` if the record, of a kind that is a tree, would lie below itself; a new one cannot."""
        above = await edit.names.find(self.name, parent) if parent and row is not None else None
        while above is not None:
            if row is not None and above == row.id:
                raise Invalid("parent", said("{parent!r} lies below {slug!r} itself", parent=parent, slug=slug))
            above = await edit.session.scalar(select(self.table.parent_id).where(self.table.id == above))

    async def check_unused(self, edit: Edit, row: Any) -> None:
        """Raise `Conflict` if deactivating the row would strand something."""

    async def facts(self, session: AsyncSession, rows: Sequence[Any]) -> list[Mapping[str, Any]]:
        return [{} for _ in rows]

    async def check_active(self, edit: Edit, row: Any) -> None:
        """Raise `Conflict` if the row can never be in use again."""

    def is_active(self, row: Any) -> bool:
        return bool(row.active)

    # ---- reading -----------------------------------------------------------------------------------------------------

    async def items(self, session: AsyncSession, rows: Sequence[Any]) -> list[Item[B]]:
        bodies, facts = await self.bodies(session, rows), await self.facts(session, rows)
        return [
            Item(row.id, row.version, self.is_active(row), body, known)
            for row, body, known in zip(rows, bodies, facts, strict=True)
        ]

    async def list(
        self, session: AsyncSession, after: UUID | None = None, limit: int = 50, where: Sequence[Any] = ()
    ) -> tuple[list[Item[B]], UUID | None]:
        """A page in order of id, and the cursor of the next one if there is more."""
        limit = min(limit, MAX_PAGE)
        wanted = select(self.table).where(*where).order_by(self.table.id).limit(limit + 1)
        if after is not None:
            wanted = wanted.where(self.table.id > after)
        rows = list(await session.scalars(wanted))
        return await self.items(session, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None

    async def row(self, session: AsyncSession, key: str, *, lock: bool = False, where: Sequence[Any] = ()) -> Any:
        wanted = select(self.table).where(keyed(self.table, key), *where)
        found = await session.scalar(wanted.with_for_update() if lock else wanted)
        if found is None:
            raise NotFound(self.name, key)
        return found

    async def get(self, session: AsyncSession, key: str, where: Sequence[Any] = ()) -> Item[B]:
        return (await self.items(session, [await self.row(session, key, where=where)]))[0]

    # ---- writing -----------------------------------------------------------------------------------------------------

    async def create(self, edit: Edit, body: B) -> Item[B]:
        edit.check_seen(body)
        await self._check(edit, body, None)
        row = self.table(id=new_id(), version=1, **await self.columns(edit, body))
        edit.session.add(row)
        await edit.flush(f"{self.name} {row.slug!r}")
        await self.relate(edit, row, body)
        await edit.flush(f"{self.name} {row.slug!r}")
        self._audit(edit, row, "create", audit.difference({}, plain(body)))
        return (await self.items(edit.session, [row]))[0]

    async def change(self, edit: Edit, key: str, patch: Mapping[str, Any], if_match: str | None) -> Item[B]:
        """A merge patch (RFC 7396, members one level deep): fields given replace, null empties, the rest stays."""
        row = await self.row(edit.session, key, lock=True)
        check_version(row.version, if_match)
        old = (await self.bodies(edit.session, [row]))[0]
        new = patched(self.body, plain(old), patch)
        await self.replace(edit, row, old, new)
        return (await self.items(edit.session, [row]))[0]

    async def replace(self, edit: Edit, row: Any, old: B, new: B) -> audit.Changes:
        """Give the row another body; nothing is written if it says the same."""
        changes = audit.difference(plain(old), plain(new))
        if not changes:
            return changes
        if "slug" in changes and changes["slug"][0] is not None:
            raise Invalid("slug", said("a slug never changes; others name this record by it"))
        edit.check_seen(new, old)
        with ExitStack() as keeping:
            # A member who has left since keeps nobody from changing the name of their queue.
            for kind, slug, id in await edit.names.out_of_use(references(old), references(new)):
                keeping.enter_context(edit.names.keeping(kind, slug, id))
            await self._check(edit, new, row)
            for column, value in (await self.columns(edit, new)).items():
                setattr(row, column, value)
            row.version += 1
            await edit.flush(f"{self.name} {row.slug!r}")
            await self.relate(edit, row, new)
        await edit.flush(f"{self.name} {row.slug!r}")
        self._audit(edit, row, "change", changes)
        return changes

    async def activate(self, edit: Edit, key: str) -> Item[B]:
        return await self._switch(edit, key, True)

    async def deactivate(self, edit: Edit, key: str) -> Item[B]:
        return await self._switch(edit, key, False)

    async def _switch(self, edit: Edit, key: str, active: bool) -> Item[B]:
        row = await self.row(edit.session, key, lock=True)
        if row.active != active:
            if active:
                await self.check_active(edit, row)
                await edit.names.check((await self.bodies(edit.session, [row]))[0])
            else:
                await self.check_unused(edit, row)
            row.active = active
            row.version += 1
            await edit.flush(f"{self.name} {row.slug!r}")
            self._audit(edit, row, "activate" if active else "deactivate", {"active": [not active, active]})
        return (await self.items(edit.session, [row]))[0]

    async def _check(self, edit: Edit, body: B, row: Any | None) -> None:
        storable(body)
        if row is None:
            edit.check_slug(getattr(body, "slug", None))
        for column in self.unique:
            value = getattr(body, column)
            taken = select(func.count()).where(getattr(self.table, column) == value)
            if row is not None:
                taken = taken.where(self.table.id != row.id)
            if value is not None and await edit.session.scalar(taken):
                raise Conflict(
                    "already-exists",
                    said("another {name} has {value!r} already", name=self.name, value=value),
                    field=column,
                )
        await edit.names.check(body)
        await self.check(edit, body, row)

    def _audit(self, edit: Edit, row: Any, action: str, changes: audit.Changes) -> None:
        edit.audit(self.name, row.slug or str(row.id), action, changes)


AnyKind = Kind[Any]
AnyBody = BaseModel
