"""Activities through the API: types of the organisation's own, with and without a case, and the time spent (domain 9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from models.records.reference import Contact, Entitlement
from tests.support.asking import Http, asked, problem
from tests.support.desks import DeskFactory
from tests.support.organisations import settings

pytestmark = pytest.mark.usefixtures("patience")

DETAILS = [
    {
        "slug": "visit",
        "fields": [
            {"field": "room", "label": "Room", "required": True},
            {"field": "way", "label": "Way", "kind": "choice", "choices": ["car", "train"]},
            {"field": "safe", "label": "Safe", "kind": "yes-no", "required": True},
            {"field": "km", "label": "Distance", "kind": "number"},
        ],
        "reasons": [
            {"slug": "done", "name": "Done", "status": "completed"},
            {"slug": "half-done", "name": "Half done", "status": "completed"},
            {"slug": "no-show", "name": "Nobody was there", "status": "cancelled"},
        ],
    },
    {"slug": "complaint", "readers": ["manager"], "writers": ["manager"]},
    {"slug": "hint", "readers": ["manager"]},
]


@pytest.fixture
def engine() -> str:
    """One database is enough where one row is written after the other; what looks for many asks the other one."""
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
            activity_types=["phone-call", "task", "letter", "visit", "complaint", "hint"],
            activity_details=DETAILS,
        )
        async with asked(desk) as made:
            yield made


async def alone(http: Http, who: str = "grace", **fields: Any) -> dict[str, Any]:
    made = await http(who, "POST", "/activities", {"kind": "phone-call", "title": "Asked for a quote"} | fields)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def on(http: Http, number: str, who: str = "grace", **fields: Any) -> str:
    made = await http(who, "POST", f"/cases/{number}/activities", {"kind": "task", "title": "Call back"} | fields)
    assert made.status_code == 201, made.text
    id: str = made.json()["id"]
    return id


async def listed(http: Http, query: str = "", who: str = "grace") -> list[str]:
    answer = await http(who, "GET", f"/activities?{query}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_a_type_of_the_organisations_own_has_fields_and_ends(http: Http) -> None:
    """Alike on a case and without one."""
    number = await http.open()
    visits = [await on(http, number, kind="visit"), (await alone(http, kind="visit"))["id"]]
    for id in visits:
        for wrong, field in (
            ({"fields": {"colour": "red"}}, "fields.colour"),
            ({"fields": {"way": "ship"}}, "fields.way"),
            ({"fields": {"km": "far"}}, "fields.km"),
            ({"fields": {"km": "7"}}, "fields.km"),
            ({"fields": {"safe": "perhaps"}}, "fields.safe"),
            ({"owner": "nobody"}, "owner"),
        ):
            answer = await http("grace", "PATCH", f"/activities/{id}", wrong)
            assert problem(answer) == (422, "invalid"), wrong
            assert answer.json()["detail"].startswith(field)
        early = await http("grace", "POST", f"/activities/{id}/complete")
        assert problem(early) == (409, "activity-field-missing")
        assert early.json()["missing"] == ["fields.room", "fields.safe"]
        given = {"fields": {"room": "B 12", "way": "Train", "safe": "yes", "km": 12.5}, "description": "Ring twice."}
        changed = await http("grace", "PATCH", f"/activities/{id}", given)
        assert changed.status_code == 200, changed.text
        assert changed.json()["fields"] == {"room": "B 12", "way": "train", "safe": True, "km": 12.5}
        assert problem(await http("grace", "POST", f"/activities/{id}/complete", {"reason": "no-show"})) == (
            422,
            "invalid",
        )
        assert (await http("grace", "PATCH", f"/activities/{id}", {"fields": {"km": None}})).status_code == 200
        ended = await http(
            "grace", "POST", f"/activities/{id}/complete", {"reason": "half-done", "duration_minutes": 40}
        )
        assert ended.status_code == 200, ended.text
        read = (await http("grace", "GET", f"/activities/{id}")).json()
        assert (read["status"], read["reason"], read["duration_minutes"]) == ("completed", "half-done", 40)
        assert "km" not in read["fields"]
        assert problem(await http("grace", "POST", f"/activities/{id}/cancel")) == (409, "activity-not-open")
    gone = await alone(http, kind="visit")
    assert (await http("grace", "POST", f"/activities/{gone['id']}/cancel")).json()["reason"] == "no-show"
    assert problem(await http("grace", "POST", "/activities", {"kind": "dance", "title": "T"})) == (422, "invalid")


async def test_an_activity_is_somebody_elses_from_the_beginning(http: Http) -> None:
    """Alike on a case and without one."""
    number = await http.open()
    for path in ("/activities", f"/cases/{number}/activities"):
        made = await http("grace", "POST", path, {"title": "Call", "owner": "sam"})
        assert (made.status_code, made.json().get("owner", "sam")) == (201, "sam")
        assert (await http("grace", "GET", f"/activities/{made.json()['id']}")).json()["owner"] == "sam"
        wrong = await http("grace", "POST", path, {"title": "Call", "owner": "nobody"})
        assert (problem(wrong)[0], wrong.json()["detail"].startswith("owner: there is no")) in (
            (422, True),
            (404, True),
        )


async def test_nobody_writes_what_they_may_not_read(http: Http) -> None:
    """It would be done, and then answered as not being there."""
    number, hint = await http.open(), {"kind": "hint", "title": "T", "customer": "casey"}
    ids = [await on(http, number, "mona", kind="hint"), (await alone(http, "mona", **hint))["id"]]
    asked = [("POST", "/activities", hint), ("POST", f"/cases/{number}/activities", {"kind": "hint", "title": "T"})]
    for id in ids:
        asked += [("PATCH", f"/activities/{id}", {"title": "Mine"}), ("POST", f"/activities/{id}/complete", {})]
        asked += [("POST", f"/activities/{id}/assign", {"agent": "sam"}), ("POST", f"/activities/{id}/cancel", {})]
    for method, path, body in asked:
        assert problem(await http("grace", method, path, body)) == (403, "activity-not-yours"), path
    for id in ids:
        assert (await http("grace", "POST", f"/activities/{id}/convert")).status_code == 404
        found = (await http("mona", "GET", f"/activities/{id}")).json()
        assert (found["title"], found["status"], found["owner"]) in (
            ("Call back", "open", "mona"),
            ("T", "open", "mona"),
        )


async def test_a_conversion_is_asked_for_again_whatever_has_changed_since(http: Http) -> None:
    first, second = [(await alone(http, customer="casey"))["id"] for _ in range(2)]
    made = await http("grace", "POST", f"/activities/{first}/convert", {"close": True}, Idempotency_Key="c")
    assert made.status_code == 201, made.text
    assert (await http("grace", "PATCH", f"/activities/{first}", {"title": "Wants two"})).status_code == 200
    again = await http("grace", "POST", f"/activities/{first}/convert", {"close": True}, Idempotency_Key="c")
    assert (again.status_code, again.headers.get("idempotent-replay")) == (201, "true"), again.text
    assert again.json()["number"] == made.json()["number"]
    for id, body in ((second, {"close": True}), (first, {})):
        other = await http("grace", "POST", f"/activities/{id}/convert", body, Idempotency_Key="c")
        assert problem(other) == (422, "idempotency-key-reused")
    assert problem(await http("grace", "POST", f"/activities/{first}/convert", {})) == (409, "activity-has-case")
    late = await on(http, await http.open())
    assert problem(await http("grace", "POST", f"/activities/{late}/convert", {})) == (409, "activity-has-case")


async def test_the_audit_says_what_was_changed_where_everybody_may_read_it(http: Http) -> None:
    due = {"title": "Anew", "due": "2031-03-03T09:00:00Z", "owner": "sam"}
    for kind, old in (("phone-call", "Asked for a quote"), ("hint", None)):
        made = await alone(http, "mona", kind=kind)
        stale = await http("mona", "POST", f"/activities/{made['id']}/convert", {"customer": "casey"}, If_Match='"v9"')
        assert problem(stale) == (412, "stale-version")
        assert (await http("mona", "PATCH", f"/activities/{made['id']}", due)).status_code == 200
        entry = (await http("mona", "GET", f"/audit?kind=activity&object={made['id']}")).json()["items"][0]
        assert sorted(entry["changes"]) == ["due", "owner_id", "title"]
        assert entry["changes"]["title"] == [old, old and "Anew"]
        assert entry["changes"]["due"] == [None, old and "2031-03-03T09:00:00+00:00"]


async def test_each_type_has_privileges_of_its_own(http: Http) -> None:
    number = await http.open()
    assert problem(await http("grace", "POST", f"/cases/{number}/activities", {"kind": "complaint", "title": "T"})) == (
        403,
        "activity-not-yours",
    )
    assert (await http("grace", "POST", "/activities", {"kind": "complaint", "title": "T"})).status_code == 403
    ids = [await on(http, number, "mona", kind="complaint"), (await alone(http, "mona", kind="complaint"))["id"]]
    for id in ids:
        assert (await http("grace", "GET", f"/activities/{id}")).status_code == 404
        for verb in ("complete", "cancel"):
            assert (await http("grace", "POST", f"/activities/{id}/{verb}")).status_code == 403
        assert (await http("grace", "PATCH", f"/activities/{id}", {"title": "Mine"})).status_code == 403
        assert (await http("mona", "GET", f"/activities/{id}")).status_code == 200
    assert not set(ids) & set(await listed(http))
    assert set(ids) <= set(await listed(http, who="mona"))
    assert (await http("grace", "POST", f"/activities/{ids[1]}/convert", {"customer": "aurora"})).status_code == 404
    timeline = (await http("grace", "GET", f"/cases/{number}/timeline")).json()["items"]
    (entry,) = [each for each in timeline if each["kind"] == "activity"]
    assert entry["activity"] is None, "that there is one is told, and nothing of it"


@pytest.mark.parametrize("engine", ["postgres"])
async def test_lists_ask_for_owner_state_kind_case_and_day_and_for_nothing_out_of_sight(http: Http) -> None:
    number = await http.open()
    hidden = await http.open()
    assert (await http("mona", "POST", f"/cases/{hidden}/route", {"queue": "private"})).status_code == 200
    early = await on(http, number, due="2031-04-01T09:00:00Z")
    late = await on(http, number, due="2031-04-03T09:00:00Z")
    secret = await on(http, hidden, "mona")
    free = (await alone(http))["id"]
    assert await listed(http, "due_before=2031-04-02T00:00:00Z") == [early]
    assert await listed(http, f"case={number}") == [early, late]
    assert await listed(http, "case=none") == [free]
    assert await listed(http, "kind=task&owner=me") == [early, late]
    assert await listed(http, "owner=mona", who="mona") == [secret]
    assert secret not in await listed(http, who="sam")
    assert (await http("sam", "GET", f"/activities/{secret}")).status_code == 404
    assert (await http("grace", "POST", f"/activities/{late}/assign", {"agent": "sam"})).status_code == 200
    assert (await http("grace", "POST", f"/activities/{free}/assign", {"agent": "sam"})).status_code == 200
    assert await listed(http, "owner=me&status=open", who="sam") == [late, free]
    first = (await http("mona", "GET", "/activities?limit=3")).json()
    assert [each["id"] for each in first["items"]] == [early, late, secret]
    assert await listed(http, f"cursor={first['next']}", who="mona") == [free]
    stale = await http("grace", "PATCH", f"/activities/{free}", {"title": "Anew"}, If_Match='"v1"')
    assert problem(stale) == (412, "stale-version")


async def test_an_activity_becomes_a_case_once(http: Http) -> None:
    made = await alone(http, customer="casey", description="They want a hundred.")
    assert (made["case"], made["contact"], made["version"]) == (None, "casey", 1)
    path, key = f"/activities/{made['id']}/convert", {"Idempotency_Key": "c1"}
    nobody = await alone(http)
    missing = await http("grace", "POST", f"/activities/{nobody['id']}/convert")
    assert (problem(missing), missing.json()["detail"][:8]) == ((422, "invalid"), "customer")
    opened = [await http("grace", "POST", path, {"close": True}, **key) for _ in range(2)]
    assert [each.status_code for each in opened] == [201, 201]
    case = opened[0].json()
    assert opened[1].json()["number"] == case["number"]
    assert (case["title"], case["description"], case["status"]) == (
        "Asked for a quote",
        "They want a hundred.",
        "active",
    )
    assert case["customer"]["contact"]["slug"] == "casey"
    read = (await http("grace", "GET", f"/activities/{made['id']}")).json()
    assert (read["case"], read["status"]) == (case["number"], "completed")
    assert problem(await http("grace", "POST", path, {})) == (409, "activity-has-case")
    assert (await http("grace", "PATCH", f"/activities/{made['id']}", {"title": "By its case"})).status_code == 200
    kinds = [each["kind"] for each in (await http("grace", "GET", f"/cases/{case['number']}/timeline")).json()["items"]]
    assert {"converted", "activity-changed"} <= set(kinds)
    # One that stays open is the case's open activity.
    other = await http("grace", "POST", f"/activities/{nobody['id']}/convert", {"customer": "aurora", "title": "Quote"})
    assert (other.json()["title"], other.json()["open_activities"]) == ("Quote", 1)


async def test_an_activity_becomes_a_case_whatever_is_left_of_the_contract_and_however_its_customer_is_known(
    http: Http,
) -> None:
    async with http.desk.house.database.write() as session:
        await session.execute(update(Entitlement).where(Entitlement.slug == "care").values(remaining_terms=0))
        await session.execute(update(Contact).where(Contact.slug == "casey").values(slug=None))
        person = await session.scalar(select(Contact.id).where(Contact.email == "casey@customer.example"))
    path = f"/activities/{(await alone(http, customer=str(person)))['id']}/convert"
    refused = await http("grace", "POST", path)
    assert problem(refused) == (409, "entitlement-exhausted"), refused.text
    for body in ({"decrement": "no"}, {"entitlement": "nothing"}):
        assert problem(await http("grace", "POST", path, body)) == (422, "invalid")
    made = await http("grace", "POST", path, {"entitlement": None})
    assert made.status_code == 201, made.text
    assert (made.json()["entitlement"], made.json()["customer"]["contact"]["id"]) == (None, str(person))


async def test_the_time_spent_adds_up_by_agent(http: Http) -> None:
    number = await http.open()
    await on(http, number, title="Read it", duration_minutes=10, completed=True)
    await on(http, number, "mona", kind="phone-call", title="Called", duration_minutes=5, completed=True)
    open_one = await on(http, number, duration_minutes=30)
    assert (await http("grace", "GET", f"/cases/{number}")).json()["open_activities"] == 1
    expected = {"minutes": 15, "agents": [{"agent": "grace", "minutes": 10}, {"agent": "mona", "minutes": 5}]}
    assert (await http("grace", "GET", f"/cases/{number}/time")).json() == expected
    assert (await http("grace", "POST", f"/activities/{open_one}/complete", {"duration_minutes": 7})).status_code == 200
    assert (await http("grace", "GET", f"/cases/{number}/time")).json()["minutes"] == 22
    resolved = await http("grace", "POST", f"/cases/{number}/resolve", {"resolution": "Paired."})
    assert resolved.json()["resolutions"][0]["total_minutes"] == 22
