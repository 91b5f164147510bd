"""Pages of versioned definitions: read, copied to a draft, edited as a form or as text, checked, and put in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering import forms
from console.administering.drawing import MOST_CONTROLS, Drawing, count
from console.administering.filling import pressed
from console.administering.graphs import graph
from console.administering.kinds import MANAGERS, Sort, linked
from console.administering.naming import names_in
from console.administering.readable import Readable
from console.administering.reading import facts
from console.administering.shapes import shapes
from console.administering.texts import label_of, marked
from console.edits import once
from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, Invalid, NotFound, Stale
from desk.organisation import single
from desk.organisation.differences import apart
from desk.organisation.faults import FileFault, OrganisationErrors
from desk.reference import definitions
from desk.reference.bodies import plain, validated
from desk.reference.definitions import ACTIVE, DRAFT, Version, etag
from desk.reference.records import Edit
from desk.reference.uses import uses_of
from models.messages.base import Message
from models.messages.processes import ProcessDefinition
from models.messages.said import said
from models.messages.storable import Path, path_text
from storage.definitions import DefinitionKind

A_PAGE = 50
TRIED = frozenset({DefinitionKind.ROUTING_RULE_SET, DefinitionKind.RECORD_CREATION_RULE, DefinitionKind.SLA})
"""What can be tried on the past."""
SAID = {
    "made": N_("The draft is made. It counts once it is in force."),
    "saved": N_("The draft is saved. It counts once it is in force."),
    "activate": N_("It is in force from now on."),
    "deactivate": N_("It is out of force."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of one definition: the version asked for, and all there are, the latest first."""

    version: Version
    all: list[Version]

    @property
    def active(self) -> Version | None:
        return next((each for each in self.all if each.status == ACTIVE), None)

    @property
    def draft(self) -> Version | None:
        return self.all[0] if self.all[0].status == DRAFT else None


