"""Ports on 127.0.0.1: everything that Caseloom starts listens there alone."""

from __future__ import annotations

import errno
import os
import socket
import sys
from secrets import randbelow

from servers.errors import PortTaken

LOCALHOST = "127.0.0.1"


def free_port(host: str = LOCALHOST) -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


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
