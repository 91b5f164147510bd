"""The ways on that a refusal names are such as would be done now: of every verb, in every state that a case can be in."""

from __future__ import annotations

import pytest
from fastapi.routing import RouteContext

from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.cases import Case
from models.records.timeline import Activity, CaseArticle
from tests.api.conftest import AT, World
from tests.api.route_table import ask, path_of, protected


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a state forbids does not depend on the database."""
    return sqlite_url


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not refused is waited for in vain."""
    monkeypatch.setattr("desk.commands.ANSWER_WITHIN", 0.1)
    monkeypatch.setattr("api.cases.caller.ANSWER_WITHIN", 0.1)


async def closed_cases(world: World) -> list[Case]:
    """Closed cases with and without what the verbs of closed cases act on."""
    plain = await world.case(status="resolved", status_reason="problem-solved", resolved_on=AT)
    cancelled = await world.case(None, status="cancelled", status_reason="cancelled")
    merged = await world.case(None, status="cancelled", status_reason="merged", merged_into=plain.number)
    linked = await world.case(status="resolved", status_reason="problem-solved", resolved_on=AT)
    busy = await world.case(status="resolved", status_reason="problem-solved", resolved_on=AT)
    article = new_id()
    async with world.house.database.write() as session:
        session.add(Article(id=article, number="KA-01001", slug="hum", language="en", views=0, version=1))
        await session.flush()
        session.add(
            ArticleVersion(
                id=new_id(),
                article_id=article,
                major=1,
                minor=0,
                title="Hum",
                content="Move it.",
                status="draft",
                internal=False,
                author_id=world.agents["kim"],
            )
        )
        session.add(CaseArticle(case_id=linked.id, article_id=article, linked_on=AT))
        session.add(Activity(id=new_id(), case_id=busy.id, kind="task", title="Call", status="open", created_on=AT))
    return [plain, cancelled, merged, linked, busy]


DONE_WHEN_CLOSED = frozenset(["reactivate_case", "note", "add_activity", "attach_article", "detach_article"])
REFUSED_WHEN_ACTIVE = frozenset(
    [
        "reactivate_case",
        "next_stage",
        "previous_stage",
        "set_active_stage",
        "finish_process",
        "abandon_process",
        "reactivate_process",
    ]
)
"""Nobody works cases here, so that what is not refused before it is sent would be waited for."""


def case_verbs(world: World) -> list[tuple[RouteContext, str, str]]:
    return [
        (route, operation, method)
        for route, operation, method, row in protected(world)
        if row.names == "case" and method != "GET" and operation != "save_draft"
    ]


async def test_a_closed_case_names_only_what_would_be_done_now(world: World) -> None:
    cases, refused = await closed_cases(world), 0
    async with world.http("mona") as http:
        for case in cases:
            shown: list[str] = (await http.get(f"/api/v1/cases/{case.number}")).json()["allowed"]
            assert ("detach-article" in shown) == (case is cases[3])
            assert ("complete-activity" in shown) == (case is cases[4])
            for route, operation, method in case_verbs(world):
                if operation in DONE_WHEN_CLOSED and (case.merged_into is None or operation == "note"):
                    continue
                answer = await ask(http, route, method, path_of(route, number=case.number))
                if answer.status_code == 409:
                    assert answer.json()["allowed"] == shown, (route.path, case.status_reason)
                    refused += 1
    assert refused > 80


async def test_an_active_case_names_only_what_would_be_done_now(world: World) -> None:
    async with world.http("mona") as http:
        for case in (await world.case(), await world.case(None), await world.case(status_reason="on-hold")):
            shown = set((await http.get(f"/api/v1/cases/{case.number}")).json()["allowed"])
            refused = set()
            for route, operation, method in case_verbs(world):
                if operation in REFUSED_WHEN_ACTIVE:
                    answer = await ask(http, route, method, path_of(route, number=case.number))
                    assert answer.status_code == 409, answer.text
                    # There is no process that a case could be switched to.
                    assert set(answer.json().get("allowed", ())) <= shown
                    refused.add(operation)
            assert refused == REFUSED_WHEN_ACTIVE
