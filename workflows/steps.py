"""A short database step: a local activity first, and an ordinary one when that keeps failing (design, mail's way 4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

In = TypeVar("In")
Out = TypeVar("Out")

LOCAL_TIMEOUT = timedelta(seconds=2)
LOCAL_TRIES = RetryPolicy(initial_interval=timedelta(milliseconds=100), backoff_coefficient=2.0, maximum_attempts=3)
ORDINARY_TIMEOUT = timedelta(seconds=10)
ORDINARY_TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: a broken step stays visible in the Temporal UI, is repaired, and goes on."""


async def step(activity: Callable[[Any, In], Awaitable[Out]], argument: In, summary: str) -> Out:
    """Run one idempotent transaction. Local: 2 s, three tries. Then ordinary: 10 s, retried until it holds."""
    try:
        return await workflow.execute_local_activity_method(
            activity,
            argument,
            start_to_close_timeout=LOCAL_TIMEOUT,
            retry_policy=LOCAL_TRIES,
            summary=summary,
        )
    except FailureError as error:  # a local activity's own failure, not wrapped in an ActivityError (SDK 1.35, tried)
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("local step failed three times, goes on as an ordinary activity: %s", summary)
    return await workflow.execute_activity_method(
        activity,
        argument,
        start_to_close_timeout=ORDINARY_TIMEOUT,
        retry_policy=ORDINARY_TRIES,
        summary=summary,
    )
