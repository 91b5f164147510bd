"""`GET /search`: what is found, shown as text, filtered and paged, and nothing that the caller may not see."""

from __future__ import annotations

from typing import Any

import pytest

from desk.queries import walks
from models.records.articles import Article, ArticleVersion
from models.records.base import new_id
from models.records.mails import EmailMessage
from models.records.reference import Mailbox
from models.records.timeline import Activity, TimelineEntry
from tests.api.conftest import AT, World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What both databases find alike is tested in tests/storage/fulltext."""
    return sqlite_url


async def hits(world: World, who: str, q: str, **params: Any) -> list[dict[str, Any]]:
    async with world.http(who) as http:
        answer = await http.get("/api/v1/search", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def fill(world: World) -> tuple[str, str]:
    """A case in `support` and one in `inner`, each with a mail, a note and a call of the same words; and an article."""
    box, article = new_id(), new_id()
    numbers = []
    async with world.house.database.write() as session:
        session.add(Mailbox(id=box, slug="m", address="m@house.example", display_name="M", settings={}))
        session.add(Article(id=article, number="KA-01003", slug="zebra"))
        await session.flush()
        session.add(ArticleVersion(article_id=article, status="published", title="Zebras", content="Striped"))
    for queue in ("support", "inner"):
        case = await world.case(queue, title=f"Zebra of {queue}", custom={"device": "Quagga"})
        numbers.append(case.number)
        async with world.house.database.write() as session:
            session.add(
                EmailMessage(
                    direction="in",
                    case_id=case.id,
                    mailbox_id=box,
                    message_id="x",
                    message_id_hash=case.id.hex,
                    content_hash=case.id.hex,
                    references=[],
                    sender="ada@ito.example",
                    recipients={},
                    subject="Striped",
                    text="My <b>zebra</b> is gone",
                    defects=[],
                )
            )
            berta = world.agents["berta"]
            note = {"kind": "note", "actor_id": berta, "text": "Told them of zebras", "data": {}}
            session.add(TimelineEntry(case_id=case.id, key="n", at=AT, **note))
            session.add(Activity(case_id=case.id, kind="phone", status="open", title="Zebra call", created_on=AT))
    return numbers[0], numbers[1]


async def test_everything_is_found_by_who_may_see_it_and_by_nobody_else(world: World) -> None:
    seen, hidden = await fill(world)
    for who, cases in {"berta": {seen, hidden}, "carl": {seen}, "mona": {seen, hidden}, "kim": set()}.items():
        found = await hits(world, who, "zebra", limit=100)
        assert {hit["case"]["number"] for hit in found if hit["case"]} == cases, who
        kinds = sorted(hit["kind"] for hit in found)
        assert kinds == sorted(["article", *(["activity", "case", "mail", "note"] * len(cases))]), who
    assert await hits(world, "carl", hidden) == []
    async with world.http("carl") as http:
        assert (await http.get("/api/v1/search", params={"q": "zebra", "queue": "inner"})).status_code == 422


async def listed(world: World, who: str, q: str) -> set[str]:
    async with world.http(who) as http:
        answer = await http.get("/api/v1/cases", params={"q": q})
    assert answer.status_code == 200, answer.text
    return {line["number"] for line in answer.json()["items"]}


@pytest.mark.parametrize("few", [walks.FEW_FOUND, 0], ids=["from the index", "case by case"])
async def test_a_list_finds_by_the_same_words_and_sight(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(walks, "FEW_FOUND", few)
    seen, hidden = await fill(world)
    survivor = await world.case("inner", title="Survivor")
    loser = await world.case(title="Gone up", status="cancelled", merged_into=survivor.number, queue=None)
    async with world.house.database.write() as session:
        note: dict[str, Any] = {"kind": "note", "actor_id": world.agents["berta"], "text": "A yak", "data": {}}
        session.add(TimelineEntry(case_id=loser.id, key="n", at=AT, **note))
        session.add(TimelineEntry(case_id=loser.id, key="m", at=AT, kind="merged", data={}))
        session.add(TimelineEntry(case_id=survivor.id, key="n", at=AT, **note))
    for q in (
        "zebra",
        "STRIPED",
        "my zebras gone",
        "quagga",
        "told them",
        "calls",
        hidden,
        hidden[:9],
        "yak",
        "nothing",
    ):
        for who in ("berta", "carl", "mona"):
            found = await hits(world, who, q, limit=100, kind=["case", "mail", "note", "activity"])
            numbers = {hit["case"]["number"] for hit in found}
            assert await listed(world, who, q) == numbers, (who, q)
    assert await listed(world, "carl", "yak") == set()
    assert await listed(world, "berta", "yak") == {survivor.number}
    # By its customer as well, whom everybody may read.
    assert await listed(world, "carl", "ito works") == {seen, loser.number}


async def test_a_number_is_found_in_any_form(world: World) -> None:
    case = await world.case(number="CAS-01042-A1B2C3", title="Other")
    await world.case(number="CAS-21042-Z9Y8X7", title="Another")
    for typed in (
        "1042",
        "01042",
        "CAS-1042",
        "cas 01042",
        "CAS-01042",
        "cas-01042-a1b2c3",
        "CAS01042",
        "A1B2C3",
        "#1042",
    ):
        found = await hits(world, "berta", typed)
        assert [hit["key"] for hit in found] == [case.number], typed


async def test_a_small_number_as_it_is_shown_finds_its_case_alone(world: World) -> None:
    case = await world.case(number="CAS-00001-A1B2C3", title="Other")
    for number in ("CAS-00021-Z9Y8X7", "CAS-00031-Y9Y8X7"):
        await world.case(number=number, title="Room 1, the first one")
    for typed in ("CAS-00001", "cas-00001-a1b2c3"):
        assert [hit["key"] for hit in await hits(world, "berta", typed)] == [case.number], typed
    assert len(await hits(world, "berta", "CAS-1")) == 3, "by its words, of which many cases speak"


async def test_a_hit_shows_where_it_matched(world: World) -> None:
    seen, _ = await fill(world)
    mail = (await hits(world, "carl", "zebras", kind="mail"))[0]
    assert mail["snippet"][:3] == [
        {"text": "My <b>", "hit": False},
        {"text": "zebra", "hit": True},
        {"text": "</b> is gone ada@ito.example", "hit": False},
    ]
    assert mail["case"] == {
        "number": seen,
        "title": "Zebra of support",
        "status": "active",
        "queue": "support",
        "priority": "normal",
    }
    assert (mail["title"], mail["key"], mail["at"][-1]) == ("Striped", None, "Z")
    custom = (await hits(world, "carl", "quaggas"))[0]
    assert (custom["kind"], custom["key"]) == ("case", seen)
    assert {"text": "Quagga", "hit": True} in custom["snippet"]
    article = (await hits(world, "kim", "ka-1003"))[0]
    assert (article["kind"], article["key"], article["title"]) == ("article", "KA-01003", "Zebras")
    contact, account = await hits(world, "carl", "ito", kind=["contact", "account"])
    assert {contact["kind"], account["kind"]} == {"contact", "account"}


async def test_filters_and_pages(world: World) -> None:
    await fill(world)
    of_cases = 4
    assert len(await hits(world, "berta", "zebra", queue="inner")) == of_cases
    assert len(await hits(world, "berta", "zebra", status=["active"])) == 2 * of_cases
    assert await hits(world, "berta", "zebra", status=["resolved"]) == []
    assert {hit["kind"] for hit in await hits(world, "berta", "zebra", kind=["note", "mail"])} == {"note", "mail"}
    day = {"from": "2031-03-03T00:00:00Z", "to": "2031-03-04T00:00:00Z"}
    assert len(await hits(world, "berta", "zebra", kind=["case", "note", "activity"], **day)) == 6
    assert await hits(world, "berta", "zebra", kind="case", to="2031-03-03T09:00:00Z") == []
    whole = await hits(world, "berta", "zebra", limit=100)
    paged: list[dict[str, Any]] = []
    cursor: str | None = ""
    async with world.http("berta") as http:
        while cursor is not None:
            params: dict[str, Any] = {"q": "zebra", "limit": 2, **({"cursor": cursor} if cursor else {})}
            page = (await http.get("/api/v1/search", params=params)).json()
            paged, cursor = paged + page["items"], page["next"]
    assert paged == whole
    assert len(whole) == 9


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "q"),
    ({"q": "-- !"}, "q"),
    ({"q": "x" * 401}, "q"),
    ({"q": "x", "kind": "letter"}, "kind"),
    ({"q": "x", "from": "yesterday"}, "from"),
    ({"q": "x", "limit": 0}, "limit"),
    ({"q": "x", "cursor": "x"}, "cursor"),
)


async def test_what_cannot_be_asked_is_said(world: World) -> None:
    async with world.http("berta") as http:
        for params, field in WRONG:
            answer = await http.get("/api/v1/search", params=params)
            assert answer.status_code == 422, params
            assert field in answer.text, params
        for path in ("search", "articles", "cases"):
            nothing = await http.get(f"/api/v1/{path}", params={"q": '"'})
            assert (nothing.status_code, "letters or digits" in nothing.text) == (422, True), (
                "every search refuses it alike"
            )
