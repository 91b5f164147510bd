"""What agents, managers and administrators send by mistake or on purpose: refused with a sentence that names the place, and
nothing of it is a fault of ours or freezes a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.asking import Http, asked, problem
from tests.support.desks import DeskFactory

VALUES: tuple[Any, ...] = (
    *("1E+1000000", "NaN", "Infinity", "x" * 5000, "a\x00b", "\u200b", "", " "),
    *(10**30, -1, 1.5, True, [1], {"a": {"b": 1}}, None),
)
FIELDS = (
    *("title", "priority", "severity", "product", "subject", "customer", "contact", "origin", "entitlement", "sla"),
    *("case_type", "status_reason", "escalated", "follow_up_by", "custom", "status", "owner", "number", "id"),
)
FREE = {("title", "1E+1000000"), ("title", "NaN"), ("title", "Infinity"), ("escalated", True)}
"""What is right there."""
CLEARED = frozenset(["severity", "product", "subject", "contact", "entitlement", "sla", "case_type", "follow_up_by"])
PYTHONS = (
    "tuple",
    "validation error",
    "pydantic",
    "should match pattern",
    "dict object'",
    "NoneType",
    "valid datetime",
)
"""Words that tell a newcomer nothing."""

ITEM: dict[str, Any] = {
    "name": "A",
    "kpi": "first-response",
    "success": {"all": [{"field": "case.first_response_sent", "value": True}]},
    "fail_after": "1 hour",
}
NEW_CALENDAR = {"slug": "c", "time_zone": "UTC", "hours": "24x7"}
Refusal = tuple[str, str, str, Any, tuple[int, str], str]
REFUSED: tuple[Refusal, ...] = (
    ("grace", "POST", "/cases/{n}/replies", {"text": "a", "to": ["support@desk.example"]}, (422, "invalid"), "of this house"),
    ("grace", "POST", "/cases/{n}/replies", {"text": "a", "cc": ["support@desk.example"]}, (422, "invalid"), "cc: support@"),
    ("grace", "POST", "/cases/{n}/replies", {"text": "a", "to": ["a\u2028b@b.example"]}, (422, "invalid"), "one address"),
    ("grace", "POST", "/cases/{n}/children", {"title": "a\u2028b"}, (422, "invalid"), "title: must be one line"),
    ("grace", "POST", "/cases/{n}/merge", {"losers": ["CAS 1"]}, (422, "invalid"), "must be the number of a case"),
    ("grace", "POST", "/cases/{n}/replies", {"text": "a", "to": ["a@b.example\r\nBcc: x"]}, (422, "invalid"), "one address"),
    ("grace", "POST", "/cases/{n}/replies", {"text": "a", "to": ["\u202ea@b.example"]}, (422, "invalid"), "nobody can see"),
    ("grace", "POST", "/cases/{n}/replies", {"text": "a", "to": ["a@b.example"] * 51}, (422, "invalid"), "at most 50 entries"),
    ("grace", "POST", "/cases/{n}/assign", {"agent": "grace", "team": "lab"}, (422, "invalid"), "exactly one"),
    ("grace", "POST", "/cases/{n}/resolve", {"resolution": "a", "resolution_type": "merged"}, (422, "invalid"), "fit"),
    ("grace", "POST", "/cases/{n}/activities", {"title": "a", "due": "9999-12-31T23:59:59Z"}, (422, "invalid"), "due"),
    ("mona", "POST", "/suppressions", {"address": "\u202ea@b.example"}, (422, "invalid"), "nobody can see"),
    ("mona", "PATCH", "/contacts/casey", {"email": "support@desk.example"}, (422, "invalid"), "of the mailbox 'support'"),
    ("ada", "PATCH", "/agents/grace", {"email": "support@desk.example"}, (422, "invalid"), "of the mailbox 'support'"),
    ("ada", "PATCH", "/mailboxes/support", {"addresses": [{"address": "grace@desk.example"}]}, (409, "already-exists"),
     "of the agent 'grace'"),
    ("ada", "PATCH", "/agents/grace", {"roles": []}, (422, "invalid"), "must not be empty"),
    ("ada", "PATCH", "/agents/grace", {"capacity": -1}, (422, "invalid"), "must be at least 0"),
    ("ada", "PATCH", "/agents/ada", {"roles": ["manager"]}, (409, "last-administrator"), "the only administrator"),
    ("ada", "POST", "/agents/ada/deactivate", {}, (409, "last-administrator"), "the only administrator"),
    ("ada", "PATCH", "/agents/mona", {"roles": ["knowledge-manager"]}, (409, "in-use"), "queue 'gold' at owner"),
    ("ada", "PATCH", "/organisation", {"slug": "x"}, (422, "invalid"), "is always 'organisation'"),
    ("ada", "PATCH", "/organisation", {"language": "english"}, (422, "invalid"), "unknown language"),
    ("mona", "PATCH", "/accounts/aurora", {"language": "xx"}, (422, "invalid"), "language: unknown language 'xx'"),
    ("mona", "PATCH", "/contacts/casey", {"language": 5}, (422, "invalid"), "must be a text"),
    ("mona", "POST", "/accounts", {"slug": "Aurora Inc", "name": "A"}, (422, "invalid"), "lower-case letters"),
    ("mona", "POST", "/accounts", {"slug": "aurora", "name": "A"}, (409, "already-exists"), "another account has"),
    ("mona", "POST", "/slas", {"slug": "gold", "name": "A", "items": []}, (422, "invalid"), "items: must not be empty"),
    ("mona", "POST", "/queues", {"slug": "q", "name": "Q", "owner": "nobody"}, (422, "invalid"), "no active agent 'nobody'"),
    ("mona", "GET", "/cases?statuss=active", None, (422, "invalid"), "did you mean 'status'?"),
)  # fmt: skip
DRAFTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("calendars", NEW_CALENDAR | {"holidays": ["2026-01-01", "2026-01-01"]}, "listed twice"),
    (
        "routing-rule-sets",
        {"rules": [{"name": "A", "when": {"all": [{"field": "case.title", "op": "contains", "value": ""}]}, "queue": "gold"}]},
        "says nothing",
    ),
    ("routing-rule-sets", {"rules": [{"name": "A", "agent": "kim"}]}, "roles that work cases"),
    ("record-creation-rules", {"queue": "gold", "owner": "kim", "items": [{"name": "A"}]}, "roles that work cases"),
    ("slas", {"items": [ITEM | {"actions": [{"on": "failure", "do": "assign", "agent": "kim"}]}]}, "roles that work"),
    (
        "slas",
        {"items": [ITEM | {"actions": [{"on": "failure", "do": "notify", "to": "support@desk.example"}]}]},
        "of the mailbox 'support'",
    ),
    (
        "slas",
        {
            "items": [
                ITEM
                | {
                    "escalation": [
                        {"after": "1 hour", "actions": [{"do": "notify", "to": "owner", "template": "acknowledgement"}]}
                    ]
                }
            ]
        },
        "is not known to a notice of an SLA",
    ),
    ("processes", {"stages": [{"slug": "a", "name": "A", "on_entry": [{"do": "assign", "agent": "kim"}]}]}, "roles that work"),
    ("figure-reports", {"figures": ["incoming"], "recipients": ["support@desk.example"]}, "of the mailbox 'support'"),
    ("templates", {"texts": {"klingon": {"subject": "S", "body": "B"}}}, "unknown language"),
)  # fmt: skip
"""Which a draft may say, and which are refused when it is to come into force."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a row can hold is tested on both (tests/api/test_values.py)."""
    return sqlite_url


