"""Every reference from reference data to a word, a record, a template or a field is followed, or refused when it comes into
force: generated from the models, so that a new field is asked about here.

The records and words of the samples are those of `tests/support/bodies.py`; "nowhere" is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from desk.reference.references import references
from desk.reference.words import wrong_words
from models.messages.base import Message
from models.messages.contract_templates import EntitlementTemplate
from models.messages.contract_warnings import ContractWarning
from models.messages.organisation import OrganisationSettings
from models.messages.storable import path_text
from models.messages.work_hours import WeeklyHours
from storage.definitions import MODELS, DefinitionKind
from tests.support.bodies import ALL, DEFINITIONS, Place, at, places

TESTS = Path(__file__).parents[2]
ORGANISATION = OrganisationSettings.model_validate(DEFINITIONS[DefinitionKind.ORGANISATION])

OWN_WORDS: dict[str, str] = {
    "slug": "its own key",
    "tier": "a word of the organisation's own, which conditions compare",
    "case_prefix": "begins the numbers of cases",
    "language": "any language; texts fall back",
    "currency": "told to whoever reads the settings",
    "date": "a day",
    "transfer_to": "looked for when it is asked for, see tests/scenarios/test_transfer.py",
}
"""Fields of one word that name nothing elsewhere."""
LISTS = ("origins", "priorities", "case_types", "activity_types", "skills")
"""The organisation's own words: what others name."""
INSIDE = ("to", "next")
"""Stages and reasons of the same document: their own model refuses others."""


def words() -> Iterator[Any]:
    """Every place that holds one word, but for those that name nothing elsewhere."""
    for kind, (model, document) in ALL.items():
        for place, value in places(document):
            field = next(part for part in reversed(place) if isinstance(part, str))
            if isinstance(value, str) and field not in OWN_WORDS and not _is_free(kind, place, field):
                yield pytest.param(kind, model, place, id=f"{kind}: {path_text(place)}")


def _is_free(kind: str, place: Place, field: str) -> bool:
    """Whether any text is right there, or only one of a fixed set that the model itself knows."""
    model, document = ALL[kind]
    if field in LISTS:
        return True
    try:
        changed = model.model_validate(at(document, place, "nowhere"))
    except ValueError:
        return True  # The model refuses what it does not know.
    return not isinstance(changed, Message) or field in FREE.get(kind, ()) or field in FREE["*"]


FREE: dict[str, tuple[str, ...]] = {
    "*": ("name", "label", "category", "subject_line"),
    "entitlement-template": ("description",),
    "entitlements": ("description",),
    "template": ("subject", "body", "html"),
    "article": ("title", "content", "keywords", "description"),
    "articles": ("title", "content", "keywords", "description"),
    "queues": ("signature",),
    "mailboxes": ("host", "user", "ca_file", "folder", "move_to", "display_name", "password"),
    "organisation": ("article_url", "case_url", "field", "choices", "help", "footer"),
    "survey": ("en", "de"),
    "surveys": ("en", "de"),
}
"""Texts for people, and words that another server knows."""


@pytest.mark.parametrize(("kind", "model", "place"), list(words()))
def test_a_word_that_is_nowhere_is_found_at_its_place(kind: str, model: type[Message], place: Place) -> None:
    body = model.model_validate(at(ALL[kind][1], place, "nowhere"))
    named = {reference.path for reference in references(body) if reference.slug == "nowhere"}
    refused = {wrong.path for wrong in wrong_words(body, ORGANISATION)}
    assert place in named | refused


@pytest.mark.parametrize("kind", list(MODELS))
def test_the_samples_say_nothing_that_could_not_be_done(kind: DefinitionKind) -> None:
    body = MODELS[kind].model_validate(DEFINITIONS[kind])
    assert list(wrong_words(body, ORGANISATION)) == []


def test_the_list_of_words_of_their_own_is_not_longer_than_it_must_be() -> None:
    fields = {
        next(part for part in reversed(place) if isinstance(part, str))
        for _, document in ALL.values()
        for place, _ in places(document)
    }
    assert set(OWN_WORDS) <= fields


# ---- rules between fields --------------------------------------------------------------------------------------------

