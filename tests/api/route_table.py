"""Every route of the API with who may call it and what its address names, and how a test asks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, get_args
from uuid import uuid4

import httpx
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel

from models.messages.reference import Role
from tests.api.conftest import World

FRAMEWORK = {"/openapi.json"}
OPEN = {"/healthz", "/metrics", "/api/v1/healthz", "/api/v1/metrics", "/docs"}
"""What anybody may ask, and nothing else."""

TOKEN_OF = {
    Role.AGENT: "carl",
    Role.MANAGER: "mona",
    Role.ADMINISTRATOR: "ada",
    Role.KNOWLEDGE_MANAGER: "kim",
}

ANYBODY = frozenset(Role)
WORKERS = ANYBODY - {Role.KNOWLEDGE_MANAGER}
MANAGERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
PUBLISHERS = MANAGERS | {Role.KNOWLEDGE_MANAGER}


class Row(NamedTuple):
    """Who may call it, and what its address names, if that may be out of sight."""

    roles: frozenset[Role]
    names: str | None = None


def rows(roles: frozenset[Role], names: str | None, *operations: str) -> dict[str, Row]:
    return {name: Row(roles, names) for each in operations for name in each.split()}


def _kind(one: str, many: str, writers: frozenset[Role], readers: frozenset[Role] = ANYBODY) -> dict[str, Row]:
    return rows(readers, None, f"list_{many} read_{one}") | rows(
        writers, None, f"create_{one} change_{one} activate_{one} deactivate_{one}"
    )


ROWS: dict[str, Row] = {
    **rows(
        WORKERS,
        "case",
        "read_case read_case_timeline read_case_sla read_case_process change_case resolve_case cancel_case",
        "reactivate_case hold_case resume_case pick_case release_case assign_case route_case apply_routing",
        "remove_from_queue next_stage previous_stage set_active_stage finish_process abandon_process",
        "reactivate_process switch_process reply undo_reply first_response note add_activity attach_article detach_article",
        "save_draft read_draft add_child remove_child merge_cases split_case acknowledge_escalation",
    ),
    **rows(WORKERS, "activity", "complete_activity cancel_activity read_activity change_activity assign_activity"),
    **rows(WORKERS, "activity", "convert_activity"),
    **rows(WORKERS, "case", "read_case_time"),
    **rows(WORKERS, None, "list_activities add_activity_without_case list_time list_figures"),
    **rows(WORKERS, None, "list_figure_definitions read_figure list_figure_cases explain_figure"),
    **rows(WORKERS, "attachment", "download_attachment"),
    **rows(WORKERS, "message", "read_message_html download_message"),
    **rows(WORKERS, "operation", "read_operation cancel_operation"),
    **rows(WORKERS, "queue", "pick_next"),
    **rows(WORKERS, None, "list_audit list_cases open_case upload_attachment bulk"),
    **rows(WORKERS, "case", "read_case_assignment read_case_promises list_similar_cases"),
    **rows(WORKERS, None, "list_my_queues list_my_cases pick_my_next set_my_presence"),
    **rows(ANYBODY, None, "read_my_notices choose_my_notices"),
    **rows(WORKERS, "case", "list_case_surveys list_customer_links revoke_customer_link"),
    **rows(WORKERS, None, "list_survey_answers"),
    **rows(MANAGERS, None, "set_presence"),
    **rows(WORKERS, None, "list_account_duplicates list_contact_duplicates list_duplicates"),
    **rows(MANAGERS, None, "merge_accounts merge_contacts"),
    **rows(MANAGERS, None, "list_mailbox_status read_mailbox_status list_mail_log"),
    **rows(MANAGERS, None, "read_logged_mail_html download_logged_mail"),
    **rows(MANAGERS, None, "list_incidents read_incident retry_incident dismiss_incident"),
    **rows(MANAGERS, None, "try_routing_rule_set try_record_creation_rule try_sla"),
    **rows(
        MANAGERS,
        None,
        "preview_due recompute_calendar import_holidays",
    ),
    **rows(MANAGERS, None, "list_quarantine read_mail download_held_mail rerun_held_mail release_held_mail"),
    **rows(MANAGERS, None, "attach_held_mail dismiss_held_mail"),
    **rows(MANAGERS, None, "list_suppressions add_suppression lift_suppression"),
    **rows(MANAGERS, None, "list_webhooks retry_webhook"),
    **rows(ADMINISTRATORS, None, "read_webhook_secret create_token revoke_token change_organisation"),
    **rows(ANYBODY, None, "read_me read_organisation list_ledger search"),
    **_kind("agent", "agents", ADMINISTRATORS),
    **_kind("team", "teams", MANAGERS),
    **_kind("queue", "queues", MANAGERS),
    **rows(ANYBODY, "queue", "read_queue"),
    **_kind("account", "accounts", WORKERS),
    **_kind("contact", "contacts", WORKERS),
    **_kind("product", "products", MANAGERS),
    **_kind("subject", "subjects", MANAGERS),
    **_kind("mailbox", "mailboxes", ADMINISTRATORS, readers=MANAGERS),
    **_kind("entitlement", "entitlements", MANAGERS),
    **rows(MANAGERS, None, "cancel_entitlement extend_entitlement renew_entitlement set_default_entitlement"),
    **rows(WORKERS, None, "read_statement"),
    **_kind("entitlement_template", "entitlement_templates", MANAGERS),
    **rows(MANAGERS, None, "make_entitlement"),
    **_kind("sla", "slas", MANAGERS),
    **_kind("kpi", "kpi_definitions", MANAGERS),
    **_kind("calendar", "calendars", MANAGERS),
    **_kind("routing_rule_set", "routing_rule_sets", MANAGERS, readers=MANAGERS),
    **_kind("assignment_rule", "assignment_rules", MANAGERS, readers=MANAGERS),
    **_kind("record_creation_rule", "record_creation_rules", MANAGERS, readers=MANAGERS),
    **_kind("process", "processes", MANAGERS),
    **_kind("template", "templates", MANAGERS),
    **_kind("figure_report", "figure_reports", MANAGERS, readers=MANAGERS),
    **rows(MANAGERS, None, "list_figure_report_versions"),
    **_kind("survey", "surveys", MANAGERS),
    **rows(ANYBODY, None, "list_sla_versions list_kpi_versions list_calendar_versions list_process_versions"),
    **rows(ANYBODY, None, "list_template_versions list_survey_versions list_entitlement_template_versions"),
    **rows(MANAGERS, None, "list_routing_rule_set_versions list_assignment_rule_versions"),
    **rows(MANAGERS, None, "list_record_creation_rule_versions"),
    **rows(ANYBODY, None, "list_articles read_article list_article_versions create_article change_article"),
    **rows(ANYBODY, None, "create_article_version translate_article submit_article redraft_article discard_article"),
    **rows(ANYBODY, None, "view_article rate_article list_article_days search_articles"),
    **rows(PUBLISHERS, None, "approve_article reject_article publish_article unschedule_article expire_article"),
    **rows(PUBLISHERS, None, "archive_article update_article read_article_insights"),
    **rows(WORKERS, None, "list_article_cases"),
    **rows(WORKERS, "case", "list_suggested_articles"),
}

NAMED: dict[str, Any] = {"slug": "new-one", "name": "New"}
BODIES: dict[str, Any] = {
    "create_agent": NAMED | {"email": "new@house.example", "roles": ["agent"]},
    "create_team": NAMED,
    "create_queue": NAMED | {"owner": "mona"},
    "create_account": NAMED,
    "create_contact": NAMED | {"email": "new@ito.example"},
    "create_product": NAMED,
    "create_subject": NAMED,
    "create_mailbox": {
        "slug": "new-one",
        "address": "new@house.example",
        "display_name": "New",
        "imap": {"host": "127.0.0.1", "port": 1, "user": "new", "tls": "none"},
        "smtp": {"host": "127.0.0.1", "port": 1, "tls": "none"},
    },
    "create_entitlement": NAMED
    | {"account": "ito-works", "start": "2031-01-01", "end": "2031-12-31", "total_terms": 5},
    "create_entitlement_template": NAMED | {"total_terms": 5, "months": 12},
    "make_entitlement": {"slug": "new-one", "account": "ito-works"},
    "create_sla": NAMED
    | {
        "items": [
            {
                "name": "A",
                "kpi": "k",
                "success": {"all": [{"field": "case.status", "value": "resolved"}]},
                "fail_after": "1 hour",
            }
        ]
    },
    "create_kpi": NAMED,
    "create_calendar": {"slug": "new-one", "time_zone": "UTC", "hours": "24x7"},
    "create_routing_rule_set": NAMED | {"rules": [{"name": "All", "queue": "support"}]},
    "create_assignment_rule": NAMED | {"queue": "support"},
    "set_my_presence": {"presence": "online"},
    "choose_my_notices": {"ways": {"mention": "daily"}},
    "set_presence": {"presence": "online"},
    "create_record_creation_rule": NAMED | {"queue": "support", "items": [{"name": "All"}]},
    "create_process": NAMED | {"stages": [{"slug": "a", "name": "A"}]},
    "create_template": NAMED | {"texts": {"en": {"subject": "S", "body": "B"}}},
    "create_figure_report": NAMED | {"figures": ["resolved"], "recipients": ["mona@house.example"]},
    "create_survey": NAMED,
    "create_article": {"slug": "new-one", "title": "New", "content": "Words"},
    "create_token": {"role": "agent"},
    "assign_case": {"agent": "berta"},
    "route_case": {"queue": "support"},
}


def routes(world: World) -> Iterator[RouteContext]:
    found = [route for route in iter_route_contexts(world.app.routes) if route.methods and route.path not in FRAMEWORK]
    assert len(found) > 30, "the route table is not where this test looks for it"
    yield from found


def protected(world: World) -> Iterator[tuple[RouteContext, str, str, Row]]:
    """Each route that asks for a token, with its operation, its method and its row."""
    for route in routes(world):
        if route.path not in OPEN:
            for method in route.methods or ():
                operation = str(route.operation_id)
                yield route, operation, method, ROWS[operation]


def path_of(route: RouteContext, **known: str) -> str:
    """The route's path with something for each parameter that passes its pattern."""
    known = {"number": "CAS-00001-A1B2C3", "child": "CAS-00002-A1B2C3", "address": "a@b.example", **known}
    return re.sub(r"\{(\w+)[^}]*\}", lambda name: known.get(name[1], str(uuid4())), route.path or "")


def body_of(route: RouteContext) -> Any:
    """A valid body: a known one, or the example that the route's description gives."""
    if route.body_field is None:
        return None
    if (body := BODIES.get(str(route.operation_id))) is not None:
        return body
    annotation = route.body_field.field_info.annotation
    candidates = (annotation, *get_args(annotation))
    model = next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)
    if model is None:
        return {}  # a merge patch
    return model.model_json_schema()["examples"][0]


async def ask(http: httpx.AsyncClient, route: RouteContext, method: str, path: str, **headers: str) -> httpx.Response:
    given = {"If-Match": "*"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if route.operation_id == "upload_attachment":
        return await http.request(method, path, files={"file": ("a", b"1")}, headers=given)
    return await http.request(method, path, json=body_of(route), headers=given)
