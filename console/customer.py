"""The page of a customer's case: what they may know of it, and a box to answer in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.languages import N_, languages
from console.rendering import HEADERS, page
from console.site import TOO_OFTEN, Site
from desk import customer_view
from desk.attachments import content_of
from desk.customer_answers import LARGEST_FILES, MOST_FILES, Upload
from desk.errors import Conflict, Invalid, NotFound
from desk.links import Closed, LinkClosed
from desk.new_links import NewLinks
from models.messages.cases import CaseStatus
from models.messages.organisation import OrganisationSettings
from models.messages.storable import is_blank

STATUSES = {
    CaseStatus.OPENING: N_("We have received it"),
    CaseStatus.ACTIVE: N_("We are working on it"),
    CaseStatus.RESOLVED: N_("It is solved"),
    CaseStatus.CANCELLED: N_("It is closed"),
}
WAITS = N_("We wait for your answer")
WRONG = {
    "empty": N_("Please write something."),
    "text": N_("Please write less, at most 20,000 characters."),
    "files": N_("These files are too many or too large. Please choose fewer or smaller ones."),
    "form": N_("This page was open for a long time. Please send it once more."),
    "house": N_("We cannot take your answer right now. Please answer our letter instead."),
}
SAID = {"answer": N_("Thank you. Your answer is with us."), "solved": N_("Thank you. We have noted that it is solved.")}
FORM, NEW = "customer", "new-link"
ASKED = N_("Please look into your mail")
LOOK = N_(
    "If your link was one of ours and its time was over, a new one is on its way to the address to which we write about this "
    "case. It takes a few minutes; please look among unwanted mail, too. Otherwise, please answer our last letter."
)
MOST_SENT = 1000
"""Files that are read of one form. More than an answer can have are refused beside their field, with the words kept."""


class CustomerPages:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.new_links = NewLinks(site.database, site.definitions, site.links, site.house.letters)

    async def show(self, request: Request) -> Response:
        return await self._shown(request)

    async def ask_for_new(self, request: Request) -> Response:
        """For a link that is over, a letter with a new one. The same answer whatever link it is; what it takes is done once it
        is given."""
        token, now = request.path_params["token"], self.site.now()
        async with request.form(max_files=0, max_fields=10) as form:
            mark = self.site.forms.read(request, f"{NEW}/{token}", form.get("form"), now)
        if not mark.fresh:
            return _after(request, "stale")
        answer = _after(request, place="/new")
        answer.background = BackgroundTask(self.new_links.send, token, mark.key, now)
        return answer

    async def asked_for_new(self, request: Request) -> Response:
        """Where one is led who has asked: of every link the same."""
        organisation = await self.site.organisation()
        return page("refusal.html", organisation, self.site.language(request, organisation), title=ASKED, advice=LOOK)

    async def answer(self, request: Request) -> Response:
        token, now = request.path_params["token"], self.site.now()
        async with request.form(max_files=MOST_SENT, max_fields=10) as form:
            text = str(form.get("text", ""))
            sent = [await _upload(each) for each in form.getlist("files") if isinstance(each, UploadFile)]
            uploads = [each for each in sent if each.content]
            mark = self.site.forms.read(request, f"{FORM}/{token}", form.get("form"), now)
        if not mark.fresh:
            return await self._shown(request, text=text, wrong="form", files=bool(uploads))
        try:
            await self.site.answers.write(token, text, uploads, mark.key, now)
        except LinkClosed:
            return await self._shown(request, text=text)  # with what was typed, where a new link is offered
        except Invalid as error:
            wrong = "empty" if error.field == "text" and is_blank(text) else error.field
            return await self._shown(request, text=text, wrong=wrong, key=mark.key, files=bool(uploads))
        except Conflict as error:
            if error.type == "too-many-answers":
                return await self.site.refusal(request, TOO_OFTEN, headers={"Retry-After": "600"})
            return await self._shown(request, text=text, wrong="house", key=mark.key, files=bool(uploads))
        return _after(request, "answer")

    async def solved(self, request: Request) -> Response:
        token, now = request.path_params["token"], self.site.now()
        async with request.form(max_files=0, max_fields=10) as form:
            mark = self.site.forms.read(request, f"{FORM}/{token}", form.get("form"), now)
        if not mark.fresh:
            return await self._shown(request, wrong="form")
        try:
            await self.site.answers.solved(token, now)
        except LinkClosed:
            return await self._shown(request)
        return _after(request, "solved")

    async def again(self, request: Request) -> Response:
        """Where a form was sent stands in the browser while it is refused. Asked for by itself, it leads to the page."""
        return _after(request)

    async def file(self, request: Request) -> Response:
        """A file of a letter that the page shows: always to be saved, never shown by the browser as a page of ours."""
        try:
            id = UUID(request.path_params["id"])
        except ValueError:
            raise NotFound("file", "") from None
        async with self.site.database.read() as session:
            token, now = request.path_params["token"], self.site.now()
            found = await customer_view.opened(session, self.site.definitions, self.site.links, token, now)
            file = await customer_view.file_of(session, found, id)
        content = await content_of(self.site.files, file.sha256)
        named = f"attachment; filename*=UTF-8''{quote(file.filename, safe='')}"
        headers = {**HEADERS, "Content-Disposition": named, "Content-Security-Policy": "default-src 'none'; sandbox"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def _shown(
        self,
        request: Request,
        *,
        text: str = "",
        wrong: str | None = None,
        key: str | None = None,
        files: bool = False,
    ) -> Response:
        """`files`: there were some with what is wrong, and no browser sends them a second time by itself."""
        token, now = request.path_params["token"], self.site.now()
        async with self.site.database.read() as session:
            organisation = await self.site.definitions.organisation(session)
            try:
                found = await customer_view.opened(session, self.site.definitions, self.site.links, token, now)
            except LinkClosed as error:
                if error.why is not Closed.EXPIRED:
                    raise
                return self._over(request, organisation, text)
            case = await customer_view.view(
                session,
                found,
                promises=organisation.pages.show_promises,
            )
        said = request.query_params.get("said", "")
        facts: dict[str, Any] = {
            "case": case,
            "standing": WAITS if case.waits_for_customer else STATUSES[case.status],
            "active": case.status in (CaseStatus.ACTIVE, CaseStatus.OPENING),
            "token": token,
            "text": text,
            "wrong": wrong,
            "message": WRONG[wrong] if wrong else None,
            "choose_again": files and wrong != "files",
            "said": SAID.get(said),
            "most_files": MOST_FILES,
            "largest_mb": LARGEST_FILES // 1024 // 1024,
            "form": self.site.forms.mark(f"{FORM}/{token}", now, key),
            "here": f"/my/{token}",
        }
        language = self.site.language(request, organisation, case.language)
        return page("case.html", organisation, language, status=422 if wrong else 200, **facts)

    def _over(self, request: Request, organisation: OrganisationSettings, text: str) -> Response:
        """The link's time is over: it says nothing of the case, and offers a new one. `text`: what was typed meanwhile."""
        token = request.path_params["token"]
        facts: dict[str, Any] = {
            "token": token,
            "text": text,
            "stale": request.query_params.get("said") == "stale",
            "form": self.site.forms.mark(f"{NEW}/{token}", self.site.now()),
            "here": f"/my/{token}",
        }
        return page("link_over.html", organisation, self.site.language(request, organisation), status=410, **facts)


async def _upload(file: UploadFile) -> Upload:
    return Upload(file.filename or "", file.content_type or "", await file.read())


def _after(request: Request, said: str = "", place: str = "") -> RedirectResponse:
    language = request.query_params.get("lang")
    told = {"said": said} if said else {}
    kept = {"lang": language} if language in languages() else {}
    query = urlencode(told | kept)
    address = f"/my/{quote(request.path_params['token'], safe='')}{place}"
    return RedirectResponse(f"{address}?{query}" if query else address, 303, headers=HEADERS)
