"""When a run that is told of things leaves the rest to a new one."""

from __future__ import annotations

from temporalio import workflow

MOST_EVENTS = 500
"""Of a run that owns nothing. Where news comes in the moment in which a run continues as new, the engine refuses that, and has
the run read its whole history once more. With the 4,096 events after which the engine suggests it, a run that is told of things
all the time would not come to the end of its history before the next of them, on a machine that has other work."""


def is_long() -> bool:
    """Whether the run should go on as a new one now. Asked only by the run itself, never by a condition that it waits for."""
    info = workflow.info()
    if info.is_continue_as_new_suggested():
        return True
    # Runs that were longer already when this came in go on until the engine suggests it.
    return info.get_current_history_length() >= MOST_EVENTS and workflow.patched("short-runs")
