"""Failpoints: named places where a fault run ends the process, or stops it while it harms a server. Off unless armed."""

from __future__ import annotations

import os
import signal
from collections import deque
from dataclasses import dataclass
from pathlib import Path

STOP = "stop"


@dataclass
class _Arm:
    left: int
    stops: bool


_armed: dict[str, deque[_Arm]] = {}
_told: Path | None = None


def arm(setting: str, told: Path | None = None) -> None:
    """Arm from `name`, `name:nth` or `name:nth:stop`, comma separated.

    When the process is at `name` for the nth time, it is killed; with `stop` it writes the name into the file `told`
    and stops (SIGSTOP), until somebody lets it go on (SIGCONT). A setting that lies in the file `orders(told)` by then
    takes the place of this one. What is armed at the same place later in the setting counts from there. Raises
    ValueError for any other words.
    """
    global _told
    _armed.clear()
    _told = told
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, nth, action, *rest = [*part.split(":"), "", ""]
        if any(rest) or action not in ("", STOP) or (nth and not nth.isdecimal()):
            raise ValueError(f"failpoints: {part!r} is not name, name:nth or name:nth:stop")
        if action == STOP and told is None:
            raise ValueError(f"failpoints: {part!r} needs a file that says where the process stopped")
        _armed.setdefault(name, deque()).append(_Arm(int(nth or 1), action == STOP))


def orders(told: Path) -> Path:
    """Where whoever reads `told` may leave what is to be armed next."""
    return told.with_name(f"{told.name}.next")


def failpoint(name: str) -> None:
    """End or stop this process if `name` is armed and its count has run out."""
    arms = _armed.get(name)
    if not arms:
        return
    arms[0].left -= 1
    if arms[0].left > 0:
        return
    if arms.popleft().stops and _told is not None:
        # Whole or not at all: somebody waits for this file.
        partial = _told.with_name(f"{_told.name}.part")
        partial.write_text(name)
        partial.rename(_told)
        os.kill(os.getpid(), signal.SIGSTOP)
        if (ordered := orders(_told)).exists():
            setting = ordered.read_text()
            ordered.unlink()
            arm(setting, _told)
    else:
        os.kill(os.getpid(), signal.SIGKILL)
