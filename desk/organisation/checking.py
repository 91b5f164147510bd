"""What applying a file would meet, asked without applying it: one pass finds everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as FilePath

from desk.organisation.applying import ApplyReport, SecretSource, put_in_force, read_secret
from desk.organisation.file import OrganisationFile
from storage.engines import Database
from storage.secrets import Keyring

NO_KEYS = Keyring("k0", {"k0": bytes(32)})
"""Seals what is never kept."""


@dataclass
class Secrets:
    """Reads passwords as `apply` does; one that is not here is noted, and does not stop the check."""

    absent: list[str] = field(default_factory=list)

    def __call__(self, source: SecretSource, name: str) -> str:
        try:
            return read_secret(source, name)
        except (LookupError, OSError, UnicodeDecodeError):
            where = f"the environment has no {name}" if source == "env" else f"the file {FilePath(name)} cannot be read"
            self.absent.append(f"{where}, which `apply` and `up` will ask for")
            return "absent"


@dataclass(frozen=True, slots=True)
class Checked:
    """What applying would change; which passwords are not here, and what would not do what is meant."""

    report: ApplyReport
    notes: tuple[str, ...]


async def check(database: Database, file: OrganisationFile, now: datetime) -> Checked:
    """Against what is in that database, of which nothing is changed. Raises `OrganisationErrors` with every fault."""
    secrets = Secrets()
    report = await put_in_force(database, file, "check", now, keyring=NO_KEYS, secret=secrets, dry=True)
    return Checked(report, (*secrets.absent, *report.notes))
