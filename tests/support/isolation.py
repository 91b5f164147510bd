"""The run ends with no process of its own left behind, not even one whose parent was killed on purpose."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import psutil
import pytest
import structlog

MARK = "CASELOOM_TEST_RUN"
"""An environment variable that children inherit, also those that a killed parent left to the init process."""

GRACE = 3.0
"""Seconds for processes that were told to end."""


@pytest.fixture(scope="session", autouse=True)
def no_process_left_behind() -> Iterator[None]:
    """Being autouse, this is set up before every other session fixture and torn down after them."""
    run = os.environ[MARK] = str(uuid.uuid4())
    yield
    _, alive = psutil.wait_procs(_processes_of(run), timeout=GRACE)
    names = [f"{process.pid} {' '.join(process.cmdline())[:120]}" for process in alive if process.is_running()]
    for process in alive:
        process.kill()
    assert not names, "processes left running:\n" + "\n".join(names)


def _processes_of(run: str) -> list[psutil.Process]:
    # Children too, because PostgreSQL overwrites its environment with its title.
    me = psutil.Process()
    found = {process.pid: process for process in me.children(recursive=True)}
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == run and process.pid != me.pid:
                found[process.pid] = process
        except psutil.Error:  # gone meanwhile, or another user's
            continue
    return [process for process in found.values() if _matters(process)]


def _matters(process: psutil.Process) -> bool:
    try:
        # Python's own helpers of multiprocessing end with this interpreter.
        command = " ".join(process.cmdline())
        helper = "multiprocessing.resource_tracker" in command or "multiprocessing.forkserver" in command
        return process.status() != psutil.STATUS_ZOMBIE and not helper
    except psutil.Error:
        return False


@pytest.fixture(autouse=True)
def _logs_go_where_they_went() -> Iterator[None]:
    """A command that is called within a test may send the logs to that test's own output, which is closed afterwards."""
    yield
    structlog.reset_defaults()
