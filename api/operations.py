"""For operators: is it alive, how does it do. Neither tells anything of a customer, so neither asks for a token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from api.dependencies import House, HouseDep
from desk.queries.figures import house_figures

router = APIRouter(tags=["operators"])

HEALTH_TIMEOUT = 2.0


class Health(BaseModel):
    """`ok` if database and engine answer; without the engine reads go on, and commands get 503."""

    ok: bool
    database: bool
    temporal: bool


@router.get(
    "/healthz",
    operation_id="healthz",
    responses={503: {"model": Health, "description": "Something does not answer"}},
    summary="Liveness and readiness",
)
async def healthz(house: HouseDep, response: Response) -> Health:
    database, temporal = await asyncio.gather(_database_answers(house), _temporal_answers(house))
    response.status_code = 200 if database and temporal else 503
    return Health(ok=database and temporal, database=database, temporal=temporal)


async def _database_answers(house: House) -> bool:
    try:
        async with asyncio.timeout(HEALTH_TIMEOUT), house.database.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True


async def _temporal_answers(house: House) -> bool:
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
async def metrics(request: Request, house: HouseDep) -> Response:
    """Requests of this process; cases, deliveries and mail of the whole house, by state."""
    async with house.database.read() as session:
        figures = await house_figures(session)
    undone = GaugeMetricFamily("caseloom_deliveries_undone", "Facts that a case has not heard of yet")
    undone.add_metric([], figures.deliveries_undone)
    families = [
        _gauge("caseloom_cases", "Cases by status", figures.cases),
        _gauge("caseloom_outbox", "Outgoing mail by state", figures.outgoing),
        _gauge("caseloom_inbound_mail", "Incoming mail by verdict", figures.incoming),
        undone,
    ]
    own = generate_latest(request.app.state.figures.registry)
    return Response(own + _text(families), media_type=CONTENT_TYPE_LATEST)


def _gauge(name: str, help: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family


class _Families(Collector):
    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        return self.families


def _text(families: list[GaugeMetricFamily]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Families(families))
    return generate_latest(registry)
