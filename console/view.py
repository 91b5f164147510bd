"""Pages as one visitor reads them: their language, their zone, and what every page around its own content shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta, get_timezone_name
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from console.assets import asset
from console.languages import languages
from console.rendering import BRAND_ADDRESS, HEADERS, LOGO_ADDRESS, environment, room_of
from console.sayings import in_words
from console.visitor import Visitor
from desk.shortcuts import keys_of
from models.messages.reference import Role

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy of pages for which one signs in: files of our own alone, and nothing that stands in the page."""

A_MOMENT = timedelta(seconds=2)
"""So far two clocks may disagree about what has just happened."""


def view(
    me: Visitor, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **facts: Any
) -> HTMLResponse:
    """`template` with these facts, and:

    `when(at)`: an instant as `<time>`, short, with the whole in its title; `full(at)`: with the whole in view; `day(at)`;
    `ago(at)`: how long ago, or how far ahead; `date_of(day)`: a day of the calendar; `number(n)`, `percent(share)`,
    `size(bytes)`; `say(sentence)`: what the desk says, with its instants as the visitor has them; `asset(name)`:
    address of a file; `me`: the visitor.
    """
    html = (
        environment(me.language, room_of(template))
        .get_template(template)
        .render(_around(me, room_of(template)) | facts)
    )
    given = {**HEADERS, "Content-Security-Policy": POLICY, "Content-Language": me.language}
    given["Referrer-Policy"] = "same-origin"
    return HTMLResponse(html, status, headers=given | dict(headers or {}))


def _around(me: Visitor, room: str) -> dict[str, Any]:
    organisation = me.organisation
    words = Words(me)
    return {
        "me": me,
        "organisation": organisation,
        "language": me.language,
        "languages": languages(),
        "asset": asset,
        "brand": BRAND_ADDRESS if organisation.pages.colour else None,
        "logo": LOGO_ADDRESS if organisation.pages.logo else None,
        "zone_name": get_timezone_name(me.zone, locale=me.language, zone_variant="generic"),
        "shortcuts": keys_of(me.preferences.own_keys),
        "manages": me.has(Role.MANAGER, Role.ADMINISTRATOR),
        "administers": me.has(Role.ADMINISTRATOR),
        "when": words.when,
        "say": partial(in_words, me.language, instant=words.full, room=room),
        "full": words.whole,
        "day": words.day,
        "date_of": words.date_of,
        "ago": words.ago,
        "number": words.number,
        "percent": words.percent,
        "size": words.size,
        "minutes": words.minutes,
    }


class Words:
    """Instants and numbers as the visitor writes them."""

    def __init__(self, me: Visitor) -> None:
        self.me, self.zone, self.locale = me, me.zone, me.language

    def when(self, at: datetime) -> Markup:
        """Today the time alone, this year the day and the time, else the date; always the whole in its title."""
        here, today = at.astimezone(self.zone), self.me.now.astimezone(self.zone)
        if here.date() == today.date():
            short = format_time(here, "short", tzinfo=self.zone, locale=self.locale)
        elif here.year == today.year:
            day = format_date(here.date(), "d MMM" if self.locale == "en" else "d. MMM", locale=self.locale)
            short = f"{day}, {format_time(here, 'short', tzinfo=self.zone, locale=self.locale)}"
        else:
            short = format_date(here.date(), "medium", locale=self.locale)
        return self._time(at, short)

    def day(self, at: datetime) -> Markup:
        return self._time(at, format_date(at.astimezone(self.zone).date(), "medium", locale=self.locale))

    def date_of(self, day: date) -> str:
        """A day of the calendar, which is of no zone."""
        return format_date(day, "medium", locale=self.locale)

    def ago(self, at: datetime) -> Markup:
        """A past instant never reads as one ahead, also where two clocks disagree by a moment."""
        apart = at - self.me.now
        if apart < A_MOMENT:
            apart = min(apart, timedelta(seconds=-1))
        return self._time(at, format_timedelta(apart, add_direction=True, locale=self.locale, threshold=1.2))

    def full(self, at: datetime) -> str:
        long = format_datetime(at, "long", tzinfo=self.zone, locale=self.locale)
        return long.replace("\N{NARROW NO-BREAK SPACE}", " ")

    def whole(self, at: datetime) -> Markup:
        """With its date, its time and its zone, as paper needs it."""
        return self._time(at, self.full(at))

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.locale)

    def percent(self, share: float) -> str:
        """With one decimal at most, and the sign as the language sets it."""
        usual = Locale.parse(self.locale).percent_formats[None].pattern
        return format_percent(share, format=usual.replace("##0", "##0.#"), locale=self.locale)

    def size(self, count: int) -> str:
        """Bytes as kB or MB."""
        if count < 1024 * 1024:
            return f"{format_decimal(max(1, round(count / 1024)), locale=self.locale)} kB"
        return f"{format_decimal(round(count / 1024 / 1024, 1), locale=self.locale)} MB"

    def minutes(self, count: float) -> str:
        """A span of minutes as hours and minutes: `2 h 10 min`."""
        hours, left = divmod(round(count), 60)
        days, hours = divmod(hours, 24)
        parts = [(days, "d"), (hours, "h"), (left, "min")]
        said = [f"{value} {unit}" for value, unit in parts if value]
        return " ".join(said[:2]) or "0 min"

    def _time(self, at: datetime, short: str) -> Markup:
        short = short.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
        iso = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, self.full(at), escape(short))
