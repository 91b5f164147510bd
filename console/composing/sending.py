"""What is written on a case is sent: once for each form, after what others have done meanwhile was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.composing.composer import Composer, composer_of
from console.composing.filled import Filled, addresses, filled, ids_of
from console.faults import Fault, fault_of
from console.languages import N_
from console.staff import Posted, Staff
from console.stage_answers import asked, keep_along
from console.visitor import Visitor
from console.way import AT, FROM
from desk import drafts
from desk.attachments import copied, unused_uploads, upload
from desk.collisions import unread
from desk.commands import CommandAnswer, command_id
from desk.drafts import DraftKind
from desk.errors import Conflict, DeskError, Forbidden, Invalid, NotFound
from desk.preferences import AfterSend
from desk.queries.cases import visible_view
from desk.queries.correspondents import correspondents
from desk.queries.processes import process_view
from desk.queries.visibility import visible_case
from desk.reply_words import article_words, template_words
from models.messages.api_cases import NoteBody
from models.messages.cases import CommandKind, ProblemType
from models.messages.reference import CASE_ROLES
from models.messages.said import said

SENT_ALREADY = N_("This form was sent already. What you have changed since is another letter: send it once more.")


class Sending:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def routes(self) -> list[BaseRoute]:
        staff, made = self.staff, []
        for kind in DraftKind:
            made.append(staff.page(f"/cases/{{number}}/{kind.value}", partial(self.show, kind), roles=CASE_ROLES))
            made.append(staff.deed(f"/cases/{{number}}/{kind.value}", partial(self.send, kind), roles=CASE_ROLES))
        undo = staff.deed("/cases/{number}/replies/{id}/undo", self.undo, roles=CASE_ROLES)
        return [*made, undo]

    async def show(self, kind: DraftKind, request: Request, me: Visitor) -> Response:
        """The form by itself, which is all that a telephone has room for."""
        return self._page(me, await self._composer(me, number_of(request), kind))

    async def send(self, kind: DraftKind, request: Request, me: Visitor, posted: Posted) -> Response:
        number = number_of(request)
        faults: list[Fault] = []
        try:
            given = filled(kind, posted, await self._uploads(me, posted))
        except Invalid as error:
            given = filled(kind, posted)
            faults.append(Fault("attachments", fault_of(error).words, {}))
        if not given.then or faults:
            given, more = await self._helped(me, number, given, posted)
            return await self._again(me, number, given, [*faults, *more], status=422 if faults or more else 200)
        undo_seconds = me.preferences.undo_seconds
        if faults := given.faults(undo_seconds):
            return await self._again(me, number, given, faults)
        if given.asks_for_a_file:
            return await self._again(me, number, given, asked=True)
        async with self.staff.database.read() as session:
            into = (await visible_case(session, me.identity, number)).merged_into
        if into is not None and kind is not DraftKind.NOTE:
            return await self._again(me, number, given, into=into, status=409)
        try:
            await self._answers_kept(me, number, posted)
            answer = await self._sent(me, number, given, posted.key)
        except (NotFound, Forbidden):
            raise
        except DeskError as error:
            if error.type == ProblemType.NEWER_ENTRIES:
                return await self._again(me, number, given, status=409)
            if error.type == ProblemType.KEY_REUSED:
                return await self._again(me, number, given, [Fault("", SENT_ALREADY, {})])
            fault = fault_of(error)
            named = {"articles": "text", "to": "to", "cc": "cc", "attachments": "attachments"}
            field = fault.field.removeprefix("resolve.").removeprefix("wait.")
            field = named.get(field.partition("[")[0], field)
            return await self._again(me, number, given, [Fault(field, fault.words, {})], status=error.status)
        return self.staff.after(me, self._then(me, number, kind, answer, posted))

    async def undo(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Its text, recipients and files are in the composer again."""
        number, id = number_of(request), id_in(request)
        await self.staff.services.cases.command(
            me.identity, number, CommandKind.UNDO_REPLY, key=posted.key, target_id=id
        )
        kind = await drafts.taken_back(self.staff.database, id, me.now)
        return self.staff.after(me, f"/cases/{number}?write={kind or DraftKind.REPLY}&undone={id}#composer")

    async def _sent(self, me: Visitor, number: str, given: Filled, key: str) -> CommandAnswer:
        """The draft is closed before the command leaves, so that a save on its way cannot bring it back."""
        database, body = self.staff.database, given.body(me.preferences.undo_seconds)
        id = command_id(me.identity.agent_id, key)
        await drafts.sending(database, me.identity, number, given.kind, given.draft, id, me.now)
        kind = CommandKind.NOTE if isinstance(body, NoteBody) else CommandKind.REPLY
        answer = await self.staff.services.cases.command(me.identity, number, kind, body, key=key)
        if answer.version is not None:
            await drafts.sent(database, me.identity, id)
        return answer

    async def _answers_kept(self, me: Visitor, number: str, posted: Posted) -> None:
        """What was typed into the stage's form beside the letter, which the page that comes next knows nothing of."""
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number)
            steps = asked(await process_view(session, case, self.staff.definitions, me.identity))
        await keep_along(self.staff, me, number, steps, posted)

    async def _uploads(self, me: Visitor, posted: Posted) -> list[UUID]:
        """Files that came with the form, as it does without scripts; those of a mail that are to be sent on."""
        made: list[UUID] = []
        for place, file in enumerate(posted.form.getlist("file")):
            if isinstance(file, UploadFile) and file.filename:
                view = await upload(
                    self.staff.database,
                    self.staff.site.files,
                    me.identity,
                    content=await file.read(),
                    filename=file.filename,
                    content_type=file.content_type,
                    key=f"{posted.key}/{place}",
                )
                made.append(view.id)
        for id in ids_of(posted.texts("copied")):
            async with self.staff.database.write() as session:
                made.append(await copied(session, me.identity, id, posted.key))
        return made

    async def _helped(self, me: Visitor, number: str, given: Filled, posted: Posted) -> tuple[Filled, list[Fault]]:
        """The form with what was asked for: the words of a template or an article, which scripts put at the cursor."""
        text, articles, faults = given.text, given.articles, list[Fault]()
        try:
            async with self.staff.database.read() as session:
                case = await visible_case(session, me.identity, number)
                if posted.text("do") == "template" and posted.text("template"):
                    words = await template_words(
                        session, self.staff.definitions, me.identity, case, posted.text("template")
                    )
                    text = f"{text.rstrip()}\n\n{words}".lstrip("\n")
                if posted.text("do") == "article" and posted.text("article"):
                    asked = posted.text("article").strip().upper()
                    send: Literal["content", "link"] = "link" if posted.text("article_as") == "link" else "content"
                    words = await article_words(session, self.staff.definitions, case, asked, send)
                    text, articles = f"{text.rstrip()}\n\n{words}".lstrip("\n"), (*articles, asked)
        except DeskError as error:
            faults.append(Fault(posted.text("do"), fault_of(error).words, {}))
        changed = {name: getattr(given, name) for name in Filled.__slots__} | {"text": text, "articles": articles}
        return Filled(**changed), faults

    async def _again(
        self,
        me: Visitor,
        number: str,
        given: Filled,
        faults: Sequence[Fault] = (),
        *,
        asked: bool = False,
        into: str = "",
        status: int = 422,
    ) -> Response:
        """The form as it was filled, with what is in its way; sent once more it is another form."""
        composer = await self._composer(me, number, given.kind, filled=True)
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number)
            who = await correspondents(session, case)
            files = await unused_uploads(session, me.identity, given.attachments)
            since = []
            if given.seen is not None and given.kind is not DraftKind.NOTE:
                since = await unread(session, me.identity, self.staff.definitions, case, given.seen)
        named = [*addresses(given.to), *addresses(given.cc)]
        facts: Mapping[str, Any] = {
            "text": given.text,
            "to": given.to,
            "cc": given.cc,
            "files": files,
            # What was ticked of the mail's files is among the uploads by now.
            "offered": (),
            "articles": given.articles,
            "new": who.new_among(named),
            "faults": faults,
            "unread": since,
            "into": into,
            "asked": asked,
            "typed": given.typed | {"open": given.then if given.then == "resolve" else given.typed.get("open", "")},
        }
        return self._page(me, composer.having(**facts), status)

    async def _composer(self, me: Visitor, number: str, kind: DraftKind, *, filled: bool = False) -> Composer:
        async with self.staff.database.read() as session:
            view = await visible_view(session, self.staff.definitions, me.identity, number)
            made = await composer_of(self.staff, session, me, view, wanted=kind, filled=filled)
        if made is None or kind not in made.writings:
            raise Conflict(ProblemType.CASE_NOT_ACTIVE.value, said("this cannot be written on the case as it is now"))
        return made

    def _page(self, me: Visitor, composer: Composer, status: int = 200) -> Response:
        template = "composing/form.html" if me.part else "composing/page.html"
        return self.staff.view(me, template, status=status, composer=composer, writing=composer.writing)

    @staticmethod
    def _then(me: Visitor, number: str, kind: DraftKind, answer: CommandAnswer, posted: Posted) -> str:
        """Where one is afterwards, as one has chosen. The kind of draft stays, for whoever stays."""
        match me.preferences.after_send:
            case AfterSend.NEXT if next := _local(posted.text("next")):
                return next
            case AfterSend.LIST:
                return _local(posted.text("back")) or "/cases"
            case _:
                done = answer.resource or answer.command_id
                way = [pair for pair in parse_qsl(urlsplit(posted.text("stay")).query) if pair[0] in (FROM, AT)]
                return f"/cases/{number}?{urlencode([*way, ('write', kind.value), ('sent', done)])}#said-{done}"


def number_of(request: Request) -> str:
    return str(request.path_params["number"]).upper()


def id_in(request: Request) -> UUID:
    try:
        return UUID(str(request.path_params["id"]))
    except ValueError:
        raise NotFound("message", request.path_params["id"]) from None


def _local(address: str) -> str:
    """An address of our own site, or nothing."""
    return (
        address if address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable() else ""
    )
