"""Mail templates checked when they are written, and when something begins to use them, not when a customer waits."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel
from sqlalchemy import select

from desk.errors import Invalid
from desk.reference.process_faults import actions_of
from desk.reference.records import Edit
from desk.reference.sla_faults import sla_actions
from models.messages.entitlements import ContractTerms
from models.messages.notices import WorkEvent
from models.messages.organisation import OrganisationSettings
from models.messages.processes import ProcessDefinition
from models.messages.record_creation import MAIL, RecordCreationRule
from models.messages.said import said, template, word
from models.messages.slas import SlaDefinition
from models.messages.storable import Path, path_text
from models.messages.surveys import SurveyDefinition
from models.messages.templates import MailTemplate
from models.records.reference import DefinitionRecord
from storage.definitions import MODELS, DefinitionKind, Definitions
from storage.repositories.contracts import warning_contracts

FACTS: dict[str, dict[str, str]] = {
    "case": {
        "number": "CAS-01042-A1B2C3",
        "title": "A question",
        "link": "https://desk.example/CAS-01042-A1B2C3",
        "customer_link": "https://help.example/my/1",
    },
    "contact": {"name": "Casey"},
    "owner": {"name": "Berta"},
    "queue": {"name": "Support"},
    "organisation": {"name": "Our company"},
    "mail": {"subject": "A question", "sender_name": "Casey Rivera"},
    "promise": {
        "name": "First response in 15 minutes",
        "kpi": "first-response",
        "status": "nearing-noncompliance",
        "event": "warning",
        "deadline": "2026-03-02 09:15 CET",
    },
    "actor": {"name": "Grace"},
    "note": {"text": "@berta, could you look at this?"},
    "digest": {"count": "2", "lines": "2026-03-02 09:15 CET  New case: A question [CAS-01042-A1B2C3]"},
    "contract": {
        "name": "Gold Care, 15 cases a year",
        "slug": "gold-care",
        "customer": "Aurora Hotels",
        "channel": "phone",
        "remaining": "3",
        "total": "15",
        "days": "30",
        "end": "2026-12-31",
    },
    "survey": {
        "question": "How did we do?",
        "link": "https://help.example/survey/1",
        "kind": "csat",
        "score": "2",
        "comment": "It took too long.",
    },
    "article": {"number": "KA-01003", "title": "Pairing headphones", "version": "1.1", "language": "en"},
    "agent": {"name": "Grace"},
    "entry": {"link": "https://desk.example/invite/1", "until": "2026-03-02 09:15 CET"},
}
"""What a template may speak of, with a sample each: the names that `letters.templates` fills in."""


class Use(StrEnum):
    """What a template is sent as. Each knows some things that the others do not."""

    ACKNOWLEDGEMENT = template("an acknowledgement")
    PROMISE = template("a notice of an SLA")
    WORK = template("a notice of what happened to a case")
    CONTRACT = template("a warning of a contract")
    SURVEY = template("a survey")
    DEADLINE = template("a notice of a deadline that is near")
    MENTION = template("a notice of a mention")
    REVIEW = template("a notice of an article that is to be reviewed")
    DIGEST = template("a digest")
    ENTRY = template("a letter by which an agent gets in")


NARROW: dict[str, tuple[Use, ...]] = {
    "mail": (Use.ACKNOWLEDGEMENT,),
    "promise": (Use.PROMISE, Use.DEADLINE),
    "contract": (Use.CONTRACT,),
    "survey": (Use.SURVEY,),
    "actor": (Use.WORK, Use.DEADLINE, Use.MENTION, Use.REVIEW),
    "article": (Use.REVIEW,),
    "note": (Use.MENTION,),
    "digest": (Use.DIGEST,),
    "agent": (Use.ENTRY,),
    "entry": (Use.ENTRY,),
}
"""Facts of some uses alone; the others are known to every letter."""

OF_EVENT = {WorkEvent.DEADLINE: Use.DEADLINE, WorkEvent.MENTION: Use.MENTION, WorkEvent.REVIEW: Use.REVIEW}

OF_NO_CASE: dict[Use, tuple[str, ...]] = {
    Use.CONTRACT: ("contract", "owner", "organisation"),
    Use.DIGEST: ("digest", "organisation"),
    Use.REVIEW: ("article", "actor", "organisation"),
    Use.ENTRY: ("agent", "entry", "organisation"),
}
"""All that is known to a letter that is about no one case."""

FILTERS = frozenset({"capitalize", "default", "lower", "title", "trim", "truncate", "upper"})

PLAIN_NODES = (
    nodes.And,
    nodes.Compare,
    nodes.CondExpr,
    nodes.Const,
    nodes.Getattr,
    nodes.If,
    nodes.Name,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Output,
    nodes.TemplateData,
)
"""Placeholders and conditions. No loops, sums or calls: a text of two lines must not be able to fill the memory."""

DEEPEST = 50
"""Expressions and conditions within each other: far from where Python gives up, which is nearer in a busier call."""
TOO_DEEP = said("is nested deeper than {deepest} levels", deepest=DEEPEST)

_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


class WrongText(NamedTuple):
    path: Path
    rule: str


def check_template(template: MailTemplate) -> None:
    """`Invalid` naming the text that does not parse, does more than it may, or names what is not there."""
    for wrong in template_faults(template):
        raise Invalid(path_text(wrong.path), wrong.rule, path=wrong.path)


def template_faults(template: MailTemplate) -> Iterator[WrongText]:
    """The first fault of each text."""
    for language, text in template.texts.items():
        for part in ("subject", "body", "html"):
            source: str | None = getattr(text, part)
            if source is not None and (rule := _fault(source)) is not None:
                yield WrongText(("texts", language, part), rule)


def _fault(source: str) -> str | None:
    parsed = nodes.Template([])
    try:
        parsed = _JINJA.parse(source)
        if _is_deeper(parsed, DEEPEST):
            return TOO_DEEP
        for node in parsed.find_all(nodes.Node):
            if isinstance(node, nodes.Filter) and node.name in FILTERS:
                continue
            if not isinstance(node, PLAIN_NODES):
                what = f"the filter {node.name!r}" if isinstance(node, nodes.Filter) else type(node).__name__.lower()
                return said("line {lineno}: {what} is not allowed in a mail template", lineno=node.lineno, what=what)
        _JINJA.from_string(source).render(FACTS)
    except TemplateSyntaxError as error:
        return said("line {lineno}: {message}", lineno=error.lineno, message=error.message)
    except RecursionError:
        return TOO_DEEP
    except (TemplateError, AssertionError, TypeError, ValueError) as error:
        # An assertion is how Jinja's own filters refuse an argument.
        known = ", ".join(f"{root}.{name}" for root, names in FACTS.items() for name in names)
        if (unknown := _unknown_name(parsed)) is not None:
            return said("{unknown!r} is not known; known: {known}", unknown=unknown, known=known)
        return said("{error}; known: {known}", error=error, known=known)
    return None


def _unknown_name(parsed: nodes.Template) -> str | None:
    """The first thing that a text names and that is nowhere, as it is written: `owner.nam`."""
    for named in parsed.find_all(nodes.Getattr):
        if isinstance(named.node, nodes.Name) and named.attr not in FACTS.get(named.node.name, {}):
            return f"{named.node.name}.{named.attr}"
    return next((named.name for named in parsed.find_all(nodes.Name) if named.name not in FACTS), None)


def _is_deeper(parsed: nodes.Node, levels: int) -> bool:
    level = [parsed]
    for _ in range(levels):
        level = [child for node in level for child in node.iter_child_nodes()]
    return bool(level)


# ---- what begins to use them -----------------------------------------------------------------------------------------


async def check_texts(edit: Edit, body: BaseModel) -> None:
    """`Invalid` if a body sends a template as something that cannot know what the template speaks of.

    For a template, all active definitions and contracts that send it are asked.
    """
    if isinstance(body, MailTemplate):
        active = await edit.session.scalars(select(DefinitionRecord).where(DefinitionRecord.status == "active"))
        for row in active:
            if (row.kind, row.slug) in edit.arriving:
                continue  # It is checked when it comes into force itself.
            user = MODELS[DefinitionKind(row.kind)].model_validate(row.body)
            for _, slug, use in sent_by(user):
                if slug == body.slug and (fault := _unknown(body, use)) is not None:
                    path, rule = fault
                    raise Invalid(
                        path_text(path),
                        said(
                            "{rule}, as which the {kind} {slug!r} sends it",
                            rule=rule,
                            kind=word(row.kind),
                            slug=row.slug,
                        ),
                        path=path,
                    )
        for contract, warnings in await warning_contracts(edit.session):
            fault = _unknown(body, Use.CONTRACT)
            if fault is not None and any(warning["template"] == body.slug for warning in warnings):
                path, rule = fault
                raise Invalid(
                    path_text(path),
                    said("{rule}, as which the entitlement {contract!r} sends it", rule=rule, contract=contract),
                    path=path,
                )
        return
    for path, slug, use in sent_by(body):
        template = await Definitions().one(edit.session, DefinitionKind.TEMPLATE, slug, MailTemplate)
        if template is not None and (fault := _unknown(template, use)) is not None:
            inside, rule = fault
            raise Invalid(
                path_text(path),
                said("{slug!r} at {path}: {rule}", slug=slug, path=path_text(inside), rule=rule),
                path=path,
            )


def sent_by(body: BaseModel) -> Iterator[tuple[Path, str, Use]]:
    """The templates that a definition sends: the field, the slug, and as what."""
    match body:
        case RecordCreationRule(auto_reply_template=str(slug)):
            use = Use.ACKNOWLEDGEMENT if body.source == MAIL else Use.WORK
            yield ("auto_reply_template",), slug, use
        case SlaDefinition():
            for path, action in sla_actions(body):
                if action.template is not None:
                    yield (*path, "template"), action.template, Use.PROMISE
        case SurveyDefinition():
            if body.template is not None:
                yield ("template",), body.template, Use.SURVEY
            for position, rule in enumerate(body.rules):
                if rule.template is not None:
                    yield ("rules", position, "template"), rule.template, Use.SURVEY
        case ProcessDefinition():
            for path, done in actions_of(body):
                if done.template is not None:
                    yield (*path, "template"), done.template, Use.WORK
        case OrganisationSettings():
            for position, notice in enumerate(body.notices):
                if notice.template is not None:
                    yield ("notices", position, "template"), notice.template, OF_EVENT.get(notice.on, Use.WORK)
            if body.digest_template is not None:
                yield ("digest_template",), body.digest_template, Use.DIGEST
            for field in ("invitation_template", "reset_template"):
                if (slug := getattr(body, field)) is not None:
                    yield (field,), slug, Use.ENTRY
        case ContractTerms():
            for position, warning in enumerate(body.warnings):
                if warning.template is not None:
                    yield ("warnings", position, "template"), warning.template, Use.CONTRACT
        case _:
            pass  # It sends nothing.


def _unknown(template: MailTemplate, use: Use) -> tuple[Path, str] | None:
    for language, text in template.texts.items():
        for part in ("subject", "body", "html"):
            for root in roots_of(getattr(text, part)):
                if use not in NARROW.get(root, (use,)) or root not in OF_NO_CASE.get(use, (root,)):
                    return ("texts", language, part), said("{root!r} is not known to {use}", root=root, use=word(use))
    return None


def roots_of(source: str | None) -> frozenset[str]:
    """The facts that a text speaks of, `case` and the like."""
    return frozenset(meta.find_undeclared_variables(_JINJA.parse(source))) if source else frozenset()
