"""Runs the workers that poll the task queues: `python worker.py [--queue cases ...]`. Many may run side by side."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack

import dev

if __name__ == "__main__":
    dev.enter("worker.py")

import structlog

from bootstrap import ensure_running, make_workers, open_house
from models.messages.names import CASES_QUEUE, MAIL_IN_QUEUE, MAIL_OUT_QUEUE
from settings import Settings
from starting.failures import sentence
from starting.garbage import keep_what_has_started
from starting.logs import log_errors_of, log_to_terminal
from starting.rows import database_of

QUEUES = (CASES_QUEUE, MAIL_IN_QUEUE, MAIL_OUT_QUEUE)
log = structlog.get_logger(__name__)


async def run(settings: Settings, queues: tuple[str, ...]) -> None:
    """Poll until SIGTERM or SIGINT, then let running activities end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    log_errors_of(loop)
    async with database_of(settings):
        pass  # It is there, and of this version.
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    async with open_house(settings) as house, AsyncExitStack() as stack:
        for worker in make_workers(house, queues=queues):
            await stack.enter_async_context(worker)
        await ensure_running(house)
        keep_what_has_started()
        log.info("workers poll", queues=queues, temporal=settings.temporal_address)
        await stop.wait()
        log.info("workers stop; running activities end first")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queue", action="append", choices=QUEUES, help="poll only this task queue (repeatable)")
    queues = tuple(parser.parse_args().queue or QUEUES)
    log_to_terminal()
    try:
        asyncio.run(run(Settings(), queues))
    except Exception as error:
        words = sentence(error) or (str(error) if isinstance(error, OSError | RuntimeError | ValueError) else None)
        if words is None:
            raise
        print(f"worker: {words}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
