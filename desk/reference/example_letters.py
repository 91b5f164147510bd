"""A mail template's texts as they would read, with an example in the place of each thing that they name."""

from __future__ import annotations

from jinja2 import TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desk.reference.templates import FACTS
from models.messages.templates import MailTemplate, TemplateText

_JINJA = ImmutableSandboxedEnvironment(undefined=Undefined, autoescape=False)


def shown_with_examples(template: MailTemplate) -> dict[str, TemplateText]:
    """By language. A text that cannot be filled, as of a draft of an earlier release, stays as it is."""
    return {
        language: TemplateText.model_construct(
            subject=_filled(text.subject), body=_filled(text.body), html=text.html and _filled(text.html)
        )
        for language, text in template.texts.items()
    }


def _filled(source: str) -> str:
    try:
        return _JINJA.from_string(source).render(FACTS)
    except (TemplateError, AssertionError, TypeError, ValueError, RecursionError):
        return source
