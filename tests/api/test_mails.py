"""Mails as they came, over HTTP: the HTML made harmless, the raw bytes, and who may see them. On both databases."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from mailroom.arrival import Arrived, HeldUnread, read_mail
from models.messages.mailflow import HoldReason
from models.records.base import new_id
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage, InboundMail
from models.records.reference import DefinitionRecord, Mailbox
from tests.api.conftest import AT, World
from tests.support.mailroom import SUPPORT, letter

LOG = "/api/v1/mailboxes/support/log"
RULE = {
    "slug": "to-support",
    "name": "To support",
    "queue": "support",
    "allow_unknown_senders": True,
    "items": [
        {"name": "Spam", "when": {"all": [{"field": "email.subject", "value": "spam"}]}, "action": "file"},
        {"name": "All mail"},
    ],
}
PICTURE = b"\x89PNG\r\n"
HTML = (
    '<p onclick="x()">The lift is stuck.</p><script>evil()</script><form action="https://evil.example"><input></form>'
    '<img src="https://tracker.example/p.gif"><img src="cid:plan@x" alt="the plan"><a href="javascript:x()">here</a>'
    '<iframe src="https://evil.example"></iframe><meta http-equiv="refresh" content="0;url=https://evil.example">'
)


@pytest.fixture
async def mailbox(world: World) -> World:
    async with world.house.database.write() as session:
        box = {"id": new_id(), "slug": "support", "address": SUPPORT, "display_name": "S", "queue": "support"}
        session.add(Mailbox(**box, uidvalidity=1, settings={}))
        kind = "record-creation-rule"
        session.add(DefinitionRecord(id=new_id(), kind=kind, slug=RULE["slug"], version=1, status="active", body=RULE))
    return world


async def stored(world: World, case: Case | None, **given: object) -> UUID:
    """A message as intake keeps it, with a picture that its HTML shows."""
    sha256 = await world.house.files.put(PICTURE)
    raw = await world.house.files.put(b"From: a@b.example\r\n\r\nhi")
    id = new_id()
    async with world.house.database.write() as session:
        mailbox = (await session.scalars(select(Mailbox))).one()
        fields: dict[str, object] = {
            "id": id,
            "direction": "in",
            "case_id": case.id if case else None,
            "mailbox_id": mailbox.id,
            "message_id": f"{id}@x",
            "message_id_hash": hashlib.sha256(id.bytes).hexdigest(),
            "content_hash": "c" * 64,
            "references": [],
            "sender": "ann@customer.example",
            "recipients": {},
            "subject": "The lift",
            "text": "The lift <is> stuck.",
            "html": HTML,
            "raw_sha256": raw,
            "defects": [],
        }
        session.add(EmailMessage(**{**fields, **given}))
        await session.flush()
        picture = {"filename": "plan.png", "content_type": "image/png", "content_id": "plan@x", "inline": True}
        session.add(Attachment(id=new_id(), message_id=id, position=0, size=len(PICTURE), sha256=sha256, **picture))
    return id


SHOWN = {
    "none": ("default-src 'none'; sandbox", ['alt="the plan"'], ["tracker.example", "data:image"]),
    "inline": ("default-src 'none'; img-src data:; sandbox", ["data:image/png;base64,iVBORw0K"], ["tracker.example"]),
    "remote": (
        "default-src 'none'; img-src data: https: http:; sandbox",
        ["data:image/png;base64,iVBORw0K", "https://tracker.example/p.gif"],
        [],
    ),
}


async def test_the_html_runs_nothing_and_loads_what_is_asked_for(mailbox: World) -> None:
    id = await stored(mailbox, await mailbox.case())
    for images, (policy, shown, hidden) in SHOWN.items():
        async with mailbox.http() as http:
            answer = await http.get(
                f"/api/v1/messages/{id}/html", params={"images": images} if images != "none" else {}
            )
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-security-policy"] == policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "The lift is stuck." in answer.text
        for evil in ("evil", "<script", "<form", "<iframe", "onclick", "javascript", "http-equiv"):
            assert evil not in answer.text
        assert all(each in answer.text for each in shown), images
        assert not any(each in answer.text for each in hidden), images


async def test_a_mail_without_html_is_shown_as_its_text(mailbox: World) -> None:
    id = await stored(mailbox, await mailbox.case(), html=None)
    async with mailbox.http() as http:
        answer = await http.get(f"/api/v1/messages/{id}/html")
        refused = await http.get(f"/api/v1/messages/{id}/html", params={"images": "all"})
    assert "<pre>The lift &lt;is&gt; stuck.</pre>" in answer.text
    assert refused.status_code == 422


async def test_the_raw_mail_is_saved_and_not_shown(mailbox: World) -> None:
    id = await stored(mailbox, await mailbox.case())
    ours = await stored(mailbox, await mailbox.case(), direction="out", raw_sha256=None, content_hash="d" * 64)
    async with mailbox.http() as http:
        answer = await http.get(f"/api/v1/messages/{id}/raw")
        refused = await http.get(f"/api/v1/messages/{ours}/raw")
    assert answer.content == b"From: a@b.example\r\n\r\nhi"
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == f'attachment; filename="{id}.eml"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-kept")


async def test_a_mail_is_seen_by_those_who_see_its_case(mailbox: World) -> None:
    inner = await stored(mailbox, await mailbox.case(queue="inner"))
    filed = await stored(mailbox, None)
    found: dict[str, list[int]] = {}
    for who in ("berta", "carl", "mona"):
        async with mailbox.http(who) as http:
            paths = [f"/api/v1/messages/{id}/{part}" for part in ("html", "raw") for id in (inner, filed, uuid4())]
            found[who] = [(await http.get(path)).status_code for path in paths]
    assert found == {"berta": [200, 404, 404] * 2, "carl": [404, 404, 404] * 2, "mona": [200, 200, 404] * 2}


async def test_operators_read_what_was_filed_held_or_never_read(mailbox: World) -> None:
    house = mailbox.house
    async with house.database.read() as session:
        row = (await session.scalars(select(Mailbox))).one()
    rules = await house.quarantine.placing.house_rules(row)
    spam = letter("buy!", subject="spam", message_id="<spam@customer.example>")
    deep = b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 3000
    too_large = Arrived(3, "", 99, refusal=HeldUnread(HoldReason.TOO_LARGE, "99 bytes, at most 1"))
    arrivals = [
        await read_mail(uid, raw, house.files, rules.own_addresses, 10**7) for uid, raw in ((1, spam), (2, deep))
    ]
    for arrived in (*arrivals, too_large):
        await house.quarantine.placing.take_in(arrived, rules, row.intake_epoch, 1, AT + timedelta(minutes=arrived.uid))
    async with house.database.read() as session:
        ids = {row.uid: row.id for row in await session.execute(select(InboundMail.id, InboundMail.uid))}
    async with mailbox.http("mona") as http:
        shown = await http.get(f"{LOG}/{ids[1]}/html")
        raw = await http.get(f"{LOG}/{ids[1]}/raw")
        unread = await http.get(f"{LOG}/{ids[2]}/html")
        unread_raw = await http.get(f"{LOG}/{ids[2]}/raw")
        left = await http.get(f"{LOG}/{ids[3]}/raw")
        elsewhere = await http.get(f"/api/v1/mailboxes/sales/log/{ids[1]}/raw")
        nothing = await http.get(f"{LOG}/{uuid4()}/html")
    assert "buy!" in shown.text
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert raw.content == spam
    assert (unread.status_code, unread.json()["type"]) == (409, "/problems/not-read")
    assert unread_raw.content == deep
    assert (left.status_code, left.json()["type"]) == (409, "/problems/not-fetched")
    assert (elsewhere.status_code, nothing.status_code) == (404, 404)
