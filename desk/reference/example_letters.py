"""A mail template's texts as they would read, with an example in the place of each thing that they name."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desk.reference.templates import FACTS
from models.messages.templates import MailTemplate, TemplateText

_JINJA = ImmutableSandboxedEnvironment(undefined=Undefined, autoescape=False)


def shown_with_examples(template: MailTemplate, organisation: str) -> dict[str, TemplateText]:
    """By language. The house has its own name; everything else is an example. A text that cannot be filled, as of a draft of
    an earlier release, stays as it is."""
    facts = {**FACTS, "organisation": {"name": organisation}}
    return {
        language: TemplateText.model_construct(
            subject=_filled(text.subject, facts),
            body=_filled(text.body, facts),
            html=text.html and _filled(text.html, facts),
        )
        for language, text in template.texts.items()
    }


def _filled(source: str, facts: Mapping[str, Mapping[str, str]]) -> str:
    try:
        return _JINJA.from_string(source).render(facts)
    except (TemplateError, AssertionError, TypeError, ValueError, RecursionError):
        return source
