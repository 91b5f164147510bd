"""Forms as a browser sends them: every field with what stands in it, and what a test puts there instead."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.signed import Reader

Fields = list[tuple[str, str]]


def form_of(html: str, action: str) -> tuple[str, Fields]:
    """The form that goes to this path: its whole address, and its fields. `AssertionError` if the page has none."""
    reading = _Forms()
    reading.feed(html)
    for goes, fields in reading.forms:
        if urlsplit(goes).path == action:
            return goes, fields
    raise AssertionError(f"no form goes to {action}; there are {[goes for goes, _ in reading.forms]}")


def sent_of(html: str, action: str) -> Fields:
    """What a browser would send of the form that goes to `action`."""
    return form_of(html, action)[1]


def given(fields: Fields, **values: Any) -> dict[str, Any]:
    """As httpx takes them. A list: several fields of that name; None: none of it."""
    found: dict[str, Any] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    for name, value in values.items():
        found.pop(name, None)
        if value is not None:
            found[name] = value
    return found


async def fill(reader: Reader, page: str, action: str, values: dict[str, Any] | None = None) -> httpx.Response:
    """Open `page`, or take it as the HTML that it is, change some fields of the form that goes to `action`, and send it."""
    html = page if "<form" in page else await reader.page(page)
    goes, fields = form_of(html, action)
    return await reader.client.post(goes, data=given(fields, **(values or {})))


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self.into: Fields | None = None
        self.text: str | None = None
        self.select: tuple[str, bool] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.into = []
            self.forms.append((have.get("action", ""), self.into))
        elif self.into is None or "disabled" in have:
            return
        elif tag == "input" and "name" in have:
            ticks = have.get("type") in ("checkbox", "radio")
            if ("checked" in have or not ticks) and have.get("type") not in ("submit", "file"):
                self.into.append((have["name"], have.get("value", "on" if ticks else "")))
        elif tag == "textarea":
            self.text = have["name"]
            self.into.append((self.text, ""))
        elif tag == "select":
            self.select = (have["name"], False)
        elif tag == "option" and self.select is not None:
            name, chosen = self.select
            if "selected" in have or not chosen:
                if chosen or (self.into and self.into[-1][0] == name and "selected" in have):
                    self.into.pop()
                self.into.append((name, have.get("value", "")))
                self.select = (name, True)

    def handle_data(self, data: str) -> None:
        if self.text is not None and self.into is not None:
            name, before = self.into[-1]
            self.into[-1] = (name, before + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.into = None
        elif tag == "textarea" and self.text is not None and self.into is not None:
            # The first line end of a text area is none of its text.
            name, text = self.into[-1]
            self.into[-1], self.text = (name, text.removeprefix("\n")), None
        elif tag == "select":
            self.select = None
