"""Knowledge through the API on the real server (domain 8, checklist 39)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select, update

from models.records.mails import EmailMessage, Outbox
from models.records.reference import Contact
from tests.support.articles import Articles
from tests.support.asking import Http, problem

HUM = {"slug": "hum", "title": "A humming speaker", "content": "Move the cable away from the power supply."}
SOON = timedelta(days=10)
CASEY_SPEAKS_GERMAN = update(Contact).where(Contact.slug == "casey").values(language="de")
ALWAYS = "from=2001-01-01T00:00:00Z&to=2091-01-01T00:00:00Z"


async def done(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_row_39_draft_review_approve_publish_expire_and_1_1_replaces_1_0(http: Http) -> None:
    """And an article mailed from a case is linked to it, and its view counted."""
    articles = Articles(http.desk)
    made = await done(await http("grace", "POST", "/articles", HUM), 201)
    assert (made["status"], made["article_version"], made["author"]) == ("draft", "1.0", "grace")
    in_review = await done(await http("grace", "POST", "/articles/hum/submit", {"reviewer": "mona"}))
    assert (in_review["status"], in_review["reviewer"]) == ("in-review", "mona")
    assert problem(await http("grace", "PATCH", "/articles/hum", {"title": "B"}, If_Match="*")) == (
        409,
        "article-state",
    )
    sent_back = await done(await http("mona", "POST", "/articles/hum/reject", {"reason": "Which cable?"}))
    assert (sent_back["status"], sent_back["reason"], sent_back["author"]) == ("rejected", "Which cable?", "grace")
    changed = {"content": "Move the audio cable away from the power supply."}
    assert (await done(await http("grace", "PATCH", "/articles/hum", changed, If_Match="*")))["status"] == "draft"
    await done(await http("grace", "POST", "/articles/hum/submit"))
    assert problem(await http("grace", "POST", "/articles/hum/approve")) == (403, "forbidden")
    assert (await done(await http("mona", "POST", "/articles/hum/approve")))["allowed"][0] == "publish"
    published = await done(await http("mona", "POST", "/articles/hum/publish"))
    assert published["status"] == "published"

    await it_is_mailed_from_a_case(http)

    draft = await done(await http("grace", "POST", "/articles/hum/versions"), 201)
    assert (draft["article_version"], draft["status"]) == ("1.1", "draft")
    await done(await http("mona", "POST", "/articles/hum/approve"))
    now = datetime.now(UTC)
    times = {"at": (now + SOON).isoformat(), "expires_on": (now + 2 * SOON).isoformat()}
    scheduled = await done(await http("mona", "POST", "/articles/hum/publish", times))
    assert scheduled["status"] == "scheduled"
    assert await articles.states("hum") == {"1.0": "published", "1.1": "scheduled"}
    root = await articles.kept("hum")
    await articles.forward_to(root.id, now + SOON)
    await articles.come_to("hum", "1.1", "published")
    assert await articles.states("hum") == {"1.0": "archived", "1.1": "published"}
    await articles.forward_to(root.id, now + 2 * SOON)
    await articles.come_to("hum", "1.1", "expired")
    await articles.is_over(root.id)
    assert (await done(await http("grace", "GET", "/articles?q=humming")))["items"] == []
    assert [each for each in await articles.audited("hum") if each[0] == "timer"] == [
        ("timer", "archive version 1.0"),
        ("timer", "publish version 1.1"),
        ("timer", "expired version 1.1"),
    ]
    assert await articles.replay() == 1


async def it_is_mailed_from_a_case(http: Http) -> None:
    number = await http.open()
    (found,) = (await done(await http("grace", "GET", "/articles?q=hum+speakers")))["items"]
    body = {"article": found["number"], "send": "content"}
    made = await done(await http("grace", "POST", f"/cases/{number}/articles", body), 201)
    assert [each["number"] for each in made["case"]["articles"]] == [found["number"]]
    seen = await done(await http("grace", "POST", "/articles/hum/views"))
    assert (seen["views"], seen["shares"], seen["linked_cases"]) == (2, 1, 1)
    day = datetime.now(UTC).date()
    span = f"from={day - timedelta(days=1)}&to={day + timedelta(days=1)}"
    days = (await done(await http("grace", "GET", f"/articles/hum/views?{span}")))["items"]
    assert [(each["views"], each["shares"], each["language"]) for each in _added(days)] == [(2, 1, "en")]
    linked = (await done(await http("grace", "GET", "/articles/hum/cases")))["items"]
    assert [each["number"] for each in linked] == [number]


def _added(days: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As one, if midnight came in between."""
    total = {**days[0], "views": sum(each["views"] for each in days), "shares": sum(each["shares"] for each in days)}
    return [total]


