"""Failpoints: named places where a fault run ends the process, as a machine's death would. Off unless armed."""

from __future__ import annotations

import os
import signal

_armed: dict[str, int] = {}


def arm(setting: str) -> None:
    """Arm from `name` or `name:nth`, comma separated: the process is killed when it is there the nth time."""
    _armed.clear()
    for part in filter(None, setting.split(",")):
        name, _, nth = part.partition(":")
        _armed[name.strip()] = int(nth or 1)


def failpoint(name: str) -> None:
    """`kill -9` this process if `name` is armed and its count has run out."""
    left = _armed.get(name)
    if left is None:
        return
    if left > 1:
        _armed[name] = left - 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
