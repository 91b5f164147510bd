"""Parsing where it can do no harm: a mail that may be malicious is read in a process of its own.

A process per mail, not a pool: it starts in 0.2 s, it is rare, it dies with whatever the mail did to it, and none is
left over. The child limits its own memory and CPU time; the parent ends it when the time is up.
"""

import asyncio
import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mail.message import ParsedMail, UnreadableMail, UnreadableReason
from mail.parse import LARGEST_MAIL, parse

SECONDS = 20.0
"""Seconds by the clock that a mail may take, also on a machine that is busy with other things."""
CPU_SECONDS = 5
"""Seconds of processor time. The largest mail with an honest attachment takes about 1 s (docs/parsing.md)."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of address space (RLIMIT_AS) of the child."""
SMALL_MAIL = 1024 * 1024
SMALL_HEADERS = 64 * 1024
"""A mail with more bytes than this is read in a process of its own. The next two limits work in the same way."""
FEW_PARTS = 300
FEW_LEVELS = 60

CPU_EXCEEDED = getattr(signal, "SIGXCPU", 24)
ROOT = Path(__file__).resolve().parent.parent
# Two at a time: a flood of large mails must not take every core. (Threads that wait, so no event loop is bound.)
_waiting = ThreadPoolExecutor(max_workers=2, thread_name_prefix="isolated-mail")


async def parse_safely(raw: bytes, own_addresses: frozenset[str] = frozenset()) -> ParsedMail:
    """`mail.parse.parse`, off the event loop, and in a process of its own if the mail looks costly."""
    if suspicious(raw):
        return await parse_isolated(raw, own_addresses)
    return await asyncio.to_thread(parse, raw, own_addresses)


async def parse_isolated(
    raw: bytes,
    own_addresses: frozenset[str] = frozenset(),
    *,
    seconds: float = SECONDS,
    work: int = CPU_SECONDS,
    memory: int = MEMORY,
) -> ParsedMail:
    """`mail.parse.parse` in a child process; UnreadableMail also if it dies, takes longer than `seconds` by the clock
    or more than `work` seconds of CPU, or needs more than `memory` bytes of address space."""
    if len(raw) > LARGEST_MAIL:
        raise UnreadableMail(UnreadableReason.TOO_LARGE, f"{len(raw)} bytes, at most {LARGEST_MAIL}")
    return await asyncio.get_running_loop().run_in_executor(
        _waiting, _in_child, raw, own_addresses, seconds, work, memory
    )


def suspicious(raw: bytes) -> bool:
    """Whether reading the mail could take long: by its size, headers, parts and levels, counted without parsing."""
    if len(raw) > SMALL_MAIL:
        return True
    ends = [end for end in (raw.find(b"\n\n"), raw.find(b"\r\n\r\n")) if end >= 0]
    headers = min(ends, default=len(raw))
    return headers > SMALL_HEADERS or raw.count(b"\n--") > FEW_PARTS or raw.lower().count(b"boundary") > FEW_LEVELS


def _in_child(raw: bytes, own_addresses: frozenset[str], seconds: float, work: int, memory: int) -> ParsedMail:
    command = [sys.executable, "-m", "mail.isolated", str(work), str(memory), *sorted(own_addresses)]
    try:
        child = subprocess.run(command, input=raw, capture_output=True, cwd=ROOT, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableMail(UnreadableReason.UNPARSEABLE, f"not read within {seconds:g} s") from None
    if child.returncode == -CPU_EXCEEDED:
        raise UnreadableMail(UnreadableReason.UNPARSEABLE, f"reading it takes more than {work} s of work")
    if child.returncode != 0:
        raise UnreadableMail(UnreadableReason.UNPARSEABLE, f"reading it ended the process ({child.returncode})")
    if child.stdout.startswith(b"!"):
        reason, detail = json.loads(child.stdout[1:])
        raise UnreadableMail(UnreadableReason(reason), detail)
    return ParsedMail.model_validate_json(child.stdout)


def _limit(work: int, memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: only the parent's clock limits the child there
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (work, work + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(work: str, memory: str, *own_addresses: str) -> None:
    """The child: a mail on standard input, its JSON on standard output, or "!" and why it is unreadable."""
    _limit(int(work), int(memory))
    try:
        answer = parse(sys.stdin.buffer.read(), frozenset(own_addresses)).model_dump_json().encode()
    except UnreadableMail as error:
        answer = b"!" + json.dumps([error.reason, str(error).removeprefix(f"{error.reason}: ")]).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
