"""A run: workers over the inputs, watched, and what they told put together."""

import multiprocessing
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any

from tests.fuzz.inputs import Inputs
from tests.fuzz.worker import Outcome, work

HANGS_AFTER = 60.0
"""Seconds by the clock that one input may take before its worker is ended."""


@dataclass
class Report:
    seed: int
    seconds: float = 0.0
    inputs: int = 0
    readable: int = 0
    isolated: int = 0
    octets: int = 0
    slowest: list[Outcome] = field(default_factory=list)
    largest: list[Outcome] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.inputs += 1
        self.readable += outcome.readable
        self.isolated += outcome.isolated
        self.octets += outcome.size
        self.slowest = sorted([*self.slowest, outcome], key=lambda each: -each.seconds)[:5]
        self.largest = sorted([*self.largest, outcome], key=lambda each: -each.memory)[:5]
        if outcome.problem:
            self.problems.append((outcome.number, outcome.problem))


class _Worker:
    def __init__(self, seed: int, first: int, step: int, until: float, most: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe: Connection
        self.pipe, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=work, args=(seed, first, step, until, most, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.number, self.since = first, time.monotonic()

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def run(seed: int, *, seconds: float, jobs: int = 1, most: int = 1 << 62, tell: Any = None) -> Report:
    """Inputs of `seed` until the time is up or `most` are done. `tell` is called with the report about every 10 s."""
    report, began = Report(seed), time.monotonic()
    until, told = time.time() + seconds, time.monotonic()
    workers = {_Worker(seed, first, jobs, until, most) for first in range(jobs)}
    try:
        while workers:
            ready = wait_for([worker.pipe for worker in workers], timeout=1.0)
            for worker in list(workers):
                if worker.pipe in ready:
                    ended = _listen(worker, report)
                else:
                    ended = None
                    if time.monotonic() - worker.since > HANGS_AFTER:
                        ended = f"hangs for more than {HANGS_AFTER:g} s"
                if ended is not None:
                    workers.discard(worker)
                    worker.end()
                if ended:
                    report.problems.append((worker.number, ended))
                    workers.add(_Worker(seed, worker.number + jobs, jobs, until, most))
            if tell is not None and time.monotonic() - told > 10:
                told = time.monotonic()
                report.seconds = told - began
                tell(report)
    finally:
        for worker in workers:
            worker.end()
    report.seconds = time.monotonic() - began
    return report


def _listen(worker: _Worker, report: Report) -> str | None:
    """Take one word of a worker: None: it goes on; "": it is done; else how it died."""
    try:
        word = worker.pipe.recv()
    except EOFError:
        worker.process.join()
        return f"the process died ({worker.process.exitcode})"
    if word is None:
        return ""
    if isinstance(word, Outcome):
        report.add(word)
    else:
        worker.number, worker.since = word, time.monotonic()
    return None


def save(report: Report, folder: Path) -> list[Path]:
    """The inputs with a problem, each as the mail and what went wrong; the first 50."""
    inputs, saved = Inputs(report.seed), []
    for number, problem in report.problems[:50]:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{report.seed}-{number}.eml"
        file.write_bytes(inputs.make(number))
        file.with_suffix(".txt").write_text(problem, encoding="utf-8", errors="replace")
        saved.append(file)
    return saved
