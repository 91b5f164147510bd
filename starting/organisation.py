"""Reading an organisation file from where the user says it is."""

from __future__ import annotations

from pathlib import Path

from desk.organisation.file import OrganisationFile, load
from starting.failures import Unusable
from starting.show import Show


def read_organisation(path: Path) -> OrganisationFile:
    """The checked file. `OrganisationErrors` has its faults by line; `Unusable` when it cannot be read at all."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unusable(f"the organisation file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unusable(f"the organisation file {path} is not UTF-8 text.") from None
    return load(text, str(path))


def check(show: Show, path: Path) -> int:
    """What can be said of a file without a database."""
    organisation = read_organisation(path)
    show.say(f"{path} is well-formed: {len(organisation.entries)} entries.")
    return 0
