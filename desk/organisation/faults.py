"""What is wrong with an organisation file, and on which line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from models.messages.storable import Path, path_text


class FileFault(NamedTuple):
    """Line from 1; the path of the field, `("slas", 0, "items")`; a sentence."""

    line: int
    path: Path
    message: str


class OrganisationErrors(Exception):
    """A file that cannot be applied; nothing of it was. `lines` are ready to print, in the order of the file."""

    def __init__(self, filename: str, faults: Iterable[FileFault]) -> None:
        self.filename = filename
        self.faults = sorted(set(faults), key=lambda fault: (fault.line, [str(part) for part in fault.path]))
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> list[str]:
        """`organisation.yaml:37: slas[0].items[1].fail_after: ...`"""
        return [
            f"{self.filename}:{fault.line}: {path_text(fault.path) + ': ' if fault.path else ''}{fault.message}"
            for fault in self.faults
        ]
