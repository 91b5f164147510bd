"""Ports on 127.0.0.1: everything that Caseloom starts listens there alone."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections import deque
from secrets import randbelow

from servers.errors import PortTaken

LOCALHOST = "127.0.0.1"


OURS = range(20000, 32768)
"""Where free ports are looked for: below those that an operating system gives to connections which go out (Linux has them
from 32768 on, Windows and macOS from 49152), so that none of these takes a port between the choice and its use. Browsers
refuse no port of these."""


_CHOSEN_OF_LATE: deque[int] = deque(maxlen=100)
"""A port is listened on a while after it is chosen; what is started meanwhile is given another one."""


def free_port(host: str = LOCALHOST) -> int:
    """A port that nobody listened on a moment ago, and none that this process has been given of late."""
    while True:
        port = OURS[randbelow(len(OURS))]
        if port not in _CHOSEN_OF_LATE and _can_be_bound(host, port):
            _CHOSEN_OF_LATE.append(port)
            return port


def _can_be_bound(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):  # EACCES: Windows keeps ranges of ports for itself
                return False
            raise
    return True


def hidden_address() -> tuple[str, int]:
    """An address of this machine for a server that only we speak to. On Linux all of 127/8 is this machine, so that a page
    in a browser, which may try ports of 127.0.0.1, does not find it."""
    host = f"127.{1 + randbelow(254)}.{randbelow(256)}.{1 + randbelow(254)}" if sys.platform == "linux" else LOCALHOST
    return host, free_port(host)


def check_free(port: int, what: str) -> None:
    """Raise `PortTaken`, naming `what` wanted the port ("the Temporal server"), unless it can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # Without it, connections of an earlier run that linger in TIME_WAIT would pass for a listener. On Windows
            # the same option would let two programs share the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = "is taken by another program: stop that program or choose another port"
            else:
                reason = f"cannot be used ({os.strerror(error.errno or 0)}): choose another port"
            raise PortTaken(f"Port {port} on {LOCALHOST}, wanted by {what}, {reason}.") from error
