"""Starting and stopping one child process that must not outlive us, and that ends when we say, not with Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

KILL_AFTER = 10.0
"""Seconds a server gets to end by itself before it is killed."""

CAN_LEASH: bool = sys.platform == "linux"

# Linux can tell a child that its parent died, also by SIGKILL. The request has to be made by the child: Python's own
# `preexec_fn` runs Python after a fork in a process full of threads (Temporal's and the database driver's), which may
# deadlock, so a small interpreter is put between. It asks after changing the user, because that change forgets the
# request, and it checks the parent once more, because it may have died before the request was made.
_LEASH = """
import ctypes, os, signal, sys
parent, user, group, *command = sys.argv[1:]
libc = ctypes.CDLL(None)
if user != "-":
    os.chdir("/"); os.setgroups([]); os.setgid(int(group)); os.setuid(int(user))
libc.prctl(1, int(signal.SIGTERM), 0, 0, 0)
if os.getppid() != int(parent):
    sys.exit(0)
os.execv(command[0], command)
"""


@dataclass(frozen=True)
class ProcessIdentity:
    """The user and group ids that a child runs as, for servers that refuse to be root."""

    user: int
    group: int


async def start_process(
    command: Sequence[str | Path],
    log_file: Path,
    *,
    identity: ProcessIdentity | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> asyncio.subprocess.Process:
    """Start `command` in a session of its own, writing to a new `log_file` (the one before it is kept as `.old`).

    It works in `folder` and has that `environment` alone; None: as the caller's.
    On Linux the child gets SIGTERM when the thread that called this ends, so call it from the main thread's loop.
    """
    words = [str(word) for word in command]
    user, group = (identity.user, identity.group) if identity else (None, None)
    if CAN_LEASH:
        ids = [str(user), str(group)] if identity else ["-", "-"]
        words = [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *ids, *words]
        user = group = None  # the leash changes them
    with _open_log(log_file) as log:
        return await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C goes to the terminal's whole group; the order of our shutdown must not depend on who hears first.
            start_new_session=True,
            user=user,
            group=group,
            cwd=folder,
            env=environment,
        )


def _open_log(log_file: Path) -> BinaryIO:
    log_file.parent.mkdir(parents=True, exist_ok=True)
    if log_file.exists():
        log_file.replace(log_file.with_name(log_file.name + ".old"))
    return log_file.open("wb")


async def stop_process(
    process: asyncio.subprocess.Process, *, with_signal: signal.Signals = signal.SIGTERM, kill_after: float = KILL_AFTER
) -> None:
    """Ask the process to end, kill it when it has not after `kill_after` seconds, and wait until it is gone."""
    if process.returncode is not None:
        return
    process.send_signal(with_signal)
    try:
        await asyncio.wait_for(process.wait(), kill_after)
    except TimeoutError:
        process.kill()
        await process.wait()
