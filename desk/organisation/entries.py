"""The parts of an organisation file: its entries, and the whole that turns findings into lines of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.yaml import Document
from models.messages.base import Message
from models.messages.organisation import OrganisationSettings
from models.messages.storable import Path

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of a list: its kind and slug, the path in the file, the message, and the values as written.

    `active` false: it is to be out of use, as people who left are. `mended`: paths, within the entry, of wrong values that
    others stand in for; such an entry is looked at, and never applied.
    """

    kind: str
    slug: str
    path: Path
    body: Message
    raw: Mapping[str, Any]
    active: bool = True
    mended: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class OrganisationFile:
    """A whole file. `errors` turns later findings into lines of it.

    `faults`: all that can be said of it without a database. `settings` of which some are wrong are `mended`, as entries
    are.
    """

    filename: str
    document: Document
    settings: OrganisationSettings | None
    entries: tuple[Entry, ...]
    faults: tuple[FileFault, ...] = ()
    mended: frozenset[Path] = frozenset()

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def having(self, model: type[M]) -> Iterable[tuple[Entry, M]]:
        """The entries whose message is of this model, with it."""
        return ((entry, entry.body) for entry in self.entries if isinstance(entry.body, model))

    def fault(self, path: Path, message: str) -> FileFault:
        return FileFault(self.document.line(path), path, message)

    def errors(self, found: Iterable[FileFault]) -> OrganisationErrors:
        return OrganisationErrors(self.filename, found)
