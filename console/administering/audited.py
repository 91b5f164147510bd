"""What the audit has in the words of the API, as people read it: who, what was done, and each value that changed."""

from __future__ import annotations

import re
from typing import Any

from console.labels import HOUSE
from console.languages import N_

DEEDS = {
    "approve": N_("approved"),
    "attach": N_("put on a case"),
    "dismiss": N_("filed without a case"),
    "publish": N_("published"),
    "release": N_("taken in"),
    "rerun": N_("decided again"),
    "sign-in": N_("signed in"),
    "activate": N_("put in force"),
    "change": N_("changed"),
    "create": N_("created"),
    "deactivate": N_("taken out of force"),
    "merge": N_("merged"),
    "notices": N_("notices chosen"),
    "presence": N_("presence changed"),
    "retry": N_("tried again"),
    "revoke": N_("revoked"),
    "set-default": N_("made the default"),
}
"""By the first word of an action. Others stand as they are."""


def deed_of(action: str) -> tuple[str, str]:
    """What was done, as a text of the catalogues, and to which version or part: `create version 2`."""
    verb, _, rest = action.partition(" ")
    return (DEEDS[verb], rest) if verb in DEEDS else (action, "")


def version_of(rest: str) -> str:
    """The number of `version 2`; empty for any other text."""
    found = re.fullmatch(r"version (\d+)", rest)
    return found[1] if found else ""


WORDS: dict[str, Any] = {"deed_of": deed_of, "version_of": version_of, "house": HOUSE}
"""For templates."""
