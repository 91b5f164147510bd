from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]

ORPHAN = "import subprocess; print(subprocess.Popen(['sleep', '60'], stdout=-3, start_new_session=True).pid)"
"""Ends at once and leaves a process behind that is no child of the run."""


@pytest.mark.parametrize(
    "leave",
    [
        "subprocess.Popen(['sleep', '60']).pid",
        f"int(subprocess.run([sys.executable, '-c', {ORPHAN!r}], stdout=-1).stdout)",
    ],
)
def test_a_process_left_behind_fails_the_run_and_is_ended(tmp_path: Path, leave: str) -> None:
    careless = tmp_path / "test_careless.py"
    careless.write_text(
        "import pathlib, subprocess, sys, time\n"
        "def test_careless():\n"
        f"    pid = {leave}\n"
        # A program that is just being loaded has no environment yet, and `Popen` is back before it has one.
        "    while not pathlib.Path(f'/proc/{pid}/environ').read_bytes():\n"
        "        time.sleep(0.01)\n"
        f"    pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(pid))\n"
    )
    options = ["-p", "tests.support.isolation", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--rootdir", str(tmp_path), "-c", "/dev/null", *options, str(careless)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    pid = int((tmp_path / "pid").read_text())
    assert run.returncode == 1, run.stdout
    assert "processes left running" in run.stdout
    assert f"{pid} sleep 60" in run.stdout
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
