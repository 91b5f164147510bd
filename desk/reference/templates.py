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
from models.messages.reading_back import read_back
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
    """Of each text every name that nothing has; of what stops its reading, the first."""
    for language, text in template.texts.items():
        for part in ("subject", "body", "html"):
            source: str | None = getattr(text, part)
            if source is not None:
                yield from (WrongText(("texts", language, part), rule) for rule in _faults(source))


def _faults(source: str) -> list[str]:
    parsed = nodes.Template([])
    try:
        parsed = _JINJA.parse(source)
        if _is_deeper(parsed, DEEPEST):
            return [TOO_DEEP]
        for node in parsed.find_all(nodes.Node):
            if isinstance(node, nodes.Filter) and node.name in FILTERS:
                continue
            if not isinstance(node, PLAIN_NODES):
                what = f"the filter {node.name!r}" if isinstance(node, nodes.Filter) else type(node).__name__.lower()
                return [said("line {lineno}: {what} is not allowed in a mail template", lineno=node.lineno, what=what)]
        if unknown := _unknown_names(parsed):
            return [
                said("{unknown!r} is not known; known: {known}", unknown=each, known=_known(each)) for each in unknown
            ]
        _JINJA.from_string(source).render(FACTS)
    except TemplateSyntaxError as error:
        return [
            said(
                "line {lineno}: {message}; a placeholder is written as {example}",
                lineno=error.lineno,
                message=error.message,
                example="{{ case.number }}",
            )
        ]
    except RecursionError:
        return [TOO_DEEP]
    except (TemplateError, AssertionError, TypeError, ValueError) as error:
        # An assertion is how Jinja's own filters refuse an argument.
        return [said("{error}; known: {known}", error=error, known=_known(""))]
    return []


def _known(unknown: str) -> str:
    """What may be written in its place: the names of the same fact if there is such a one, else all."""
    same = unknown.partition(".")[0]
    return ", ".join(
        f"{root}.{name}" for root, names in FACTS.items() if same == root or same not in FACTS for name in names
    )


def _unknown_names(parsed: nodes.Template) -> list[str]:
    """Whatever a text names and that is nowhere, each once, as it is written: `owner.nam`."""
    members = [named for named in parsed.find_all(nodes.Getattr) if isinstance(named.node, nodes.Name)]
    inside = {id(named.node) for named in members}
    found = [
        f"{named.node.name}.{named.attr}"
        for named in members
        if isinstance(named.node, nodes.Name) and named.attr not in FACTS.get(named.node.name, {})
    ]
    alone = [named.name for named in parsed.find_all(nodes.Name) if id(named) not in inside]
    return list(dict.fromkeys((*found, *(name for name in alone if name not in FACTS))))


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
            user = read_back(MODELS[DefinitionKind(row.kind)], row.body)
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
        if template is not None:
            for rule in misused(template, use):
                raise Invalid(path_text(path), rule, path=path)


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


def misused(template: MailTemplate, use: Use) -> Iterator[str]:
    """What is wrong with sending a template so, told where it is sent: facts that such a letter does not know."""
    for inside, rule in _unknown_facts(template, use):
        yield said("{slug!r} at {path}: {rule}", slug=template.slug, path=path_text(inside), rule=rule)


def _unknown(template: MailTemplate, use: Use) -> tuple[Path, str] | None:
    return next(_unknown_facts(template, use), None)


def _unknown_facts(template: MailTemplate, use: Use) -> Iterator[tuple[Path, str]]:
    for language, text in template.texts.items():
        for part in ("subject", "body", "html"):
            try:
                roots = sorted(roots_of(getattr(text, part)) & FACTS.keys())
            except (TemplateSyntaxError, RecursionError):
                continue  # It is told as a fault of the text itself, and so is a name that nothing has.
            for root in roots:
                if use not in NARROW.get(root, (use,)) or root not in OF_NO_CASE.get(use, (root,)):
                    yield ("texts", language, part), said("{root!r} is not known to {use}", root=root, use=word(use))


def roots_of(source: str | None) -> frozenset[str]:
    """The facts that a text speaks of, `case` and the like."""
    return frozenset(meta.find_undeclared_variables(_JINJA.parse(source))) if source else frozenset()
