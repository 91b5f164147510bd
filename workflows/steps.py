"""A short database step: a local activity first, and an ordinary one when that keeps failing (design, "A mail's way" 4)."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

from models.messages.cases import (
    CaseSnapshot,
    CommandInput,
    DeliveryInput,
    LapseInput,
    Outcome,
    StepInput,
    StepKind,
)

LOCAL_TIMEOUT = timedelta(seconds=2)
LOCAL_TRIES = RetryPolicy(initial_interval=timedelta(milliseconds=100), backoff_coefficient=2.0, maximum_attempts=3)
"""As many as a fault of ours gets before the step is set aside (`cases/attempts.py`)."""
ORDINARY_TIMEOUT = timedelta(seconds=10)
ORDINARY_TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Without an end: only a database that is away comes so far, and the step is visible in the Temporal UI meanwhile."""

Given = StepInput | CommandInput | DeliveryInput | LapseInput

EARLIER_NAMES = {
    StepKind.LOAD: "load_case",
    StepKind.OPEN: "open_case",
    StepKind.COMMAND: "apply_command",
    StepKind.DELIVER: "apply_delivery",
    StepKind.LAPSE: "lapse_clocks",
}
"""By which runs that release 0.1.0 began ask for their steps."""


async def step(kind: StepKind, given: Given, name: str, *, release: int) -> Outcome:
    """Run one idempotent transaction. Local: 2 s, three tries. Then ordinary: 10 s, retried until the database is back.

    `name`: the business name of the step, which the Temporal UI shows. `release`: of the run that asks.
    """
    if release == 1:
        return await _earlier(kind, given, name)
    arguments = [kind.value, given]
    outcome: Outcome
    try:
        outcome = await workflow.execute_local_activity(
            name,
            args=arguments,
            result_type=Outcome,
            start_to_close_timeout=LOCAL_TIMEOUT,
            retry_policy=LOCAL_TRIES,
        )
        return outcome
    except FailureError as error:  # a local activity's own failure, not wrapped in an ActivityError (SDK 1.35, tried)
        _raise_if_cancelled(error, name)
    outcome = await workflow.execute_activity(
        name,
        args=arguments,
        result_type=Outcome,
        start_to_close_timeout=ORDINARY_TIMEOUT,
        retry_policy=ORDINARY_TRIES,
        summary=name,
    )
    return outcome


async def _earlier(kind: StepKind, given: Given, name: str) -> Outcome:
    answer = Outcome if kind is StepKind.COMMAND else CaseSnapshot
    try:
        answered = await workflow.execute_local_activity(
            EARLIER_NAMES[kind],
            given,
            result_type=answer,
            start_to_close_timeout=LOCAL_TIMEOUT,
            retry_policy=LOCAL_TRIES,
            summary=name,
        )
    except FailureError as error:
        _raise_if_cancelled(error, name)
        answered = await workflow.execute_activity(
            EARLIER_NAMES[kind],
            given,
            result_type=answer,
            start_to_close_timeout=ORDINARY_TIMEOUT,
            retry_policy=ORDINARY_TRIES,
            summary=name,
        )
    return answered if isinstance(answered, Outcome) else Outcome(snapshot=answered)


def _raise_if_cancelled(error: FailureError, name: str) -> None:
    if is_cancelled_exception(error):
        raise error
    workflow.logger.warning("local step failed three times, goes on as an ordinary activity: %s", name)
