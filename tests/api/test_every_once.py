"""Every POST, PATCH and DELETE of the route table, twice with one Idempotency-Key: the same answer, and done once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from api.app import create_app
from cases.commands import VERBS
from mailroom.arrival import LARGEST_MAIL, read_mail
from models.messages.cases import CommandKind
from models.records.base import new_id
from models.records.commands import Command
from models.records.mails import InboundMail
from models.records.operations import BulkItem, BulkOperation
from models.records.reference import Audit, Mailbox
from models.records.surveys import CustomerLink
from models.records.timeline import TimelineEntry
from tests.api.conftest import World
from tests.api.route_table import OPEN, routes
from tests.support.asking import Http, asked, problem
from tests.support.correspondence import mail
from tests.support.desks import Desk, DeskFactory
from tests.support.mailroom import letter
from tests.support.steps import escalated, webhook
from tests.support.waiting import until

HELD = "/mailboxes/support/quarantine"
NAMED = {"slug": "once", "name": "Once"}
SUCCESS = {"all": [{"field": "case.status", "value": "resolved"}]}

Call = tuple[str, str, str, Any]
"""Operation, method, path and body."""


def kind(one: str, path: str, body: dict[str, Any], slug: str = "once", **change: Any) -> list[Call]:
    verbs = [(f"{verb}_{one}", "POST", f"{path}/{slug}/{verb}", None) for verb in ("activate", "deactivate")]
    changed = (f"change_{one}", "PATCH", f"{path}/{slug}", change or {"name": "Twice"})
    body = {"slug": slug} | body
    return [(f"create_{one}", "POST", path, NAMED | body), changed, *verbs]


RECORDS: list[Call] = [
    *kind("agent", "/agents", {"email": "once@desk.example", "roles": ["agent"]}),
    *kind("team", "/teams", {"members": ["grace"]}),
    *kind("queue", "/queues", {"owner": "mona"}),
    *kind("account", "/accounts", {}),
    *kind("contact", "/contacts", {"email": "once@customer.example"}, "once-more"),  # an account has "once"
    *kind("product", "/products", {}),
    *kind("subject", "/subjects", {}),
    *[
        (one, method, path, {key: value for key, value in body.items() if key != "name"} if body else body)
        for one, method, path, body in kind(
            "mailbox",
            "/mailboxes",
            {
                "address": "once@desk.example",
                "display_name": "Once",
                "imap": {"host": "127.0.0.1", "port": 1, "user": "new", "tls": "none"},
                "smtp": {"host": "127.0.0.1", "port": 1, "tls": "none"},
            },
            display_name="Twice",
        )
    ],
    *kind("sla", "/slas", {"items": [{"name": "A", "kpi": "resolution", "success": SUCCESS, "fail_after": "1 hour"}]}),
    *kind("kpi", "/kpi-definitions", {}),
    *kind("calendar", "/calendars", {"time_zone": "UTC", "hours": "24x7"}),
    ("recompute_calendar", "POST", "/calendars/lunch-break/recompute", None),
    *kind("process", "/processes", {"stages": [{"slug": "a", "name": "A"}]}),
    *kind("survey", "/surveys", {}),
    *kind("template", "/templates", {"texts": {"en": {"subject": "S", "body": "B"}}}),
    *kind("record_creation_rule", "/record-creation-rules", {"queue": "gold", "items": [{"name": "All"}]}),
    *kind("assignment_rule", "/assignment-rules", {"queue": "gold", "method": "round-robin"}),
    *kind("figure_report", "/figure-reports", {"figures": ["resolved"], "recipients": ["mona@northwind.example"]}),
    *kind("routing_rule_set", "/routing-rule-sets", {"rules": [{"name": "All", "queue": "gold"}]}),
    ("activate_routing_rule_set", "POST", "/routing-rule-sets/once/activate", None),
    *kind("entitlement_template", "/entitlement-templates", {"total_terms": 5, "months": 12}),
    ("activate_entitlement_template", "POST", "/entitlement-templates/once/activate", None),
    ("make_entitlement", "POST", "/entitlement-templates/once/entitlements", {"slug": "of-it", "account": "aurora"}),
    *kind("entitlement", "/entitlements", {"account": "aurora", "start": "2001-01-01", "end": "2091-12-31", "total_terms": 5}),
    ("activate_entitlement", "POST", "/entitlements/once/activate", None),
    ("set_default_entitlement", "POST", "/entitlements/once/set-default", None),
    ("extend_entitlement", "POST", "/entitlements/once/extend", {"end": "2092-12-31", "further_terms": 5}),
    ("cancel_entitlement", "POST", "/entitlements/once/cancel", None),
    ("renew_entitlement", "POST", "/entitlements/once/renew", None),
    ("create_article", "POST", "/articles", {"slug": "once", "title": "Once", "content": "Words"}),
    ("change_article", "PATCH", "/articles/once", {"title": "Twice"}),
    ("submit_article", "POST", "/articles/once/submit", {}),
    ("redraft_article", "POST", "/articles/once/redraft", None),
    ("discard_article", "POST", "/articles/once/discard", None),
    ("redraft_article", "POST", "/articles/once/redraft", None),
    ("approve_article", "POST", "/articles/once/approve", None),
    ("reject_article", "POST", "/articles/once/reject", {"reason": "Too short."}),
    ("submit_article", "POST", "/articles/once/submit", {}),
    ("approve_article", "POST", "/articles/once/approve", None),
    ("publish_article", "POST", "/articles/once/publish", {"at": "2091-01-01T00:00:00Z"}),
    ("unschedule_article", "POST", "/articles/once/unschedule", None),
    ("publish_article", "POST", "/articles/once/publish", {}),
    ("update_article", "POST", "/articles/once/update", {"title": "Thrice"}),
    ("create_article_version", "POST", "/articles/once/versions", {"level": "major"}),
    ("translate_article", "POST", "/articles/once/translations", {"language": "de"}),
    ("search_articles", "POST", "/article-searches", {"q": "thrice"}),
    ("view_article", "POST", "/articles/once/views", {}),
    ("expire_article", "POST", "/articles/once/expire", {}),
    ("archive_article", "POST", "/articles/once/archive", None),
    ("change_organisation", "PATCH", "/organisation", {"name": "Twice"}),
    ("create_token", "POST", "/agents/grace/tokens", {"role": "agent"}),
    ("revoke_token", "DELETE", "/tokens/{create_token}", None),
    ("add_suppression", "POST", "/suppressions", {"address": "gone@customer.example"}),
    ("lift_suppression", "DELETE", "/suppressions/gone@customer.example", None),
    ("merge_contacts", "POST", "/contacts/casey/merge", {"losers": ["once-more"]}),
    ("merge_accounts", "POST", "/accounts/aurora/merge", {"losers": ["once"]}),
]  # fmt: skip

OF_CASES: list[Call] = [
    ("open_case", "POST", "/cases", {"title": "Once", "customer": "aurora", "contact": "casey"}),
    ("open_case", "POST", "/cases", {"title": "To pick", "customer": "aurora", "contact": "casey"}),
    ("route_case", "POST", "/route", {"queue": "standard"}),
    ("apply_routing", "POST", "/apply-routing", None),
    ("pick_case", "POST", "/pick", None),
    ("change_case", "PATCH", "", {"priority": "high"}),
    ("hold_case", "POST", "/hold", {}),
    ("resume_case", "POST", "/resume", None),
    ("note", "POST", "/notes", {"text": "Seen"}),
    ("reply", "POST", "/replies", {"text": "Hello", "send_after_seconds": 120}),
    ("undo_reply", "POST", "/replies/{reply}/undo", None),
    ("first_response", "POST", "/first-response", {"reason": "At the counter."}),
    ("add_activity", "POST", "/activities", {"title": "Call"}),
    ("complete_activity", "POST", "!/activities/{add_activity}/complete", None),
    ("add_activity", "POST", "/activities", {"title": "Call again"}),
    ("cancel_activity", "POST", "!/activities/{add_activity}/cancel", None),
    ("attach_article", "POST", "/articles", {"article": "KA-01001"}),
    ("detach_article", "DELETE", "/articles/{attach_article}", None),
    ("next_stage", "POST", "/process/next", {"data": {"case_type": "problem"}}),
    ("set_active_stage", "POST", "/process/set-active", {"stage": "identify"}),
    ("next_stage", "POST", "/process/next", {}),
    ("previous_stage", "POST", "/process/previous", {}),
    ("abandon_process", "POST", "/process/abandon", None),
    ("reactivate_process", "POST", "/process/reactivate", None),
    ("switch_process", "POST", "/process/switch", {"process": "short"}),
    ("finish_process", "POST", "/process/finish", {}),
    ("release_case", "POST", "/release", None),
    ("assign_case", "POST", "/assign", {"agent": "grace"}),
    ("remove_from_queue", "POST", "/remove-from-queue", None),
    ("resolve_case", "POST", "/resolve", {"resolution": "Done"}),
    ("reactivate_case", "POST", "/reactivate", {}),
    ("cancel_case", "POST", "/cancel", {}),
    ("pick_next", "POST", "!/queues/{queue}/next", None),
    ("pick_my_next", "POST", "!/me/next", None),
]

ELSEWHERE = frozenset(
    {
        *("upload_attachment", "import_holidays"),
        *("try_routing_rule_set", "try_record_creation_rule", "try_sla", "preview_due"),
    }
)
"""A form and a file, tested in test_files and test_calendars; and what writes nothing."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """That an answer is kept with its change is tested on both in test_once."""
    return sqlite_url


def surplus(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The body with one member too many, in each of its objects, and where that is."""
    if isinstance(value, dict) or (value is None and not path):
        yield f"{path}/surplus", {**(value or {}), "surplus": "1"}
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        for place, changed in surplus(each, f"{path}/{name}"):
            if isinstance(value, dict):
                yield place, {**value, name: changed}
            else:
                yield place, [*value[:name], changed, *value[name + 1 :]]


