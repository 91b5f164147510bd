"""What can be said on the command line, and how it becomes settings: an option beats the environment, which beats .env."""

from __future__ import annotations

import argparse
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from dotenv import dotenv_values
from pydantic import TypeAdapter, ValidationError

from desk.reference.unknown import did_you_mean
from models.messages.base import GivenInstant
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason
from models.messages.reference import Role
from settings import Settings
from starting.failures import Unusable
from starting.options_organisation import add_organisation

PORTS = {
    "api_port": "the API",
    "temporal_port": "the Temporal server",
    "temporal_ui_port": "the Temporal UI",
    "imap_port": "the demo's IMAP server",
    "smtp_port": "the demo's SMTP server",
}
MAIL_PORTS = ("imap_port", "smtp_port")

EXAMPLES = """\
examples:
  starter.py demo                                   the whole scenario, live; then everything stays up
  starter.py demo --once                            only the scenario; exit code 0 if every step held
  starter.py demo --api-port 9000 --data /tmp/demo  elsewhere
  starter.py up --organisation mine.yaml --env-file mine.env
  starter.py check mine.yaml                        all that is wrong with the file, at once
  starter.py apply mine.yaml --dry-run              what would it change?
  starter.py apply mine.yaml                        put it into force, also while Caseloom runs
  starter.py export now.yaml                        the organisation as it is in force, as a file
  starter.py retire agent bo                        take out of use what the file lists no more
  starter.py reference slas                         every word of a file, from the code itself
  starter.py figures                                what each key figure counts, in words and in SQL
  starter.py token create --agent ada --role administrator
  starter.py password invite --agent ada            a link by which an agent gets into the console
  starter.py mail status                            how each mailbox does, and what to do
  starter.py doctor                                 is all that it stands on in order?
  starter.py mail held support                      what its quarantine holds, and why
  starter.py mail try some.eml                      what would become of a mail, without taking it in

Every option is also a setting of the environment: --api-port is CASELOOM_API_PORT, --data is CASELOOM_DATA.
Passwords never stand on a command line: an organisation file names the variable or the file that holds them.
"""

BESIDE = {"bench": "benchmarks", "faults": "faults"}
"""Commands that packages of their own carry out."""


class Parser(argparse.ArgumentParser):
    """As argparse's, with the command that was meant."""

    def error(self, message: str) -> NoReturn:
        if found := re.search(r"invalid choice: '([^']+)' \(choose from (.*)\)", message):
            message = re.sub(r" \(choose from .*\)", f"; one of: {found[2]}", message).replace("'", "")
            message += did_you_mean(found[1], re.findall(r"[\w-]+", found[2]))
        super().error(message)


def parser() -> argparse.ArgumentParser:
    made = Parser(
        prog="starter.py",
        description="Starts Caseloom, a customer-service engine in which every case is a durable workflow.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _demo(commands)
    _up(commands)
    add_organisation(commands, _folder, _temporal_port)
    _small(commands)
    _mail(commands)
    commands.add_parser("bench", help="measure, beside an empty workflow; `bench --help` says what", add_help=False)
    commands.add_parser(
        "faults",
        help="kill worker and servers while mail comes in, or in other scenes; `faults --help` says how",
        add_help=False,
    )
    return made


def _demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo",
        help="play the scenario on real parts",
        description="Starts Temporal, a mail pair, database, workers and API, and plays one mail's way to a resolved "
        "case. Each step is checked from outside. Then everything stays up until Ctrl-C; access.json in the data "
        "folder has addresses, tokens and mail accounts. A second start finds all that was there.",
    )
    demo.add_argument("--once", action="store_true", help="stop after the scenario; exit code 0 if every step held")
    _place(demo, PORTS)


def _up(commands: Any) -> None:
    up = commands.add_parser(
        "up",
        help="run your own organisation with your own mailboxes",
        description="Starts everything but the demo's mail pair. On an empty database it prints one administrator "
        "token, once. With CASELOOM_TEMPORAL_ADDRESS or CASELOOM_TEMPORAL_PROFILE it uses that Temporal cluster, "
        "with CASELOOM_DATABASE_URL that PostgreSQL.",
    )
    up.add_argument(
        "--organisation", type=Path, metavar="FILE", help="put this file into force first; without it nothing changes"
    )
    up.add_argument(
        "--overwrite",
        action="store_true",
        help="let the file undo what was changed elsewhere since it was applied; else it is not applied then",
    )
    _place(up, [port for port in PORTS if port not in MAIL_PORTS])