SLA, RULES, CREATION, PROCESS, SETTINGS = (
    DefinitionKind.SLA,
    DefinitionKind.ROUTING_RULE_SET,
    DefinitionKind.RECORD_CREATION_RULE,
    DefinitionKind.PROCESS,
    DefinitionKind.ORGANISATION,
)
ITEM, STAGE, STEP = ("items", 0), ("stages", 0), ("stages", 0, "steps", 0)
WHEN = ("rules", 0, "when", "all", 0)
SETS: dict[str, Any] = {"do": "set"}


@pytest.mark.parametrize(
    ("kind", "changes", "wrong"),
    [
        # Conditions that could never hold, or always would.
        (RULES, {(*WHEN, "value"): ["high", "bogus"]}, "rules[0].when.all[0].value[1]"),
        (RULES, {WHEN: {"field": "case.origin", "value": "pigeon"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "case.case_type", "op": "ne", "value": "bogus"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "case.status", "value": "done"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "case.status_reason", "value": "paused"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "customer.kind", "value": "company"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "case.escalated", "value": "maybe"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "email.automatic", "value": 1}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "case.priority", "op": "gt", "value": "normal"}}, "rules[0].when.all[0].op"),
        (RULES, {WHEN: {"field": "case.custom.x", "op": "lt", "value": "much"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "email.has_attachments", "value": True}}, "rules[0].when.all[0].field"),
        (SLA, {(*ITEM, "success", "all", 0): {"field": "email.related_status", "value": "active"}},
         "items[0].success.all[0].field"),
        (CREATION, {(*ITEM, "when", "all", 0): {"field": "email.related_status", "value": "open"}},
         "items[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "case.priority", "op": "in", "value": []}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "case.title", "op": "not-in", "value": []}}, "rules[0].when.all[0].value"),
        # What an action sets, by the rules of its field.
        (SLA, {(*ITEM, "actions"): [SETS | {"on": "failure", "values": {"title": ""}}]}, "items[0].actions[0].values.title"),
        (SLA, {(*ITEM, "actions"): [SETS | {"on": "failure", "values": {"title": "a\nb"}}]},
         "items[0].actions[0].values.title"),
        (SLA, {(*ITEM, "actions"): [SETS | {"on": "failure", "values": {"priority": None}}]},
         "items[0].actions[0].values.priority"),
        (SLA, {(*ITEM, "escalation"): [{"after": "1 hour", "actions": [SETS | {"values": {"severity": "Very High"}}]}]},
         "items[0].escalation[0].actions[0].values.severity"),
        (PROCESS, {("on_finished",): [SETS | {"values": {"description": " "}}]}, "on_finished[0].values.description"),
        (PROCESS, {("on_applied",): [SETS | {"values": {"product": 5}}]}, "on_applied[0].values.product"),
        # What is never asked, or never counts.
        (RULES, {("rules", 0, "when"): None}, "rules[1]"),
        (CREATION, {("items",): [{"name": "All"}, {"name": "Never"}]}, "items[1]"),
        (CREATION, {(*ITEM, "action"): "file"}, "items[0].priority"),
        (CREATION, {(*ITEM, "action"): "reopen"}, "items[0].priority"),
        (CREATION, {("new_case_after_resolved",): False}, "resolved_window_minutes"),
        # Steps that nobody can fill, and stages that nobody reaches.
        (PROCESS, {(*STEP, "choices"): []}, "stages[0].steps[0].choices"),
        (PROCESS, {(*STEP, "kind"): "text"}, "stages[0].steps[0].choices"),
        (PROCESS, {STEP: {"field": "priority", "label": "L", "kind": "number"}}, "stages[0].steps[0].kind"),
        (PROCESS, {STEP: {"field": "title", "label": "L", "kind": "yes-no"}}, "stages[0].steps[0].kind"),
        (PROCESS, {STEP: {"field": "bogus", "label": "L"}}, "stages[0].steps[0].field"),
        (PROCESS, {STEP: {"field": "status", "label": "L", "required": True}}, "stages[0].steps[0].field"),
        (PROCESS, {STEP: {"field": "created_on", "label": "L", "required": True}}, "stages[0].steps[0].field"),
        (PROCESS, {STEP: {"field": "custom", "label": "L"}}, "stages[0].steps[0].field"),
        (PROCESS, {(*STAGE, "last"): True}, "stages[0].branches"),
        (PROCESS, {("stages",): [{"slug": "a", "name": "A", "next": "c"}, {"slug": "b", "name": "B"},
                                 {"slug": "c", "name": "C"}]}, "stages[1].slug"),
        # The organisation's own lists.
        (SETTINGS, {("status_reasons", 0, "status"): "resolved"}, "status_reasons[0].status"),
        (SETTINGS, {("status_reasons", 3, "status"): "active"}, "status_reasons[3].status"),
        (SETTINGS, {("status_reasons", 4, "status"): "resolved"}, "status_reasons[4].status"),
        (SETTINGS, {("status_reasons", 2, "pauses"): True}, "status_reasons[2].pauses"),
        (SETTINGS, {("status_reasons", 2, "status"): "active"}, "status_reasons"),
        (SETTINGS, {("origins",): ["phone"]}, "origins"),
        (SETTINGS, {("priorities",): ["high", "low"]}, "priorities"),
        (SETTINGS, {("status_reasons", 0, "slug"): "working"}, "status_reasons"),
        (SETTINGS, {("status_reasons", 0, "next"): ["nowhere"]}, "status_reasons[0].next[0]"),
        (SETTINGS, {("contact_costs",): {"pigeon": 3}}, "contact_costs.pigeon"),
        (SETTINGS, {("first_response_channels",): ["email", "pigeon"]}, "first_response_channels[1]"),
        (SETTINGS, {("currency",): "XQZ"}, "currency"),
        (SETTINGS, {("case_types",): ["a", "b", "a"]}, "case_types[2]"),
        (SETTINGS, {("article_url",): "https://a.example/"}, "article_url"),
        (SETTINGS, {("case_url",): "https://a.example/{id}"}, "case_url"),
        (SETTINGS, {("article_url",): "javascript:{number}"}, "article_url"),
        (SETTINGS, {("case_url",): "{number}"}, "case_url"),
        (SETTINGS, {("name",): "\u200b"}, "name"),
        (SETTINGS, {("language",): "english"}, "language"),
        (SETTINGS, {("language",): "xx"}, "language"),
        (DefinitionKind.TEMPLATE, {("texts",): {"xx": {"subject": "S", "body": "B"}}}, "texts.xx"),
        (DefinitionKind.TEMPLATE, {("texts",): {"de-at": {"subject": "S", "body": "B"},
                                                "de-AT": {"subject": "S", "body": "B"}}}, "texts.de-at"),
        (RULES, {WHEN: {"field": "contact.language", "value": "english"}}, "rules[0].when.all[0].value"),
        (RULES, {WHEN: {"field": "account.language", "op": "in", "value": ["de", "eng"]}},
         "rules[0].when.all[0].value[1]"),
        (DefinitionKind.TEMPLATE, {("texts",): {"english": {"subject": "S", "body": "B"}}}, "texts.english"),
        (DefinitionKind.TEMPLATE, {("texts",): {"en": {"subject": "S\nBcc: x", "body": "B"}}}, "texts.en.subject"),
        # What nobody can see, and what is listed twice.
        (DefinitionKind.TEMPLATE, {("texts",): {"en": {"subject": " ", "body": "B"}}}, "texts.en.subject"),
        (DefinitionKind.TEMPLATE, {("texts",): {"en": {"subject": "S", "body": "\u2060\n"}}}, "texts.en.body"),
        (PROCESS, {(*STEP, "label"): "\u200b"}, "stages[0].steps[0].label"),
        (PROCESS, {STEP: {"field": "custom.x", "label": "L", "kind": "choice", "choices": ["a", " "]}},
         "stages[0].steps[0].choices[1]"),
        (PROCESS, {STEP: {"field": "custom.x", "label": "L", "kind": "choice", "choices": ["a", "b", "a"]}},
         "stages[0].steps[0].choices[2]"),
        (PROCESS, {(*STAGE, "steps"): [{"field": "custom.x", "label": "L"}, {"field": "custom.x", "label": "M"}]},
         "stages[0].steps[1].field"),
        (SLA, {(*ITEM, "name"): "\u3164"}, "items[0].name"),
        (RULES, {("rules", 0, "name"): "\u00ad"}, "rules[0].name"),
        (CREATION, {(*ITEM, "name"): "\u200e"}, "items[0].name"),
    ],
)  # fmt: skip
def test_what_could_not_be_done_is_refused_at_its_place(
    kind: DefinitionKind, changes: dict[Place, Any], wrong: str
) -> None:
    document = DEFINITIONS[kind]
    for place, value in changes.items():
        document = at(document, place, value)
    body = MODELS[kind].model_validate(document)
    found = [path_text(each.path) for each in wrong_words(body, ORGANISATION)]
    assert found[0] == wrong, found


