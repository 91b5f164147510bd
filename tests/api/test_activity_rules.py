"""Activities that arrive without a case become one by the rule of their queue or type (domain 6.6), by every option."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from desk.reference.words import wrong_words
from models.messages.faults import faults
from models.messages.organisation import OrganisationSettings
from models.messages.record_creation import RecordCreationRule
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Contact
from tests.support.asking import Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import add, settings
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("patience")

TYPES = ["phone-call", "task", "letter", "fax", "visit", "demand"]
WORDS = {"en": {"subject": "We have your call", "body": "Dear {{ contact.name }}, this is {{ case.number }}."}}
URGENT = {"all": [{"field": "activity.title", "op": "contains", "value": "urgent"}]}
FAR = {"all": [{"field": "activity.fields.km", "op": "gt", "value": 10}, {"field": "account.tier", "value": "gold"}]}
RULES: list[dict[str, Any]] = [
    {
        "slug": "calls",
        "source": "phone-call",
        "allow_unknown_senders": True,
        "auto_reply_template": "called",
        "owner": "mona",
        "items": [
            {"name": "Urgent", "when": URGENT, "priority": "high", "case_type": "problem", "subject": "audio"},
            {"name": "Rest"},
        ],
    },
    {"slug": "calls-gold", "source": "phone-call", "queue": "gold", "items": [{"name": "All"}]},
    {"slug": "faxes", "source": "fax", "origin": "web", "items": [{"name": "Junk", "action": "file"}]},
    {"slug": "visits", "source": "visit", "items": [{"name": "Far", "when": FAR}]},
    {
        "slug": "demands",
        "source": "demand",
        "allow_unknown_senders": True,
        "create_contact": False,
        "require_entitlement": True,
        "items": [{"name": "All"}],
    },
]


@pytest.fixture
def engine() -> str:
    """One database is enough where a row is found by its key; what looks for many asks the other one."""
    return "sqlite"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str) -> str:
    url: str = request.getfixturevalue(f"{engine}_url")
    return url


@pytest.fixture
async def http(open_desk: DeskFactory) -> AsyncIterator[Http]:
    async with open_desk() as desk:
        await settings(
            desk,
            country="DE",
            activity_types=TYPES,
            activity_details=[{"slug": "visit", "fields": [{"field": "km", "label": "Km", "kind": "number"}]}],
        )
        people = [
            {"slug": "robin", "name": "Robin", "email": "robin@customer.example", "phones": ["030 1234567", "030 99"]},
            {"slug": "kim", "name": "Kim", "email": "kim@customer.example", "account": "aurora", "phones": ["030 99"]},
        ]
        await add(
            desk,
            {
                "contacts": people,
                "templates": [{"slug": "called", "name": "Called", "texts": WORDS}],
                "record_creation_rules": [{"name": each["slug"], **each} for each in RULES],
            },
        )
        async with asked(desk) as made:
            yield made


async def arrives(http: Http, **fields: Any) -> dict[str, Any]:
    made = await http("grace", "POST", "/activities", {"kind": "phone-call", "title": "It hums"} | fields)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def case_of(http: Http, activity: dict[str, Any]) -> Case:
    assert activity["case"] is not None, activity
    return await http.desk.case(activity["case"])


async def test_a_call_becomes_a_case_of_whom_it_is_from(http: Http) -> None:
    last = None
    for sender in ("+49 (0)30 123 45 67", "Robin@Customer.example"):
        call = await arrives(http, sender=sender, title=f"urgent: it hums {sender}")
        case = await case_of(http, call)
        last = case.id
        assert call["contact"] == "robin"
        assert (case.title, case.origin, case.opening_rule) == (f"urgent: it hums {sender}", "phone", "calls")
        assert (case.priority, case.case_type, case.subject) == ("high", "problem", "audio")
        assert call["creation"]["outcome"] == "opened"
        assert (call["creation"]["rule"], call["creation"]["item"]) == ("calls", "Urgent")
        assert case.owner_id == (await http.desk.agent("mona")).agent_id
    shared = await arrives(http, sender="030 99", sender_name="Somebody")
    assert shared["account"] is None, "who of the two it is cannot be told, nor for which account"
    told = (await http("grace", "GET", f"/cases/{shared['case']}/timeline?limit=50")).json()["items"]
    found = [(each["sender"], each["sender_name"]) for entry in told if (each := entry.get("activity"))]
    assert ("030 99", "Somebody") in found, "whoever works on it can call back"
    assert (await case_of(http, shared)).priority == "normal"

    async def acknowledged() -> bool:
        async with http.desk.house.database.read() as session:
            letters = select(EmailMessage).where(EmailMessage.case_id == last, EmailMessage.direction == "out")
            found = list(await session.scalars(letters))
            return [(each.subject.split(" [")[0], each.recipients["to"]) for each in found] == [
                ("We have your call", ["robin@customer.example"])
            ]

    await until(acknowledged)


@pytest.mark.parametrize("engine", ["postgres"])
async def test_unknown_senders_and_the_gates(http: Http) -> None:
    new = await arrives(http, sender="New@Customer.example", sender_name="New One")
    async with http.desk.house.database.read() as session:
        made = await session.scalar(select(Contact).where(Contact.email == "new@customer.example"))
    assert made is not None
    assert (made.name, (await case_of(http, new)).contact_id) == ("New One", made.id)
    again = await arrives(http, sender="new@customer.example")
    assert (await case_of(http, again)).contact_id == made.id

    for fields, reason in (
        ({"queue": "gold", "sender": "who@customer.example"}, "sender-unknown"),
        ({"queue": "gold"}, "sender-unknown"),
        ({"kind": "fax", "customer": "aurora"}, "by-item"),
        ({"kind": "visit", "customer": "aurora", "fields": {"km": 5}}, "no-item"),
        ({"kind": "demand", "sender": "0301234567"}, "no-entitlement"),
        ({"kind": "demand"}, "no-entitlement"),
    ):
        kept = await arrives(http, **fields)
        assert (kept["case"], kept["creation"]["outcome"], kept["creation"]["reason"]) == (None, "kept", reason), kept
        assert kept["sender"] == fields.get("sender")
    assert (await arrives(http, kind="letter"))["creation"] is None, "no rule watches letters"
    for fields in (
        {"queue": "gold", "customer": "casey"},
        {"kind": "visit", "customer": "aurora", "fields": {"km": 15}},
        {"kind": "demand", "customer": "casey"},
    ):
        opened = await case_of(http, await arrives(http, **fields))
        assert opened.account_id is not None
    kept_ones = (await http("grace", "GET", "/activities?outcome=kept")).json()["items"]
    assert len(kept_ones) == 6
    in_gold = (await http("grace", "GET", "/activities?queue=gold&outcome=opened")).json()["items"]
    assert [each["creation"]["rule"] for each in in_gold] == ["calls-gold"]
    nowhere = await http("grace", "GET", "/activities?queue=golf")
    assert (problem(nowhere), "there is no queue 'golf'" in nowhere.json()["detail"]) == ((422, "invalid"), True)


async def test_it_happens_once_and_nothing_half(http: Http) -> None:
    asked_once = {"kind": "phone-call", "title": "Once", "sender": "030 1234567"}
    first = await http("grace", "POST", "/activities", asked_once, Idempotency_Key="k")
    again = await http("grace", "POST", "/activities", asked_once, Idempotency_Key="k")
    assert (again.status_code, again.json()["id"], again.json()["case"]) == (
        201,
        first.json()["id"],
        first.json()["case"],
    )
    other = await http("grace", "POST", "/activities", {**asked_once, "title": "Other"}, Idempotency_Key="k")
    assert problem(other) == (422, "idempotency-key-reused")
    kept = {"kind": "fax", "title": "Junk"}
    ids = [(await http("grace", "POST", "/activities", kept, Idempotency_Key="f")).json()["id"] for _ in range(2)]
    assert ids[0] == ids[1]
    for wrong, field in (
        ({"sender": "call me"}, "sender"),
        ({"sender": "a b@c.example"}, "sender"),
        ({"customer": "nobody"}, "customer"),
        ({"fields": {"no": 1}}, "fields.no"),
        ({"kind": "dance"}, "kind"),
    ):
        answer = await http("grace", "POST", "/activities", {"kind": "phone-call", "title": "T"} | wrong)
        assert (problem(answer), answer.json()["detail"].startswith(field)) == ((422, "invalid"), True), answer.text
    hidden = await http("sam", "POST", "/activities", {"title": "T", "queue": "private"})
    assert problem(hidden) == (404, "not-found")
    async with http.desk.house.database.read() as session:
        cases = list(await session.scalars(select(Case)))
    assert len(cases) == 1


def test_what_a_rule_cannot_say() -> None:
    organisation = OrganisationSettings(activity_types=tuple(TYPES))
    of_mail = {"all": [{"field": "email.bulk", "value": True}]}
    for rule, path, words in (
        ({"source": "dance"}, ("source",), "unknown 'dance'"),
        ({"source": "phone-call", "new_case_after_resolved": True}, ("new_case_after_resolved",), "about mail alone"),
        ({"source": "fax", "items": [{"name": "A", "action": "reopen"}]}, ("items", 0, "action"), "about mail alone"),
        ({"source": "email", "queue": "gold", "origin": "web"}, ("origin",), "is given with"),
        ({"source": "fax", "origin": "pigeon"}, ("origin",), "unknown 'pigeon'"),
        ({"source": "fax", "items": [{"name": "A", "when": of_mail}]}, None, "is known of mail alone"),
        (
            {"source": "email", "queue": "gold", "items": [{"name": "A", "when": URGENT}]},
            None,
            "about activities alone",
        ),
    ):
        body = {"slug": "wrong", "name": "Wrong", "items": [{"name": "All"}], **rule}
        (wrong,) = wrong_words(RecordCreationRule.model_validate(body), organisation)
        assert words in wrong.rule
        assert path is None or wrong.path == path
    without_queue = {"slug": "wrong", "name": "Wrong", "items": [{"name": "All"}]}
    with pytest.raises(ValidationError) as raised:
        RecordCreationRule.model_validate(without_queue)
    assert faults(raised.value, without_queue) == [(("queue",), "this field is required of a rule about mail")]


async def test_one_active_rule_a_source_and_queue(http: Http) -> None:
    for rule, words in (
        ({"source": "phone-call", "queue": "gold"}, "'calls-gold' is already active on the queue 'gold'"),
        ({"source": "phone-call"}, "'calls' is already active where no queue is named"),
    ):
        body = {"slug": "second", "name": "Second", "items": [{"name": "All"}], **rule}
        body["slug"] = f"second-{rule.get('queue', 'none')}"
        assert (await http("mona", "POST", "/record-creation-rules", body)).status_code == 201
        answer = await http("mona", "POST", f"/record-creation-rules/{body['slug']}/activate")
        assert (problem(answer), words in answer.json()["detail"]) == ((409, "queue-has-rule"), True), answer.text
