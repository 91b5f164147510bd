"""The scenario's history, step by step: every event is a write of the Temporal server, and is replayed for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from temporalio.api.enums.v1 import EventType

from benchmarks.figures import Ratio, Step
from benchmarks.intake import start_mailbox
from benchmarks.letters import letter, post
from benchmarks.rows import ACKNOWLEDGED, ROUTED
from benchmarks.site import Site
from models.messages.names import case_workflow_id

NAME = "events"
BUDGET = 60

UNDER_WAY = (EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED)
"""A history that ends so is about to go on by itself."""

CUSTOMER = 0
HEARD = "SELECT count(*) FROM delivery WHERE done = 1 AND kind = 'mail' AND number = ?"


async def scenario(site: Site, api: httpx.AsyncClient) -> list[Step]:
    """Plays the scenario once, through mail and API, and counts after each step."""
    await start_mailbox(site)
    routed, acknowledged = site.rows.one(ROUTED), site.rows.one(ACKNOWLEDGED)
    await post(site, [letter(CUSTOMER)])
    await site.rows.until(ROUTED, routed + 1)
    number = site.rows.one("SELECT number FROM service_case ORDER BY id DESC LIMIT 1")
    article = site.rows.one("SELECT number FROM article LIMIT 1")

    async def verb(path: str, body: dict[str, Any] | None = None) -> None:
        (await api.post(f"/cases/{number}/{path}", json=body)).raise_for_status()

    async def acknowledgement() -> None:
        await site.rows.until(ACKNOWLEDGED, acknowledged + 1)

    async def reply() -> None:
        ours = "SELECT m.message_id FROM email_message m JOIN service_case c ON c.id = m.case_id "
        ours += "WHERE m.direction = 'out' AND c.number = ? ORDER BY m.id DESC LIMIT 1"
        await post(site, [letter(CUSTOMER, reply_to=site.rows.one(ours, number))])
        await site.rows.until(HEARD, 1, number)

    async def nothing() -> None:
        return

    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "opening": nothing,
        "acknowledgement": acknowledgement,
        "pick": lambda: verb("pick"),
        "next": lambda: verb("process/next"),
        "article mail": lambda: verb("articles", {"article": article, "send": "content"}),
        "next again": lambda: verb("process/next"),
        "customer's reply": reply,
        "finish": lambda: verb("process/finish"),
        "resolve": lambda: verb("resolve", {"resolution": "Restarted."}),
    }
    counted: list[Step] = []
    for name, act in steps.items():
        await act()
        counted.append(Step(name, await _events(site, number) - sum(step.events for step in counted)))
    return counted


async def _events(site: Site, number: str) -> int:
    """The length of the case's history, once it has come to rest."""
    handle = site.house.client.get_workflow_handle(case_workflow_id(number))
    while True:
        events = (await handle.fetch_history()).events
        if events[-1].event_type not in UNDER_WAY:
            return len(events)


def ratio(steps: list[Step]) -> Ratio:
    return Ratio(NAME, "history events of the scenario", sum(step.events for step in steps), BUDGET, at_least=False)
