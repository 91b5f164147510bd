"""Mail templates, keyed by language with fallback. Placeholders are Jinja2, run in its sandbox."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.messages.base import Message, Name, Slug
from models.messages.languages import BY_LANGUAGE


class TemplateText(Message):
    subject: str = Field(min_length=1, max_length=300)
    body: str = Field(min_length=1, max_length=20_000)
    html: str | None = Field(default=None, min_length=1, max_length=50_000)
    """The body once more for programs that show HTML (multipart/alternative); values are escaped in it."""


class MailTemplate(Message):
    slug: Slug
    name: Name
    texts: Annotated[dict[str, TemplateText], BY_LANGUAGE] = Field(min_length=1, max_length=200)
    """By language (BCP 47, `en`); the organisation's language is the fallback."""
