"""The pages of the demo: four doors, a card of steps that ticks by what really happens, and the customer's mailbox."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.assets import asset
from console.cookies import set_cookie
from console.entering.outside import browser_of, own_path
from console.languages import N_
from console.rendering import HEADERS, page
from console.site import Site
from console.starting.house import DemoHouse, Door
from console.view import POLICY
from desk.errors import NotFound
from desk.identity import agent_identity
from desk.queries.first_steps import first_steps
from desk.sessions import begin
from models.messages.names import case_workflow_id
from models.messages.reference import Role

COOKIE = "caseloom-start"
FORM = "start"
LEADS_TO = {Door.AGENT: "/", Door.MANAGER: "/team", Door.OPERATOR: "/operations"}
QUESTION = (
    N_("My headphones do not pair any more"),
    N_(
        "Hello,\n\nsince yesterday my Northwind One headphones do not show up in the Bluetooth list of my phone any more.\n"
        "I have switched both off and on again. What can I do?\n\nCasey Rivera, Aurora Hotels\n"
    ),
)
CONFIRMED = N_("That did it, thank you! They are connected again.\n\nCasey\n")
LINK_ONLY = (404, N_("Please open the link that the demo has printed"), N_("It holds the key to these pages."))
NOTHING_WRITTEN = (422, N_("Nothing was sent"), N_("Please go back and write something."))
AGAIN = (422, N_("Please send it once more"), N_("This page was open for a long time."))


class DemoPages:
    def __init__(self, site: Site, demo: DemoHouse) -> None:
        self.site, self.demo = site, demo

    # ---- pages -------------------------------------------------------------------------------------------------------

    async def show(self, request: Request) -> Response:
        if self._is_key(request.query_params.get("key", "")):
            answer = RedirectResponse("/start", 303, headers=HEADERS)
            answer.set_cookie(COOKIE, self.demo.key, path="/", httponly=True, samesite="lax")
            return answer
        if not self._may(request):
            return await self.site.refusal(request, LINK_ONLY)
        return await self._page(request, "starting/start.html", **await self._steps())

    async def steps(self, request: Request) -> Response:
        """The card alone, as far as things have come."""
        if not self._may(request):
            return await self.site.refusal(request, LINK_ONLY)
        return await self._page(request, "starting/steps.html", **await self._steps())

    async def mailbox(self, request: Request) -> Response:
        if not self._may(request):
            return await self.site.refusal(request, LINK_ONLY)
        return await self._page(
            request, "starting/customer.html", letters=await self.demo.letters(), confirmed=CONFIRMED
        )

    # ---- deeds -------------------------------------------------------------------------------------------------------

    async def enter(self, request: Request) -> Response:
        """Sign in as who stands behind the door, without a password."""
        if (form := await self._form(request)) is None:
            return await self.site.refusal(request, AGAIN)
        try:
            door = Door(request.path_params["door"])
        except ValueError:
            raise NotFound("door", request.path_params["door"]) from None
        browser = browser_of(request)
        async with self.site.database.write() as session:
            agent = await agent_identity(session, self.demo.agents[door], *Role)
            secret = await begin(
                session, agent.agent_id, now=self.site.now(), address=browser.address, program=browser.program
            )
        wanted = own_path(form.get("next"))
        answer = RedirectResponse(LEADS_TO[door] if wanted == "/" else wanted, 303, headers=HEADERS)
        set_cookie(request, answer, secret)
        return answer

    async def write(self, request: Request) -> Response:
        if (form := await self._form(request)) is None:
            return await self.site.refusal(request, AGAIN)
        subject, text = _line(form.get("subject", "")), form.get("text", "")
        if not text.strip():
            return await self.site.refusal(request, NOTHING_WRITTEN)
        await self.demo.write(subject, text)
        # Whoever sends it from the card stays at the card: there the next step shows as soon as the case is there.
        back = "/start" if form.get("back") == "start" else "/start/customer"
        return RedirectResponse(f"{back}?sent=1", 303, headers=HEADERS)

    async def answer(self, request: Request) -> Response:
        if (form := await self._form(request)) is None:
            return await self.site.refusal(request, AGAIN)
        if not form.get("text", "").strip():
            return await self.site.refusal(request, NOTHING_WRITTEN)
        try:
            await self.demo.answer(form.get("letter", ""), form["text"])
        except KeyError:
            raise NotFound("letter", form.get("letter", "")) from None
        return RedirectResponse("/start/customer?sent=1", 303, headers=HEADERS)

    # ---- what they share ---------------------------------------------------------------------------------------------

    def _is_key(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.demo.key.encode())

    def _may(self, request: Request) -> bool:
        return self._is_key(request.cookies.get(COOKIE, ""))

    async def _form(self, request: Request) -> dict[str, str] | None:
        """What the form says; None if it is none that we gave out for these pages."""
        async with request.form(max_files=0, max_fields=20) as form:
            given = {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}
        mark = self.site.forms.read(request, FORM, given.get("form"), self.site.now())
        return given if mark.fresh and self._may(request) else None

    async def _steps(self) -> dict[str, Any]:
        async with self.site.database.read() as session:
            steps = await first_steps(session, self.demo.contact, self.demo.since)
        run = None
        if steps.number is not None and self.site.house.temporal_ui is not None:
            base, space = self.site.house.temporal_ui.rstrip("/"), self.site.house.temporal_namespace
            run = f"{base}/namespaces/{space}/workflows/{case_workflow_id(steps.number)}"
        return {"steps": steps, "run": run}

    async def _page(self, request: Request, template: str, **facts: Any) -> Response:
        organisation = await self.site.organisation()
        language = self.site.language(request, organisation)
        around: dict[str, Any] = {
            "asset": asset,
            "form": self.site.forms.mark(FORM, self.site.now()),
            "question": QUESTION,
            "sent": "sent" in request.query_params,
        }
        headers = {"Content-Security-Policy": POLICY}
        return page(template, organisation, language, headers=headers, **(around | facts))


def _line(text: str) -> str:
    return " ".join(text.split())
