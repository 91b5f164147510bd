"""Forms of ours: each carries a mark that shows that we gave it out for this page, and a key by which it counts once."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from letters.links import LinkSigner

LASTS = timedelta(hours=24)
"""As long as somebody may leave a page open before they send it; then they are asked to send it once more."""
AS_A_SESSION = timedelta(days=365)
"""Of a form that is bound to a session, which itself ends sooner."""
_MARK = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([a-z2-7]{32})")
OWN_SITE = (None, "same-origin", "none")
"""What Sec-Fetch-Site says of our own pages; programs without it are judged by the mark alone."""


@dataclass(frozen=True, slots=True)
class FormKey:
    """`fresh`: we gave the form out for this page, not too long ago. `key`: which one it is."""

    key: str
    fresh: bool


class Forms:
    """Marks and reads forms. `page` is what a form is of, such as the id of a link: a mark of one page is none for another."""

    def __init__(self, links: LinkSigner) -> None:
        self.links = links

    def mark(self, page: str, now: datetime, key: str | None = None) -> str:
        """For the hidden field `form`. `key`: of the form that is shown once more, with what was typed."""
        key, at = key or secrets.token_urlsafe(16), int(now.timestamp())
        return f"{key}.{at}.{self.links.form_mark(_said(page, key, at))}"

    def read(self, request: Request, page: str, mark: object, now: datetime, *, lasts: timedelta = LASTS) -> FormKey:
        match = _MARK.fullmatch(mark) if isinstance(mark, str) else None
        if match is None:
            return FormKey(secrets.token_urlsafe(16), False)
        key, at = match[1], int(match[2])
        ours = self.links.is_form_mark(_said(page, key, at), match[3])
        age = now.timestamp() - at
        here = request.headers.get("sec-fetch-site") in OWN_SITE
        return FormKey(key, ours and here and -60 <= age <= lasts.total_seconds())


def _said(page: str, key: str, at: int) -> str:
    return f"{page}\0{key}\0{at}"
