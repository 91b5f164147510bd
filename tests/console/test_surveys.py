"""Surveys from the resolution to what an answer brings about, through the pages and the API (domain 10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.messages.api_cases import CancelBody, ReactivateBody, ReplyBody, ResolveBody
from models.messages.cases import CaseStatus, CommandKind
from models.records.commands import Delivery
from models.records.mails import Outbox
from models.records.surveys import SurveyAnswer, SurveyRequest
from tests.support import correspondence
from tests.support.asking import asked
from tests.support.desks import COLD, WARM, Desk, DeskFactory
from tests.support.organisations import add
from tests.support.pages import form_of, letters, reading, survey_link, with_pages
from tests.support.waiting import until

K = CommandKind
LOW = {"rules": [{"at_most": 2, "reopen": True, "notify": "manager"}], "quiet_days": 0}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Each activity runs twice on both databases in test_twice; `test_surveys_at_once` asks PostgreSQL for its locks."""
    return sqlite_url


@pytest.fixture
async def desk(open_desk: DeskFactory) -> AsyncIterator[Desk]:
    async with open_desk() as made:
        yield made


async def resolved(desk: Desk, **fields: Any) -> str:
    number = await desk.open(**fields)
    await desk.send("grace", number, K.RESOLVE, ResolveBody(resolution="Paired."))
    return number


async def requests(desk: Desk) -> list[SurveyRequest]:
    async with desk.house.database.read() as session:
        return list(await session.scalars(select(SurveyRequest).order_by(SurveyRequest.id)))


async def answers(desk: Desk) -> list[SurveyAnswer]:
    async with desk.house.database.read() as session:
        return list(await session.scalars(select(SurveyAnswer).order_by(SurveyAnswer.id)))


async def told(desk: Desk, number: str, kind: str) -> dict[str, Any]:
    async def there() -> bool:
        return bool(await desk.timeline(number, kind))

    await until(there)
    return (await desk.timeline(number, kind))[-1].data


@pytest.mark.parametrize("cached", [WARM, COLD], ids=["warm", "cold"])
async def test_an_answer_stands_on_the_case_reopens_it_and_tells_a_manager(open_desk: DeskFactory, cached: int) -> None:
    async with open_desk(cached=cached) as desk:
        await answers_reopens_and_tells(desk)


async def answers_reopens_and_tells(desk: Desk) -> None:
    await with_pages(desk, LOW)
    number = await resolved(desk)
    ((message, letter),) = await letters(desk, "survey")
    assert (letter.envelope_to, message.automatic) == (["casey@customer.example"], "auto-generated")
    link = await survey_link(desk)
    async with reading(desk) as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        assert "How satisfied are you" in page.text
        sent = {"form": form_of(page.text), "score": "2", "comment": "Slow <b>people</b>"}
        answer = await browser.post(link, data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, link)
        assert "Thank you" in (await browser.get(link)).text
        assert (await browser.post(link, data=sent)).status_code == 303, "the same form once more is no other answer"
        other = await browser.post(link, data=sent | {"score": "5"})
        assert (other.status_code, "answered already" in other.text) == (409, True)
    await desk.until_status(number, CaseStatus.ACTIVE)
    data = await told(desk, number, "survey-answered")
    assert (data["score"], data["reopened"], data["rules"]) == (2, True, [0])
    ((notice, to),) = [each for each in await letters(desk, "notice") if "survey" in each[0].subject]
    assert (set(to.envelope_to), "Slow <b>people</b>" in notice.text) == (
        {"mona@desk.example"},
        True,
    )
    ((given,), (asked,)) = await answers(desk), await requests(desk)
    assert (given.score, given.kind, given.comment) == (2, "csat", "Slow <b>people</b>")
    assert (asked.state, given.resolution_id) == ("answered", asked.resolution_id)


