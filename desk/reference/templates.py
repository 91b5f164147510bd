"""Mail templates checked when they are written, not when a customer waits for the mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desk.errors import Invalid
from models.messages.storable import Path, path_text
from models.messages.templates import MailTemplate

FACTS: dict[str, dict[str, str]] = {
    "case": {"number": "CAS-01042-A1B2C3", "title": "A question"},
    "contact": {"name": "Casey"},
    "queue": {"name": "Support"},
    "organisation": {"name": "Our company"},
    "mail": {"subject": "A question", "sender_name": "Casey Rivera"},
}
"""What a template may speak of, with a sample each: the names that `letters.composing` fills in."""

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
TOO_DEEP = f"is nested deeper than {DEEPEST} levels"

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
    try:
        parsed = _JINJA.parse(source)
        if _is_deeper(parsed, DEEPEST):
            return TOO_DEEP
        for node in parsed.find_all(nodes.Node):
            if isinstance(node, nodes.Filter) and node.name in FILTERS:
                continue
            if not isinstance(node, PLAIN_NODES):
                what = f"the filter {node.name!r}" if isinstance(node, nodes.Filter) else type(node).__name__.lower()
                return f"line {node.lineno}: {what} is not allowed in a mail template"
        _JINJA.from_string(source).render(FACTS)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    except RecursionError:
        return TOO_DEEP
    except (TemplateError, AssertionError, TypeError, ValueError) as error:
        # An assertion is how Jinja's own filters refuse an argument.
        known = ", ".join(f"{root}.{name}" for root, names in FACTS.items() for name in names)
        return f"{error}; known: {known}"
    return None


def _is_deeper(parsed: nodes.Node, levels: int) -> bool:
    level = [parsed]
    for _ in range(levels):
        level = [child for node in level for child in node.iter_child_nodes()]
    return bool(level)
