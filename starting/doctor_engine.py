"""What `doctor` sees of the workflow engine: its namespace, retention, search attributes and clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeNamespaceResponse,
    DescribeTaskQueueRequest,
    GetSystemInfoRequest,
    PollWorkflowTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bootstrap import connect
from desk.findings import Finding, ok, problem, warning
from models.messages.names import SEARCH_ATTRIBUTES
from servers.temporal import KINDS
from settings import Settings
from starting.clocks import clock_finding
from starting.houses import beside, uses_a_cluster

WITHIN = timedelta(seconds=5)
"""For each answer of the engine."""
SHORT_RETENTION = timedelta(days=7)
PROBE_QUEUE = "doctor"
"""A task queue that nobody else polls: see `_engine_clock`."""
HEARD_WITHIN = 2.0
REFUSED = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED)
NOT_OFFERED = (*REFUSED, RPCStatusCode.UNIMPLEMENTED)


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def examine_engine(settings: Settings, now: Callable[[], datetime] = _utc_now) -> list[Finding]:
    """Of the cluster that the settings name, or of the Temporal server beside a Caseloom that runs here."""
    cluster, settings = uses_a_cluster(settings), beside(settings)
    profile = settings.temporal_profile
    where = settings.temporal_address if profile is None else f"the address of the profile {profile!r}"
    try:
        async with asyncio.timeout(WITHIN.total_seconds()):
            client = await connect(settings)
    except TimeoutError:
        return [problem("engine", f"no answer at {where}", _way_in(cluster)), *_not_looked_at()]
    except (RuntimeError, ValueError, OSError) as error:  # RuntimeError is what the SDK raises when nobody listens
        found = f"{where} does not take us in ({str(error).strip().splitlines()[0]})"
        if profile is None and not await _listens(settings.temporal_address):
            found = f"nobody listens at {where}"
        return [problem("engine", found, _way_in(cluster)), *_not_looked_at()]
    where = client.service_client.config.target_host
    try:
        namespace = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=WITHIN
        )
    except RPCError as error:
        return [_no_namespace(client, where, error, cluster), *_not_looked_at()]
    return [
        ok("engine", f"Temporal {await _version(client)} at {where}, namespace {client.namespace!r}"),
        _retention(namespace, client.namespace, cluster),
        await _attributes(client, cluster),
        await _engine_clock(client, now),
    ]


async def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(WITHIN.total_seconds()):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError, UnicodeError):
        return False
    writer.close()
    return True


def _way_in(cluster: bool) -> str:
    if cluster:
        return "Check CASELOOM_TEMPORAL_ADDRESS, _TLS, _API_KEY or _PROFILE, and that the cluster runs."
    return "Start Caseloom with `starter.py up`; if it runs on another port, add --temporal-port."


def _not_looked_at() -> list[Finding]:
    return [
        warning(check, "not looked at, because the engine is not ready", "Mend the engine first.")
        for check in ("retention", "search attributes", "clock of the engine")
    ]


def _no_namespace(client: Client, where: str, error: RPCError, cluster: bool) -> Finding:
    name = client.namespace
    if error.status is RPCStatusCode.NOT_FOUND:
        return problem(
            "engine",
            f"{where} has no namespace {name!r}",
            f"Make it (`temporal operator namespace create --namespace {name} --retention 90d`), or name another one "
            "with CASELOOM_TEMPORAL_NAMESPACE.",
        )
    if error.status in REFUSED:
        return problem(
            "engine", f"{where} does not let us into {name!r}", "Check CASELOOM_TEMPORAL_API_KEY and its rights."
        )
    return problem("engine", f"{where} does not describe {name!r} ({error.message})", _way_in(cluster))


async def _version(client: Client) -> str:
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=WITHIN)
    return info.server_version


def _retention(namespace: DescribeNamespaceResponse, name: str, cluster: bool) -> Finding:
    kept = namespace.config.workflow_execution_retention_ttl.ToTimedelta()
    found = f"what has ended is kept for {kept / timedelta(days=1):g} days"
    if kept >= SHORT_RETENTION:
        return ok("retention", found)
    way_out = "Set CASELOOM_TEMPORAL_RETENTION_DAYS (90 unless set), and start Caseloom again."
    if cluster:
        way_out = f"`temporal operator namespace update --namespace {name} --retention 90d` keeps it for longer."
    return warning("retention", found, way_out)


async def _attributes(client: Client, cluster: bool) -> Finding:
    check = "search attributes"
    try:
        answer = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), timeout=WITHIN
        )
    except RPCError as error:
        if error.status not in NOT_OFFERED:
            return problem(check, f"the engine does not list them ({error.message})", _way_in(cluster))
        wanted = ", ".join(f"{name} ({kind})" for name, kind in SEARCH_ATTRIBUTES.items())
        return warning(
            check, "the engine does not let us list them", f"See for yourself that these are there: {wanted}."
        )
    words = {value: word for word, value in KINDS.items()}
    there = {name: words.get(kind, str(kind)) for name, kind in answer.custom_attributes.items()}
    missing = [name for name in SEARCH_ATTRIBUTES if name not in there]
    wrong = [name for name, kind in SEARCH_ATTRIBUTES.items() if there.get(name, kind) != kind]
    if wrong:
        found = ", ".join(f"{name} is {there[name]} and should be {SEARCH_ATTRIBUTES[name]}" for name in wrong)
        return problem(check, found, "Rename it on the cluster, or take a namespace of its own for Caseloom.")
    if missing:
        way_out = "Start Caseloom again, which registers them."
        if cluster:
            options = " ".join(f"--name {name} --type {SEARCH_ATTRIBUTES[name]}" for name in missing)
            way_out = (
                f"`temporal operator search-attribute create --namespace {client.namespace} {options}` makes them."
            )
        return problem(check, f"missing: {', '.join(missing)}", way_out)
    return ok(check, f"all {len(SEARCH_ATTRIBUTES)} are registered")


async def _engine_clock(client: Client, now: Callable[[], datetime]) -> Finding:
    """The engine tells its time nowhere but in what it notes: here when somebody came for tasks that never come."""
    check, identity = "clock of the engine", f"doctor-{uuid4()}"
    queue = TaskQueue(name=PROBE_QUEUE)
    before = now()
    waiting = asyncio.create_task(
        client.workflow_service.poll_workflow_task_queue(
            PollWorkflowTaskQueueRequest(namespace=client.namespace, task_queue=queue, identity=identity),
            timeout=WITHIN,
        )
    )
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=queue, task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    )
    try:
        async with asyncio.timeout(HEARD_WITHIN):
            while True:
                answer = await client.workflow_service.describe_task_queue(asked, timeout=WITHIN)
                for poller in answer.pollers:
                    if poller.identity == identity:
                        return clock_finding(check, before, poller.last_access_time.ToDatetime(UTC), now())
                await asyncio.sleep(0.05)
    except (TimeoutError, RPCError):
        return warning(
            check,
            "the engine does not tell its time",
            "See for yourself that the clocks of its machines are set by NTP.",
        )
    finally:
        waiting.cancel()
        with suppress(asyncio.CancelledError, RPCError):
            await waiting
