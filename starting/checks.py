"""Checks of the demo: what was expected and what was found, printed at once and counted."""

from __future__ import annotations

from starting.outsider import NotSeen
from starting.show import Show


class Checks:
    """Each check prints one line; one that fails prints what was expected and found."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self.held = 0
        self.failed: list[str] = []

    def that(self, what: str, holds: bool, *, expected: object, found: object) -> None:
        if holds:
            self.held += 1
            self._show.good(what)
        else:
            self.failed.append(what)
            self._show.bad(what, expected, found)

    def equal(self, what: str, expected: object, found: object) -> None:
        self.that(what, expected == found, expected=expected, found=found)

    def contains(self, what: str, part: str, text: str) -> None:
        shown = text if len(text) <= 300 else text[:300] + " ..."
        self.that(what, part in text, expected=f"... {part} ...", found=shown)

    def missing(self, error: NotSeen) -> None:
        """Something without which the play cannot go on."""
        self.failed.append(error.what)
        self._show.bad(error.what, error.expected, error.found)