async def test_it_is_not_asked_when_the_case_is_open_again_first_and_never_after_a_cancellation(desk: Desk) -> None:
    await with_pages(desk, {"delay": "2 hours"})
    number = await resolved(desk)
    ((_, letter),) = await letters(desk, "survey")
    assert letter.not_before is not None
    assert letter.not_before > datetime.now(UTC) + timedelta(minutes=100)
    link = await survey_link(desk)
    await desk.send("grace", number, K.REACTIVATE, ReactivateBody())
    assert [letter.state for _, letter in await letters(desk, "survey")] == ["undone"]
    async with reading(desk) as browser:
        assert (await browser.get(link)).status_code == 410
    # One that was withdrawn asked nobody, so that it keeps no later one from being asked.
    await desk.send("grace", number, K.RESOLVE, ResolveBody(resolution="Paired for good."))
    assert [letter.state for _, letter in await letters(desk, "survey")] == ["undone", "queued"]
    cancelled = await desk.open()
    await desk.send("grace", cancelled, K.CANCEL, CancelBody())
    assert len(await letters(desk, "survey")) == 2
    again = await resolved(desk)
    assert "within the last 30 days" in (await told(desk, again, "survey-not-asked"))["why"]
    # A reply that resolves, taken back before it left, takes the survey back with it.
    await with_pages(desk, {"delay": "2 hours", "quiet_days": 0})
    number = await desk.open()
    reply = ReplyBody(text="Done.", resolve=ResolveBody(resolution="Paired."), send_after_seconds=60)
    sent = await desk.send("grace", number, K.REPLY, reply)
    assert sent.resource is not None
    async with desk.house.database.read() as session:
        message = await session.scalar(select(Outbox.message_id).where(Outbox.kind == "reply"))
    await desk.send("grace", number, K.UNDO_REPLY, target_id=message)
    assert [letter.state for _, letter in await letters(desk, "survey")] == ["undone", "queued", "undone"]


async def test_links_that_are_forged_over_or_of_another_open_nothing(desk: Desk) -> None:
    await with_pages(desk, LOW)
    await resolved(desk)
    first = await survey_link(desk)
    await resolved(desk)
    second = await survey_link(desk)
    (one, _), (two, _) = await letters(desk, "survey")
    id, key, mac = first.removeprefix("/survey/").split(".")
    other_id, _, other_mac = second.removeprefix("/survey/").split(".")
    assert id in one.text
    assert mac not in one.text + two.text, "what is stored opens nothing"
    forged = [
        *(f"/survey/{id}", f"/survey/{id}.{key}.{other_mac}", f"/survey/{other_id}.{key}.{mac}"),
        *(f"/survey/{id}.k9.{mac}", f"/survey/{id}.{key}.{'a' * 32}", f"/my/{id}.{key}.{mac}", "/survey/%00"),
    ]
    async with reading(desk) as browser:
        form = form_of((await browser.get(first)).text)
        for path in forged:
            assert (await browser.get(path)).status_code == 404, path
        for path in forged[:5]:
            posted = await browser.post(path, data={"form": form, "score": "5"})
            assert posted.status_code == 404, path
        # A form of one page is none of another, and without ours nothing is written.
        for form_given in (form, "", "a" * 22 + ".1." + "b" * 32):
            assert (await browser.post(second, data={"form": form_given, "score": "5"})).status_code == 422
        foreign = {"sec-fetch-site": "cross-site"}
        assert (await browser.post(first, data={"form": form, "score": "5"}, headers=foreign)).status_code == 422
        both = await browser.post(first, data={"form": form, "score": ["1", "5"]})
        assert both.status_code == 422, "two answers are none"
        for score in ("6", "0", "-1", "٣", "2.0", "", "1e0"):
            wrong = await browser.post(first, data={"form": form, "score": score, "comment": "kept <&>"})
            assert (wrong.status_code, "kept &lt;&amp;&gt;" in wrong.text) == (422, True), score
        assert await answers(desk) == []
        async with desk.house.database.write() as session:
            await session.execute(update(SurveyRequest).values(expires_on=datetime.now(UTC)))
        over = await browser.get(first)
        assert (over.status_code, "link is over" in over.text) == (410, True)
        assert (await browser.post(first, data={"form": form, "score": "5"})).status_code == 410
    assert await answers(desk) == []


async def test_looking_at_a_link_changes_nothing(desk: Desk) -> None:
    """Programs that look at mail open every link in it, with HEAD and GET, before its reader does."""
    await with_pages(desk, LOW)
    number = await resolved(desk)
    link = await survey_link(desk)
    before = await desk.timeline(number)
    async with reading(desk) as browser:
        for _ in range(3):
            assert (await browser.head(link)).status_code == 200
            page = await browser.get(f"{link}?score=5")
            assert 'value="5" required checked' in page.text
    assert [entry.id for entry in await desk.timeline(number)] == [entry.id for entry in before]
    assert await answers(desk) == []


async def test_what_an_answer_cannot_bring_about_is_said(desk: Desk) -> None:
    """The case was open since then: a new life is not reopened for an old answer; and comments have their bounds."""
    await with_pages(desk, LOW)
    number = await resolved(desk)
    link = await survey_link(desk)
    async with desk.house.database.write() as session:
        await session.execute(update(Outbox).where(Outbox.kind == "survey").values(state="sent", attempts=1))
    await desk.send("grace", number, K.REACTIVATE, ReactivateBody())
    await desk.send("grace", number, K.RESOLVE, ResolveBody(resolution="Paired for good."))
    async with reading(desk) as browser:
        form = form_of((await browser.get(link)).text)
        too_long = await browser.post(link, data={"form": form, "score": "1", "comment": "x" * 4_001})
        assert too_long.status_code == 422
        assert (await browser.post(link, data={"form": form, "score": "1"})).status_code == 303
    data = await told(desk, number, "survey-answered")
    assert (data.get("reopened"), "was open since then" in data["why_not"]) == (False, True)
    assert (await desk.case(number)).status == CaseStatus.RESOLVED


