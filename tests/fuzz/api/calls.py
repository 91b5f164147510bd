"""One call: from a drawn request to bytes, to the answer, and what is wrong with that answer."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.fuzz.api.knowledge import Knowledge
from tests.fuzz.api.requests import NOTHING, Drawn
from tests.fuzz.api.values import Known, write

UNREAD = object()
"""Stands for a body that is no JSON, or too deep to be walked."""
LONGEST_ERROR = 20_000
"""Bytes of a problem: it repeats nobody's ten thousand characters."""


@dataclass(frozen=True)
class Sent:
    """A request as it went out."""

    who: str | None
    method: str
    url: str
    headers: Mapping[str, bytes]
    content: bytes | None
    document: Any
    drawn: Drawn

    def curl(self) -> str:
        """The request as a line for a shell, cut after 3,000 characters; the token is the agent's."""
        words = ["curl", "-X", self.method]
        for name, value in self.headers.items():
            words += ["-H", f"{name}: {value.decode('latin-1')}"]
        if self.who is not None:
            words += ["-H", f"Authorization: Bearer ${self.who.upper()}"]
        if self.content is not None:
            words += ["--data-binary", self.content.decode("ascii", "backslashreplace")]
        return " ".join([*map(shlex.quote, words), shlex.quote(self.url)])[:3000]


def prepared(drawn: Drawn, known: Knowledge, tag: str | None) -> Sent:
    """`tag`: the ETag of what the path names, for an If-Match that is right."""
    path = drawn.route.path
    named = {name: known.resolved(value) for name, value in drawn.path.items()}
    if named.get("id") in known.homes and isinstance(drawn.path.get("number"), Known):
        named["number"] = known.homes[named["id"]]
    for name, value in named.items():
        path = path.replace(f"{{{name}}}", _quoted(value))
    query = "&".join(f"{name}={_quoted(known.resolved(value))}" for name, value in drawn.query)
    headers = {
        name: (tag or "*").encode() if isinstance(value, Known) else value.encode("utf-8", "replace")
        for name, value in drawn.headers.items()
    }
    content, document = None, UNREAD
    if drawn.route.form and drawn.body is not NOTHING:
        content, headers["content-type"] = _form(drawn.body)
        document = {"file": ""}
    elif drawn.body is not NOTHING:
        content = _spoiled(write(known.resolved(drawn.body)).encode(), drawn.spoil)
        headers["content-type"] = b"application/json"
        document = _read(content)
    return Sent(drawn.who, drawn.route.method, path + ("?" + query if query else ""), headers, content, document, drawn)


def _quoted(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return quote(text, safe="", errors="surrogatepass")


def _form(given: Mapping[str, Any]) -> tuple[bytes, bytes]:
    name = given["name"].replace('"', "%22")
    lines = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    if given["type"] is not None:
        lines += f"Content-Type: {given['type']}\r\n"
    head = lines.encode("utf-8", "surrogatepass")
    return head + b"\r\n" + b"x" * given["size"] + b"\r\n--b--\r\n", b"multipart/form-data; boundary=b"


def _spoiled(content: bytes, how: str | None) -> bytes:
    match how:
        case "cut":
            return content[:-1]
        case "latin":
            return b'{"title": "\xff"}'
        case "text":
            return b"not json"
        case "twice":
            return content + content
        case _:
            pass
    return content


def _read(content: bytes) -> Any:
    try:
        # Long integers as text: Python refuses to read them as numbers.
        return json.loads(content, parse_int=str)
    except (ValueError, RecursionError):
        return UNREAD


def faults(sent: Sent, answer: httpx.Response) -> list[str]:
    """What is wrong with this answer, whatever was asked."""
    found = []
    if answer.status_code >= 500:
        return [f"{answer.status_code}: {answer.text[:300]}"]
    if answer.status_code < 400:
        return []
    if answer.headers.get("content-type") != "application/problem+json":
        return [f"{answer.status_code} is no problem: {answer.text[:200]}"]
    if len(answer.content) > LONGEST_ERROR:
        found.append(f"a problem of {len(answer.content)} bytes: {answer.text[:200]}")
    problem = answer.json()
    if "function-" in answer.text or "Traceback" in answer.text:
        found.append(f"words of the machine: {answer.text[:400]}")
    errors = problem.get("errors") or []
    if problem["type"] == "/problems/invalid" and answer.status_code == 422 and not errors:
        found.append(f"no field is named: {answer.text[:300]}")
    parameters = {each["name"].lower() for each in sent.drawn.route.parameters}
    found += [
        f"the field {each['field']!r} was not sent: {answer.text[:400]}"
        for each in errors
        if not _is_there(each["field"], sent, parameters)
    ]
    return found


def _is_there(field: str, sent: Sent, parameters: set[str]) -> bool:
    """Whether the document has that place, or could have: a missing field belongs to an object that is there."""
    if not field:
        return True
    if not field.startswith("/"):
        # Of a parameter that is given several times, `status.0`.
        return field.partition(".")[0].lower() in parameters
    if field.removeprefix("/").lower() in parameters and sent.document is UNREAD:
        return True
    parts = [part.replace("~1", "/").replace("~0", "~") for part in field[1:].split("/")]
    value = sent.document
    if value is UNREAD or sent.drawn.route.schema is None:
        # A verb without a body names fields of what is stored; a body that is no JSON has no places.
        return sent.drawn.route.schema is None
    for position, part in enumerate(parts):
        if isinstance(value, dict):
            if part not in value:
                # A merge patch may make the fields that it does not name wrong.
                return position == len(parts) - 1 or (position == 0 and sent.drawn.route.partial)
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return field.removeprefix("/").lower() in parameters
    return True


def shape(sent: Sent, problem: str) -> str:
    """Like problems in one line: the route and what the answer begins with."""
    return f"{sent.method} {sent.drawn.route.path}: {problem[:60]}"
