"""The command line: one command, its exit code, and one sentence on stderr for whatever was to be expected."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import runpy
import sys
import time

from starting import commands
from starting.demo import demo
from starting.failures import Unusable, sentence
from starting.options import BESIDE, parser, settings_from
from starting.show import Show
from starting.stopping import run

SETTLE = 0.5
"""Seconds between the end of the event loop and the end of the interpreter: Temporal's own threads may still call into
Python, which aborts a process that is ending (sdk-python#300; none in 45 with this pause)."""


def main(arguments: list[str]) -> int:
    """0: done. 1: it failed, and the sentence on stderr says why. 2: wrong options. 130: stopped by a signal."""
    try:
        if arguments and arguments[0] in BESIDE:
            return hand_over(arguments[0], arguments[1:])
        return _command(parser().parse_args(arguments))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        words = sentence(error)
        if words is None:
            raise
        print(f"starter.py: {words}", file=sys.stderr)
        return 1


def _command(given: argparse.Namespace) -> int:
    show = Show()
    if given.command == "check":
        return commands.check(show, given.file)
    settings = settings_from(given)
    try:
        match given.command:
            case "demo":
                return run(lambda stopping: demo(settings, stopping, show, once=given.once, reset=given.reset))
            case "up":
                organisation, reset = given.organisation, given.reset
                return run(
                    lambda stopping: commands.up(settings, stopping, show, organisation=organisation, reset=reset)
                )
            case "apply":
                return asyncio.run(commands.apply_file(settings, show, given.file))
            case "token" if given.verb == "create":
                return asyncio.run(commands.create(settings, show, given.agent, given.role))
            case "token":
                return asyncio.run(commands.end(settings, show, given.token or sys.stdin.readline().strip()))
            case other:
                raise Unusable(f"there is no command {other!r}.")
    finally:
        time.sleep(SETTLE)


def hand_over(command: str, arguments: list[str]) -> int:
    """Let the package behind `bench` or `faults` do it, as `python -m` would; imported only here, because it is big."""
    package = BESIDE[command]
    if importlib.util.find_spec(package) is None or importlib.util.find_spec(f"{package}.__main__") is None:
        raise Unusable(f"`{command}` needs {package}/__main__.py, which this checkout lacks.")
    sys.argv = [f"starter.py {command}", *arguments]
    try:
        runpy.run_module(package, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    finally:
        time.sleep(SETTLE)
    return 0
