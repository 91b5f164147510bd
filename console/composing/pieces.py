"""What the composer's scripts fetch and send by themselves: drafts, files, words to put in, and who else is there."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from console.composing.filled import filled
from console.composing.sending import number_of
from console.rendering import HEADERS
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.attachments import upload
from desk.collisions import Doing, others, sign_of_life
from desk.drafts import DraftKind, LateSave, save_text
from desk.errors import Invalid
from desk.queries.article_cases import suggested
from desk.queries.article_search import search_articles
from desk.queries.visibility import visible_case
from desk.reply_words import article_words, template_words
from models.messages.reference import CASE_ROLES
from models.messages.said import said

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

MOST_ARTICLES = 8
NUMBERED = re.compile(r"[A-Za-z]{1,8}-[0-9]{1,10}")
LATE = 409


class Pieces:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def routes(self) -> list[BaseRoute]:
        staff, at = self.staff, "/part/cases/{number}"
        return [
            *(
                staff.deed(f"{at}/drafts/{kind.value}", partial(self.save, kind), roles=CASE_ROLES)
                for kind in DraftKind
            ),
            staff.deed(f"{at}/attachments", self.attach, roles=CASE_ROLES),
            staff.part(f"{at}/words", self.words, roles=CASE_ROLES),
            staff.part(f"{at}/articles", self.articles, roles=CASE_ROLES),
            staff.part(f"{at}/presence", self.present, roles=CASE_ROLES),
            staff.deed(f"{at}/presence", self.is_here, roles=CASE_ROLES),
        ]

    async def save(self, kind: DraftKind, request: Request, me: Visitor, posted: Posted) -> Response:
        """A numbered save. Its answer says in words what became of it; 409: it came too late, and what stands there now."""
        number = number_of(request)
        try:
            body = filled(kind, posted).draft
            generation, written = int(posted.text("generation")), int(posted.text("written"))
        except (ValidationError, ValueError) as error:
            raise Invalid("draft", said("this draft cannot be kept as it is")) from error
        try:
            kept = await save_text(
                self.staff.database,
                me.identity,
                number,
                kind,
                body,
                me.now,
                generation=generation,
                written=written,
            )
        except LateSave as late:
            headers = _numbers(late.draft.generation, late.draft.written) | {"Draft-Sent": "yes" if late.sent else "no"}
            facts: dict[str, Any] = {"draft": late.draft, "kind": kind}
            return self.staff.view(me, "composing/newer_draft.html", status=LATE, headers=headers, **facts)
        if not body.empty:
            async with self.staff.database.read() as session:
                case = await visible_case(session, me.identity, number)
            await sign_of_life(self.staff.database, me.identity, case.id, Doing.WRITES, me.now)
        headers = _numbers(kept.generation, kept.written)
        return self.staff.view(me, "composing/saved.html", headers=headers, saved_on=kept.saved_on)

    async def attach(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """One file, as a line of the form's list."""
        async with self.staff.database.read() as session:
            await visible_case(session, me.identity, number_of(request))
        file = posted.form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid("file", said("choose a file"))
        view = await upload(
            self.staff.database,
            self.staff.site.files,
            me.identity,
            content=await file.read(),
            filename=file.filename,
            content_type=file.content_type,
            key=f"{posted.key}/{posted.text('place')[:40]}" if posted.text("place") else None,
        )
        return self.staff.view(me, "composing/file.html", file=view)

    async def words(self, request: Request, me: Visitor) -> Response:
        """The text of `?template=`, or of `?article=` `&as=link`, for this case; which article it is, a header says."""
        asked, named = request.query_params, {}
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number_of(request))
            if slug := asked.get("template"):
                text = await template_words(session, self.staff.definitions, me.identity, case, slug)
            else:
                send: Literal["content", "link"] = "link" if asked.get("as") == "link" else "content"
                number = await self._number_of(session, asked.get("article", "").strip())
                text = await article_words(session, self.staff.definitions, case, number, send)
                named = {"Article-Number": number}
        return PlainTextResponse(text, headers=HEADERS | named)

    async def _number_of(self, session: AsyncSession, typed: str) -> str:
        """An article by its number, or the first one that holds these words."""
        if not NUMBERED.fullmatch(typed) and typed:
            try:
                hits = await search_articles(session, typed, limit=MOST_ARTICLES)
            except Invalid:
                hits = []
            if found := next((hit.root.number for hit in hits if not hit.content.internal), None):
                return found
        return typed.upper()

    async def articles(self, request: Request, me: Visitor) -> Response:
        """Articles that hold the words of `?article=`; without any, those that may answer the case."""
        typed = request.query_params.get("article", "")[:200].strip()
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number_of(request))
            if typed:
                try:
                    hits = await search_articles(session, typed, limit=MOST_ARTICLES)
                except Invalid:
                    hits = []
                found = [(hit.root.number, hit.content.title) for hit in hits if not hit.content.internal]
            else:
                fitting = await suggested(session, case, MOST_ARTICLES)
                found = [(each.number, each.title) for each in fitting if not each.internal]
        return self.staff.view(me, "composing/articles.html", articles=found)

    async def present(self, request: Request, me: Visitor) -> Response:
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number_of(request))
            there = await others(session, me.identity, case.id, me.now)
        return self.staff.view(me, "composing/presence.html", present=there)

    async def is_here(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """A sign of life of the visitor, who views the case or writes on it; answered by who else does."""
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number_of(request))
        doing = Doing.WRITES if posted.text("doing") == Doing.WRITES else Doing.VIEWS
        there = await sign_of_life(self.staff.database, me.identity, case.id, doing, me.now)
        return self.staff.view(me, "composing/presence.html", present=there)


def _numbers(generation: int, written: int) -> dict[str, str]:
    """What the next save must know."""
    return {"Draft-Generation": str(generation), "Draft-Written": str(written)}
