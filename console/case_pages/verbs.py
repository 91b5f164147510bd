"""All that can be done with a case by a form."""

from __future__ import annotations

from console.case_pages.asking import Verb
from console.case_pages.verbs_family import FAMILY_VERBS
from console.case_pages.verbs_life import LIFE_VERBS
from console.case_pages.verbs_process import PROCESS_VERBS
from console.case_pages.verbs_queue import QUEUE_VERBS
from console.case_pages.verbs_work import WORK_VERBS

VERBS: tuple[Verb, ...] = (*QUEUE_VERBS, *LIFE_VERBS, *FAMILY_VERBS, *WORK_VERBS, *PROCESS_VERBS)
BY_SLUG = {verb.slug: verb for verb in VERBS}
FIRST = ("pick", "resolve", "assign", "route", "hold", "resume", "reactivate")
"""The verbs that are in view; the rest stand in the menu."""
MENU = (
    *("release", "apply-routing", "remove-from-queue", "escalate", "acknowledge", "first-response"),
    *("add-activity", "add-time", "link-article", "merge", "add-child", "leave-parent", "cancel"),
)
OF_PROCESS = tuple(verb.slug for verb in PROCESS_VERBS if verb.slug not in ("process-next", "process-save"))
