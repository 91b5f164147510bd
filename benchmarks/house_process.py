"""The house in a process of its own: `python -m benchmarks.house_process DATA TEMPORAL_PORT API_PORT CACHED_CASES`.

Housekeeping is left out, because a round must not depend on when it looks; mailboxes are started by the
measurements. The baselines' workflows run on a worker that `make_workers` makes, with the SDK's default runner, so that a
quicker one of ours counts as a gain and nothing else can differ.
SIGUSR1: collect garbage and say how much memory is resident.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from api.app import create_app
from benchmarks.empty import EMPTY_QUEUE, EmptyWorkflow, RestingWorkflow
from benchmarks.site import READY, RESIDENT, bench_settings
from bootstrap import WORKFLOWS, House, make_workers, open_house
from dev import SELDOM
from models.messages.names import CASES_QUEUE, MAIL_IN_QUEUE, MAIL_OUT_QUEUE
from settings import Settings
from starting.garbage import keep_what_has_started
from starting.web import serving


def workers_of(house: House) -> list[Worker]:
    """The house's workers as in production, and by the same function one for the baselines, with the SDK's own runner."""
    WORKFLOWS[EMPTY_QUEUE] = [EmptyWorkflow, RestingWorkflow]
    house.activities[EMPTY_QUEUE] = []
    baseline = make_workers(house, queues=(EMPTY_QUEUE,), runner=SandboxedWorkflowRunner())
    return [*make_workers(house, queues=(CASES_QUEUE, MAIL_IN_QUEUE, MAIL_OUT_QUEUE)), *baseline]


def say_resident() -> None:
    gc.collect()
    # What glibc keeps for later counts as resident, and varies by more than what is measured.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    print(RESIDENT, psutil.Process().memory_info().rss, flush=True)


async def run(settings: Settings) -> None:
    gc.set_threshold(SELDOM)  # as starter.py and worker.py have it
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, say_resident)
    async with open_house(settings) as house, AsyncExitStack() as stack:
        workers = workers_of(house)
        for worker in workers:
            await stack.enter_async_context(worker)
        await stack.enter_async_context(serving(create_app(house), settings.api_port))
        keep_what_has_started()
        print(READY, flush=True)
        await stop.wait()
        await asyncio.gather(*(worker.shutdown() for worker in workers))


if __name__ == "__main__":
    folder, temporal, api, cached = sys.argv[1:]
    asyncio.run(run(bench_settings(Path(folder), int(temporal), int(api), int(cached))))
