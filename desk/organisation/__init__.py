"""An organisation is a file: people, queues, SLAs, contracts, rules, processes and articles in one YAML file."""

from desk.organisation.applied import ChangedElsewhere
from desk.organisation.applying import (
    AppliedChange,
    ApplyReport,
    Overrides,
    apply,
    apply_file,
    put_in_force,
    read_secret,
)
from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.file import Entry, OrganisationFile, load

__all__ = [
    "AppliedChange",
    "ApplyReport",
    "ChangedElsewhere",
    "Entry",
    "FileFault",
    "OrganisationErrors",
    "OrganisationFile",
    "Overrides",
    "apply",
    "apply_file",
    "load",
    "put_in_force",
    "read_secret",
]
