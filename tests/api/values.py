"""Bodies as they stand, what a refusal names, and whether the case and the lists go on after it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.asking import Http, problem

ANY = {"If_Match": "*"}


async def raw(http: Http, who: str, method: str, path: str, body: str, **headers: str) -> httpx.Response:
    """A body as it stands: what Python's own writer would not write."""
    given = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.agents[who].request(method, f"/api/v1{path}", content=body, headers=given)


def named(answer: httpx.Response) -> str:
    """The field that a 422 names, as people read it; its pointer says the same, or of two fields of it that do not go together
    the first."""
    assert problem(answer)[0] == 422, answer.text
    field = answer.json()["detail"].partition(": ")[0]
    for error in answer.json()["errors"]:
        assert "function-" not in error["field"], error
        assert "[" not in error["field"], error
    pointed = answer.json()["errors"][0]["field"].removeprefix("/").replace("/", ".")
    read = field.replace("[", ".").replace("]", "")
    assert read in (pointed, pointed.rpartition(".")[0])
    return str(field)


SLA: dict[str, Any] = {
    "slug": "s",
    "name": "S",
    "items": [
        {
            "name": "A",
            "kpi": "resolution",
            "success": {"all": [{"field": "case.status", "value": "resolved"}]},
        }
    ],
}


async def still_works(http: Http, number: str) -> None:
    """The case takes a note and another verb, and all of it can be read."""
    note = await http("grace", "POST", f"/cases/{number}/notes", {"text": "Still here."})
    assert note.status_code == 201, note.text
    assert (await http("grace", "PATCH", f"/cases/{number}", {"priority": "high"}, **ANY)).status_code == 200
    for path in ("", "/timeline", "/sla", "/process"):
        assert (await http("grace", "GET", f"/cases/{number}{path}")).status_code == 200, path
    assert (await http("grace", "GET", "/cases")).status_code == 200