def changes() -> Iterator[tuple[str, Any]]:
    for field in FIELDS:
        for value in VALUES:
            right = not isinstance(value, list | dict) and (field, value) in FREE
            if not right and not (value is None and field in CLEARED):
                yield field, value


async def test_no_value_of_any_field_is_taken_for_another_or_freezes_the_case(open_desk: DeskFactory) -> None:
    async with open_desk() as desk, asked(desk) as http:
        number = await http.open()
        for field, value in changes():
            await refused(http, "grace", "PATCH", f"/cases/{number}", {field: value}, (422, "invalid"), "")
        for value in VALUES:
            for step in ("case_type", "title", "custom.article_sent"):
                body = {"data": {step: value}}
                # What is blank fills nothing: the stage says then what it still needs.
                if value is not None and str(value).strip(" \u200b"):
                    await refused(http, "grace", "POST", f"/cases/{number}/process/next", body, (422, "invalid"), "")
        kim = {"slug": "kim", "name": "Kim", "email": "kim@desk.example", "roles": ["knowledge-manager"]}
        assert (await http("ada", "POST", "/agents", kim)).status_code == 201
        for who, method, path, body, status, words in REFUSED:
            await refused(http, who, method, path.format(n=number), body, status, words)
        for position, (path, body, words) in enumerate(DRAFTS):
            slug = f"draft-{position}"
            made = await http("mona", "POST", f"/{path}", {"name": "Draft", **body, "slug": slug})
            assert made.status_code == 201, made.text
            await refused(http, "mona", "POST", f"/{path}/{slug}/activate", None, (422, "invalid"), words)
        assert (await http("mona", "GET", "/incidents")).json()["items"] == []
        alive = await http("grace", "POST", f"/cases/{number}/notes", {"text": "It goes on."})
        assert alive.status_code == 201


async def refused(http: Http, who: str, method: str, path: str, body: Any, status: tuple[int, str], words: str) -> None:
    answer = await http(who, method, path, body, If_Match="*")
    told = f"{method} {path} {str(body)[:200]}: {answer.text[:400]}"
    assert answer.status_code >= 400, told
    assert problem(answer) == status, told
    assert words in answer.json()["detail"], told
    for word in PYTHONS:
        assert word not in answer.text, told
