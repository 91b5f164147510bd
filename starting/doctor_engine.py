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
from models.messages.said import joined, said, word
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
    where = (
        settings.temporal_address
        if profile is None
        else said("the address of the profile {profile!r}", profile=profile)
    )
    try:
        async with asyncio.timeout(WITHIN.total_seconds()):
            client = await connect(settings)
    except TimeoutError:
        return [problem(word("engine"), said("no answer at {where}", where=where), _way_in(cluster)), *_not_looked_at()]
    except (RuntimeError, ValueError, OSError) as error:  # RuntimeError is what the SDK raises when nobody listens
        found = said("{where} does not take us in ({error})", where=where, error=str(error).strip().splitlines()[0])
        if profile is None and not await _listens(settings.temporal_address):
            found = said("nobody listens at {where}", where=where)
        return [problem(word("engine"), found, _way_in(cluster)), *_not_looked_at()]
    where = client.service_client.config.target_host
    try:
        namespace = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=WITHIN
        )
    except RPCError as error:
        return [_no_namespace(client, where, error, cluster), *_not_looked_at()]
    return [
        ok(
            word("engine"),
            said(
                "Temporal {version} at {where}, namespace {namespace!r}",
                version=await _version(client),
                where=where,
                namespace=client.namespace,
            ),
        ),
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
        return said("Check CASELOOM_TEMPORAL_ADDRESS, _TLS, _API_KEY or _PROFILE, and that the cluster runs.")
    return said("Start Caseloom with `starter.py up`; if it runs on another port, add --temporal-port.")


def _not_looked_at() -> list[Finding]:
    return [
        warning(check, said("not looked at, because the engine is not ready"), said("Mend the engine first."))
        for check in (word("retention"), word("search attributes"), word("clock of the engine"))
    ]


def _no_namespace(client: Client, where: str, error: RPCError, cluster: bool) -> Finding:
    name = client.namespace
    if error.status is RPCStatusCode.NOT_FOUND:
        return problem(
            word("engine"),
            said("{where} has no namespace {name!r}", where=where, name=name),
            said(
                "Make it (`temporal operator namespace create --namespace {name} --retention 90d`), or name "
                "another one with CASELOOM_TEMPORAL_NAMESPACE.",
                name=name,
            ),
        )
    if error.status in REFUSED:
        return problem(
            word("engine"),
            said("{where} does not let us into {name!r}", where=where, name=name),
            said("Check CASELOOM_TEMPORAL_API_KEY and its rights."),
        )
    return problem(
        word("engine"),
        said("{where} does not describe {name!r} ({message})", where=where, name=name, message=error.message),
        _way_in(cluster),
    )


async def _version(client: Client) -> str:
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=WITHIN)
    return info.server_version


def _retention(namespace: DescribeNamespaceResponse, name: str, cluster: bool) -> Finding:
    kept = namespace.config.workflow_execution_retention_ttl.ToTimedelta()
    found = said("what has ended is kept for {kept:g} days", kept=kept / timedelta(days=1))
    if kept >= SHORT_RETENTION:
        return ok(word("retention"), found)
    way_out = said("Set CASELOOM_TEMPORAL_RETENTION_DAYS (90 unless set), and start Caseloom again.")
    if cluster:
        way_out = said(
            "`temporal operator namespace update --namespace {name} --retention 90d` keeps it for longer.", name=name
        )
    return warning(word("retention"), found, way_out)


async def _attributes(client: Client, cluster: bool) -> Finding:
    check = word("search attributes")
    try:
        answer = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), timeout=WITHIN
        )
    except RPCError as error:
        if error.status not in NOT_OFFERED:
            return problem(
                check, said("the engine does not list them ({message})", message=error.message), _way_in(cluster)
            )
        wanted = ", ".join(f"{name} ({kind})" for name, kind in SEARCH_ATTRIBUTES.items())
        return warning(
            check,
            said("the engine does not let us list them"),
            said("See for yourself that these are there: {wanted}.", wanted=wanted),
        )
    words = {value: word for word, value in KINDS.items()}
    there = {name: words.get(kind, str(kind)) for name, kind in answer.custom_attributes.items()}
    missing = [name for name in SEARCH_ATTRIBUTES if name not in there]
    wrong = [name for name, kind in SEARCH_ATTRIBUTES.items() if there.get(name, kind) != kind]
    if wrong:
        found = joined(
            said(
                "{name} is {there} and should be {search_attributes}",
                name=name,
                there=there[name],
                search_attributes=SEARCH_ATTRIBUTES[name],
            )
            for name in wrong
        )
        return problem(check, found, said("Rename it on the cluster, or take a namespace of its own for Caseloom."))
    if missing:
        way_out = said("Start Caseloom again, which registers them.")
        if cluster:
            options = " ".join(f"--name {name} --type {SEARCH_ATTRIBUTES[name]}" for name in missing)
            way_out = said(
                "`temporal operator search-attribute create --namespace {namespace} {options}` makes them.",
                namespace=client.namespace,
                options=options,
            )
        return problem(check, said("missing: {missing}", missing=joined(missing)), way_out)
    return ok(check, said("all {count} are registered", count=len(SEARCH_ATTRIBUTES)))


async def _engine_clock(client: Client, now: Callable[[], datetime]) -> Finding:
    """The engine tells its time nowhere but in what it notes: here when somebody came for tasks that never come."""
    check, identity = said("clock of the engine"), f"doctor-{uuid4()}"
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
            said("the engine does not tell its time"),
            said("See for yourself that the clocks of its machines are set by NTP."),
        )
    finally:
        waiting.cancel()
        with suppress(asyncio.CancelledError, RPCError):
            await waiting
