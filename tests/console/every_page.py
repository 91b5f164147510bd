"""Addresses that the walk over all pages opens: each room adds its own, with the agent who may see them.

`{case}` stands for the number of a case that has a mail, a reply, a note and running promises.
"""

from __future__ import annotations

PAGES: list[tuple[str, str]] = [
    ("grace", "/"),
    ("grace", "/cases/{case}"),
    ("grace", "/cases/{case}/resolve"),
    ("grace", "/cases/{case}/add-activity"),
    ("grace", "/cases/{case}/merge"),
    ("grace", "/cases/{case}/print?notes=yes&events=yes"),
    ("grace", "/cases/{case}/why/promises"),
    ("grace", "/cases/{case}/fields/priority"),
    ("mona", "/operations"),
    ("mona", "/operations/mailboxes"),
    ("mona", "/operations/quarantine"),
    ("mona", "/operations/quarantine?verdict=filed"),
    ("mona", "/operations/outbox"),
    ("mona", "/operations/suppressions"),
    ("mona", "/operations/incidents"),
    ("mona", "/operations/workers?doctor=1"),
    ("mona", "/team"),
    ("mona", "/figures"),
    ("mona", "/figures/incoming"),
    ("mona", "/figures/sla-compliance?by=queue"),
    ("mona", "/figures/incoming/cases"),
    ("mona", "/figures/backlog-by-age"),
    ("mona", "/figures/surveys"),
    ("mona", "/figures/articles"),
    ("mona", "/figures/reports"),
    ("grace", "/cases"),
    ("grace", "/cases?queue=gold&status=active&sort=priority"),
    ("grace", "/cases?view=mine"),
    ("grace", "/cases?q=nothing-has-this-word"),
]
"""Agent and address."""