class Twice:
    """Asks everything twice, and remembers what was made by operation."""

    def __init__(self, http: Http) -> None:
        self.http, self.made, self.asked = http, dict[str, str](), set[str]()
        self.in_the_background = False
        """Whether what is asked goes on after its answer: a mail's case is opened then."""

    async def __call__(self, operation: str, method: str, path: str, body: Any, who: str = "ada") -> Any:
        path = path.format(**self.made)
        await self.refuses_what_it_does_not_know(method, path, body, who)
        headers = {"Idempotency_Key": f"{operation}-{len(self.made)}", "If_Match": "*"}
        first = await self.http(who, method, path, body, **headers)
        what = f"{operation}: {first.status_code} {first.text[:300]}"
        assert first.status_code < 300, what
        once = await self.traces()
        again = await self.http(who, method, path, body, **headers)
        assert (again.status_code, again.text) == (first.status_code, first.text), f"{what}; then {again.text[:300]}"
        assert await self.traces() == once, operation
        self.asked.add(operation)
        if first.status_code < 300 and first.content:
            self.made[operation] = first.json().get("id", "")
            return first.json()
        return None

    async def refuses_what_it_does_not_know(self, method: str, path: str, body: Any, who: str) -> None:
        """A member that no model has, at each place of a body; any member, where no body is taken."""
        before = await self.traces()
        for place, changed in surplus(body):
            answer = await self.http(who, method, path, changed, If_Match="*")
            assert problem(answer) == (422, "invalid"), f"{path} {changed}: {answer.text}"
            fields = [error["field"] for error in answer.json()["errors"]]
            assert fields == [place] or (not body and fields == [""]), f"{path} {changed}: {answer.text}"
        # What a case refuses stands in its command; nothing else has happened.
        assert (await self.traces())[::2] == before[::2], path

    async def quiet(self) -> None:
        """Until every case has heard of what was decided about a mail, and has written what follows from it."""
        desk = self.http.desk

        async def all_heard() -> bool:
            return all(each.done for each in await desk.deliveries())

        await until(all_heard)
        for number in await desk.numbers():
            await desk.settled(number)

    async def traces(self) -> list[int]:
        if self.in_the_background:
            await self.quiet()
        async with self.http.desk.house.database.read() as session:
            tables = (Audit, Command, TimelineEntry)
            return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


