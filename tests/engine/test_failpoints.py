from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.failpoints import arm, orders

ROOT = Path(__file__).parents[2]
WITHIN = 20.0
CHILD = """
import sys
from pathlib import Path
from engine.failpoints import arm, failpoint
arm(sys.argv[1], Path(sys.argv[2]))
for number in range(1, 6):
    failpoint("a")
    failpoint("b")
    print(number, flush=True)
"""


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def _start(setting: str, told: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, setting, str(told)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."})


def test_it_dies_at_the_nth_time(tmp_path: Path) -> None:
    child = _start("a:3", tmp_path / "told")
    said, _ = child.communicate(timeout=WITHIN)
    assert (said.split(), child.returncode) == (["1", "2"], -signal.SIGKILL)


def test_it_stops_says_where_and_goes_on_until_the_next(tmp_path: Path) -> None:
    told = tmp_path / "told"
    child = _start("a:2:stop, b:1:stop, a:2:stop, b:4", told)
    for place in ("b", "a", "a"):
        end = time.monotonic() + WITHIN
        while not told.exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        pid, status = os.waitpid(child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert told.read_text() == place
        told.unlink()
        os.kill(pid, signal.SIGCONT)
    said, _ = child.communicate(timeout=WITHIN)
    assert said.split() == ["1", "2", "3", "4"]
    assert child.returncode == -signal.SIGKILL


def test_while_it_stands_it_can_be_armed_anew(tmp_path: Path) -> None:
    told = tmp_path / "told"
    child = _start("a:1:stop,b:1", told)
    pid, status = os.waitpid(child.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    orders(told).write_text("b:3")
    os.kill(pid, signal.SIGCONT)
    said, _ = child.communicate(timeout=WITHIN)
    assert said.split() == ["1", "2"]
    assert not orders(told).exists()
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("setting", ["a:x", "a:1:halt", "a:1:stop:2", "a:-1"])
def test_other_words_are_refused(setting: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not name, name:nth or name:nth:stop"):
        arm(setting, tmp_path / "told")


def test_a_stop_must_be_told_somewhere() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        arm("a:1:stop")
