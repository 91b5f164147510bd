"""The command line: one command, its exit code, and one sentence on stderr for whatever was to be expected."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import runpy
import sys
import time

from settings import Settings
from starting.failures import Unusable, sentence
from starting.options import BESIDE, parsed, settings_from
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
        return _command(parsed(arguments))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        words = sentence(error)
        if words is None:
            raise
        print(f"starter.py: {words}", file=sys.stderr)
        return 1


def _command(given: argparse.Namespace) -> int:
    # Each command imports what it needs: whoever asks for a token waits for no web server.
    show = Show()
    if given.command == "reference":
        from desk.organisation.reference import reference

        print(reference(given.section), end="")
        return 0
    if given.command == "figures":
        from storage.figures.reference import figure_reference

        print(figure_reference(), end="")
        return 0
    settings = settings_from(given)
    if given.command in ("check", "export", "retire"):
        return asyncio.run(_organisation(given, settings, show))
    try:
        match given.command:
            case "demo":
                from starting.demo import demo

                return run(lambda stopping: demo(settings, stopping, show, once=given.once, reset=given.reset))
            case "up":
                from starting.up import up

                how = {name: getattr(given, name) for name in ("organisation", "reset", "overwrite")}
                return run(lambda stopping: up(settings, stopping, show, **how))
            case "apply":
                from starting.applying import apply_file

                how = {"dry": given.dry_run, "overwrite": given.overwrite}
                return asyncio.run(apply_file(settings, show, given.file, **how))
            case "doctor":
                from starting.doctor import doctor

                return asyncio.run(doctor(settings, show, as_json=given.json))
            case "token":
                from starting import tokens

                if given.verb == "create":
                    return asyncio.run(tokens.create(settings, show, given.agent, given.role))
                return asyncio.run(tokens.end(settings, show, given.token or _line()))
            case "password":
                from starting.passwords import invite

                return asyncio.run(invite(settings, show, given.agent, anew=given.anew))
            case "mail":
                return asyncio.run(_mail(given, settings, show))
            case other:
                raise Unusable(f"there is no command {other!r}.")
    finally:
        time.sleep(SETTLE)


def _line() -> str:
    return sys.stdin.buffer.readline().decode("utf-8", "replace").strip()


async def _organisation(given: argparse.Namespace, settings: Settings, show: Show) -> int:
    from starting import organisation

    match given.command:
        case "check":
            return await organisation.check_file(settings, show, given.file)
        case "export":
            customers, replace = not given.without_customers, given.replace
            return await organisation.write_out(settings, show, given.file, customers=customers, replace=replace)
        case _:
            return await organisation.retire_record(settings, show, given.kind, given.slug)


async def _mail(given: argparse.Namespace, settings: Settings, show: Show) -> int:
    if given.verb == "status":
        from starting.mailboxes import status

        return await status(settings, show, given.mailbox, as_json=given.json)
    if given.verb == "try":
        from starting.trying import try_mails

        how = {"organisation": given.organisation, "mailbox": given.mailbox, "at": given.at, "as_json": given.json}
        return await try_mails(settings, show, given.files, **how)
    import structlog

    from models.messages.mailflow import MailVerdict
    from starting import held_mail

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    match given.verb:
        case "held" | "filed" as verdict:
            kind = MailVerdict(verdict)
            return await held_mail.listed(settings, show, given.mailbox, given.reason, kind, as_json=given.json)
        case "show":
            return await held_mail.shown(settings, show, given.id, as_json=given.json)
        case "raw":
            return await held_mail.raw(settings, given.id)
        case "rerun" if given.all:
            return await held_mail.rerun_all(settings, show, given.agent, given.mailbox, given.reason)
        case "dismiss":
            return await held_mail.dismiss(settings, show, given.agent, given.id, given.because)
        case "attach":
            return await held_mail.decide(settings, show, given.agent, given.id, onto=given.case)
        case verb:
            return await held_mail.decide(settings, show, given.agent, given.id, release=verb == "release")


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
