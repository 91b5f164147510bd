"""Bodies that are right, by schema: what is drawn from a schema alone breaks a rule between two fields too often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fuzz.api.values import Fresh, Known

WORDS: dict[str, tuple[str, ...]] = {
    "agent": ("agents",),
    "team": ("teams",),
    "queue": ("queues",),
    "owner": ("agents",),
    "members": ("agents",),
    "mailbox": ("mailboxes",),
    "account": ("accounts",),
    "contact": ("contacts",),
    "contacts": ("contacts",),
    "customer": ("accounts", "contacts"),
    "product": ("products",),
    "products": ("products",),
    "subject": ("subjects",),
    "parent": ("subjects",),
    "entitlement": ("entitlements",),
    "sla": ("slas",),
    "default_sla": ("slas",),
    "calendar": ("calendars",),
    "business_hours": ("calendars",),
    "kpi": ("kpi-definitions",),
    "template": ("templates",),
    "auto_reply_template": ("templates",),
    "process": ("processes",),
    "default_process": ("processes",),
    "article": ("numbers",),
    "attachments": ("attachments",),
    "status_reason": ("reasons",),
    "resolution_type": ("reasons",),
    "next": ("reasons",),
    "priority": ("priorities",),
    "value": ("priorities",),
    "origin": ("origins",),
    "case_type": ("case-types",),
    "kind": ("activity-types",),
    "stage": ("stages",),
    "time_zone": ("time-zones",),
    "field": ("fields",),
}
"""The desk's words that a field of this name holds."""

CONDITION = {"all": [{"field": "case.status", "op": "ne", "value": "cancelled"}]}
SUCCESS = {"all": [{"field": "case.status", "value": "resolved"}]}
ORGANISATION: dict[str, Any] = {
    "name": "Test Desk", "time_zone": "Europe/Berlin", "currency": "EUR", "language": "en", "default_process": "wide",
    "article_url": "https://help.example/{number}", "case_prefix": "CAS", "default_sla": None, "undo_send_seconds": 0,
    "origins": ["phone", "email", "web"], "priorities": ["high", "normal", "low"],
    "case_types": ["question", "problem", "request"], "activity_types": ["phone-call", "task", "letter"],
}  # fmt: skip
"""What the desk is set back to from time to time, so that calls go on to succeed."""

_STEPS = [
    {"field": name, "label": name}
    for name in (
        "title",
        "description",
        "priority",
        "severity",
        "case_type",
        "subject",
        "product",
        "origin",
        "custom.words",
    )
] + [
    {"field": "custom.amount", "label": "Amount", "kind": "number"},
    {"field": "custom.sure", "label": "Sure", "kind": "yes-no"},
]
WIDE: dict[str, Any] = {
    "slug": "wide",
    "name": "Asks for everything that a stage can ask for",
    "order": 1,
    "stages": [{"slug": slug, "name": slug, "steps": _STEPS} for slug in ("begin", "middle", "end")],
}
"""The process of new cases."""

Pick = Callable[[], int]


