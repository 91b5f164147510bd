"""One right value for each key of an organisation file: what the reference shows."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

WHEN = {"all": [{"field": "account.tier", "value": "gold"}]}
SUCCESS = {"all": [{"field": "case.first_response_sent", "value": True}]}
HOURS = [{"from": "09:00", "to": "17:00"}]
SERVER = {"host": "mail.example.com", "port": 993, "user": "support@example.com"}
STEP = {"field": "custom.device", "label": "Which device?"}
PROMISE = {"name": "First response", "kpi": "first-response", "success": SUCCESS, "fail_after": "4 business hours"}

USUAL: tuple[Any, ...] = (
    "ann@example.com",
    "Europe/Berlin",
    "https://help.example.com/{number}",
    "2026-12-25",
    20,
)
"""Of what no key names an example for, the first that its type takes."""

VISIT = {"slug": "visit", "fields": [{"field": "room", "label": "Which room?"}], "writers": ["manager"]}
EXAMPLES: dict[str, Any] = {
    # By key, where every list means the same by it, or by "Model.key".
    "slug": "gold",
    "name": "Gold customers",
    **{
        f"{model}.{key}": value
        for model, slug, name in (
            ("AgentBody", "grace", "Grace Hopper"),
            ("TeamBody", "night", "Night team"),
            ("MailboxEntry", "support", None),
            ("AccountBody", "aurora", "Aurora Hotels"),
            ("ContactBody", "casey", "Casey Rivera"),
            ("SubjectBody", "bluetooth", "Bluetooth"),
            ("ProductBody", "northwind-one", "Northwind One headphones"),
            ("Calendar", "office", "Monday to Friday, 9 to 17"),
            ("KpiDefinition", "first-response", "First response"),
            ("MailTemplate", "acknowledgement", "We have your message"),
            ("ProcessDefinition", "phone-to-case", "Phone to case"),
            ("EntitlementTemplate", "gold-year", "Gold Care, 15 cases a year"),
            ("EntitlementEntry", "gold-care", "Gold Care, 15 cases a year"),
            ("RoutingRuleSet", "by-tier", "Gold customers first"),
            ("AssignmentRule", "gold-by-turns", "Gold cases by turns"),
            ("RecordCreationRule", "mail-to-support", "Mail to support becomes a case"),
            ("ArticleEntry", "bluetooth-pairing", None),
            ("FigureReport", "weekly", "The week in figures"),
            ("SlaItem", None, "First response in 4 hours"),
        )
        for key, value in (("slug", slug), ("name", name))
        if value is not None
    },
    "email": "ann@example.com",
    "address": "support@example.com",
    "time_zone": "Europe/Berlin",
    "OrganisationSettings.currency": "EUR",
    "OrganisationSettings.country": "DE",
    "phones": ["+49 30 1234567"],
    "ContactBody.addresses": ["casey@home.example"],
    "OrganisationSettings.language": "de",
    "OrganisationSettings.name": "Northwind Audio",
    "OrganisationSettings.case_prefix": "CAS",
    "OrganisationSettings.status_reasons": [{"slug": "in-progress", "name": "In progress", "status": "active"}],
    "OrganisationSettings.origins": ["phone", "email"],
    "OrganisationSettings.priorities": ["urgent", "normal"],
    "OrganisationSettings.case_types": ["question", "fault"],
    "OrganisationSettings.activity_types": ["phone-call", "visit"],
    "OrganisationSettings.activity_details": [VISIT],
    "ActivityType.slug": "visit",
    "ActivityType.fields": [{"field": "room", "label": "Which room?", "required": True}],
    "ActivityType.reasons": [{"slug": "no-show", "name": "Nobody was there", "status": "cancelled"}],
    "ActivityField.field": "room",
    "ActivityReason.slug": "no-show",
    "ActivityReason.name": "Nobody was there",
    "OrganisationSettings.skills": ["german", "billing"],
    "ProductBody.family": "headphones",
    "skills": {"german": 3},
    "teams": ["night"],
    "default_of_agent": "grace",
    "default_of_team": "night",
    "presences": ["online", "busy"],
    "ageing": "30 minutes",
    "overflow": {"to": ["night"], "out_of_hours": "office"},
    "Overflow.to": ["night", "standard"],
    "out_of_hours": "office",
    "longest_queue": 20,
    "longest_wait": "2 hours",
    "ArticleEntry.description": "What to do when they are not found by a phone.",
    "ArticleEntry.translations": [
        {"language": "de", "title": "Kopfh\u00f6rer koppeln nicht", "content": "Schalten Sie sie aus und wieder ein."}
    ],
    "ArticleEntry.publish_on": "2031-03-28T08:00:00Z",
    "ArticleEntry.expires_on": "2032-03-28T08:00:00Z",
    "ArticleTranslation.title": "Kopfh\u00f6rer koppeln nicht",
    "ArticleTranslation.content": "Schalten Sie sie aus und wieder ein.",
    "ArticleTranslation.keywords": "bluetooth kopplung",
    "ArticleTranslation.description": "Was hilft, wenn ein Telefon sie nicht findet.",
    "OrganisationSettings.article_url": "https://help.example.com/{number}",
    "OrganisationSettings.case_url": "https://desk.example.com/cases/{number}",
    "OrganisationSettings.first_response_channels": ["email", "phone-call"],
    "OrganisationSettings.notices": [{"on": "new-case", "to": "queue", "way": "hourly"}],
    "OrganisationSettings.figures_calendar": "office",
    "OrganisationSettings.contact_costs": {"email": 2.5, "phone": 6},
    "FigureReport.figures": ["incoming", "first-response-time", "sla-compliance"],
    "FigureReport.recipients": ["mona@example.com"],
    "FigureReport.by": "queue",
    "FigureReport.at": "07:00",
    "FigureReport.weekday": "monday",
    "WorkNotice.to": "queue",
    "WorkNotice.template": "new-in-your-queue",
    "OrganisationSettings.digest_template": "news",
    "OrganisationSettings.invitation_template": "welcome",
    "OrganisationSettings.reset_template": "new-password",
    "OrganisationSettings.second_factor": ["administrator", "manager"],
    "Holiday.name": "Christmas Day",
    "Holiday.hours": HOURS,
    "StatusReason.slug": "waiting-for-parts",
    "StatusReason.name": "Waiting for parts",
    "StatusReason.status": "active",
    "StatusReason.next": ["in-progress"],
    "default_sla": "standard",
    "default_process": "phone-to-case",
    "language": "de",
    "roles": ["manager", "agent"],
    "members": ["grace", "sam"],
    "owner": "mona",
    "agent": "grace",
    "team": "night",
    "queue": "support",
    "mailbox": "support",
    "signature": "Northwind Audio",
    "account": "aurora",
    "contact": "casey",
    "contacts": ["casey"],
    "products": ["northwind-one"],
    "product": "northwind-one",
    "subject": "bluetooth",
    "parent": "audio",
    "tier": "gold",
    "sla": "gold",
    "kpi": "first-response",
    "calendar": "office",
    "business_hours": "24x7",
    "display_name": "Northwind Support",
    "groups": ["team@example.com"],
    "forms": ["form@example.com"],
    "password_env": "SUPPORT_PASSWORD",
    "password_file": "/run/secrets/support",
    "addresses": [{"address": "billing@example.com", "queue": "billing"}],
    "imap": SERVER,
    "smtp": {"host": "mail.example.com", "port": 465, "user": "support@example.com"},
    "host": "mail.example.com",
    "ImapServer.port": 993,
    "SmtpServer.port": 465,
    "ca_file": "/etc/ssl/our-ca.pem",
    "user": "support@example.com",
    "folder": "INBOX",
    "move_to": "Processed",
    "hours": {"monday": HOURS, "friday": [{"from": "09:00", "to": "13:00"}]},
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), HOURS),
    "from": "09:00",
    "to": "17:00",
    "country": "DE-BY",
    "holidays": ["2026-12-25", {"date": "2027-01-01", "name": "New Year"}],
    "changed_days": [{"date": "2026-12-19", "name": "Stocktaking", "hours": HOURS}],
    "ChangedDay.name": "Stocktaking",
    "ChangedDay.hours": HOURS,
    "date": "2026-12-25",
    "when": WHEN,
    "applicable_when": WHEN,
    "pause_when": {"any": [{"field": "case.status_reason", "value": "waiting-for-details"}]},
    "success": SUCCESS,
    "warn_after": "3 business hours",
    "fail_after": "4 business hours",
    **{
        f"{model}.{name}": value
        for model in ("SlaAction", "SlaStepAction")
        for name, value in {
            "to": "owner",
            "value": "high",
            "values": {"severity": "high", "custom.late": True},
            "template": "promise-is-near",
            "url": "https://erp.example.com/caseloom",
        }.items()
    },
    "applicable_from": "answered_on",
    "escalation": [{"after": "30 minutes", "actions": [{"do": "notify", "to": "manager"}]}],
    "EscalationStep.after": "30 minutes",
    "EscalationStep.actions": [{"do": "notify", "to": "manager"}],
    "further_weeks": [{"monday": HOURS, "saturday": HOURS}],
    "first_week": "2026-01-05",
    "EntitlementTemplate.description": "Answers within a working day, and loan devices.",
    "EntitlementEntry.description": "Answers within a working day, and loan devices.",
    "EntitlementTemplate.start": "2027-01-01",
    "EntitlementTemplate.end": "2027-12-31",
    "EntitlementTemplate.months": 12,
    "EntitlementEntry.template": "gold-year",
    "ContractTerms.owner": "grace",
    "warnings": [{"remaining_percent": 20, "to": "owner"}, {"days_left": 30, "to": "manager"}],
    "ContractWarning.remaining_terms": 3,
    "ContractWarning.remaining_percent": 20,
    "ContractWarning.days_left": 30,
    "ContractWarning.template": "contract-runs-low",
    "ContractWarning.to": "team:sales",
    "actions": [{"on": "failure", "do": "escalate"}],
    "SlaDefinition.items": [PROMISE],
    "RecordCreationRule.source": "phone-call",
    "RecordCreationRule.items": [{"name": "Every mail"}],
    "CreationItem.name": "Every mail",
    "priority": "high",
    "case_type": "question",
    "auto_reply_template": "acknowledgement",
    "rules": [{"name": "Gold customers", "when": WHEN, "queue": "gold"}],
    "start": "today",
    "end": "+1 year",
    "total_terms": 15,
    "channels": [{"origin": "email", "total_terms": 10}],
    "origin": "email",
    "texts": {"en": {"subject": "We have your message", "body": "Dear {{ contact.name }}, ..."}},
    "TemplateText.subject": "Re: {{ mail.subject }} [{{ case.number }}]",
    "TemplateText.body": "Dear {{ contact.name }}, it is with us as case {{ case.number }}.",
    "TemplateText.html": "<p>Dear {{ contact.name }}</p>",
    "applies_when": {"all": [{"field": "case.origin", "value": "phone"}]},
    "on_applied": [{"do": "set", "values": {"custom.source": "hotline"}}],
    "on_finished": [{"do": "send", "template": "thank-you", "to": "customer"}],
    "on_abandoned": [{"do": "route", "queue": "support"}],
    "on_entry": [{"do": "assign", "team": "lab"}],
    "on_exit": [{"do": "webhook", "url": "https://erp.example.com/caseloom"}],
    "ProcessAction.values": {"priority": "high", "custom.source": "hotline"},
    "ProcessAction.template": "thank-you",
    "ProcessAction.to": "customer",
    "ProcessAction.url": "https://erp.example.com/caseloom",
    "stages": [{"slug": "identify", "name": "Identify", "steps": [STEP]}],
    "steps": [STEP],
    "branches": [{"when": {"all": [{"field": "case.priority", "value": "high"}]}, "to": "research"}],
    "next": "research",
    "Branch.to": "research",
    "Stage.slug": "identify",
    "Stage.name": "Identify",
    "category": "Qualify",
    "guidance": "Ask for the serial number first.",
    "DataStep.field": "custom.device",
    "label": "Which device?",
    "choices": ["headphones", "speaker"],
    "SurveyDefinition.slug": "after-resolution",
    "SurveyDefinition.name": "How did we do?",
    "SurveyDefinition.question": {"en": "How satisfied are you with our help?"},
    "SurveyDefinition.template": "how-did-we-do",
    "SurveyDefinition.rules": [{"at_most": 2, "reopen": True, "notify": "manager"}],
    "SurveyDefinition.delay": "2 hours",
    "at_most": 2,
    "notify": "manager",
    "AnswerRule.template": "bad-answer",
    "OrganisationSettings.pages": {"address": "https://help.example.com", "help": True},
    "PublicPages.address": "https://help.example.com",
    "PublicPages.colour": "#1d4ed8",
    "PublicPages.logo": "iVBORw0KGgo=",
    "PublicPages.words": {"en": {"footer": "Northwind Audio, Hamburg"}},
    "PageWords.help": "What can we help you with?",
    "PageWords.footer": "Northwind Audio, Hamburg",
    "title": "Headphones do not pair",
    "content": "Switch them off and on again.",
    "keywords": "bluetooth pairing",
}


def example_of(model: type[BaseModel], key: str, info: FieldInfo) -> Any:
    """A value that the key takes; derived from its type where it needs no example of its own. What files ask for by a model
    of their own, such as a contract, pages ask for by the one below it: its examples are the same."""
    for name in (*(f"{each.__name__}.{key}" for each in (model, *model.__subclasses__())), key):
        if name in EXAMPLES:
            return EXAMPLES[name]
    return _derived(info.annotation, info)


def _derived(annotation: Any, info: FieldInfo) -> Any:
    if annotation is bool:
        return not info.get_default()
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return list(annotation)[-1].value
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        needed = {each.alias or name: each for name, each in annotation.model_fields.items() if each.is_required()}
        return {key: example_of(annotation, key, each) for key, each in needed.items()}
    if annotation in (int, float, Decimal):
        default = info.get_default()
        return default if isinstance(default, int | float) else 20
    if get_origin(annotation) is Literal:
        return get_args(annotation)[-1]
    if get_origin(annotation) in (tuple, list):
        return [_derived(get_args(annotation)[0], info)]
    members = [each for each in get_args(annotation) if each is not type(None)]
    if members and get_origin(annotation) is not Annotated:
        return _derived(members[0], info)
    return next((each for each in (*USUAL, "...") if _takes(annotation, info, each)), "...")


def _takes(annotation: Any, info: FieldInfo, value: Any) -> bool:
    marks = info.metadata if get_origin(annotation) is not Annotated else ()
    try:
        TypeAdapter(Annotated[(annotation, *marks)] if marks else annotation).validate_python(value)
    except (ValidationError, TypeError):
        return False
    return True
