"""What the organisation decides about its pages for customers: their address, how they look, and what they show."""

from __future__ import annotations

import base64
import re
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator, model_validator

from models.messages.base import Message
from models.messages.languages import BY_LANGUAGE
from models.messages.said import said, template

LARGEST_LOGO = 64 * 1024
"""Bytes of the picture itself."""
TOO_LARGE = template("has {count} bytes, at most {largest_logo} are allowed")
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
"""Kinds of pictures by how they begin. No SVG: that is a document of its own, which can run scripts."""
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]{1,253}(?:/[A-Za-z0-9._~/-]*)?")

PageText = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]


class PageWords(Message):
    """The organisation's own words on its pages, in one language; what is left out is said in the engine's."""

    help: PageText | None = None
    """Above the search of the help page."""
    footer: PageText | None = None
    """At the end of each page, such as who runs it."""


class PublicPages(Message):
    """Pages for customers: surveys, their own case, help. Without `address` there are none."""

    address: Annotated[str, StringConstraints(max_length=300)] | None = None
    """Where customers reach them, such as `https://help.example.com`; the name also stands in CASELOOM_ALLOWED_HOSTS."""
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    """Of the bar at the top; the writing on it is black or white, whichever can be read."""
    logo: Annotated[str, StringConstraints(max_length=2 * LARGEST_LOGO)] | None = None
    """A PNG, JPEG or WebP picture of at most 64 kB, in base64."""
    words: Annotated[dict[str, PageWords], BY_LANGUAGE] = Field(default_factory=dict, max_length=200)
    customer_view: bool = False
    """Letters to a case's contact lead to a page of the case."""
    show_promises: bool = True
    """On it, until when an answer and a solution are promised."""
    link_days: int = Field(default=30, ge=1, le=365)
    """After its letter a link to a case ends."""
    help: bool = False
    """Everybody may search and read the published articles that are not internal."""

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not _ADDRESS.fullmatch(value):
            raise ValueError(said("must be an address such as https://help.example.com, without a query"))
        return None if value is None else value.rstrip("/")

    @field_validator("logo")
    @classmethod
    def _is_picture(cls, value: str | None) -> str | None:
        if value is not None:
            logo_of(value)
        return value

    @model_validator(mode="after")
    def _somewhere(self) -> PublicPages:
        if self.address is None and (self.customer_view or self.help):
            raise ValueError(said("'customer_view' and 'help' need the 'address' at which customers reach the pages"))
        return self


def logo_of(text: str) -> tuple[bytes, str]:
    """The picture and its media type. ValueError for anything else, or more than 64 kB."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise ValueError(said("is not base64")) from None
    if len(content) > LARGEST_LOGO:
        raise ValueError(said(TOO_LARGE, count=len(content), largest_logo=LARGEST_LOGO))
    kind = next((kind for begins, kind in PICTURES.items() if content.startswith(begins)), None)
    if kind is None:
        raise ValueError(said("is no PNG, JPEG or WebP picture"))
    return content, kind
