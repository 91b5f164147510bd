"""What the hostile mails of full size take, each in the process of its own in which `parse_safely` reads such mails."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from mail.isolated import CPU_SECONDS, MEMORY
from tests.fuzz import hostile

ROOT = Path(__file__).parents[2]


WRITE = "import sys; from tests.fuzz.hostile import BY_NAME; sys.stdout.buffer.write(BY_NAME[sys.argv[1]](1.0))"


def table() -> str:
    """A table in Markdown: the mail, its size, what becomes of it, CPU seconds and the most memory of the process."""
    lines = ["| mail | MB | becomes | CPU, s | memory, MB |", "|---|---|---|---|---|"]
    for name in hostile.BY_NAME:
        with tempfile.TemporaryFile() as raw:
            # Not made here: Linux counts what this process holds as the child's, too.
            subprocess.run([sys.executable, "-c", WRITE, name], cwd=ROOT, stdout=raw, check=True)
            size = raw.seek(0, os.SEEK_END)
            raw.seek(0)
            becomes, seconds, memory = measure(raw)
        lines.append(f"| `{name}` | {size / 1e6:.1f} | {becomes} | {seconds:.1f} | {memory / 1e6:.0f} |")
    return "\n".join(lines)


def measure(raw: IO[bytes]) -> tuple[str, float, int]:
    """How reading it in a process of its own ends, what CPU seconds that takes, and the most bytes that it holds."""
    with tempfile.TemporaryFile() as told:
        command = [sys.executable, "-m", "mail.isolated", str(CPU_SECONDS), str(MEMORY)]
        child = subprocess.Popen(command, cwd=ROOT, stdin=raw, stdout=told, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        answer = told.read(200)
    if child.returncode != 0:
        becomes = f"unparseable (ended by signal {-child.returncode})"
    elif answer.startswith(b"!"):
        becomes = answer[3:].split(b'"')[0].decode()
    else:
        becomes = "read"
    return becomes, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
