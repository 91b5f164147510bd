"""What can be said on the command line about organisation files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desk.organisation.file import SECTIONS, SETTINGS
from desk.organisation.retiring import RETIRABLE

Options = Callable[[argparse.ArgumentParser], None]


def add_organisation(commands: Any, folder: Options, temporal_port: Options) -> None:
    """`folder` adds the options that name the data folder, `temporal_port` the one that finds a Caseloom which runs."""
    check = commands.add_parser(
        "check",
        help="say everything that is wrong with an organisation file",
        description="One pass finds all that `apply` and `up` would: what is no YAML, wrong shapes, names that nothing has, "
        "words that are on no list, texts whose placeholders cannot be filled; each with its line. Beside a Caseloom (in "
        "the data folder, or at CASELOOM_DATABASE_URL) a file may also name what is in force there. It changes nothing. "
        "Exit code 0: in order; 1: faults; 2: wrong options.",
    )
    check.add_argument("file", type=Path, metavar="FILE", help="the organisation file; - is standard input")
    folder(check)

    apply = commands.add_parser(
        "apply",
        help="put an organisation file into force, also while Caseloom runs",
        description="All of the file comes into force, or nothing. What it does not list stays as it is, and is named if an "
        "earlier file listed it. What was changed by other means since a file was applied is not overwritten: then "
        "nothing is applied, and the changes are listed with who made them and when. Exit code 0: done; 1: it failed, or "
        "it stopped; 2: wrong options.",
    )
    apply.add_argument("file", type=Path, metavar="FILE", help="the organisation file; - is standard input")
    apply.add_argument(
        "--dry-run",
        action="store_true",
        help="only say what would change: exit code 0 nothing, 3 something, 1 it would fail or stop",
    )
    apply.add_argument("--overwrite", action="store_true", help="undo what was changed elsewhere, and say so")
    temporal_port(apply)
    folder(apply)

    export = commands.add_parser(
        "export",
        help="write the organisation as it is in force",
        description="Writes an organisation file. Applied to an empty house it makes the same organisation; applied here it "
        "changes nothing. It holds no password, no case, no balance of a contract and no draft.",
    )
    export.add_argument(
        "file", nargs="?", type=Path, default=Path("-"), metavar="FILE", help="(default: standard output)"
    )
    export.add_argument("--replace", action="store_true", help="write over a file that exists")
    export.add_argument("--without-customers", action="store_true", help="leave out accounts, contacts and contracts")
    folder(export)

    retire = commands.add_parser(
        "retire",
        help="take out of use what an organisation file lists no more",
        description="Deactivates a record, or cancels a contract. What still needs it is named, and then nothing happens. "
        f"KIND is one of: {', '.join(RETIRABLE)}.",
    )
    retire.add_argument("kind", choices=RETIRABLE, metavar="KIND")
    retire.add_argument("slug", metavar="SLUG")
    folder(retire)

    commands.add_parser(
        "figures",
        help="print what each key figure counts, in words and in SQL",
        description="Printed from the code itself, as docs/kpis.md is.",
    )
    reference = commands.add_parser(
        "reference",
        help="print every word of an organisation file: its type, default and an example",
        description="Printed from the code itself, as docs/organisation.md is.",
    )
    sections = (SETTINGS, *SECTIONS)
    reference.add_argument(
        "section", nargs="?", choices=sections, metavar="SECTION", help=f"one of: {', '.join(sections)} (default: all)"
    )