def sample(schema: str, pick: Pick) -> dict[str, Any] | None:
    """A right body of this schema; None if the schema alone gives one."""

    def known(kind: str) -> Known:
        return Known(kind, pick())

    new = {"slug": Fresh(pick()), "name": "New"}
    match schema:
        case "NewCaseBody":
            return {
                "title": "It does not pair",
                "customer": "aurora",
                "contact": "casey",
                "priority": known("priorities"),
            }
        case "ChangeBody":
            return {"title": "Left bud", "priority": known("priorities"), "custom": {"x": 1}}
        case "StageBody":
            held: dict[str, Any] = {"title": "T", "description": "D", "severity": "high"}
            held |= {"custom.amount": 1, "custom.words": "w", "custom.sure": True}
            data = held | {each: known(kind) for each, kind in (("priority", "priorities"), ("product", "products"))}
            data |= {"case_type": known("case-types"), "origin": known("origins"), "subject": known("subjects")}
            return {"data": dict(list(data.items())[pick() % 8 :][: pick() % 4])}
        case "ReplyBody":
            return {"text": "Restart it.", "send_after_seconds": 30}
        case "ResolveBody":
            return {"resolution": "Cured.", "cancel_open_activities": True}
        case "HoldBody":
            return {"status_reason": "on-hold"}
        case "ActivityBody":
            return {"title": "Call", "due": "2031-03-02T09:00:00Z", "duration_minutes": 5}
        case "AssignBody":
            return {"agent": known("agents")} if pick() % 2 else {"team": known("teams")}
        case "LinkArticleBody":
            return {"article": known("numbers"), "send": "content"}
        case "AgentBody":
            return new | {"email": Fresh(pick(), after="@house.example"), "roles": ["agent"]}
        case "ContactBody":
            return new | {"email": Fresh(pick(), after="@customer.example"), "account": known("accounts")}
        case "TeamBody":
            return new | {"members": ["grace"]}
        case "QueueBody":
            return new | {"owner": "mona", "members": ["grace"], "mailbox": "support"}
        case "MailboxBody":
            server = {"host": "127.0.0.1", "port": 1, "tls": "none", "user": "u"}
            address = {"address": Fresh(pick(), after="@desk.example"), "display_name": "New", "queue": "inbox"}
            return {"slug": Fresh(pick()), "imap": server, "smtp": server, "password": "p"} | address
        case "EntitlementDefinition":
            days = {"start": "2026-01-01", "end": "2031-12-31", "total_terms": 10}
            return new | days | ({"account": "aurora"} if pick() % 2 else {"contact": "casey"}) | {"sla": "gold"}
        case "KpiDefinition":
            return new | {"pause_when": CONDITION}
        case "Calendar":
            hours = {"monday": [{"from": "09:00", "to": "17:00"}], "friday": [{"from": "00:00", "to": "24:00"}]}
            return new | {"time_zone": known("time-zones"), "hours": hours, "holidays": ["2031-04-01"]}
        case "SlaDefinition":
            item = {"name": "Resolution", "kpi": "resolution", "success": SUCCESS, "business_hours": "lunch-break"}
            action = {"on": "failure", "do": "set-priority", "value": known("priorities")}
            return new | {"items": [item | {"warn_after": "1 hour", "fail_after": "2 hours", "actions": [action]}]}
        case "RoutingRuleSet":
            return new | {
                "rules": [{"name": "A", "when": CONDITION, "queue": known("queues")}, {"name": "B", "agent": "grace"}]
            }
        case "RecordCreationRule":
            entry: dict[str, Any] = {
                "name": "All",
                "when": CONDITION,
                "priority": known("priorities"),
                "case_type": known("case-types"),
            }
            return new | {"queue": known("queues"), "items": [entry], "auto_reply_template": "acknowledgement"}
        case "ProcessDefinition":
            step = {"field": known("fields"), "label": "L", "kind": "text", "required": bool(pick() % 2)}
            branch = {"when": CONDITION, "to": "end"}
            stages = [
                {"slug": "begin", "name": "B", "steps": [step], "branches": [branch]},
                {"slug": "end", "name": "E", "on_entry": [{"do": "route", "queue": known("queues")}]},
            ]
            set_ = {"do": "set", "values": {"priority": known("priorities"), "custom.x": 1}}
            hook = {"do": "webhook", "url": "https://hooks.example/a"}
            return new | {"order": 50, "stages": stages, "on_applied": [set_, hook], "applies_when": CONDITION}
        case "MailTemplate":
            text = {
                "subject": "Re: {{ mail.subject }}",
                "body": "Case {{ case.number }}",
                "html": "<p>{{ case.title }}</p>",
            }
            return new | {"texts": {"en": text, "de": text}}
        case "ArticleBody":
            return {"slug": Fresh(pick()), "title": "Pairing", "content": "Hold.\n\nLonger.", "keywords": "a b"}
        case "SuppressionBody":
            return {"address": Fresh(pick(), after="@gone.example"), "detail": "asked"}
        case "TokenBody":
            return {"role": "agent"}
        case "OrganisationSettings":
            return dict(ORGANISATION)
        case _:
            pass
    return None
