"""A request that changes reference data happens once by its Idempotency-Key: of every route, and of two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
from sqlalchemy import func, select

from models.records.reference import AccessToken, AnsweredRequest, Audit
from tests.api.conftest import World
from tests.support.asking import problem

KPI = {"slug": "k", "name": "K"}
ACCOUNT = {"slug": "a", "name": "A"}
CONTRACT = {
    "slug": "e",
    "name": "E",
    "account": "ito-works",
    "start": "2031-01-01",
    "end": "2031-12-31",
    "total_terms": 5,
}
ARTICLE = {"slug": "hum", "title": "Hum", "content": "Move the cable."}
ENDED = CONTRACT | {"slug": "old", "start": "2001-01-01", "end": "2001-12-31"}

Call = tuple[str, str, dict[str, Any] | None]
CALLS: tuple[Call, ...] = (
    ("POST", "/kpi-definitions", KPI),
    ("PATCH", "/kpi-definitions/k", {"name": "K2"}),
    ("POST", "/kpi-definitions/k/activate", None),
    ("POST", "/kpi-definitions/k/deactivate", None),
    ("POST", "/accounts", ACCOUNT),
    ("PATCH", "/accounts/a", {"name": "A2"}),
    ("POST", "/accounts/a/deactivate", None),
    ("POST", "/accounts/a/activate", None),
    ("POST", "/teams", {"slug": "t", "name": "T", "members": ["berta"]}),
    ("POST", "/teams/t/deactivate", {}),
    ("POST", "/entitlements", CONTRACT),
    ("POST", "/entitlements/e/activate", None),
    ("POST", "/entitlements/e/cancel", None),
    ("POST", "/entitlements/e/renew", None),
    ("POST", "/articles", ARTICLE),
    ("PATCH", "/articles/hum", {"title": "Humming"}),
    ("POST", "/articles/hum/approve", None),
    ("POST", "/articles/hum/publish", None),
    ("PATCH", "/organisation", {"name": "Ours"}),
    ("POST", "/agents/carl/tokens", {"role": "agent"}),
)
"""In this order each of them can be done, and none a second time without leaving another trace."""


async def ask(client: httpx.AsyncClient, call: Call, key: str | None, **changed: Any) -> httpx.Response:
    method, path, body = call
    headers = {"If-Match": "*"} | ({"Idempotency-Key": key} if key else {})
    return await client.request(method, f"/api/v1{path}", json=changed or body, headers=headers)


async def traces(world: World) -> list[int]:
    async with world.house.database.read() as session:
        counted = [select(func.count()).select_from(table) for table in (Audit, AccessToken, AnsweredRequest)]
        return [int(await session.scalar(each) or 0) for each in counted]


async def test_every_kind_of_change_happens_once(world: World) -> None:
    async with world.http("ada") as ada, world.http("mona") as mona, world.http("kim") as kim:
        for position, call in enumerate(CALLS):
            who = kim if "/articles" in call[1] else ada if "token" in call[1] or "organisation" in call[1] else mona
            key = f"key-{position}"
            first = await ask(who, call, key)
            assert first.status_code < 300, (call, first.text)
            once = await traces(world)
            again = await ask(who, call, key)
            assert (again.status_code, again.json()) == (first.status_code, first.json()), call
            for header in ("etag", "location", "cache-control"):
                assert again.headers.get(header) == first.headers.get(header), call
            assert again.headers["idempotent-replay"] == "true"
            assert "idempotent-replay" not in first.headers
            assert await traces(world) == once, call
            body = call[2] or {}
            changed = {next((name for name in ("name", "title", "role") if name in body), "name"): "manager"}
            other = await ask(who, call, key, **(body | changed))
            assert problem(other) == (422, "idempotency-key-reused" if body else "invalid"), call
            assert await traces(world) == once
        # A key is its agent's own, and of one address.
        assert problem(await ask(ada, CALLS[0], "key-0")) == (409, "already-exists")
        assert problem(await ask(mona, ("POST", "/products", ACCOUNT), "key-4")) == (422, "idempotency-key-reused")
        # The order of fields, and blanks between them, make no other body.
        shuffled = '{"name":  "A",\n "slug": "a"}'
        headers = {"Idempotency-Key": "key-4", "Content-Type": "application/json"}
        assert (await mona.post("/api/v1/accounts", content=shuffled, headers=headers)).status_code == 201


async def test_what_was_refused_may_be_asked_again_with_its_key(world: World) -> None:
    async with world.http("mona") as mona:
        wrong: Call = ("POST", "/contacts", {"slug": "c", "name": "C", "email": "c@b.example", "account": "later"})
        assert problem(await ask(mona, wrong, "later")) == (422, "invalid")
        assert (await ask(mona, ("POST", "/accounts", {"slug": "later", "name": "L"}), None)).status_code == 201
        assert (await ask(mona, wrong, "later")).status_code == 201
        assert (await ask(mona, wrong, "later")).status_code == 201
        for key in (b"", b"k" * 201, "schlüssel".encode()):
            refused = await mona.post("/api/v1/accounts", json=ACCOUNT, headers={b"Idempotency-Key": key})
            assert problem(refused)[0] == 422, key


async def test_two_at_once_are_one(world: World) -> None:
    async with world.http("mona") as mona:
        calls: list[Call] = [("POST", "/products", {"slug": f"p{number}", "name": "P"}) for number in range(5)]
        answers = await asyncio.gather(*(ask(mona, call, call[2]["slug"]) for call in calls for _ in range(4)))  # type: ignore[index]
        assert {answer.status_code for answer in answers} == {201}
        made = [answer for answer in answers if "idempotent-replay" not in answer.headers]
        assert sorted(answer.json()["slug"] for answer in made) == [f"p{number}" for number in range(5)]


async def test_a_token_that_is_shown_again_is_kept_sealed(world: World) -> None:
    async with world.http("ada") as ada:
        token = (await ask(ada, ("POST", "/agents/carl/tokens", {"role": "agent"}), "t")).json()["token"]
    async with world.house.database.read() as session:
        row = (await session.scalars(select(AnsweredRequest))).one()
        assert row.sealed
        assert token not in row.answer
        assert world.house.keyring.decrypt(row.answer).count(token) == 1
        assert row.request.startswith(f"{world.house.keyring.current}:")


def writing(app: Any) -> Iterator[tuple[str, str]]:
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            if method in ("post", "patch", "delete"):
                names = {each["name"] for each in operation.get("parameters", ())}
                yield f"{method.upper()} {path}", "yes" if "Idempotency-Key" in names else "no"


async def test_every_post_patch_and_delete_takes_a_key(world: World) -> None:
    """What each of them does with it: test_every_once. `try` and `due` write nothing."""
    assert [call for call, takes in writing(world.app) if takes == "no" and not call.endswith(("/try", "/due"))] == []
