"""What must hold between the calls: everything stored can be read, no case is frozen, nothing has been set aside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from tests.fuzz.api.requests import PREFIX, Route

QUESTIONS = ("/webhooks/secret", "/time")
"""Answered only to who is an administrator, or says of which case: no lists. Routes with a parameter that must be given are
none either."""
NOTE_WITHIN = 15.0
"""Seconds in which a case that goes on takes a note (issue 6)."""
Ask = Callable[..., Awaitable[httpx.Response]]


class Watch:
    """`ask(method, path, body=None)` asks as somebody who may see everything; `problems` is what was found."""

    def __init__(self, routes: Iterable[Route], ask: Ask) -> None:
        self._reads = [
            route.path.removeprefix(PREFIX)
            for route in routes
            if route.method == "GET" and not any(_must_be_asked(each) for each in route.parameters)
        ]
        self._ask = ask
        self.problems: list[str] = []
        self.read = 0

    async def everything_is_readable(self, cases: Iterable[str] | None = None) -> None:
        """Every list to its end, and every page of what the lists show; of cases those named, or all."""
        for path in self._reads:
            if "{" not in path and path not in QUESTIONS:
                items = await self._pages(path)
                if path != "/cases":
                    await self._each(path, items)
        for sort in ("created", "-created", "modified", "number", "priority"):
            await self._pages("/cases", sort=sort)
        numbers = list(cases) if cases is not None else [each["number"] for each in await self._pages("/cases")]
        for number in numbers:
            for path in self._reads:
                if path.startswith("/cases/{number}"):
                    await self._pages(path.replace("{number}", number), missing=path.endswith("/draft"))

    async def _each(self, path: str, items: list[Any]) -> None:
        below = [
            read
            for read in self._reads
            if read.startswith((f"{path}/{{key}}", f"{path}/{{id}}")) and "{entry}" not in read
        ]
        for item in items:
            key = item.get("slug") or item.get("id")
            for read in below:
                pages = read.replace("{key}", quote(str(key))).replace("{id}", quote(str(key)))
                await self._pages(pages, missing=read.endswith("/{key}/status") and not item.get("active", True))

    async def _pages(self, path: str, missing: bool = False, **query: str) -> list[Any]:
        """All items of a list; of one object, nothing. `missing`: it need not be there."""
        found: list[Any] = []
        cursor: str | None = None
        while True:
            words = [f"{name}={quote(value)}" for name, value in query.items()]
            if cursor is not None:
                words += [f"cursor={quote(cursor)}", "limit=200"]
            answer = await self._ask("GET", path + ("?" + "&".join(words) if words else ""))
            self.read += 1
            if answer.status_code == 404 and missing:
                return []
            if answer.status_code != 200:
                self.problems.append(f"GET {path} cannot be read: {answer.status_code} {answer.text[:300]}")
                return found
            told = answer.json() if "json" in answer.headers["content-type"] else {}
            if isinstance(told, list):
                return told
            if "items" not in told:
                return []
            found += told["items"]
            cursor = told.get("next")
            if cursor is None:
                return found

    async def no_case_is_frozen(self, numbers: Iterable[str]) -> None:
        for number in numbers:
            began = time.monotonic()
            said = await self._noted(number)
            if said is not None:
                took = time.monotonic() - began
                self.problems.append(f"the case {number} took no note in {took:.0f} s: {said}")

    async def _noted(self, number: str) -> str | None:
        case = await self._ask("GET", f"/cases/{number}")
        if case.status_code == 404 or case.json().get("status") in ("resolved", "cancelled"):
            return None
        answer = await self._ask("POST", f"/cases/{number}/notes", {"text": "still here"})
        ends = time.monotonic() + NOTE_WITHIN
        while answer.status_code == 202 and time.monotonic() < ends:
            await asyncio.sleep(0.2)
            told = (await self._ask("GET", answer.headers["location"].removeprefix(PREFIX))).json()
            if told.get("state") == "applied":
                return None
        return None if answer.status_code == 201 else f"{answer.status_code} {answer.text[:300]}"

    async def nothing_is_set_aside(self) -> None:
        for incident in await self._pages("/incidents"):
            self.problems.append(f"incident: {_brief(incident)}")


def _must_be_asked(parameter: Mapping[str, Any]) -> bool:
    return bool(parameter["in"] == "query" and parameter.get("required", False))


def _brief(incident: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={incident.get(name)}" for name in ("case", "step", "error", "place", "state", "count"))