def test_a_condition_may_ask_for_what_cannot_be_seen() -> None:
    clause = {"field": "case.title", "op": "contains", "value": "\u200b"}
    body = MODELS[RULES].model_validate(at(DEFINITIONS[RULES], ("rules", 0, "when"), {"all": [clause]}))
    assert list(wrong_words(body, ORGANISATION)) == []


# ---- every field has an effect ---------------------------------------------------------------------------------------

BUSINESS_TIME, KPI, CONDITIONS = "policies/test_business_time.py", "policies/test_kpi.py", "policies/test_conditions.py"
HELD, CALLED_OFF = "policies/test_held_promises.py", "policies/test_promises_called_off.py"
SHIFTS, WARNED = "policies/test_shifts.py", "workflows/test_contract_warnings.py"
NOTICES, CREATED, OPTIONS = (
    "cases/test_notices.py",
    "policies/test_record_creation.py",
    "mailroom/test_creation_options.py",
)
FLOW, SETTLED, BRAKES = "policies/test_process.py", "cases/test_settings.py", "mailroom/test_brakes.py"

SHOWN = frozenset({"OrganisationSettings.currency", "Stage.category", "Stage.guidance"})
"""Told to whoever reads the body, or to whoever looks at the case, and nothing else follows."""

REPORTS = "cases/test_figure_reports.py"
EFFECTS: dict[str, str] = {
    **dict.fromkeys(
        (
            *("OrganisationSettings.time_zone", "OrganisationSettings.case_url", "OrganisationSettings.notices"),
            *("OrganisationSettings.language", "KpiDefinition.role"),
            *(f"WorkNotice.{name}" for name in ("on", "to", "template")),
            *(f"SlaAction.{name}" for name in ("on", "do", "to", "template")),
            *("MailTemplate.texts", "TemplateText.subject", "TemplateText.body"),
        ),
        NOTICES,
    ),
    "WorkNotice.way": "cases/test_work_notices.py",
    "OrganisationSettings.digest_template": "cases/test_digests.py",
    **dict.fromkeys(
        (f"OrganisationSettings.{name}" for name in ("invitation_template", "reset_template")),
        "desk/entering/test_links.py",
    ),
    **dict.fromkeys(
        (
            f"OrganisationSettings.{name}"
            for name in (
                *("case_prefix", "origins", "priorities", "case_types", "activity_types", "default_sla"),
                *("default_process", "apply_default_entitlement", "replace_manual_sla", "status_reasons"),
            )
        ),
        SETTLED,
    ),
    **dict.fromkeys(
        (
            "OrganisationSettings.activity_details",
            *(f"ActivityType.{name}" for name in ("fields", "reasons", "readers", "writers")),
            *(f"ActivityField.{name}" for name in ("field", "label", "kind", "required", "choices")),
            "ActivityReason.status",
        ),
        "api/test_activities.py",
    ),
    **dict.fromkeys((f"StatusReason.{name}" for name in ("status", "pauses", "next")), "policies/test_lifecycle.py"),
    "OrganisationSettings.recalculate_sla_on_terminal": "workflows/test_case_lifecycle.py",
    "OrganisationSettings.reinstate_sla_on_reactivation": "policies/test_ended_promises.py",
    "OrganisationSettings.first_response_channels": "api/test_answers.py",
    "OrganisationSettings.take_over": "api/test_taking_over.py",
    "OrganisationSettings.duplicates_within_days": "api/test_similar.py",
    "OrganisationSettings.closing_parents": "api/test_families_at_once.py",
    "OrganisationSettings.most_children": "api/test_families_at_once.py",
    "OrganisationSettings.inherited_by_children": "api/test_families.py",
    "OrganisationSettings.updates_when_closed": "api/test_reply_and.py",
    "OrganisationSettings.second_factor": "console/entering/test_second_factor_needed.py",
    "OrganisationSettings.article_url": "workflows/test_case_correspondence.py",
    "OrganisationSettings.several_queues": "mailroom/test_addressed_queues.py",
    "OrganisationSettings.new_cases_per_sender": BRAKES,
    "OrganisationSettings.mails_per_sender_and_case": BRAKES,
    "OrganisationSettings.sender_window_minutes": BRAKES,
    "OrganisationSettings.automatic_replies_per_hour": "letters/test_composing.py",
    "OrganisationSettings.undo_send_seconds": "letters/test_undo.py",
    "OrganisationSettings.outgoing_per_domain_per_minute": "letters/test_outbox.py",
    **dict.fromkeys(
        (
            *(f"Calendar.{name}" for name in ("time_zone", "hours", "holidays", "observe_holidays")),
            *(f"WeeklyHours.{name}" for name in WeeklyHours.model_fields),
            *("WorkInterval.start", "WorkInterval.end", "Holiday.date", "Holiday.hours"),
        ),
        BUSINESS_TIME,
    ),
    **dict.fromkeys(("Calendar.country", "Calendar.changed_days", "WorkInterval.on_holidays"), SHIFTS),
    **dict.fromkeys(("ChangedDay.date", "ChangedDay.hours"), SHIFTS),
    **dict.fromkeys(("Span.amount", "Span.unit"), "models/messages/test_calendars.py"),
    "OrganisationSettings.apply_default_entitlement_on_change": "api/test_contract_rows.py",
    **dict.fromkeys(
        (
            *(
                f"EntitlementTemplate.{name}"
                for name in EntitlementTemplate.model_fields
                if name not in ("slug", "name")
            ),
            *("ChannelTerms.origin", "ChannelTerms.total_terms"),
        ),
        "api/test_contract_templates.py",
    ),
    **dict.fromkeys((f"ContractWarning.{name}" for name in ContractWarning.model_fields), WARNED),
    **dict.fromkeys((f"ConditionGroup.{name}" for name in ("all", "any")), CONDITIONS),
    **dict.fromkeys((f"Clause.{name}" for name in ("field", "op", "value")), CONDITIONS),
    **dict.fromkeys(("SlaDefinition.calendar", "SlaItem.kpi", "SlaItem.applicable_from"), KPI),
    **dict.fromkeys(("KpiDefinition.pause_when", "SlaItem.allow_pause", "SlaItem.pause_when"), HELD),
    **dict.fromkeys(("SlaDefinition.items", "SlaItem.applicable_when", "SlaItem.success"), CALLED_OFF),
    **dict.fromkeys(
        (f"SlaItem.{name}" for name in ("business_hours", "warn_after", "fail_after", "actions")),
        "policies/test_escalation.py",
    ),
    **dict.fromkeys(
        (
            *(f"AssignmentRule.{name}" for name in ("method", "presences", "working_hours", "ageing")),
            *("OrganisationSettings.skills", "RoutingRule.skills"),
        ),
        "policies/test_assignment.py",
    ),
    **dict.fromkeys(
        (
            "AssignmentRule.overflow",
            *(f"Overflow.{name}" for name in ("to", "out_of_hours", "longest_queue", "longest_wait")),
        ),
        "policies/test_overflow.py",
    ),
    "AssignmentRule.queue": "workflows/test_queue.py",
    "Clause.time_zone": "policies/test_moments.py",
    "SlaAction.value": "scenarios/test_promises.py",
    **dict.fromkeys(
        (
            *(f"SlaAction.{name}" for name in ("values", "agent", "team", "queue", "sla", "url")),
            *(f"SlaStepAction.{name}" for name in ("do", "to", "template", "value", "values", "agent", "team")),
            *(f"SlaStepAction.{name}" for name in ("queue", "sla", "url")),
            *("EscalationStep.after", "EscalationStep.actions", "SlaItem.escalation", "RoutingRule.sla"),
            *("CreationItem.sla", "ProcessAction.sla", "OrganisationSettings.slas_off"),
        ),
        "cases/test_promises.py",
    ),
    **dict.fromkeys(("Share.percent", "SlaItem.repeats"), "policies/test_escalation.py"),
    **dict.fromkeys(("Calendar.further_weeks", "Calendar.first_week"), "policies/test_varying_weeks.py"),
    **dict.fromkeys(
        ("RoutingRuleSet.rules", *(f"RoutingRule.{name}" for name in ("when", "queue", "agent", "team"))),
        "policies/test_routing.py",
    ),
    **dict.fromkeys(
        (
            *(f"RecordCreationRule.{name}" for name in ("items", "allow_unknown_senders", "create_contact")),
            *(f"RecordCreationRule.{name}" for name in ("require_entitlement", "new_case_after_resolved")),
            *(f"RecordCreationRule.{name}" for name in ("resolved_window_minutes", "new_case_on_changed_subject")),
            *("CreationItem.when", "CreationItem.action"),
        ),
        CREATED,
    ),
    **dict.fromkeys(
        (
            *("RecordCreationRule.queue", "RecordCreationRule.owner"),
            *(f"CreationItem.{name}" for name in ("priority", "case_type", "subject", "product")),
        ),
        OPTIONS,
    ),
    **dict.fromkeys(("RecordCreationRule.source", "RecordCreationRule.origin"), "api/test_activity_rules.py"),
    "OrganisationSettings.country": "api/test_customers.py",
    "TemplateText.html": "letters/test_composing.py",
    "RecordCreationRule.auto_reply_template": "letters/test_composing.py",
    **dict.fromkeys(
        (
            *("ProcessDefinition.order", "ProcessDefinition.stages", "Branch.when", "Branch.to"),
            *(f"Stage.{name}" for name in ("steps", "branches", "next", "last")),
            *(f"DataStep.{name}" for name in ("field", "label", "kind", "required", "choices", "hidden", "read_only")),
        ),
        FLOW,
    ),
    **dict.fromkeys(
        (
            *(f"ProcessDefinition.{name}" for name in ("applies_when", "roles")),
            *(f"ProcessDefinition.on_{event}" for event in ("applied", "finished", "abandoned")),
            *("Stage.on_entry", "Stage.on_exit"),
            *(f"ProcessAction.{name}" for name in ("do", "values", "template", "to", "agent", "team", "queue", "url")),
        ),
        "api/test_processes.py",
    ),
    **dict.fromkeys(
        (f"SurveyDefinition.{name}" for name in ("kind", "when", "sample_percent", "quiet_days", "delay", "rules")),
        "console/test_surveys.py",
    ),
    **dict.fromkeys(
        (f"SurveyDefinition.{name}" for name in ("question", "expires_days", "template")), "console/test_surveys.py"
    ),
    **dict.fromkeys(
        (f"AnswerRule.{name}" for name in ("at_most", "reopen", "notify", "template")), "console/test_surveys.py"
    ),
    **dict.fromkeys((f"PublicPages.{name}" for name in ("colour", "logo", "words", "help")), "console/test_help.py"),
    **dict.fromkeys((f"PageWords.{name}" for name in ("help", "footer")), "console/test_help.py"),
    **dict.fromkeys((f"PublicPages.{name}" for name in ("customer_view", "show_promises")), "console/test_customer.py"),
    "PublicPages.link_days": "console/test_customer.py",
    "PublicPages.address": "console/test_parts.py",
    "OrganisationSettings.pages": "console/test_parts.py",
    **dict.fromkeys((f"FigureReport.{name}" for name in ("figures", "by", "recipients", "queue")), REPORTS),
    **dict.fromkeys((f"FigureReport.{name}" for name in ("period", "weekday", "at")), "policies/test_reports.py"),
    **dict.fromkeys(
        (f"OrganisationSettings.{name}" for name in ("contact_costs", "figures_calendar")),
        "storage/figures/test_counting.py",
    ),
    "OrganisationSettings.first_contact_days": "storage/figures/test_forty_cases.py",
}
"""By field the tests that show what follows from it."""


def models(kind: Any, found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    for inner in get_args(kind):
        models(inner, found)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__name__ not in found:
        found[kind.__name__] = kind
        for field in kind.model_fields.values():
            models(field.annotation, found)
    return found


def test_every_field_of_every_definition_has_an_effect_that_a_test_names() -> None:
    found: dict[str, type[BaseModel]] = {}
    for model in MODELS.values():
        models(model, found)
    named = {f"{model}.{field}" for model, each in found.items() for field in each.model_fields} - {
        f"{model}.{field}" for model in found for field in ("slug", "name")
    }
    assert named == EFFECTS.keys() | SHOWN
    for field, file in EFFECTS.items():
        word = field.partition(".")[2]
        text = (TESTS / file).read_text()
        assert re.search(rf"\b({word}|{ALIASES.get(word, word)})\b", text), f"{file} says nothing of {field}"


ALIASES = {"start": "from", "end": "to", "tuesday": "WEEKDAYS", "wednesday": "WEEKDAYS", "thursday": "WEEKDAYS"}
ALIASES |= {"reinstate_sla_on_reactivation": "reinstate_on_reactivation"}
ALIASES |= {"saturday": "WEEKDAYS", "sunday": "WEEKDAYS", "amount": "minutes", "value": "priority"}
