"""Pages as HTML: one environment a language, the organisation's looks, and headers under which no foreign script runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from console.languages import SHARED, languages, translations
from console.overheard import understood
from console.own_words import own_word
from console.sayings import in_words, labelled
from models.messages.organisation import OrganisationSettings
from models.messages.pages import PageWords
from models.messages.said import Said
from policies.zones import zone

HERE = Path(__file__).parent
STYLE = HERE / "static" / "pages.css"
BRAND_ADDRESS, LOGO_ADDRESS = "/pages/brand.css", "/pages/logo"

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: these pages have no script at all."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@cache
def style_address() -> str:
    """By its content, so that browsers keep it for ever and never show an old one."""
    return f"/pages/style-{hashlib.sha256(STYLE.read_bytes()).hexdigest()[:12]}.css"


@cache
def environment(language: str, room: str) -> Environment:
    """`room`: the folder of the page's template, whose words its parts are said in too."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "say": partial(in_words, language, room=room),
        "reread": partial(_reread, language, room),
        "label": partial(labelled, language, room=room),
        "own": partial(own_word, language=language),
    }
    made.install_gettext_translations(translations(language, room), newstyle=True)  # type: ignore[attr-defined]  # of the extension
    return made


def _reread(language: str, room: str, text: str) -> str:
    """A reason as the reader's language has it; what it is not stays as it is: it may be what people wrote."""
    found = understood(text)
    return in_words(language, found, room=room) if isinstance(found, Said) else found


def room_of(template: str) -> str:
    return template.rpartition("/")[0] or SHARED


def page(
    template: str,
    organisation: OrganisationSettings,
    language: str,
    *,
    status: int = 200,
    indexed: bool = False,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> HTMLResponse:
    """`template` in that language with these facts. `indexed`: search engines may list it."""
    locale = language
    here = zone(organisation.time_zone)

    def day(at: datetime) -> str:
        return format_date(at.astimezone(here), "long", locale=locale)

    def instant(at: datetime) -> str:
        """To the minute; in which zone, the page says once."""
        time = format_time(at, "short", tzinfo=here, locale=locale)
        return f"{day(at)}, {time}".replace("\N{NARROW NO-BREAK SPACE}", " ")

    def size(count: int) -> str:
        return f"{format_decimal(max(1, round(count / 1024)), locale=locale)} kB"

    words = organisation.pages.words.get(language, PageWords())
    html = (
        environment(language, room_of(template))
        .get_template(template)
        .render(
            organisation=organisation,
            pages=organisation.pages,
            words=words,
            language=language,
            languages=languages(),
            style=style_address(),
            brand=BRAND_ADDRESS if organisation.pages.colour else None,
            logo=LOGO_ADDRESS if organisation.pages.logo else None,
            zone=get_timezone_name(here, locale=locale, zone_variant="generic"),
            day=day,
            instant=instant,
            size=size,
            **facts,
        )
    )
    given = {name: value for name, value in HEADERS.items() if not (indexed and name == "X-Robots-Tag")}
    return HTMLResponse(html, status, headers={**given, "Content-Language": language, **(headers or {})})


def brand_style(organisation: OrganisationSettings) -> str:
    """The organisation's colour for the bar at the top, with writing that can be read on it (WCAG 2.2, 1.4.3)."""
    colour = organisation.pages.colour
    if colour is None:
        return ""
    writing = "#000000" if _lightness(colour) > 0.179 else "#ffffff"
    return f":root {{ --brand: {colour}; --on-brand: {writing}; }}\n"


def _lightness(colour: str) -> float:
    """The relative luminance of WCAG: from 0.179 on, black is further away than white."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
