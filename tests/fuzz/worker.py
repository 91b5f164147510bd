"""One process that works through its share of the inputs, and tells of each what it took. It may die: that is told, too."""

import gc
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from mail.isolated import CPU_SECONDS, MEMORY, suspicious
from tests.fuzz.inputs import Inputs
from tests.fuzz.invariants import check

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
COPIES_ONE_IN = 8
IN_PLACE_SECONDS = 2.0
"""Of CPU, for what `parse_safely` reads without a process of its own."""
IN_PLACE_MEMORY = 256 * 1024 * 1024


class Outcome(NamedTuple):
    """`seconds` of CPU and `memory` (the peak above what the process held before) for reading and checking an input."""

    number: int
    size: int
    readable: bool
    isolated: bool
    seconds: float
    memory: int
    problem: str | None


def work(seed: int, first: int, step: int, until: float, most: int, pipe: Connection) -> None:
    """Inputs `first`, `first + step`, ..., as long as the wall clock is below `until` and `number` below `most`."""
    inputs = Inputs(seed)
    number = first
    while number < most and time.time() < until:
        pipe.send(number)  # so that the parent knows what it was if this process dies
        pipe.send(examine(number, inputs.make(number)))
        number += step
    pipe.send(None)


def examine(number: int, raw: bytes) -> Outcome:
    """Check one input and what it costs."""
    problem, mail = None, None
    isolated = suspicious(raw)
    _forget_peak()
    before, started = _memory("VmRSS"), time.process_time()
    try:
        mail = check(raw, copies=number % COPIES_ONE_IN == 0)
    except Exception:  # noqa: BLE001 whatever comes out is the finding
        problem = traceback.format_exc(limit=-3)
    seconds = time.process_time() - started
    memory = max(0, _memory("VmHWM") - before)
    if problem is None and seconds > (CPU_SECONDS if isolated else IN_PLACE_SECONDS):
        problem = f"{seconds:.1f} s of CPU"
    if problem is None and memory > (MEMORY if isolated else IN_PLACE_MEMORY):
        problem = f"{memory >> 20} MB"
    outcome = Outcome(number, len(raw), mail is not None, isolated, seconds, memory, problem)
    if memory > IN_PLACE_MEMORY // 4:
        del mail
        gc.collect()
    return outcome


def _forget_peak() -> None:
    if CLEAR.exists():
        CLEAR.write_text("5")  # Linux, proc(5): the high-water mark begins again


def _memory(which: str) -> int:
    """Bytes; 0 where the system has no /proc."""
    if not STATUS.exists():
        return 0
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(which))
    return int(line.split()[1]) * 1024
