"""For operators: is it alive, how does it do. Neither tells anything of a customer, so neither asks for a token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel
from temporalio.service import RPCError

from api.bodies import Router
from api.dependencies import DeskDep, HouseDep, Now
from desk.queries.figures import house_figures
from desk.queries.mailboxes import mailbox_statuses
from desk.services import WiredHouse
from models.messages.mailbox_status import MailboxState, MailboxStatus

router = Router(tags=["operators"])

HEALTH_TIMEOUT = 2.0


class Health(BaseModel):
    """`ok` if all of it holds; without the engine reads go on, and commands get 503.

    `database` and `files`: it takes writes, which were tried within the last second."""

    ok: bool
    database: bool
    files: bool
    temporal: bool


@router.get(
    "/healthz",
    operation_id="healthz",
    responses={503: {"model": Health, "description": "Something does not answer, or takes no writes"}},
    summary="Liveness and readiness",
)
async def healthz(house: HouseDep, desk: DeskDep, response: Response) -> Health:
    beat, temporal = await asyncio.gather(desk.pulse.beat(), _temporal_answers(house))
    response.status_code = 200 if beat.ok and temporal else 503
    return Health(ok=beat.ok and temporal, database=beat.database, files=beat.files, temporal=temporal)


async def _temporal_answers(house: WiredHouse) -> bool:
    try:
        return await house.client.service_client.check_health(timeout=timedelta(seconds=HEALTH_TIMEOUT))
    except (RPCError, RuntimeError):
        return False


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format"}},
    summary="Figures for Prometheus",
)
async def metrics(request: Request, house: HouseDep, desk: DeskDep, now: Now) -> Response:
    """Requests of this process; cases, deliveries and mail of the whole house, by state; and how each mailbox does."""
    async with house.database.read() as session:
        figures = await house_figures(session)
        mailboxes = await mailbox_statuses(session, now, storing=(await desk.pulse.beat()).ok)
    undone = GaugeMetricFamily("caseloom_deliveries_undone", "Facts that a case has not heard of yet")
    undone.add_metric([], figures.deliveries_undone)
    families = [
        _gauge("caseloom_cases", "Cases by status", figures.cases),
        _gauge("caseloom_outbox", "Outgoing mail by state", figures.outgoing),
        _gauge("caseloom_inbound_mail", "Incoming mail by verdict", figures.incoming),
        _gauge("caseloom_incidents", "What cases could not do by a fault of ours, by state", figures.incidents),
        undone,
        *_of_mailboxes(mailboxes, now),
    ]
    own = generate_latest(request.app.state.figures.registry)
    return Response(own + _text(families), media_type=CONTENT_TYPE_LATEST)


def _gauge(name: str, help: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family


def _of_mailboxes(mailboxes: list[MailboxStatus], now: datetime) -> list[GaugeMetricFamily]:
    """A line for each mailbox, and for each reason or state that it has mail in; no age where there is nothing."""

    def family(name: str, help: str, *more: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"caseloom_mailbox_{name}", help, labels=["mailbox", *more])

    state = family("state", "1 for the state that the mailbox is in", "state")
    success = family("last_success_age_seconds", "Since an active mailbox was last looked into")
    backlog = family("backlog", "Messages on the server that are not taken in yet")
    unfetched = family("oldest_unfetched_age_seconds", "Since the oldest of them came to the server")
    held = family("quarantine", "Mails that are held, by reason", "reason")
    outbox = family("outbox", "Outgoing mail by state", "state")
    due = family("due_age_seconds", "Since the oldest letter that waits could have left")
    bounces = family("bounces_24h", "Letters reported as undeliverable in the last 24 hours")
    for each in mailboxes:
        name = each.mailbox
        for one in MailboxState:
            state.add_metric([name, one], one is each.state)
        backlog.add_metric([name], each.backlog)
        bounces.add_metric([name], each.send_queue.bounced_24h)
        for figures in each.quarantine:
            held.add_metric([name, figures.reason], figures.count)
        for word, count in each.outbox.items():
            outbox.add_metric([name, word], count)
        ages = (
            (success, each.last_success if each.active else None),
            (unfetched, each.oldest_unfetched),
            (due, each.send_queue.due_since),
        )
        for age, since in ages:
            if since is not None:
                age.add_metric([name], max(0.0, (now - since).total_seconds()))
    suppressed = GaugeMetricFamily("caseloom_suppressed_addresses", "Addresses that get no mail of ours")
    suppressed.add_metric([], max((each.suppressed_addresses for each in mailboxes), default=0))
    return [state, success, backlog, unfetched, held, outbox, due, bounces, suppressed]


class _Families(Collector):
    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        return self.families


def _text(families: list[GaugeMetricFamily]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Families(families))
    return generate_latest(registry)
