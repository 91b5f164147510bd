"""An organisation is a file: people, queues, SLAs, contracts, rules, processes and articles in one YAML file."""

from desk.organisation.applying import Change, Overrides, Report, apply, apply_file, read_secret
from desk.organisation.faults import Fault, OrganisationErrors
from desk.organisation.file import Entry, OrganisationFile, load

__all__ = [
    "Change",
    "Entry",
    "Fault",
    "OrganisationErrors",
    "OrganisationFile",
    "Overrides",
    "Report",
    "apply",
    "apply_file",
    "load",
    "read_secret",
]
