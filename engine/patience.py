"""How long a worker waits for the code of a workflow before it takes it for stuck."""

from __future__ import annotations

from temporalio.worker import Worker

STUCK_AFTER = 60.0
"""Seconds. Ours takes milliseconds; what takes longer is a machine that gives its thread no time."""


def patient(worker: Worker) -> Worker:
    """The same worker, which gives up later than the SDK's.

    The SDK gives up after 2 seconds and has no option for it (sdk-python#1614). It then throws an exception into the thread,
    wherever that is, and ends the run from another one beside it: on a machine under load a run was left so that could neither go
    on nor be ended, and its case stood still until the worker was started anew.
    """
    of_workflows = worker._workflow_worker
    if of_workflows is not None:
        of_workflows._deadlock_timeout_seconds = STUCK_AFTER  # type: ignore[assignment]  # annotated by its first value, an int
    return worker