REFUSED: list[tuple[str, dict[str, Any] | None, int, str, str]] = [
    ("hum/publish", None, 409, "article-state", "no publish"),
    ("hum/reject", {"reason": "It is fine."}, 409, "article-state", "no reject"),
    ("hum/reject", {}, 422, "invalid", "reason"),
    ("hum/publish", {"at": "2001-01-01T00:00:00Z"}, 422, "invalid", "at: has passed already"),
    ("hum/publish", {"expires_on": "2001-01-01T00:00:00Z"}, 422, "invalid", "expires_on: has passed already"),
    (
        "hum/publish",
        {"at": "2091-01-01T00:00:00Z", "expires_on": "2090-01-01T00:00:00Z"},
        422,
        "invalid",
        "'expires_on' is not after 'at'",
    ),
    ("hum/translations", {"language": "en"}, 409, "already-exists", "is written in 'en' already"),
    ("hum/translations", {"language": "de"}, 409, "already-exists", "is written in 'de' already"),
    ("hum/translations", {"language": "fr", "source": "de"}, 422, "invalid", "never from another translation"),
    ("hum/translations", {"language": "xx"}, 422, "invalid", "language"),
    ("hum/submit", {"reviewer": "nobody"}, 422, "invalid", "reviewer"),
    ("hum/submit", {"reviewer": "grace"}, 422, "invalid", "may not approve articles"),
    ("hum/rating", {}, 405, "method-not-allowed", ""),
    ("hum/views", {"rank": 1}, 422, "invalid", "'rank' is of a 'search'"),
    ("hum/approve?language=fr", None, 404, "not-found", "hum in fr"),
]
"""Of an article whose first version is published and second a draft, with a German translation that is one."""


async def test_what_the_rules_forbid_is_refused_and_nothing_is_written(http: Http) -> None:
    await done(await http("grace", "POST", "/articles", HUM), 201)
    early = await http("mona", "POST", "/articles/hum/publish")
    assert problem(early) == (409, "article-state")
    assert set(early.json()["allowed"]) >= {"submit", "approve"}
    await done(await http("mona", "POST", "/articles/hum/approve"))
    await done(await http("mona", "POST", "/articles/hum/publish"))
    twice = await http("mona", "POST", "/articles/hum/publish")
    assert problem(twice) == (409, "article-state")
    assert "is published: no publish" in twice.json()["detail"]
    await done(await http("grace", "POST", "/articles/hum/translations", {"language": "de"}), 201)
    await done(await http("grace", "POST", "/articles/hum/versions", {"level": "major"}), 201)
    before = await done(await http("mona", "GET", "/articles/hum/versions"))
    assert [(each["language"], each["article_version"]) for each in before["items"]] == [
        ("en", "2.0"),
        ("en", "1.0"),
        ("de", "1.0"),
    ]
    assert problem(await http("grace", "POST", "/articles/hum/versions")) == (409, "article-state")
    for path, body, status, kind, words in REFUSED:
        if "at" in (body or {}) or "expires_on" in (body or {}):
            continue
        refused = await http("mona", "POST", f"/articles/{path}", body)
        assert problem(refused) == (status, kind), (path, refused.text)
        assert words in refused.json()["detail"], path
    await done(await http("mona", "POST", "/articles/hum/approve"))
    for path, body, status, kind, words in REFUSED:
        if "at" in (body or {}) or "expires_on" in (body or {}):
            refused = await http("mona", "POST", f"/articles/{path}", body)
            assert problem(refused) == (status, kind), (path, refused.text)
            assert words in refused.json()["detail"], refused.json()["detail"]
    after = await done(await http("mona", "GET", "/articles/hum/versions"))
    assert [each["status"] for each in after["items"]] == ["approved", "published", "draft"]