async def test_each_is_done_once_and_answered_twice(open_desk: DeskFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_desk() as desk, asked(desk) as http:
        twice = Twice(http)
        for call in RECORDS:
            await twice(*call)
        await of_a_case(twice)
        await of_activities(twice)
        await of_several_cases(twice)
        await of_held_mail(twice)
        await of_webhooks(twice)
        await of_escalations(twice)
        await of_customer_links(twice)
        await of_incidents(twice, monkeypatch)
        table = {
            str(route.operation_id)
            for route in routes(World(desk.house, create_app(desk.house), {}, {}, {}, new_id(), new_id()))  # type: ignore[arg-type]
            if route.path not in OPEN and route.methods and route.methods & {"POST", "PATCH", "DELETE"}
        }
        assert table - ELSEWHERE == twice.asked


async def of_a_case(twice: Twice) -> None:
    number, queue = "", ""
    for operation, method, path, body in OF_CASES:
        if operation == "open_case":
            shown = await twice(operation, method, path, body)
            number, queue = number or shown["number"], shown["queue"]
            continue
        twice.made["queue"] = queue
        where = path[1:] if path.startswith("!") else f"/cases/{number}{path}"
        await twice(operation, method, where, body)


async def of_activities(twice: Twice) -> None:
    """Those that belong to no case at first."""
    activity = (
        await twice("add_activity_without_case", "POST", "/activities", {"title": "Asked", "customer": "aurora"})
    )["id"]
    await twice("change_activity", "PATCH", f"/activities/{activity}", {"description": "For a quote."})
    await twice("assign_activity", "POST", f"/activities/{activity}/assign", {"agent": "grace"})
    await twice("convert_activity", "POST", f"/activities/{activity}/convert", {"close": True})


async def of_several_cases(twice: Twice) -> None:
    twice.in_the_background = True
    desk = twice.http.desk
    number, other, third = [await twice.http.open() for _ in range(3)]
    child = (await twice("add_child", "POST", f"/cases/{number}/children", {"title": "A child"}))["number"]
    await twice("remove_child", "DELETE", f"/cases/{number}/children/{child}", None)
    message = await mail(desk, case_id=(await desk.case(number)).id)
    await twice("split_case", "POST", f"/cases/{number}/split", {"message": str(message.id)})
    await twice("merge_cases", "POST", f"/cases/{number}/merge", {"losers": [other]})
    await twice("bulk", "POST", "/cases/bulk", {"action": "change", "numbers": [third], "body": {"priority": "high"}})
    operation = await waiting_operation(desk, third)
    await twice("cancel_operation", "POST", f"/operations/{operation}/cancel", None)


async def waiting_operation(desk: Desk, number: str) -> UUID:
    """One that no run works at yet."""
    id = new_id()
    asked_by = {"actor_id": (await desk.agent("ada")).agent_id, "key": "waiting", "asked_on": datetime.now(UTC)}
    async with desk.house.database.write() as session:
        session.add(BulkOperation(id=id, action="cancel", body={}, body_hash="x", state="pending", total=1, **asked_by))
        await session.flush()
        case_id = (await desk.case(number)).id
        session.add(BulkItem(operation_id=id, position=0, number=number, case_id=case_id, state="pending"))
    return id


async def of_held_mail(twice: Twice) -> None:
    house = twice.http.desk.house
    twice.in_the_background = True
    open_case = (await twice.http("ada", "GET", "/cases?status=active")).json()["items"][0]["number"]
    async with house.database.write() as session:
        mailbox = (await session.scalars(select(Mailbox).where(Mailbox.slug == "support"))).one()
        mailbox.uidvalidity = 1
    rules = await house.quarantine.placing.house_rules(mailbox)
    for uid, (operation, body) in enumerate(
        (
            ("rerun_held_mail", None),
            ("release_held_mail", None),
            ("attach_held_mail", {"case": open_case}),
            ("dismiss_held_mail", {"reason": "spam"}),
        ),
        start=1,
    ):
        # Without a word: it is held.
        raw = letter("", from_=f"stranger-{uid}@nowhere.example", to="support@desk.example", subject="")
        arrived = await read_mail(uid, raw, house.files, rules.own_addresses, LARGEST_MAIL)
        await house.quarantine.placing.take_in(arrived, rules, mailbox.intake_epoch, 1, datetime.now(UTC))
        async with house.database.read() as session:
            id = (await session.scalars(select(InboundMail.id).where(InboundMail.uid == uid))).one()
        await twice(operation, "POST", f"{HELD}/{id}/{operation.partition('_')[0]}", body)


async def of_customer_links(twice: Twice) -> None:
    desk = twice.http.desk
    case = await desk.case(await twice.http.open())
    async with desk.house.database.write() as session:
        made = {"made_on": datetime.now(UTC), "expires_on": datetime.now(UTC)}
        link = CustomerLink(id=new_id(), case_id=case.id, contact_id=case.contact_id, **made)
        session.add(link)
    await twice("revoke_customer_link", "POST", f"/cases/{case.number}/customer-links/{link.id}/revoke", None)


async def of_webhooks(twice: Twice) -> None:
    case = await twice.http.desk.case(await twice.http.open())
    failed = await webhook(twice.http.desk, case.id, state="failed")
    sent = await twice("retry_webhook", "POST", f"/webhooks/{failed.id}/retry", None)
    assert sent["state"] in ("queued", "sending")
    again = await twice.http("mona", "POST", f"/webhooks/{failed.id}/retry")
    assert problem(again) == (409, "webhook-not-failed")
    audit = (await twice.http("mona", "GET", f"/audit?kind=webhook&object={failed.id}")).json()["items"]
    assert [each["action"] for each in audit] == ["retry"]


async def of_escalations(twice: Twice) -> None:
    number = await twice.http.open(sla="gold")
    await escalated(twice.http.desk, (await twice.http.desk.case(number)).id)
    await twice("acknowledge_escalation", "POST", f"/cases/{number}/acknowledge", None)
    again = await twice.http("grace", "POST", f"/cases/{number}/acknowledge")
    assert problem(again) == (409, "not-escalating")


async def of_incidents(twice: Twice, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*given: object) -> Any:
        raise RuntimeError("broken")

    for operation in ("retry_incident", "dismiss_incident"):
        number = await twice.http.open()
        with monkeypatch.context() as patch:
            patch.setitem(VERBS, CommandKind.NOTE, broken)
            failed = await twice.http("grace", "POST", f"/cases/{number}/notes", {"text": "x"})
        incident = failed.json()["incident"]
        await twice(operation, "POST", f"/incidents/{incident}/{operation.partition('_')[0]}", None)
