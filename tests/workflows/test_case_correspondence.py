"""What agents write on a case, through desk and workflow (domain 1.1, 8, 9; checklist 12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy import update as sql_update

from models.messages.api_cases import ActivityBody, LinkArticleBody, NoteBody, ReplyBody, ResolveBody
from models.messages.cases import CommandKind
from models.messages.mailflow import DeliveryKind
from models.records.articles import Article
from models.records.base import new_id
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Mailbox
from models.records.timeline import CaseArticle
from tests.support.correspondence import heard, must_hear, open_by_mail, tell
from tests.support.desks import Desk
from tests.support.organisations import settings
from tests.support.refusals import problem, refusal
from tests.support.scenario import article_number

REPLY, ATTACH, NOTE = CommandKind.REPLY, CommandKind.ATTACH_ARTICLE, CommandKind.NOTE


async def letters(desk: Desk, kind: str) -> list[tuple[Outbox, EmailMessage]]:
    async with desk.house.database.read() as session:
        rows = await session.execute(
            select(Outbox, EmailMessage)
            .join(EmailMessage, EmailMessage.id == Outbox.message_id)
            .where(Outbox.kind == kind)
            .order_by(Outbox.id)
        )
        return [(row[0], row[1]) for row in rows]


async def links(desk: Desk) -> int:
    async with desk.house.database.read() as session:
        return len(list(await session.scalars(select(CaseArticle.id))))


async def test_only_what_an_agent_writes_counts_as_the_first_response(desk: Desk) -> None:
    number = await open_by_mail(desk)
    assert len(await letters(desk, "acknowledgement")) == 1
    assert not (await desk.case(number)).first_response_sent
    await desk.send("grace", number, NOTE, NoteBody(text="Looks like the button."))
    assert not (await desk.case(number)).first_response_sent

    answer = await desk.send("grace", number, REPLY, ReplyBody(text="Hold the button."))
    ((row, message),) = await letters(desk, "reply")
    assert str(message.id) == answer.resource
    assert (row.envelope_to, row.state, number in message.subject) == (["casey@customer.example"], "queued", True)
    assert (await desk.case(number)).first_response_sent
    assert (await desk.kpis(number))["first-response"][0]["status"] == "succeeded"


async def test_a_reply_takes_the_agents_own_uploads_along(desk: Desk) -> None:
    number = await desk.open()
    grace, sam = await desk.agent("grace"), await desk.agent("sam")
    ids = {}
    async with desk.house.database.write() as session:
        for position, agent in enumerate((grace, sam)):
            ids[agent.slug] = new_id()
            given: dict[str, Any] = {"content_type": "text/plain", "size": 3, "sha256": "0" * 64}
            session.add(
                Attachment(id=ids[agent.slug], position=position, filename="a.txt", uploaded_by=agent.agent_id, **given)
            )
    foreign = ReplyBody(text="See there.", attachments=(ids["grace"], ids["sam"]))
    assert await problem(desk.send("grace", number, REPLY, foreign)) == (422, "invalid")
    assert await letters(desk, "reply") == []
    mine = ReplyBody(text="See there.", attachments=(ids["grace"],), to=("boss@customer.example",))
    await desk.send("grace", number, REPLY, mine)
    assert await problem(desk.send("grace", number, REPLY, mine)) == (422, "invalid"), "it was sent already"
    ((row, _),) = await letters(desk, "reply")
    assert row.envelope_to == ["boss@customer.example"]


async def test_nobody_to_write_to_and_nothing_to_write_with(desk: Desk) -> None:
    number = await desk.open(contact_id=None)
    error = await refusal(desk.send("grace", number, REPLY, ReplyBody(text="Hello?")))
    assert (error.status, error.type, error.missing) == (409, "no-recipient", ("to",))  # type: ignore[attr-defined]
    async with desk.house.database.write() as session:
        await session.execute(sql_update(Mailbox).values(active=False))
    error = await refusal(desk.send("grace", number, REPLY, ReplyBody(text="Hello?", to=("x@y.example",))))
    assert error.status == 409
    assert not (await desk.case(number)).first_response_sent


async def test_an_article_is_linked_and_mailed_as_content_or_as_its_address(desk: Desk) -> None:
    number, article = await desk.open(), await article_number(desk, "pairing")
    await desk.send("grace", number, ATTACH, LinkArticleBody(article=article))
    assert (await links(desk), await letters(desk, "article")) == (1, [])
    assert not (await desk.case(number)).first_response_sent

    await desk.send("grace", number, ATTACH, LinkArticleBody(article=article, send="content"))
    await desk.send("grace", number, ATTACH, LinkArticleBody(article=article, send="link"))
    (_, content), (_, link) = await letters(desk, "article")
    assert "Hold the button for seven seconds." in content.text
    assert f"https://help.example/{article}" in link.text
    assert "seven seconds" not in link.text
    assert await links(desk) == 1
    assert (await desk.case(number)).first_response_sent

    await settings(desk, article_url=None)
    assert await problem(desk.send("grace", number, ATTACH, LinkArticleBody(article=article, send="link"))) == (
        422,
        "invalid",
    )
    async with desk.house.database.read() as session:
        known = (await session.scalars(select(Article).where(Article.number == article))).one()
    await desk.send("grace", number, CommandKind.DETACH_ARTICLE, target_id=known.id)
    again = desk.send("grace", number, CommandKind.DETACH_ARTICLE, target_id=known.id)
    assert await problem(again) == (409, "article-not-linked")
    assert await links(desk) == 0


async def test_an_internal_article_stays_in_the_house(desk: Desk) -> None:
    number, article = await desk.open(), await article_number(desk, "secret-lab")
    inside = desk.send("grace", number, ATTACH, LinkArticleBody(article=article, send="content"))
    assert await problem(inside) == (409, "article-not-published")
    assert (await links(desk), await letters(desk, "article")) == (0, []), "nothing half-written"
    await desk.send("grace", number, ATTACH, LinkArticleBody(article=article))
    assert await links(desk) == 1
    assert await problem(desk.send("grace", number, ATTACH, LinkArticleBody(article="KA-99999"))) == (422, "invalid")


async def test_activities_are_added_and_closed_once(desk: Desk) -> None:
    number, other = await desk.open(), await desk.open()
    unknown = desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(kind="seance", title="Ask them"))
    assert await problem(unknown) == (422, "invalid")
    call = ActivityBody(kind="phone-call", title="Call back", duration_minutes=12)
    task = (await desk.send("grace", number, CommandKind.ADD_ACTIVITY, call)).resource
    assert task is not None
    done, gone = CommandKind.COMPLETE_ACTIVITY, CommandKind.CANCEL_ACTIVITY
    assert await problem(desk.send("grace", other, done, target_id=UUID(task))) == (404, "not-found")
    await desk.send("grace", number, done, target_id=UUID(task))
    assert await problem(desk.send("grace", number, gone, target_id=UUID(task))) == (409, "activity-not-open")

    await desk.send("grace", number, CommandKind.RESOLVE, ResolveBody(resolution="They called."))
    (entry,) = await desk.timeline(number, "resolved")
    assert "cancelled_activities" not in entry.data
    # An activity may be added to a resolved case (domain 1.2), which stays resolved.
    late = (await desk.send("grace", number, CommandKind.ADD_ACTIVITY, ActivityBody(title="File it"))).resource
    assert late is not None
    await desk.send("grace", number, gone, target_id=UUID(late))
    assert (await desk.case(number)).status == "resolved"
    assert await problem(desk.send("grace", number, REPLY, ReplyBody(text="Bye."))) == (409, "case-not-active")


async def test_an_answer_that_never_arrived_was_none(desk: Desk) -> None:
    number = await desk.open()
    await desk.send("grace", number, REPLY, ReplyBody(text="Hold the button."))
    ((row, message),) = await letters(desk, "reply")
    async with desk.house.database.write() as session:
        await session.execute(sql_update(Outbox).where(Outbox.id == row.id).values(state="failed", last_error="550 no"))
    delivery = await must_hear(desk, number, message.id, DeliveryKind.SEND_FAILED)
    await tell(desk, await desk.case(number), delivery, 3)
    assert (await heard(desk, delivery.id)).outcome == "send-failed"
    (kpi,) = (await desk.kpis(number))["first-response"]
    assert (kpi["status"], kpi["failure_at"]) == ("in-progress", "2031-03-27T09:15:00Z")
    assert not (await desk.case(number)).first_response_sent
    (entry,) = await desk.timeline(number, "send-failed")
    assert entry.text == "550 no"
    await desk.send("grace", number, REPLY, ReplyBody(text="Our lab, please look.", to=("lab@supplier.example",)))
    assert (await desk.kpis(number))["first-response"][0]["status"] == "in-progress"  # that was not the customer
    await desk.send("grace", number, REPLY, ReplyBody(text="Once more."))
    assert (await desk.kpis(number))["first-response"][0]["status"] == "succeeded"