def _small(commands: Any) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="look at everything that Caseloom stands on",
        description="Looks at the data folder, its disk, the keys, the database and its migrations, the clocks, the "
        "login of each active mailbox, the Temporal namespace, its retention and search attributes: a line each, with "
        "what to do where it is not in order. It changes nothing, and may be asked whether or not Caseloom runs. Exit "
        "code 0: no problem, though perhaps warnings; 1: a problem; 2: wrong options.",
    )
    doctor.add_argument("--json", action="store_true", help="for programs: a list")
    _temporal_port(doctor)
    _folder(doctor)

    token = commands.add_parser("token", help="make or end an API token")
    password = commands.add_parser("password", help="let an agent choose a password for the console")
    asked = password.add_subparsers(dest="verb", required=True, metavar="invite")
    invite = asked.add_parser("invite", help="print a link by which they choose it, once, within a week")
    invite.add_argument("--agent", required=True, metavar="SLUG")
    invite.add_argument(
        "--anew",
        action="store_true",
        help="drop their password, their second factor and their name at the provider first: they have lost one of them",
    )
    _folder(invite)

    verbs = token.add_subparsers(dest="verb", required=True, metavar="create|revoke")
    create = verbs.add_parser("create", help="print a new token for an agent in one of their roles")
    create.add_argument("--agent", required=True, metavar="SLUG")
    create.add_argument("--role", required=True, type=Role, choices=list(Role), metavar="|".join(Role))
    _folder(create)
    revoke = verbs.add_parser("revoke", help="end a token; it is read from standard input unless given")
    revoke.add_argument("token", nargs="?", metavar="TOKEN")
    _folder(revoke)


MAIL = """\
examples:
  starter.py mail status --json
  starter.py mail held --reason sender-unknown
  starter.py mail raw ID > held.eml
  starter.py mail try held.eml other.eml
  starter.py mail rerun --all --reason no-rule --agent ada
  starter.py mail filed support
  starter.py mail show ID
  starter.py mail release ID --agent ada
  starter.py mail attach ID --case CAS-00001-4JYRVZ --agent ada
  starter.py mail dismiss ID --because "an advertisement" --agent ada

Whatever is on no case, held or filed, can be decided about. `rerun` decides by the rules of today, and asks the mail server
again for what it did not give; `release` takes a mail in whatever the rules say; `attach` files it on a case: all three
need Temporal. `dismiss` files it without a case; its bytes are kept. Each needs an agent who is a manager or an
administrator: the audit names them. Exit code 0: done. 1: a mail that was named is held still, or it could not be done; one
sentence says why. 2: wrong options.
"""


def _mail(commands: Any) -> None:
    mail = commands.add_parser(
        "mail",
        help="mailboxes, and the mails that they hold",
        description="How mailboxes do, and what to do with the mails that are held.",
        epilog=MAIL,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = mail.add_subparsers(
        dest="verb", required=True, metavar="status|held|filed|show|raw|try|rerun|release|attach|dismiss"
    )

    status = verbs.add_parser("status", help="when it was read, what waits, what is held, what did not get through")
    held = verbs.add_parser("held", help="list the mails that are held, the oldest first")
    filed = verbs.add_parser("filed", help="list the mails that were filed without a case, the oldest first")
    for each in (status, held, filed):
        each.add_argument("mailbox", nargs="?", metavar="MAILBOX", help="its slug; without it, all of them")
        each.add_argument("--json", action="store_true", help="for programs: a list")
    _reason(held)
    reasons = ", ".join(FileReason)
    filed.add_argument("--reason", metavar="REASON", help=f"filed for this alone: {reasons}, loop, bounce")

    shown = verbs.add_parser("show", help="show one mail as it was understood, and what became of it")
    shown.add_argument("id", type=UUID, metavar="ID")
    shown.add_argument("--json", action="store_true", help="for programs: an object")

    raw = verbs.add_parser("raw", help="write a mail as it came to standard output")
    raw.add_argument("id", type=UUID, metavar="ID")

    tried = verbs.add_parser(
        "try",
        help="say what would become of mails, without taking them in",
        description="Reads mails as the mailroom does, and decides about them by the rules in force in the data folder, "
        "or by those of an organisation file; with neither it only reads them. Nothing is kept of it. Exit code 0: "
        "each was read; 1: one could not be; 2: wrong options.",
    )
    tried.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a mail as it came (.eml), or a folder of them"
    )
    tried.add_argument("--organisation", type=Path, metavar="FILE", help="decide by this file alone, in an empty house")
    tried.add_argument("--mailbox", metavar="SLUG", help="where it would arrive; else the one that it is addressed to")
    tried.add_argument(
        "--at", type=_instant, metavar="INSTANT", help="as if it came then, such as 2026-12-24T22:30+01:00; else now"
    )
    tried.add_argument("--json", action="store_true", help="for programs: a list")

    rerun = verbs.add_parser("rerun", help="decide about held mails again, by the rules of today")
    which = rerun.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", type=UUID, metavar="ID")
    which.add_argument("--all", action="store_true", help="all that are held")
    rerun.add_argument("--mailbox", metavar="MAILBOX", help="with --all: of this mailbox alone")
    _reason(rerun)

    release = verbs.add_parser("release", help="take a held or filed mail in, whatever the rules say")
    release.add_argument("id", type=UUID, metavar="ID")

    attach = verbs.add_parser("attach", help="file a held or filed mail on a case")
    attach.add_argument("id", type=UUID, metavar="ID")
    attach.add_argument("--case", required=True, metavar="NUMBER")

    dismiss = verbs.add_parser("dismiss", help="file a mail without a case; its bytes are kept")
    dismiss.add_argument("id", type=UUID, metavar="ID")
    dismiss.add_argument("--because", default="", metavar="WORDS", help="why, for whoever looks at it later")

    for each in (rerun, release, attach, dismiss):
        each.add_argument("--agent", required=True, metavar="SLUG", help="who decides: a manager or an administrator")
    for each in (rerun, release, attach):
        _temporal_port(each)
    for each in (status, held, filed, shown, raw, tried, rerun, release, attach, dismiss):
        _folder(each)


