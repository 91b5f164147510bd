"""Pages of plain records: people, teams, queues, mailboxes, subjects, products and contracts, alike for each kind."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering import forms, reading
from console.administering.conflicts import conflict
from console.administering.filling import pressed
from console.administering.kinds import BY_NAME, MANAGERS, Sort, linked
from console.administering.naming import names_in
from console.administering.shapes import shapes
from console.administering.texts import label_of, marked
from console.edits import once
from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, DeskError, Invalid, Stale
from desk.queries.nameable import choices, matching
from desk.queries.names import Names
from desk.queries.visibility import sight_of
from desk.reference.bodies import plain, validated
from desk.reference.records import Edit, Item, Kind, etag
from desk.reference.uses import uses_of
from desk.transfer import TRANSFERRED, transfer
from models.messages.storable import Path

A_PAGE = 50
HEIR = "transfer_to"
SAID: dict[str, str] = {
    "made": N_("It is made."),
    "saved": N_("Saved."),
    "activate": N_("It is in use."),
    "deactivate": N_("It is out of use."),
    "invite": N_("The invitation is on its way."),
    "revoke": N_("The token opens nothing any more."),
    "end-sessions": N_("They are signed out everywhere."),
}


class Records:
    template = "administering/record.html"

    def __init__(self, staff: Staff, sort: Sort) -> None:
        if sort.record is None:
            raise TypeError(f"{sort.plural} are no records")
        self.staff, self.sort = staff, sort
        self.kind: Kind[Any] = sort.record

    def routes(self) -> list[BaseRoute]:
        page, deed, at = self.staff.page, self.staff.deed, self.sort.address
        writers = self.sort.writers
        return [
            page(at, self.index, roles=MANAGERS),
            page(f"/admin/new/{self.sort.plural}", self.new, roles=writers),
            deed(f"/admin/new/{self.sort.plural}", self.create, roles=writers),
            page(f"{at}/{{key}}", self.show, roles=MANAGERS),
            deed(f"{at}/{{key}}/change", self.change, roles=writers),
            deed(f"{at}/{{key}}/activate", self.activate, roles=writers),
            deed(f"{at}/{{key}}/deactivate", self.deactivate, roles=writers),
        ]

    async def index(self, request: Request, me: Visitor) -> Response:
        said = request.query_params.get("q", "")[:100]
        after = _uuid(request.query_params.get("after", ""))
        async with self.staff.database.read() as session:
            where = [*matching(self.kind.name, said)]
            if self.kind.name == "queue":
                where.append((await sight_of(session, me.identity)).queues())
            items, following = await self.kind.list(session, after, A_PAGE, where)
        names = await names_in(self.staff, self.sort.model, *(plain(each.body) for each in items))
        more = f"?{urlencode({'q': said, 'after': str(following)})}" if following else None
        facts: dict[str, Any] = {
            "sort": self.sort,
            "items": items,
            "more": more,
            "q": said,
            "told": lambda item: self._told(item, names),
            "title_of": title_of,
        }
        return self.staff.view(me, "administering/records.html", may=me.has(*self.sort.writers), **facts)

    async def show(self, request: Request, me: Visitor) -> Response:
        item = await self._item(request, me)
        said = SAID.get(request.query_params.get("said", ""), "")
        return await self._page(me, item, plain(item.body), said=said)

    async def change(self, request: Request, me: Visitor, posted: Posted) -> Response:
        item = await self._item(request, me)
        given = forms.read(self.kind.body, posted)
        if (asked := posted.text("do")) != "":
            focus = pressed(given.values, asked)
            return await self._page(me, item, given.values, focus=focus)
        if given.faults:
            return await self._page(me, item, given.values, given.faults, status=422, key=posted.key)
        key, seen = request.path_params["key"], posted.text("version")

        async def work(edit: Edit) -> str:
            patch = forms.changed(self.kind.body, item.body, given.values)
            await self.kind.change(edit, key, patch, seen)
            return "saved"

        try:
            await once(self.staff, request, me, posted, work)
        except Stale:
            others = await conflict(self.staff, self.sort.name, _slug(item), given.values)
            return await self._page(me, item, others.values, status=412, others=others)
        except (Invalid, Conflict) as error:
            return await self._page(me, item, given.values, [_told(error)], status=error.status, key=posted.key)
        return self.staff.after(me, f"{self._at(item)}?said=saved")

    async def new(self, request: Request, me: Visitor) -> Response:
        return await self._new_page(me, {})

    async def create(self, request: Request, me: Visitor, posted: Posted) -> Response:
        given = forms.read(self.kind.body, posted)
        if (asked := posted.text("do")) != "":
            focus = pressed(given.values, asked)
            return await self._new_page(me, given.values, focus=focus)
        if given.faults:
            return await self._new_page(me, given.values, given.faults, status=422, key=posted.key)
        made: list[Item[Any]] = []

        async def work(edit: Edit) -> str:
            values = {name: value for name, value in given.values.items() if value is not None}
            item = await self.kind.create(edit, validated(self.kind.body, values))
            made.append(item)
            return _slug(item)

        try:
            slug, now = await once(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            return await self._new_page(me, given.values, [_told(error)], status=error.status, key=posted.key)
        await self._follow(made, now=now)
        return self.staff.after(me, f"{self.sort.address}/{slug}?said=made")

    async def activate(self, request: Request, me: Visitor, posted: Posted) -> Response:
        return await self._verb(request, me, posted, "activate")

    async def deactivate(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """With open cases it needs somebody: to whom they go first."""
        heir = posted.text(HEIR).strip()
        if heir and self.kind.name in TRANSFERRED:
            key, desk = request.path_params["key"], self.staff.services.cases
            try:
                await transfer(self.staff.database, desk, me.identity, self.kind.name, key, heir, me.now)
            except DeskError as error:
                return await self._refused(request, me, error, heir)
        return await self._verb(request, me, posted, "deactivate")

    async def _verb(self, request: Request, me: Visitor, posted: Posted, verb: str) -> Response:
        key, done = request.path_params["key"], list[Item[Any]]()

        async def work(edit: Edit) -> str:
            done.append(await getattr(self.kind, verb.replace("-", "_"))(edit, key))
            return verb

        try:
            _, now = await once(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            return await self._refused(request, me, error)
        await self._follow(done, now=now)
        return self.staff.after(me, f"{self.sort.address}/{key}?said={verb}")

    async def _refused(self, request: Request, me: Visitor, error: DeskError, heir: str = "") -> Response:
        """The page of the record, with what stands in the way above it, or beside who was to take the cases over."""
        item = await self._item(request, me)
        facts: dict[str, Any] = {"heir": heir, "needs_heir": HEIR in getattr(error, "missing", ())}
        if isinstance(error, Invalid) and error.field == HEIR:
            facts["heir_fault"] = error.rule
        else:
            facts["refused"] = error.detail
        return await self._page(me, item, plain(item.body), status=error.status, **facts)

    async def _heirs(self, me: Visitor, item: Item[Any]) -> list[tuple[str, list[tuple[str, str]]]]:
        """Who can take over the open cases, by their kind; of a kind of which there are too many, nobody."""
        kinds = TRANSFERRED.get(self.kind.name, ())
        async with self.staff.database.read() as session:
            known = await choices(session, self.staff.definitions, me.organisation, kinds)
        own = (self.kind.name, item.body.slug)
        named = {kind: [each for each in known.get(kind, ()) if (kind, each[0]) != own] for kind in kinds}
        return [(BY_NAME[kind].title, each) for kind, each in named.items() if each]

    async def _follow(self, items: list[Item[Any]], *, now: bool) -> None:
        if now and self.sort.after is not None:
            for item in items:
                await self.sort.after(self.staff.house, item)

    async def _item(self, request: Request, me: Visitor) -> Item[Any]:
        async with self.staff.database.read() as session:
            where = [(await sight_of(session, me.identity)).queues()] if self.kind.name == "queue" else []
            return await self.kind.get(session, request.path_params["key"], where)

    async def _page(
        self,
        me: Visitor,
        item: Item[Any],
        values: dict[str, Any],
        wrong: list[tuple[Path, str]] | None = None,
        *,
        status: int = 200,
        **more: Any,
    ) -> Response:
        form = await forms.drawn(self.staff, me, self.kind.body, values, wrong or [])
        async with self.staff.database.read() as session:
            uses = await uses_of(session, self.kind.name, _slug(item))
        facts: dict[str, Any] = {"said": "", "focus": None, "others": None, "refused": "", "key": None}
        facts |= {"needs_heir": False, "heir": "", "heir_fault": "", "uses": linked(uses)}
        facts |= {"has_heirs": self.kind.name in TRANSFERRED, "heirs": await self._heirs(me, item)}
        facts |= {
            "sort": self.sort,
            "item": item,
            "form": form,
            "tag": etag(item.version),
            "slug": _slug(item),
            "title": title_of(item),
        }
        facts |= {"may": me.has(*self.sort.writers), "words": label_of, "marked": marked}
        names = await names_in(self.staff, self.sort.model, plain(item.body))
        facts["says"] = reading.facts(shapes(self.sort.model), plain(item.body), names, skip=())
        facts |= {"fixed": "", "switches": ["deactivate" if item.active else "activate"]}
        facts |= await self.beside(me, item)
        return self.staff.view(me, self.template, status=status, **facts | more)

    async def beside(self, me: Visitor, item: Item[Any]) -> dict[str, Any]:
        """What the page of this kind shows beside the form."""
        return {}

    async def _new_page(
        self,
        me: Visitor,
        values: dict[str, Any],
        wrong: list[tuple[Path, str]] | None = None,
        *,
        status: int = 200,
        key: str | None = None,
        focus: str | None = None,
    ) -> Response:
        form = await forms.drawn(self.staff, me, self.kind.body, values, wrong or [], named=False)
        facts = {"sort": self.sort, "form": form, "key": key, "focus": focus, "words": label_of, "marked": marked}
        facts["action"] = f"/admin/new/{self.sort.plural}"
        return self.staff.view(me, "administering/new.html", status=status, **facts)

    def _told(self, item: Item[Any], names: Names) -> list[tuple[str, Any]]:
        """What a list says of a record beside its name: label and value."""
        body = plain(item.body) | dict(item.facts)
        own = {name: getattr(item.body, name, item.facts.get(name)) for name in body}
        return [
            (label_of(name), self._called(name, _in_words(own[name], body[name]), names))
            for name in IN_LISTS.get(self.kind.name, ())
            if name in body
        ]

    def _called(self, name: str, value: Any, names: Names) -> Any:
        """Slugs by the names of what they stand for."""
        kind = next((each.refers for each in shapes(self.sort.model) if each.name == name), None)
        if isinstance(value, list):
            return [reading.called_by(kind, str(each), names) for each in value]
        return reading.called_by(kind, value, names) if kind and isinstance(value, str) else value

    def _at(self, item: Item[Any]) -> str:
        return f"{self.sort.address}/{_slug(item)}"


class Chosen(tuple[str, ...]):
    """Labels of what was chosen from a fixed list."""

    __slots__ = ()
    chosen = True


IN_LISTS: dict[str, tuple[str, ...]] = {
    "agent": ("email", "roles", "load"),
    "team": ("members",),
    "queue": ("owner", "private", "members"),
    "mailbox": ("address", "queue"),
    "subject": ("parent",),
    "product": ("kind", "family"),
    "entitlement": ("account", "contact", "status", "remaining_terms", "end"),
}


def title_of(item: Item[Any]) -> str:
    return str(getattr(item.body, "name", "") or getattr(item.body, "display_name", "") or _slug(item))


def _in_words(given: Any, written: Any) -> Any:
    """Words of a fixed list as forms call them, for the page to translate; everything else as it is written."""
    match given:
        case StrEnum():
            return Chosen((label_of(given),))
        case list() | tuple() if given and all(isinstance(each, StrEnum) for each in given):
            return Chosen(label_of(each) for each in given)
        case _:
            return written


def _slug(item: Item[Any]) -> str:
    return item.body.slug or str(item.id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _told(error: Invalid | Conflict) -> tuple[Path, str]:
    """A refusal as a fault of the form."""
    if isinstance(error, Invalid):
        return forms.told(error)
    return ((error.field,) if error.field else ()), error.rule
