"""A disk that takes nothing more, for real: the operating system refuses every byte that this process would write."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.testing import capture_logs


@contextmanager
def full_disk(pid: int = 0) -> Iterator[None]:
    """Files of the process cannot grow, whoever writes them: our code, SQLite, or a library. Sockets and pipes can.

    As with a full disk, `write` fails (EFBIG where a full disk has ENOSPC), and goes well again afterwards. Of our own process
    the log is taken elsewhere meanwhile: pytest keeps what is printed in a file.
    """
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with capture_logs():
            yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
