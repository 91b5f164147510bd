"""What the audit has in the words of the API, as people read it: who, what was done, and each value that changed."""

from __future__ import annotations

import re
from typing import Any

from console.labels import HOUSE
from console.languages import N_

DEEDS = {
    "active": N_("in force, as its days say"),
    "activate": N_("taken into use"),
    "approve": N_("approved"),
    "archive": N_("archived"),
    "archived": N_("archived"),
    "attach": N_("put on a case"),
    "cancel": N_("cancelled"),
    "cancelled": N_("cancelled"),
    "change": N_("changed"),
    "completed": N_("completed"),
    "create": N_("created"),
    "deactivate": N_("taken out of use"),
    "delete": N_("deleted"),
    "discard": N_("given up"),
    "dismiss": N_("set aside"),
    "end": N_("ended"),
    "expire": N_("made to expire"),
    "expired": N_("expired"),
    "invite": N_("invited"),
    "known-to-provider": N_("signed in through the provider for the first time"),
    "merge": N_("merged"),
    "notices": N_("notices chosen"),
    "password": N_("password chosen"),
    "plan expiry": N_("end planned"),
    "preferences": N_("own settings changed"),
    "presence": N_("presence changed"),
    "publish": N_("published"),
    "recovery-code": N_("signed in with a recovery code"),
    "redraft": N_("taken back to a draft"),
    "reject": N_("rejected"),
    "release": N_("taken in"),
    "rerun": N_("decided again"),
    "reset": N_("link for a new password sent"),
    "retry": N_("tried again"),
    "revoke": N_("revoked"),
    "schedule": N_("scheduled"),
    "second-factor-off": N_("second factor switched off"),
    "second-factor-on": N_("second factor set up"),
    "set-default": N_("default changed"),
    "sign-in": N_("signed in"),
    "sign-in-failed": N_("signing in failed"),
    "submit": N_("handed in for review"),
    "unschedule": N_("taken off the schedule"),
    "update": N_("changed"),
    "waiting": N_("waiting for its first day"),
}
"""By the whole action, or its first word: one for each of `models.messages.audited`."""
OF_VERSIONS = {"activate": N_("put in force"), "deactivate": N_("taken out of force")}
"""Of definitions, whose versions are in force; all else is in use."""
OF_HELD_MAIL = {"dismiss": N_("filed without a case")}


def deed_of(action: str, kind: str = "") -> tuple[str, str]:
    """What was done, as a text of the catalogues, and to which version or part: `create version 2`. `kind`: of the object."""
    if action in DEEDS and not (kind == "held-mail" and action in OF_HELD_MAIL):
        return DEEDS[action], ""
    verb, _, rest = action.partition(" ")
    words = OF_HELD_MAIL if kind == "held-mail" else OF_VERSIONS if version_of(rest) else DEEDS
    known = words.get(verb) or DEEDS.get(verb)
    return (known, rest) if known else (action, "")


def version_of(rest: str) -> str:
    """The number of `version 2`; empty for any other text."""
    found = re.fullmatch(r"version (\d+)", rest)
    return found[1] if found else ""


WORDS: dict[str, Any] = {"deed_of": deed_of, "version_of": version_of, "house": HOUSE}
"""For templates."""
