"""The table of ten usual changes in CONTRIBUTING.md: each file is there, holds what the table says, and rooms are few."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, read

MOST_ROOMS = 3
FILE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.py)`(?: \(((?:[^()`]*`[\w.]+`)+[^()`]*)\))?")
"""A file, and in brackets behind it what it holds: `a/b.py` (`Name`, `Name.part`)."""
FOLDER = re.compile(r"`((?:[\w-]+/)+)`")


def changes() -> dict[str, str]:
    """The rows of the table: the change, and the cell with its files."""
    section = read(ROOT / "CONTRIBUTING.md").partition("## Ten usual changes")[2].partition("\n###")[0]
    rows = re.findall(r"^\| ([^|]+) \| (.+) \|$", section, re.MULTILINE)
    return {change: cell for change, cell in rows if change != "change"}


def symbols(file: Path) -> set[str]:
    """What a module defines, and the members of its classes: `Name`, `Name.part`."""
    return set(_defined(ast.parse(read(file)).body, ""))


def _defined(body: list[ast.stmt], prefix: str) -> list[str]:
    found: list[str] = []
    for node in body:
        match node:
            case ast.ClassDef():
                found += [prefix + node.name, *_defined(node.body, f"{prefix}{node.name}.")]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.append(prefix + node.name)
            case ast.Assign():
                found += [prefix + target.id for target in node.targets if isinstance(target, ast.Name)]
            case ast.AnnAssign() if isinstance(node.target, ast.Name):
                found.append(prefix + node.target.id)
    return found


def named(cell: str) -> list[tuple[str, list[str]]]:
    """The files that a cell names, each with what it is said to hold."""
    return [(match[1], re.findall(r"`([\w.]+)`", match[2] or "")) for match in FILE.finditer(cell)]


def test_there_are_ten() -> None:
    assert len(changes()) == 10


@pytest.mark.parametrize("change", changes())
def test_a_change_names_files_that_are_there_and_hold_what_it_says(change: str) -> None:
    files = named(changes()[change])
    assert files, "the row names no file, so nothing of it can be checked"
    for file, held in files:
        assert (ROOT / file).is_file(), f"{file} is not there"
        assert held, f"{file}: the row does not say what to look for in it"
        assert set(held) <= symbols(ROOT / file), f"{file} holds no {set(held) - symbols(ROOT / file)}"
    for folder in FOLDER.findall(changes()[change]):
        assert (ROOT / folder).is_dir(), f"{folder} is not there"


@pytest.mark.parametrize("change", changes())
def test_a_change_opens_few_rooms(change: str) -> None:
    cell = changes()[change]
    places = [*(file for file, _ in named(cell)), *FOLDER.findall(cell)]
    rooms = {place.split("/")[0] for place in places}
    assert len(rooms) <= MOST_ROOMS, f"{change}: {sorted(rooms)}"


def test_what_a_cell_says_is_read() -> None:
    cell = "`cases/a.py` (`one`, and if needed `Two.part`); plain `cases/b.py`; a folder `api/cases/`; `pauses: true`"
    assert named(cell) == [("cases/a.py", ["one", "Two.part"]), ("cases/b.py", [])]
    assert FOLDER.findall(cell) == ["api/cases/"]


def test_symbols_are_found_where_they_are_defined(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text("import os\nLIMIT: int = 3\nTABLE = {}\nclass A:\n    b: int\n    def c(self): d = 1\n")
    assert symbols(file) == {"LIMIT", "TABLE", "A", "A.b", "A.c"}
