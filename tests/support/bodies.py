"""One right body of each kind of reference data, with every field given: what generated tests change one thing in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from models.messages.articles import ArticleBody
from models.messages.entitlements import EntitlementDefinition
from models.messages.products import ProductBody
from models.messages.reference import (
    AccountBody,
    AgentBody,
    ContactBody,
    DeactivateBody,
    MailboxBody,
    QueueBody,
    SubjectBody,
    TeamBody,
)
from storage.definitions import MODELS, DefinitionKind

Place = tuple[str | int, ...]

WHEN = {
    "all": [
        {"field": "case.priority", "op": "in", "value": ["high", "normal"]},
        {"any": [{"field": "queue.slug", "value": "gold"}, {"field": "case.escalated", "value": False}]},
    ]
}
SUCCESS = {"all": [{"field": "case.status", "value": "resolved"}]}
SERVER = {"host": "127.0.0.1", "port": 1, "tls": "none", "user": "u", "ca_file": "/ca.pem", "auth": "password"}
HOURS = [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "17:00"}]
ACTIONS = [
    {"on": "warning", "do": "notify", "to": "team:lab", "template": "told"},
    {"on": "failure", "do": "set-priority", "value": "high"},
]
WARNINGS = [
    {"remaining_terms": 2, "to": "team:lab"},
    {"remaining_percent": 20, "origin": "phone", "to": "owner"},
    {"days_left": 30, "to": "manager"},
]
TEXT = {"subject": "S {{ case.number }}", "body": "B", "html": "<p>H</p>"}

DEFINITIONS: dict[DefinitionKind, dict[str, Any]] = {
    DefinitionKind.ORGANISATION: {
        "slug": "organisation", "name": "O", "time_zone": "Europe/Berlin", "currency": "EUR", "language": "de", "country": "DE",
        "case_prefix": "CAS",
        "status_reasons": [
            {"slug": "in-progress", "name": "I", "status": "active", "pauses": False, "next": ["cancelled"]},
            {"slug": "waiting", "name": "W", "status": "active", "pauses": True, "next": None},
            {"slug": "solved", "name": "S", "status": "resolved"},
            {"slug": "cancelled", "name": "C", "status": "cancelled"},
            {"slug": "merged", "name": "M", "status": "cancelled"},
        ],
        "origins": ["phone", "email"], "priorities": ["high", "normal"], "case_types": ["question"],
        "activity_types": ["task"],
        "activity_details": [
            {
                "slug": "task", "readers": ["agent"], "writers": ["agent"],
                "fields": [{"field": "room", "label": "R", "kind": "choice", "required": True, "choices": ["a"]}],
                "reasons": [{"slug": "done", "name": "Done", "status": "completed"}],
            }
        ], "skills": ["german"], "default_sla": "gold", "default_process": "three-stages",
        "apply_default_entitlement": True, "apply_default_entitlement_on_change": True,
        "replace_manual_sla": False, "recalculate_sla_on_terminal": False,
        "reinstate_sla_on_reactivation": True, "first_response_channels": ["email", "task"], "take_over": "members",
        "closing_parents": "cascade", "most_children": 5, "inherited_by_children": ["contact", "owner"],
        "updates_when_closed": "resolved",
        "article_url": "https://a.example/{number}", "case_url": "https://c.example/{number}",
        "notices": [{"on": "reply", "to": "team:lab", "template": "told"}],
        "pages": {
            "address": "https://help.example", "colour": "#1d4ed8", "logo": "iVBORw0KGgo=", "customer_view": True,
            "words": {"en": {"help": "How?", "footer": "We"}}, "show_promises": False, "link_days": 7, "help": True,
        },
        "several_queues": "one-case", "new_cases_per_sender": 5, "mails_per_sender_and_case": 5,
        "sender_window_minutes": 5, "automatic_replies_per_hour": 5, "undo_send_seconds": 5,
        "outgoing_per_domain_per_minute": 5, "duplicates_within_days": 5, "slas_off": False, "digest_template": "news",
        "invitation_template": "news", "reset_template": "news",
        "second_factor": ["administrator"],
        "contact_costs": {"email": 2.5}, "figures_calendar": "lunch-break", "first_contact_days": 5,
    },
    DefinitionKind.CALENDAR: {
        "slug": "c", "name": "C", "time_zone": "Europe/Berlin",
        "hours": {"monday": HOURS, "friday": [{"from": "00:00", "to": "24:00"}]},
        "holidays": [{"date": "2031-04-01", "name": "Off", "hours": HOURS}], "observe_holidays": True,
        "country": "DE-BY", "changed_days": [{"date": "2031-04-02", "name": "Late", "hours": HOURS}],
        "further_weeks": [{"monday": HOURS}], "first_week": "2031-01-06",
    },
    DefinitionKind.KPI: {"slug": "k", "name": "K", "role": "first-response", "pause_when": WHEN},
    DefinitionKind.SLA: {
        "slug": "s", "name": "S", "calendar": "lunch-break",
        "items": [
            {
                "name": "A", "kpi": "resolution", "applicable_from": "created_on", "applicable_when": WHEN,
                "success": SUCCESS, "allow_pause": True, "pause_when": SUCCESS, "business_hours": "lunch-break",
                "warn_after": "1 business day", "fail_after": "2 business days", "actions": ACTIONS,
            }
        ],
    },
    DefinitionKind.ROUTING_RULE_SET: {
        "slug": "r", "name": "R",
        "rules": [
            {"name": "A", "when": WHEN, "queue": "gold", "skills": {"german": 3}},
            {"name": "B", "when": SUCCESS, "agent": "grace"},
            {"name": "C", "when": SUCCESS, "team": "lab"},
        ],
    },
    DefinitionKind.ASSIGNMENT_RULE: {
        "slug": "a", "name": "A", "queue": "standard", "method": "round-robin", "presences": ["online", "busy"],
        "working_hours": False, "ageing": "2 hours",
        "overflow": {
            "to": ["gold"], "out_of_hours": "lunch-break", "longest_queue": 5, "longest_wait": "90 minutes",
        },
    },
    DefinitionKind.RECORD_CREATION_RULE: {
        "slug": "r", "name": "R", "source": "email", "queue": "standard",
        "items": [
            {
                "name": "A", "when": WHEN, "action": "open-case", "priority": "high", "case_type": "question",
                "subject": "audio", "product": "buds",
            }
        ],
        "allow_unknown_senders": True, "create_contact": False, "require_entitlement": True,
        "new_case_after_resolved": True, "resolved_window_minutes": 5, "new_case_on_changed_subject": True,
        "auto_reply_template": "acknowledgement", "owner": "mona",
    },
    DefinitionKind.PROCESS: {
        "slug": "p", "name": "P", "order": 50, "applies_when": WHEN, "roles": ["agent"],
        "on_applied": [{"do": "set", "values": {"priority": "high", "product": "buds", "custom.x": 1}}],
        "on_finished": [{"do": "send", "template": "told", "to": "team:lab"}],
        "on_abandoned": [{"do": "webhook", "url": "https://hooks.example/a"}],
        "stages": [
            {
                "slug": "a", "name": "A", "category": "C",
                "steps": [
                    {
                        "field": "priority", "label": "L", "kind": "choice", "required": True, "choices": ["high"],
                        "hidden": False, "read_only": False,
                    },
                    {"field": "product", "label": "L", "kind": "choice", "choices": ["buds"]},
                ],
                "branches": [{"when": SUCCESS, "to": "b"}], "next": "b", "last": False,
                "on_entry": [{"do": "assign", "team": "lab"}, {"do": "assign", "agent": "grace"}],
                "on_exit": [{"do": "route", "queue": "gold"}],
            },
            {"slug": "b", "name": "B", "last": True},
        ],
    },
    DefinitionKind.SURVEY: {
        "slug": "s", "name": "S", "kind": "csat", "question": {"en": "How?", "de": "Wie?"}, "when": WHEN,
        "sample_percent": 50, "quiet_days": 10, "delay": "2 hours", "expires_days": 7, "template": "asked",
        "rules": [{"at_most": 2, "reopen": True, "notify": "team:lab", "template": "asked"}],
    },
    DefinitionKind.FIGURE_REPORT: {
        "slug": "f", "name": "F", "figures": ["incoming"], "period": "week", "by": "queue", "recipients": ["m@b.example"],
        "weekday": "monday", "at": "07:00", "queue": "gold",
    },
    DefinitionKind.TEMPLATE: {"slug": "t", "name": "T", "texts": {"en": TEXT, "de": TEXT}},
    DefinitionKind.ENTITLEMENT_TEMPLATE: {
        "slug": "e", "name": "E", "description": "D", "owner": "grace", "restricted": True, "allocation": "cases",
        "decrease_on": "resolution", "total_terms": 5, "sla": "gold", "tier": "gold",
        "channels": [{"origin": "phone", "total_terms": 2}], "products": ["buds"], "warnings": WARNINGS,
        "start": "2031-01-01", "months": 12,
    },
}  # fmt: skip

RECORDS: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "agents": (
        AgentBody,
        {
            "slug": "a", "name": "A", "email": "a@b.example", "roles": ["agent"], "capacity": 5, "time_zone": "Asia/Tokyo",
            "calendar": "lunch-break", "skills": {"german": 3},
        },
    ),
    "teams": (TeamBody, {"slug": "t", "name": "T", "members": ["grace"]}),
    "queues": (
        QueueBody,
        {
            "slug": "q", "name": "Q", "owner": "mona", "private": False, "members": ["grace"], "mailbox": "support",
            "signature": "S", "teams": ["lab"], "default_of_agent": "grace",
        },
    ),
    "accounts": (
        AccountBody,
        {"slug": "a", "name": "A", "tier": "gold", "language": "de", "time_zone": "UTC",
         "parent": "group", "phones": ["+49 30 1234567"]},
    ),
    "contacts": (
        ContactBody,
        {"slug": "c", "name": "C", "email": "c@b.example", "account": "aurora", "language": "de-AT",
         "addresses": ["d@b.example"], "phones": ["+49 30 1234567"]},
    ),
    "products": (
        ProductBody,
        {"slug": "p", "name": "P", "kind": "bundle", "draft": True, "family": "audio", "products": ["northwind-one"]},
    ),
    "subjects": (SubjectBody, {"slug": "s", "name": "S", "parent": "audio"}),
    "mailboxes": (
        MailboxBody,
        {
            "slug": "m", "address": "m@b.example", "display_name": "M", "queue": "gold",
            "addresses": [{"address": "n@b.example", "queue": "gold"}],
            "forms": ["form@b.example"], "groups": ["group@b.example"],
            "imap": SERVER | {"folder": "INBOX", "after": "move", "move_to": "Done", "poll_seconds": 5},
            "smtp": SERVER, "password": "p",
        },
    ),
    "entitlements": (
        EntitlementDefinition,
        {
            "slug": "e", "name": "E", "account": "aurora", "start": "2031-01-01", "end": "2031-12-31",
            "restricted": True, "allocation": "cases", "decrease_on": "resolution", "total_terms": 5, "sla": "gold",
            "tier": "gold", "channels": [{"origin": "phone", "total_terms": 2}], "products": ["buds"],
            "contacts": ["casey"], "default": False, "description": "D", "owner": "grace", "warnings": WARNINGS,
        },
    ),
    "articles": (
        ArticleBody,
        {
            "slug": "a", "title": "T", "content": "C", "keywords": "k", "description": "D", "subject": "audio",
            "products": ["buds"], "internal": False, "language": "en",
        },
    ),
    "deactivate": (DeactivateBody, {"transfer_to": "grace"}),
}  # fmt: skip

ALL: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    **{kind.value: (MODELS[kind], body) for kind, body in DEFINITIONS.items()},
    **RECORDS,
}


def places(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every field and element within a document, and what it holds."""
    inner: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list):
        inner = iter(enumerate(value))
    for part, each in inner:
        yield (*path, part), each
        yield from places(each, (*path, part))


def at(document: Any, place: Place, value: Any) -> Any:
    """A copy of the document that holds something else there."""
    made = json.loads(json.dumps(document))  # no two places of it are one object
    within = made
    for part in place[:-1]:
        within = within[part]
    within[place[-1]] = value
    return made