async def test_a_translation_has_a_life_of_its_own_or_goes_along(http: Http) -> None:
    await done(await http("grace", "POST", "/articles", HUM), 201)
    german = {"language": "de", "title": "Ein brummender Lautsprecher", "content": "Kabel weg vom Netzteil."}
    made = await done(await http("grace", "POST", "/articles/hum/translations", german), 201)
    assert (made["number"], made["languages"], made["keywords"]) == ("KA-01003", ["en", "de"], "")
    french = await done(await http("grace", "POST", "/articles/hum/translations", {"language": "fr"}), 201)
    assert french["title"] == HUM["title"], "copied until somebody has written it"
    await done(await http("mona", "POST", "/articles/hum/approve"))
    await done(await http("mona", "POST", "/articles/hum/approve?language=de"))
    await done(await http("mona", "POST", "/articles/hum/publish", {"translations": True}))
    articles = Articles(http.desk)
    states = [await articles.states("hum", language) for language in ("en", "de", "fr")]
    assert states == [{"1.0": "published"}, {"1.0": "published"}, {"1.0": "draft"}]
    (found,) = (await done(await http("grace", "GET", "/articles?q=brummen")))["items"]
    assert (found["language"], found["rank"]) == ("de", 1)
    fixed = {"title": "Ein brummender Lautsprecher?"}
    assert problem(await http("grace", "POST", "/articles/hum/update?language=de", fixed, If_Match="*"))[0] == 403
    corrected = await done(await http("mona", "POST", "/articles/hum/update?language=de", fixed, If_Match="*"))
    assert (corrected["status"], corrected["article_version"]) == ("published", "1.0")
    async with http.desk.house.database.write() as session:
        await session.execute(CASEY_SPEAKS_GERMAN)
    number = await http.open()
    body = {"text": "Hello", "html": "<p>Hello</p>", "articles": [{"article": "KA-01003"}]}
    answer = await done(await http("grace", "POST", f"/cases/{number}/replies", body), 201)
    assert [each["number"] for each in answer["case"]["articles"]] == ["KA-01003"]
    async with http.desk.house.database.read() as session:
        wanted = select(EmailMessage.text).join(Outbox, Outbox.message_id == EmailMessage.id)
        (text,) = (await session.scalars(wanted.where(Outbox.kind == "reply"))).all()
    assert "Kabel weg vom Netzteil." in text, "in the customer's language"
    wrong = {"text": "Hello", "articles": [{"article": "KA-01002"}]}
    refused = await http("grace", "POST", f"/cases/{number}/replies", wrong)
    assert problem(refused) == (409, "article-not-published")
    assert "articles[0].article: KA-01002 is internal" in refused.json()["detail"]


async def test_searches_are_counted_and_what_is_opened(http: Http) -> None:
    for words in ("pairing bluetooth", "Pairing  Bluetooth"):
        await done(await http("grace", "POST", "/article-searches", {"q": words}), 201)
    made = await done(await http("grace", "POST", "/article-searches", {"q": "gramophone"}), 201)
    first = await done(await http("grace", "POST", "/article-searches", {"q": "pairing"}), 201)
    opened = {"search": first["id"], "rank": first["items"][0]["rank"]}
    for _ in range(2):
        await done(await http("grace", "POST", f"/articles/{first['items'][0]['number']}/views", opened))
    assert made["items"] == []
    assert problem(await http("grace", "GET", f"/article-searches/insights?{ALWAYS}"))[0] == 403
    shown = await done(await http("mona", "GET", f"/article-searches/insights?{ALWAYS}"))
    assert shown == {
        "searches": 4,
        "without_result": 1,
        "no_result_rate": 0.25,
        "engaged": 1,
        "engagement_rate": 0.25,
        "average_clicked_rank": 1.0,
        "top_terms": [
            {"words": "pairing bluetooth", "searches": 2},
            {"words": "gramophone", "searches": 1},
            {"words": "pairing", "searches": 1},
        ],
        "top_terms_without_result": [{"words": "gramophone", "searches": 1}],
    }
    assert problem(await http("grace", "GET", "/articles?q=%22")) == (422, "invalid")
    await done(await http("grace", "PUT", "/articles/pairing/rating", {"stars": 2, "helpful": False}))
    rated = await done(await http("grace", "PUT", "/articles/pairing/rating", {"stars": 5, "helpful": True}))
    assert (rated["rating"], rated["ratings"], rated["helpful"], rated["not_helpful"]) == (5.0, 1, 1, 0)
    rated = await done(await http("sam", "PUT", "/articles/pairing/rating", {"stars": 4}))
    assert (rated["rating"], rated["ratings"], rated["helpful"]) == (4.5, 2, 1)


async def test_a_case_is_told_which_articles_may_answer_it(http: Http) -> None:
    number = await http.open(title="The button for pairing does nothing for seven seconds")
    (best,) = (await done(await http("grace", "GET", f"/cases/{number}/articles/suggested")))["items"]
    assert (best["number"], best["title"]) == ("KA-01001", "Pairing")
    assert {"button", "pairing", "seven"} <= set(best["words"])
    await done(await http("grace", "POST", f"/cases/{number}/articles", {"article": "KA-01001"}), 201)
    assert (await done(await http("grace", "GET", f"/cases/{number}/articles/suggested")))["items"] == []
