"""No log holds what a customer wrote, whoever writes the line: errors are told by their kind and their frames."""

from __future__ import annotations

import asyncio
import gc
import logging
import sqlite3
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from starting.logs import LONGEST_LINE, log_errors_of, log_to, without_words
from tests.starting.started import ROOT
from tests.support.disks import full_disk

MARKER = "casey@customer.example"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level, shown = root.handlers[:], root.level, warnings.showwarning
    hooks = threading.excepthook, sys.unraisablehook, structlog.get_config()
    for each in handlers:
        root.removeHandler(each)
    try:
        log_to(tmp_path / "caseloom.log")
        yield tmp_path / "caseloom.log"
    finally:
        for each in root.handlers[:]:
            root.removeHandler(each)
            each.close()
        root.handlers[:], root.level, warnings.showwarning = handlers, level, shown
        threading.excepthook, sys.unraisablehook = hooks[0], hooks[1]
        structlog.configure(**hooks[2])


def fail() -> None:
    try:
        raise LookupError(f"no customer {MARKER}")
    except LookupError as error:
        raise ValueError(f"{MARKER} is none") from error


def violate() -> None:
    with closing(sqlite3.connect(":memory:")) as there:
        there.execute("CREATE TABLE t (a UNIQUE)")
        try:
            there.execute("INSERT INTO t VALUES (:a)", {"a": MARKER})
            there.execute("INSERT INTO t VALUES (:a)", {"a": MARKER})
        except sqlite3.IntegrityError as error:
            raise IntegrityError("INSERT INTO t", {"a": MARKER}, error) from error


def raised(by: Callable[[], None]) -> BaseException:
    try:
        by()
    except (ValueError, IntegrityError) as error:
        return error
    raise AssertionError


def by_exc_info() -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("temporalio.activity").warning("Completing activity as failed", exc_info=True)


def by_argument() -> None:
    logging.getLogger("uvicorn.error").error("it failed: %s", raised(fail))
    logging.getLogger("uvicorn.error").error("it failed: %(why)s", {"why": raised(fail)})


def by_the_message_itself() -> None:
    logging.getLogger("library").error(raised(violate))


def by_structlog() -> None:
    try:
        violate()
    except IntegrityError:
        structlog.get_logger("ours").exception("it failed")
    structlog.get_logger("ours").error("it failed", error=raised(fail))


def by_a_thread() -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def by_a_finaliser() -> None:
    class Odd:
        def __del__(self) -> None:
            fail()

    Odd()
    gc.collect()


def by_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = shown
        warnings.warn(f"expected a number but got {MARKER}", UserWarning, stacklevel=1)


def by_a_task_that_nobody_awaits() -> None:
    async def run() -> None:
        log_errors_of(asyncio.get_running_loop())

        async def failing() -> None:
            fail()

        asyncio.get_running_loop().create_task(failing())
        asyncio.get_running_loop().call_soon(_call_with, MARKER)
        await asyncio.sleep(0.01)
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(run())


def _call_with(_value: str) -> None:
    fail()


shown = warnings.showwarning
WAYS = (
    by_exc_info,
    by_argument,
    by_the_message_itself,
    by_structlog,
    by_a_thread,
    by_a_finaliser,
    by_a_warning,
    by_a_task_that_nobody_awaits,
)


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_logging_an_error_tells_its_words(
    file: Path, way: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    global shown
    shown = warnings.showwarning
    way()
    logged = file.read_text()
    assert logged, "nothing was logged at all"
    assert MARKER not in logged + "".join(capfd.readouterr())
    assert "Error" in logged or "Warning" in logged


def test_kinds_and_frames_of_an_error_and_its_causes_are_told(file: Path) -> None:
    by_exc_info()
    logged = file.read_text()
    assert "temporalio.activity: Completing activity as failed" in logged
    assert logged.index("LookupError") < logged.index("ValueError")
    assert "in fail" in logged
    assert without_words(raised(violate)).endswith("IntegrityError (IntegrityError)")


def test_a_line_has_its_bounds(file: Path) -> None:
    logging.getLogger("library").error("x" * 1_000_000)
    assert LONGEST_LINE < len(file.read_text()) < LONGEST_LINE + 100


def test_a_log_on_a_full_disk_stops_nobody_and_tells_no_values(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with full_disk():
        logging.getLogger("library").error("for %s", MARKER)
        structlog.get_logger("ours").error("for", who=MARKER)
    logging.getLogger("library").error("the disk has room again")
    assert "has room again" in file.read_text()
    assert MARKER not in "".join(capfd.readouterr())


def test_a_worker_by_itself_logs_without_words_too(tmp_path: Path) -> None:
    """Its output is somebody else's to keep."""
    code = (
        "from starting.logs import log_to_terminal\nimport logging\nlog_to_terminal()\n"
        f"try:\n    raise ValueError({MARKER!r})\nexcept ValueError:\n    logging.exception('it failed')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "it failed" in ended.stderr
    assert MARKER not in ended.stderr.replace(f"raise ValueError({MARKER!r})", "")
