"""starter.py as its user runs it: a process of its own, in an empty working folder, on free ports."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "starter.py"
WITHIN = 60.0
"""Seconds for a whole start, on a machine that does much else."""
LOOK_EVERY = 0.05

OWN_PORTS = ["--api-port", "0", "--temporal-port", "0", "--temporal-ui-port", "0"]
FREE_PORTS = [*OWN_PORTS, "--imap-port", "0", "--smtp-port", "0"]


def environment(**more: str) -> dict[str, str]:
    """Ours, without the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASELOOM_")}
    mark = {name: value for name, value in os.environ.items() if name == "CASELOOM_TEST_RUN"}
    return {**kept, **mark, **more}


@dataclass
class Ended:
    code: int
    out: str
    err: str


async def starter(*arguments: str | Path, cwd: Path, **variables: str) -> Ended:
    """Run a command to its end."""
    process = await _start(arguments, cwd, variables)
    async with asyncio.timeout(WITHIN):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Standing:
    """A command that stays up."""

    process: asyncio.subprocess.Process
    out: str = ""
    ended: Ended | None = None

    async def says(self, words: str) -> None:
        """Until a line of its output holds the words."""
        if self.process.stdout is None:
            raise AssertionError("started with a pipe")
        async with asyncio.timeout(WITHIN):
            while words not in self.out:
                line = (await self.process.stdout.readline()).decode()
                if not line:
                    _, err = await self.process.communicate()
                    raise AssertionError(f"it ended with {self.process.returncode}:\n{self.out}\n{err.decode()}")
                self.out += line

    async def stop(self, with_signal: signal.Signals = signal.SIGINT) -> Ended:
        self.process.send_signal(with_signal)
        async with asyncio.timeout(WITHIN):
            out, err = await self.process.communicate()
        self.ended = Ended(self.process.returncode or 0, self.out + out.decode(), err.decode())
        return self.ended


@asynccontextmanager
async def standing(*arguments: str | Path, cwd: Path, until: str, **variables: str) -> AsyncIterator[Standing]:
    """Run a command that stays up; it is ended at the latest when the context is left."""
    there = Standing(await _start(arguments, cwd, variables))
    try:
        await there.says(until)
        yield there
    finally:
        if there.process.returncode is None:
            there.process.terminate()
            await there.process.communicate()


async def _start(arguments: tuple[str | Path, ...], cwd: Path, variables: dict[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, STARTER, *arguments, cwd=cwd, env=environment(**variables), stdout=pipe, stderr=pipe
    )


def access(data: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((data / "access.json").read_text())
    return content
