"""A run: requests drawn in batches, sent to the API of a real desk, and the desk looked at after each batch."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import yaml
from temporalio.service import RPCError

from api.app import create_app
from desk.identity import create_token
from models.messages.names import mailbox_workflow_id, outbox_workflow_id
from models.messages.reference import Role
from tests.fuzz.api.calls import Sent, faults, prepared, shape
from tests.fuzz.api.knowledge import ROOT, Knowledge
from tests.fuzz.api.requests import PREFIX, Requests, Route
from tests.fuzz.api.samples import ORGANISATION, WIDE
from tests.fuzz.api.watch import Watch
from tests.support.applied import ROOT as FOLDER
from tests.support.asking import NEW
from tests.support.desks import Desk

BATCH = 250
ANSWER_WITHIN = 60.0
"""Seconds for any answer: generous, because the machine may be busy with other things."""
CASES_AT_WORK = 12
CARE_EVERY = 40
"""Calls after which closed cases are replaced by open ones."""
ROLES = {
    "grace": Role.AGENT,
    "sam": Role.AGENT,
    "mona": Role.MANAGER,
    "ada": Role.ADMINISTRATOR,
    "kim": Role.KNOWLEDGE_MANAGER,
}
PLAIN = ("agents", "teams", "queues", "accounts", "contacts", "products", "subjects", "mailboxes")
DEFINITIONS = (
    "calendars/lunch-break", "kpi-definitions/first-response", "kpi-definitions/resolution", "templates/acknowledgement",
    "slas/gold", "entitlements/care", "processes/wide?version=1", "processes/three-stages", "routing-rule-sets/by-tier",
    "record-creation-rules/mail-to-support",
)  # fmt: skip


@dataclass
class Report:
    seed: int
    calls: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    """Routes, by the calls that succeeded."""
    unnamed: int = 0
    """422 whose field is the whole body."""
    slowest: tuple[float, str] = (0.0, "")
    reads: int = 0
    noted: int = 0
    problems: list[str] = field(default_factory=list)
    """The first three of each kind."""
    told: int = 0
    """Problems that were printed already."""
    kinds: Counter[str] = field(default_factory=Counter)

    def blame(self, kind: str, text: str) -> None:
        self.kinds[kind] += 1
        if self.kinds[kind] <= 3:
            self.problems.append(text)


class Fuzz:
    """A desk under fire. `open` it, then `run`."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.report, self.known = desk, Report(seed), Knowledge()
        self._app = create_app(desk.house)
        self.requests = Requests(self._app.openapi(), seed)
        self.routes: list[Route] = self.requests.routes
        self._tokens: dict[str, str] = {}
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app, raise_app_exceptions=False),
            base_url="http://caseloom",
            timeout=ANSWER_WITHIN,
        )
        self._touched: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def of(cls, desk: Desk, seed: int) -> AsyncIterator[Fuzz]:
        made = cls(desk, seed)
        try:
            await made._begin()
            yield made
        finally:
            await made._client.aclose()
            await made._end_mailboxes()

    async def run(self, calls: int, tell: Callable[[Report], None] | None = None, every: int = BATCH) -> Report:
        """`every`: calls between two looks at the desk; everything is read at the end."""
        began = time.monotonic()
        watch = Watch(self.routes, self.ask)
        for first in range(0, calls, every):
            await self._repair()
            for number in range(first, min(first + every, calls)):
                if number % CARE_EVERY == 0:
                    await self._open_cases()
                await self._call(number, self.requests.draw(number))
            await watch.no_case_is_frozen(sorted(self._touched))
            self.report.noted += len(self._touched)
            await watch.everything_is_readable(sorted(self._touched))
            await watch.nothing_is_set_aside()
            self._touched.clear()
            self._take(watch, f"after {self.report.calls} calls")
            self.report.seconds = time.monotonic() - began
            if tell is not None:
                tell(self.report)
        await watch.everything_is_readable()
        await watch.no_case_is_frozen(self.known.words["all-cases"])
        self.report.noted += len(self.known.words["all-cases"])
        await watch.nothing_is_set_aside()
        self._take(watch, "at the end")
        self.report.seconds = time.monotonic() - began
        return self.report

    def _take(self, watch: Watch, when: str) -> None:
        for problem in watch.problems:
            self.report.blame(problem[:60], f"seed {self.report.seed}, {when}: {problem}")
        self.report.reads, watch.problems = watch.read, []

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """As somebody who may do and see everything."""
        headers = {"Authorization": f"Bearer {self._tokens[ROOT]}", "If-Match": "*"}
        async with asyncio.timeout(ANSWER_WITHIN):
            return await self._client.request(method, PREFIX + path, json=body, headers=headers)

    # ---- one call ----------------------------------------------------------------------------------------------------

    async def _call(self, number: int, drawn: Any) -> None:
        sent = prepared(drawn, self.known, None)
        if drawn.headers.get("If-Match") is not None and not isinstance(drawn.headers["If-Match"], str):
            there = await self.ask("GET", sent.url.partition("?")[0].removeprefix(PREFIX))
            tag = there.headers.get("etag")
            sent.headers["If-Match"] = (tag or "*").encode()  # type: ignore[index]
        headers = dict(sent.headers)
        if sent.who is not None:
            headers["Authorization"] = f"Bearer {self._tokens[sent.who]}".encode()
        began = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await self._client.request(
                    sent.method, sent.url, content=sent.content, headers=[(k.encode(), v) for k, v in headers.items()]
                )
        except TimeoutError:
            return self._blame(number, sent, f"no answer within {ANSWER_WITHIN:g} s")
        self.report.calls += 1
        self.report.statuses[answer.status_code] += 1
        route = f"{sent.method} {drawn.route.path.removeprefix(PREFIX)}"
        self.report.routes[route] += 1
        self.report.slowest = max(self.report.slowest, (time.monotonic() - began, route))
        self.report.done[route] += answer.is_success
        for fault in faults(sent, answer):
            self._blame(number, sent, fault)
        if answer.status_code == 401 and sent.who is not None:
            await self._repair()
        if answer.status_code == 422 and any(not each["field"] for each in answer.json().get("errors") or ()):
            self.report.unnamed += 1
        self._learn(sent, answer)

    def _blame(self, number: int, sent: Sent, fault: str) -> None:
        self.report.blame(shape(sent, fault), f"seed {self.report.seed}, call {number}: {fault}\n    {sent.curl()}")

    def _learn(self, sent: Sent, answer: httpx.Response) -> None:
        """What is there now that was not, and which cases a call has touched."""
        parts = sent.url.partition("?")[0].removeprefix(PREFIX + "/").split("/")
        if parts[0] == "cases" and len(parts) > 1 and parts[1] in self.known.words["cases"] and sent.method != "GET":
            self._touched.add(parts[1])
        if not answer.is_success or sent.method == "GET" or "json" not in answer.headers.get("content-type", ""):
            return
        told = answer.json()
        match parts:
            case ["cases"] if answer.status_code == 201:
                self._touched.add(told["number"])
                self._at_work(told["number"])
            case ["cases", _, ("activities" | "articles" | "replies") as what]:
                kind = {"activities": "activities", "articles": "links", "replies": "letters"}[what]
                made = answer.headers.get("location", "").rpartition("/")[2] or told.get("id")
                self.known.add(kind, made)
                self.known.homes[made] = parts[1].upper()
            case ["attachments"]:
                self.known.add("attachments", told["id"])
            case ["suppressions"]:
                self.known.add("addresses", told["address"])
            case [_, _, "tokens"]:
                self.known.add("tokens", told.get("id"))
            case ["articles"]:
                self.known.add("articles", told.get("slug"))
                self.known.add("numbers", told.get("number"))
            case [kind]:
                self.known.add(kind, told.get("slug") if isinstance(told, dict) else None)
            case _:
                pass

    def _at_work(self, number: str) -> None:
        """Some cases only, so that a case is met again and again; the older ones rest, and are looked at in the end."""
        self.known.add("all-cases", number)
        cases = self.known.words.setdefault("cases", [])
        cases.append(number)
        del cases[:-CASES_AT_WORK]

    # ---- keeping the desk in use -------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        given = yaml.safe_load((FOLDER / "tests/organisations/desk.yaml").read_text())
        self._given = given
        async with self.desk.house.database.write() as session:
            now = datetime.now(UTC)
            self._tokens["ada"] = await create_token(session, "ada", Role.ADMINISTRATOR, actor="test", now=now)
        self._tokens[ROOT] = self._tokens["ada"]
        for slug, roles in ((ROOT, ["administrator", "manager"]), ("kim", ["knowledge-manager"])):
            body = {"slug": slug, "name": slug, "email": f"{slug}@house.example", "roles": roles}
            assert (await self.ask("POST", "/agents", body)).status_code == 201
        async with self.desk.house.database.write() as session:
            for slug, role in {**ROLES, ROOT: Role.MANAGER}.items():
                self._tokens[slug] = await create_token(session, slug, role, actor="test", now=now)
            self._administrator = await create_token(session, ROOT, Role.ADMINISTRATOR, actor="test", now=now)
        for product in ("buds", "case"):
            assert (await self.ask("POST", "/products", {"slug": product, "name": product})).status_code == 201
        assert (await self.ask("POST", "/processes", WIDE)).status_code == 201
        for path in {route.collection for route in self.routes if route.method == "GET"}:
            listed = await self.ask("GET", f"/{path}?limit=200")
            if listed.status_code == 200 and isinstance(told := listed.json(), dict):
                for item in told.get("items", ()):
                    self.known.add(path, item.get("slug"))
                    if path == "articles":
                        self.known.add("numbers", item.get("number"))

    async def _repair(self) -> None:
        """What the desk began with is in force again, so that calls go on to succeed; a few open cases are there."""
        manager, self._tokens[ROOT] = self._tokens[ROOT], self._administrator
        await self.ask("PATCH", "/organisation", ORGANISATION)
        for plural in PLAIN:
            for body in self._given.get(plural, ()):
                await self.ask("POST", f"/{plural}/{body['slug']}/activate")
                if plural != "mailboxes":
                    await self.ask("PATCH", f"/{plural}/{body['slug']}", body)
        for path in DEFINITIONS:
            await self.ask("POST", f"/{path.replace('?', '/activate?')}" if "?" in path else f"/{path}/activate")
        self._tokens[ROOT] = manager

    async def _end_mailboxes(self) -> None:
        """Whoever reads and sends for them would go on in another test's worker."""
        for slug in self.known.words.get("mailboxes", ()):
            for id in (mailbox_workflow_id(slug), outbox_workflow_id(slug)):
                try:
                    await self.desk.house.client.get_workflow_handle(id).terminate("the test is over")
                except RPCError:
                    continue  # it was never started

    async def _open_cases(self) -> None:
        while not await self._enough_are_open():
            made = await self.ask("POST", "/cases", NEW)
            if made.status_code == 422:
                # The account or the contact has been switched off, or belongs to somebody else.
                await self._repair()
                made = await self.ask("POST", "/cases", NEW)
            assert made.status_code == 201, made.text
            self._at_work(made.json()["number"])
            self._touched.add(made.json()["number"])

    async def _enough_are_open(self) -> bool:
        found = [await self.ask("GET", f"/cases/{number}") for number in self.known.words.setdefault("cases", [])]
        return [case.json()["status"] for case in found].count("active") >= CASES_AT_WORK // 2
