"""A real Temporal server whose clock stands still for each workflow until a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from models.messages.names import SEARCH_ATTRIBUTES
from servers.temporal import temporal_binary

DYNAMIC_CONFIG = {
    "frontend.WorkflowTimeSkippingEnabled": "true",  # else every start fails as UNIMPLEMENTED
    "history.timerProcessorMaxTimeShift": '"10ms"',  # a skip takes 0.05 s instead of a second
    "history.workflowIdReuseMinimalInterval": '"0s"',  # else a quick continue-as-new makes fast_forward overshoot
}


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    """The environment of all tests: `.client`, and `await .fast_forward(handle, timedelta)` for one workflow.

    Time is held by default. Isolate tests by fresh workflow ids and task queues; go a second past a deadline; forward a
    child, not its waiting parent. `fast_forward` returns False when the workflow ended before.
    """
    async with time_skipping_server() as environment:
        STARTED.append(environment)
        yield environment
        STARTED.clear()


STARTED: list[WorkflowEnvironment] = []
"""The server of this process, once a test has asked for it."""


@pytest.fixture(scope="module", autouse=True)
async def no_run_outlives_its_file() -> AsyncIterator[None]:
    """A run that a test leaves open would come up in the worker of another file's test, whose database lacks its rows."""
    yield
    for environment in STARTED:
        async for run in environment.client.list_workflows("ExecutionStatus = 'Running'"):
            with suppress(RPCError):  # it ended meanwhile
                await environment.client.get_workflow_handle(run.id, run_id=run.run_id).terminate("the test is over")


@asynccontextmanager
async def time_skipping_server(
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[WorkflowEnvironment]:
    """Such a server; `settings` are further dynamic configuration, key to JSON value."""
    config = {**DYNAMIC_CONFIG, **settings}
    extra = [word for key, value in config.items() for word in ("--dynamic-config-value", f"{key}={value}")]
    extra += [word for name, kind in SEARCH_ATTRIBUTES.items() for word in ("--search-attribute", f"{name}={kind}")]
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False, max_session_skip_count=5000),
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(temporal_binary()),
        dev_server_log_level="error",
        dev_server_extra_args=extra,
    )
    async with environment:
        yield environment