def _instant(text: str) -> datetime:
    """With its zone: rules and calendars have zones of their own, and this machine's is none of them."""
    try:
        found: datetime = TypeAdapter(GivenInstant).validate_python(text)
    except ValidationError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no instant with its zone, such as 2026-12-24T22:30+01:00"
        ) from None
    return found


def _reason(command: argparse.ArgumentParser) -> None:
    reasons = ", ".join(HoldReason)
    command.add_argument(
        "--reason", type=HoldReason, choices=list(HoldReason), metavar="REASON", help=f"held for this alone: {reasons}"
    )


def _folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, metavar="DIR", help="the data folder (default: .caseloom)")
    command.add_argument("--env-file", type=Path, metavar="FILE", help="read variables from this file as well")


def _temporal_port(command: argparse.ArgumentParser) -> None:
    """Of commands that speak to a Caseloom which runs already."""
    where = f"port of {PORTS['temporal_port']} (default: where the data folder's last start had it)"
    command.add_argument("--temporal-port", type=_port, metavar="PORT", help=where)


def _place(command: argparse.ArgumentParser, ports: Any) -> None:
    _folder(command)
    command.add_argument("--reset", action="store_true", help="empty the data folder first: all its cases are lost")
    for name in ports:
        default = Settings.model_fields[name].default
        option = f"--{name.replace('_', '-')}"
        command.add_argument(option, type=_port, metavar="PORT", help=f"port of {PORTS[name]} (default: {default})")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 (any free one) to 65535")
    return int(text)


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Ends the process with 2 and a sentence for options that do not go together."""
    made = parser()
    given = made.parse_args(arguments)
    if given.command == "mail" and given.verb == "rerun" and not given.all and (given.mailbox or given.reason):
        made.error("--mailbox and --reason choose among all held mails: they go with --all, not with an ID")
    return given


def settings_from(arguments: argparse.Namespace) -> Settings:
    """Raises `Unusable` for an unreadable file of variables, `ValidationError` for wrong settings."""
    if arguments.env_file is not None:
        _take_in(arguments.env_file)
    given = {name: getattr(arguments, name, None) for name in ("data", *PORTS)}
    try:
        return _settings(given)
    except OSError as error:
        raise Unusable(f"the file of variables .env cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unusable("the file of variables .env is not UTF-8 text.") from None


def _settings(given: dict[str, Any]) -> Settings:
    return Settings(**{name: value for name, value in given.items() if value is not None})


def _take_in(file: Path) -> None:
    """Into the environment, because an organisation file names passwords by variable; what is set there stays."""
    try:
        with file.open(encoding="utf-8") as text:
            values = dotenv_values(stream=text, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Unusable(f"the file of variables {file} cannot be read: {reason}.") from None
    for name, value in values.items():
        if value is not None:
            os.environ.setdefault(name, value)
