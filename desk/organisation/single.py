"""One definition by itself, as its entry in an organisation file: read with its lines, and checked as if it came into force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.organisation.applying import put_in_force
from desk.organisation.entries import OrganisationFile
from desk.organisation.exporting import values_of
from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.file import SECTIONS, SETTINGS, load
from desk.organisation.writing import written
from models.messages.base import Message
from models.messages.said import said
from storage.definitions import DefinitionKind
from storage.engines import Database

INDENTED = 4
SECTION_OF: dict[str, str] = {kind: key for key, (kind, _) in SECTIONS.items()}


@dataclass(frozen=True, slots=True)
class Checked:
    """`differences`: what would change if it came into force now, a line each."""

    differences: tuple[str, ...]


def text_of(body: Message) -> str:
    """What an organisation file says of it: what differs from the defaults, the slug first."""
    return written(values_of(body))


def body_of(kind: DefinitionKind, text: str, name: str) -> Message:
    """The definition that a text is. `OrganisationErrors` with every fault on its line, by the rules of a file."""
    file = _read(kind, text, name)
    if kind is DefinitionKind.ORGANISATION:
        if file.settings is None:
            raise OrganisationErrors(name, [FileFault(1, (), said("there are no settings in it"))])
        return file.settings
    if len(file.entries) != 1:
        raise OrganisationErrors(
            name, [FileFault(1, (), said("there is not one definition in it, with its keys below each other"))]
        )
    return file.entries[0].body


async def check(database: Database, kind: DefinitionKind, text: str, name: str, actor: str, now: datetime) -> Checked:
    """Whether it could be put in force, with everything that it names. Nothing is written.

    `OrganisationErrors` with every fault on its line.
    """
    file = _read(kind, text, name)
    try:
        report = await put_in_force(database, file, actor, now, dry=True, overwrite=True)
    except OrganisationErrors as error:
        raise _moved(error, kind) from None
    return Checked(tuple(line for change in report.changes for line in change.differences))


def _read(kind: DefinitionKind, text: str, name: str) -> OrganisationFile:
    try:
        return load(_as_file(kind, text), name)
    except OrganisationErrors as error:
        raise _moved(error, kind) from None


def _as_file(kind: DefinitionKind, text: str) -> str:
    """One line above it, and every line of it moved to the right alike."""
    lines = text.split("\n")
    if kind is DefinitionKind.ORGANISATION:
        return "\n".join([f"{SETTINGS}:", *(f"  {line}" for line in lines)])
    return "\n".join([f"{SECTION_OF[kind]}:\n  -", *(f"{' ' * INDENTED}{line}" for line in lines)])


def _moved(error: OrganisationErrors, kind: DefinitionKind) -> OrganisationErrors:
    """The same faults, on the lines of the text and by paths within the definition."""
    above, outer = (1, 1) if kind is DefinitionKind.ORGANISATION else (2, 2)
    return OrganisationErrors(
        error.filename,
        [FileFault(max(1, each.line - above), each.path[outer:], each.message) for each in error.faults],
    )


__all__ = ["Checked", "body_of", "check", "text_of"]
