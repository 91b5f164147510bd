"""Pages of which the documentation has a picture: by the picture's name, who looks at what.

`{case}` stands for the number of a case that has a mail, a reply and a note, `{customer}` for its customer's link,
and `{strange}` for a case of long words that is written from right to left. Nobody is
signed in where nobody is named.
"""

from __future__ import annotations

Pictured = dict[str, tuple[str | None, str]]

TOUR: Pictured = {
    "case": ("grace", "/cases/{case}"),
    "cases": ("grace", "/cases"),
    "team": ("mona", "/team"),
    "operations": ("mona", "/operations"),
    "admin": ("ada", "/admin"),
    "customer": (None, "{customer}"),
}
"""Of docs/console.md: one or two for each role."""
OTHERS: Pictured = {
    "home": ("grace", "/"),
    "long-words": ("grace", "/cases/{strange}"),
    "reply": ("grace", "/cases/{case}/reply"),
    "resolve": ("grace", "/cases/{case}/resolve"),
    "activity": ("grace", "/cases/{case}/add-activity"),
    "merge": ("grace", "/cases/{case}/merge"),
    "why": ("grace", "/cases/{case}/why/promises"),
    "print": ("grace", "/cases/{case}/print?notes=yes&events=yes"),
    "nothing-found": ("grace", "/cases?q=nothing-has-this-word"),
    "bulk": ("grace", "/cases/bulk?action=resolve&numbers={case}"),
    "new-case": ("grace", "/cases/new?customer=casey"),
    "search": ("grace", "/search?q=headphones"),
    "notices": ("grace", "/notices?show=all"),
    "me": ("grace", "/me"),
    "customers": ("grace", "/customers"),
    "contact": ("mona", "/customers/casey"),
    "contract": ("mona", "/contracts/care"),
    "articles": ("grace", "/articles"),
    "article": ("mona", "/articles/KA-01001"),
    "figures": ("mona", "/figures"),
    "figure": ("mona", "/figures/incoming"),
    "surveys": ("mona", "/figures/surveys"),
    "mailboxes": ("mona", "/operations/mailboxes"),
    "quarantine": ("mona", "/operations/quarantine?verdict=filed"),
    "outbox": ("mona", "/operations/outbox"),
    "suppressions": ("mona", "/operations/suppressions"),
    "incidents": ("mona", "/operations/incidents"),
    "workers": ("mona", "/operations/workers"),
    "queue": ("ada", "/admin/queues/gold"),
    "agent": ("ada", "/admin/agents/grace"),
    "sla": ("ada", "/admin/slas/gold"),
    "sla-form": ("ada", "/admin/slas/gold/edit"),
    "due": ("ada", "/admin/slas/gold/due?created_on=2031-03-27T09:00&fact=case.priority&value=high"),
    "try": ("ada", "/admin/routing-rule-sets/by-tier/try?from=2026-01-01&to=2026-12-31"),
    "process": ("ada", "/admin/processes/three-stages"),
    "preview": ("ada", "/admin/templates/acknowledgement/preview"),
    "organisation": ("ada", "/admin/organisation"),
    "file": ("ada", "/admin/file"),
    "audit": ("ada", "/admin/audit"),
    "start": ("ada", "/start"),
    "sign-in": (None, "/sign-in"),
    "reset": (None, "/reset"),
    "help": (None, "/help"),
}
"""Of docs/pictures.md."""