class Definitions:
    def __init__(self, staff: Staff, sort: Sort) -> None:
        if sort.definition is None:
            raise TypeError(f"{sort.plural} are no definitions")
        self.staff, self.sort = staff, sort
        self.kind: DefinitionKind = sort.definition
        self.model: type[Message] = sort.model  # type: ignore[assignment]  # every definition is a message

    def routes(self) -> list[BaseRoute]:
        page, deed, at = self.staff.page, self.staff.deed, self.sort.address
        return [
            page(at, self.index, roles=MANAGERS),
            page(f"/admin/new/{self.sort.plural}", self.new, roles=self.sort.writers),
            deed(f"/admin/new/{self.sort.plural}", self.create, roles=self.sort.writers),
            page(f"{at}/{{key}}", self.show, roles=MANAGERS),
            page(f"{at}/{{key}}/edit", self.edit, roles=self.sort.writers),
            deed(f"{at}/{{key}}/change", self.change, roles=self.sort.writers),
            deed(f"{at}/{{key}}/check", self.check, roles=self.sort.writers),
            deed(f"{at}/{{key}}/activate", self.activate, roles=self.sort.writers),
            deed(f"{at}/{{key}}/deactivate", self.deactivate, roles=self.sort.writers),
        ]

    # ---- reading -----------------------------------------------------------------------------------------------------

    async def index(self, request: Request, me: Visitor) -> Response:
        after = request.query_params.get("after", "")[:63] or None
        async with self.staff.database.read() as session:
            items, following = await definitions.page(session, self.kind, after, A_PAGE)
            active = (await self.staff.definitions.active(session, self.kind))[self.kind]
        facts: dict[str, Any] = {"sort": self.sort, "items": items, "active": active, "more": following}
        return self.staff.view(me, "administering/definitions.html", may=me.has(*self.sort.writers), **facts)

    async def show(self, request: Request, me: Visitor) -> Response:
        shown = await self._shown(request)
        return await self._page(me, shown, said=SAID.get(request.query_params.get("said", ""), ""))

    async def _shown(self, request: Request) -> Shown:
        async with self.staff.database.read() as session:
            found = await definitions.versions(session, self.kind, request.path_params["key"])
        asked = _number(request.query_params.get("version", ""))
        if asked is None:
            return Shown(next((each for each in found if each.status == ACTIVE), found[0]), found)
        version = next((each for each in found if each.version == asked), None)
        if version is None:
            raise NotFound(self.kind, f"{found[0].slug} version {asked}")
        return Shown(version, found)

    async def _page(self, me: Visitor, shown: Shown, *, status: int = 200, **more: Any) -> Response:
        version = shown.version
        async with self.staff.database.read() as session:
            uses = await uses_of(session, self.kind, version.slug) if shown.active else ()
        active = shown.active
        other = apart(plain(active.body), plain(version.body)) if active and active is not version else ()
        facts_: dict[str, Any] = {"sort": self.sort, "shown": shown, "version": version, "title": name_of(version)}
        names = await names_in(self.staff, self.model, *(plain(each.body) for each in (version, active) if each))
        facts_ |= {
            "facts": facts(shapes(self.model), plain(version.body), names),
            "apart": Readable(me, self.model, names).lines(other),
            "words": label_of,
        }
        facts_ |= {"uses": linked(uses), "may": me.has(*self.sort.writers)}
        facts_ |= {"triable": self.kind in TRIED, "is_sla": self.kind is DefinitionKind.SLA}
        facts_ |= {"graph": graph(version.body) if isinstance(version.body, ProcessDefinition) else None}
        facts_ |= {"said": "", "refused": "", "checked": None, "faults": [], "is_template": False}
        facts_ |= {"at": f"{self.sort.address}/{version.slug}"}
        return self.staff.view(me, "administering/definition.html", status=status, **facts_ | more)

    # ---- drafts ------------------------------------------------------------------------------------------------------

    async def new(self, request: Request, me: Visitor) -> Response:
        if _as_text(request):
            return self._text_page(me, None, "slug: \nname: \n")
        return await self._form_page(me, None, forms.begun(self.model))

    async def create(self, request: Request, me: Visitor, posted: Posted) -> Response:
        return await self._save(request, me, posted, None)

    async def edit(self, request: Request, me: Visitor) -> Response:
        shown = await self._shown(request)
        if _as_text(request):
            return self._text_page(me, shown, single.text_of(shown.version.body))
        values = plain(shown.version.body)
        if count(Drawing().form(shapes(self.model), values)) > MOST_CONTROLS:
            return self._text_page(me, shown, single.text_of(shown.version.body), long=True)
        return await self._form_page(me, shown, values)

    async def change(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Into the draft that is shown, or into a new one made of what is shown."""
        return await self._save(request, me, posted, await self._shown(request))

    async def _save(self, request: Request, me: Visitor, posted: Posted, shown: Shown | None) -> Response:
        text = posted.text("text") if "text" in posted.form else None
        if text is not None:
            try:
                body = single.body_of(self.kind, text, self.sort.plural)
            except OrganisationErrors as error:
                return self._text_page(me, shown, text, error.faults, status=422, key=posted.key)
            values = plain(body)
        else:
            given = forms.read(self.model, posted)
            values = given.values
            if (asked := posted.text("do")) != "":
                return await self._form_page(me, shown, values, focus=pressed(values, asked))
            if given.faults:
                return await self._form_page(me, shown, values, given.faults, status=422, key=posted.key)

        async def work(edit: Edit) -> list[Any]:
            made = await self._kept(edit, shown, values, posted.text("version"))
            return [made.slug, made.version]

        try:
            (slug, number), _ = await once(self.staff, request, me, posted, work)
        except (Invalid, Conflict, Stale) as error:
            status, stale = error.status, isinstance(error, Stale)
            key = None if stale else posted.key
            if text is not None:
                wrong = [FileFault(1, (), error.detail)]
                return self._text_page(me, shown, text, wrong, status=status, key=key, stale=stale)
            told = forms.told(error) if isinstance(error, Invalid) else ((), error.detail)
            wrongs = [] if stale else [told]
            return await self._form_page(me, shown, values, wrongs, status=status, key=key, stale=stale)
        said = "saved" if shown else "made"
        return self.staff.after(me, f"{self.sort.address}/{slug}?version={number}&said={said}")

    async def _kept(self, edit: Edit, shown: Shown | None, values: dict[str, Any], seen: str) -> Version:
        if shown is None:
            given = {name: value for name, value in values.items() if value is not None}
            return await definitions.create(edit, self.kind, validated(self.model, given))
        version = shown.version
        if version.status == DRAFT:
            patch = forms.changed(self.model, version.body, values)
            return await definitions.change(edit, self.kind, version.slug, patch, seen, version.version)
        # A new draft of what is shown, whichever version is the latest: it replaces a draft that there is.
        return await definitions.change(edit, self.kind, version.slug, values, seen)

    async def _form_page(
        self,
        me: Visitor,
        shown: Shown | None,
        values: dict[str, Any],
        wrong: list[tuple[Path, str]] | None = None,
        *,
        status: int = 200,
        **more: Any,
    ) -> Response:
        form = await forms.drawn(self.staff, me, self.model, values, wrong or [], named=shown is not None)
        return self._edit_page(me, shown, form=form, status=status, **more)

    def _text_page(
        self,
        me: Visitor,
        shown: Shown | None,
        text: str,
        wrong: list[FileFault] | None = None,
        *,
        status: int = 200,
        **more: Any,
    ) -> Response:
        lines = [(each, _place(each)) for each in wrong or []]
        return self._edit_page(me, shown, text=text, faults=lines, status=status, **more)

    def _edit_page(self, me: Visitor, shown: Shown | None, *, status: int, **more: Any) -> Response:
        facts_: dict[str, Any] = {"sort": self.sort, "shown": shown, "form": None, "text": None, "faults": []}
        facts_ |= {"key": None, "focus": None, "stale": False, "long": False, "words": label_of, "marked": marked}
        if shown is None:
            facts_ |= {"action": f"/admin/new/{self.sort.plural}", "tag": "", "title": ""}
        else:
            version = shown.version
            at = f"{self.sort.address}/{version.slug}"
            seen = version if version.status == DRAFT else shown.all[0]
            facts_ |= {"action": f"{at}/change?version={version.version}", "tag": etag(seen), "title": name_of(version)}
        return self.staff.view(me, "administering/edit.html", status=status, **facts_ | more)

    # ---- verbs -------------------------------------------------------------------------------------------------------

    async def check(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Whether the version could be put in force: all that stands in the way, and what would change."""
        shown = await self._shown(request)
        text = single.text_of(shown.version.body)
        try:
            found = await single.check(self.staff.database, self.kind, text, self.sort.plural, me.identity.slug, me.now)
        except OrganisationErrors as error:
            wrong = [(each.path, each.message) for each in error.faults]
            places = forms.placed(self.model, plain(shown.version.body), wrong)
            return await self._page(me, shown, status=422, faults=places)
        return await self._page(me, shown, checked=found.differences)

    async def activate(self, request: Request, me: Visitor, posted: Posted) -> Response:
        shown = await self._shown(request)
        return await self._verb(request, me, posted, shown, "activate", shown.version.version)

    async def deactivate(self, request: Request, me: Visitor, posted: Posted) -> Response:
        return await self._verb(request, me, posted, await self._shown(request), "deactivate")

    async def _verb(
        self, request: Request, me: Visitor, posted: Posted, shown: Shown, verb: str, *more: Any
    ) -> Response:
        slug = shown.version.slug

        async def work(edit: Edit) -> int:
            done: Version = await getattr(definitions, verb)(edit, self.kind, slug, *more)
            return done.version

        try:
            number, _ = await once(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            return await self._page(me, shown, status=error.status, refused=error.detail)
        return self.staff.after(me, f"{self.sort.address}/{slug}?version={number}&said={verb}")


def name_of(version: Version) -> str:
    return str(getattr(version.body, "name", None) or version.slug)


def _place(fault: FileFault) -> str:
    return path_text(fault.path)


def _as_text(request: Request) -> bool:
    return request.query_params.get("as") == "text"


def _number(text: str) -> int | None:
    """Of the version in an address; None where there is none."""
    if text.strip() and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid("version", said("is the number of a version, such as 2"))
    return int(text) if text.strip() else None
