"""The rows of a condition in a form: drawn with their names and faults, as a browser sends them, and read when they come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.administering.clauses import ALL, ANY, DEEPEST, Group, Row, clause_of
from console.staff import Posted
from models.messages.storable import Path

PARTS = ("field", "op", "value", "zone")
DROP, GROUP = "out:", "group:"
"""What buttons of a condition ask for, before the name of a line, or of the group that gets another one within it."""


@dataclass
class Line:
    """A row, or a group of further lines. The last row of a group is a free one."""

    name: str
    row: Row | None = None
    which: str = ""
    lines: list[Line] = field(default_factory=list)
    fault: str = ""

    @property
    def id(self) -> str:
        """Where a fault leads."""
        return f"f-{self.name}.{'is' if self.row is None else 'field'}"

    @property
    def depth(self) -> int:
        return 1 + max((line.depth for line in self.lines), default=0)

    def every(self) -> Iterator[Line]:
        yield self
        for line in self.lines:
            yield from line.every()


def drawn(group: Group, name: str, path: Path, fault: Callable[[Path, bool], str]) -> list[Line]:
    """`fault` tells what is wrong at a path, or, if that is wanted, anywhere within it."""
    found = []
    for at, member in enumerate(group.members):
        line = Line(f"{name}.{at}")
        inner = (*path, group.which, at)
        if isinstance(member, Group):
            line.which, line.lines = member.which, drawn(member, line.name, inner, fault)
            line.fault = fault(inner, False)
        else:
            line.row, line.fault = member, fault(inner, True)
        found.append(line)
    return [*found, Line(f"{name}.{len(found)}", Row())]


def sent(lines: list[Line]) -> list[tuple[str, str]]:
    """What a browser sends of them."""
    found: list[tuple[str, str]] = []
    for line in lines:
        if line.row is None:
            found += [(f"{line.name}.is", line.which), *sent(line.lines)]
        else:
            found += [(f"{line.name}.{part}", getattr(line.row, part)) for part in PARTS[:3]]
            found += [(f"{line.name}.zone", line.row.zone)] if line.row.of_the_clock or line.row.zone else []
    return found


def read(posted: Posted, places: Callable[[str], list[int]], name: str, depth: int = 1) -> list[Mapping[str, Any]]:
    """The clauses and groups that stand below `name`, as a file has them. Blank rows are none; an empty group is one only
    until the form is saved."""
    asked, found = posted.text("do"), list[Mapping[str, Any]]()
    for at in places(name):
        inner = f"{name}.{at}"
        if asked == f"{DROP}{inner}":
            continue
        if f"{inner}.is" in posted.form and depth < DEEPEST:
            within = read(posted, places, inner, depth + 1)
            if within or asked:
                found.append({ANY if posted.text(f"{inner}.is") == ANY else ALL: within})
        else:
            row = Row(*(posted.text(f"{inner}.{part}") for part in PARTS))
            found += [] if row.is_blank else [clause_of(row)]
    return [*found, {ANY: []}] if asked == f"{GROUP}{name}" else found