async def test_of_many_resolutions_a_share_is_asked_and_the_rest_says_why(desk: Desk) -> None:
    await with_pages(desk, {"sample_percent": 1, "quiet_days": 0})
    number = await resolved(desk)
    (entry,) = [each for each in await desk.timeline(number) if each.kind.startswith("survey-")]
    assert entry.data["survey"] == "after"
    assert entry.kind == "survey-asked" or entry.data["why"] == "not drawn into the sample"
    # Without pages, without a survey that fits, and without a contact nobody is asked.
    await with_pages(desk, {"when": {"all": [{"field": "case.priority", "value": "high"}]}})
    assert not [each for each in await desk.timeline(await resolved(desk)) if each.kind.startswith("survey-")]
    await with_pages(desk, {"quiet_days": 0})
    data = await told(desk, await resolved(desk, contact_id=None), "survey-not-asked")
    assert data["why"] == "the case has no contact"


async def test_the_delivery_of_an_answer_repeated_changes_nothing(desk: Desk) -> None:
    await with_pages(desk, LOW)
    number = await resolved(desk)
    link = await survey_link(desk)
    async with reading(desk) as browser:
        form = form_of((await browser.get(link)).text)
        await browser.post(link, data={"form": form, "score": "1"})
    await told(desk, number, "survey-answered")
    await desk.settled(number)
    (delivery,) = [row for row in await desk.deliveries() if row.kind == "survey-answer"]
    case = await desk.case(number)
    await correspondence.tell(desk, case, delivery, times=3)
    await desk.settled(number)
    assert len(await desk.timeline(number, "survey-answered")) == 1
    assert (await desk.case(number)).life == 1
    async with desk.house.database.read() as session:
        assert (await session.get_one(Delivery, delivery.id)).outcome == "reopened"


async def test_it_asks_in_the_organisations_own_words_and_ends_after_its_days(desk: Desk) -> None:
    texts = {"en": {"subject": "And?", "body": "{{ survey.question }} ({{ case.number }}) {{ survey.link }}"}}
    told_texts = {
        "en": {"subject": "Bad news", "body": "{{ survey.score }} of {{ survey.kind }}: {{ survey.comment }}"}
    }
    templates = [{"slug": "own", "name": "Own", "texts": texts}, {"slug": "bad", "name": "Bad", "texts": told_texts}]
    await add(desk, {"templates": templates})
    rules = [{"at_most": 6, "notify": "owner", "template": "bad"}]
    own = {"kind": "nps", "question": {"en": "Would you tell <friends>?"}, "template": "own", "expires_days": 3}
    await with_pages(desk, {**own, "rules": rules})
    number = await resolved(desk)
    ((message, _),) = await letters(desk, "survey")
    assert message.text.startswith(f"Would you tell <friends>? ({number}) https://help.example/survey/")
    (request,) = await requests(desk)
    assert request.expires_on - request.ask_on == timedelta(days=3)
    link = await survey_link(desk)
    async with reading(desk) as browser:
        page = await browser.get(link)
        assert "Would you tell &lt;friends&gt;?" in page.text
        assert page.text.count('type="radio"') == 11
        sent = {"form": form_of(page.text), "score": "0", "comment": "never"}
        assert (await browser.post(link, data=sent)).status_code == 303
    await told(desk, number, "notified")
    ((notice, _),) = [each for each in await letters(desk, "notice") if "Bad news" in each[0].subject]
    assert notice.text == "0 of nps: never"
    async with asked(desk) as http:
        (shown,) = (await http("grace", "GET", f"/cases/{number}/surveys")).json()["items"]
        assert (shown["state"], shown["answer"]["score"], shown["answer"]["comment"]) == ("answered", 0, "never")
        page_of = (await http("mona", "GET", "/survey-answers?survey=after&limit=1")).json()
        assert [each["case"] for each in page_of["items"]] == [number]
        since = {"from": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
        later = await http.agents["mona"].get("/api/v1/survey-answers", params=since)
        assert later.json() == {"items": [], "next": None}
        assert (await http("mona", "GET", "/survey-answers?survey=other")).json()["items"] == []
