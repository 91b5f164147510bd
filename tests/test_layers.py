"""The house's floors: who may import whom (imports only downward), read from the source with `ast`.

Written here and not as contracts of import-linter, because that knows only packages: `starter.py`, `worker.py` and
`bootstrap.py` are single files (grimp 3.19: NotATopLevelModule).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FLOORS = [
    {"starter", "worker"},
    {"starting", "faults", "benchmarks"},
    {"bootstrap"},
    {"api", "console"},
    {"desk"},
    {"workflows"},
    {"activities"},
    {"mailroom"},
    {"cases"},
    {"letters"},
    {"engine", "storage", "mail", "servers"},
    {"policies"},
    {"models.messages"},
]
"""Top first. Rooms of one floor do not import each other, but for those that `BESIDE_EACH_OTHER` names."""

BESIDE_EACH_OTHER = {("faults", "starting"), ("benchmarks", "starting")}
"""The fault run and the benchmarks use the parts that start a whole system."""

SERVED = {"api", "console", "desk"}
"""What people use: it reaches workflows by their names alone, so it imports neither workflows nor activities."""

BESIDE = {"settings", "models.records"}
"""Rooms without a floor; their own rules are below."""

ALONE = {"servers", "settings"}
"""Rooms that import nothing of ours."""

OF_RECORDS = {"storage", "letters", "cases", "mailroom", "desk", "faults", "benchmarks", "models.records"}
"""The only rooms that know tables; the fault run and the benchmarks look at them from outside."""

OF_SETTINGS = {"starter", "starting", "worker", "bootstrap", "faults", "benchmarks"}
"""Settings are read where things are wired; everyone else is handed values."""

DATABASE = {"alembic", "asyncpg", "sqlalchemy", "sqlite3"}
NETWORK = {"aioimaplib", "aiosmtplib", "fastapi", "httpx", "requests"}

FORBIDDEN_MODULES = {
    # Orders what happens; whoever touches a database or a network does so in an activity.
    "workflows": DATABASE | NETWORK,
    # Pure functions over facts.
    "policies": DATABASE | NETWORK | {"temporalio"},
    # RFC 5322 in and out: knows no case, no table and no workflow.
    "mail": DATABASE | {"fastapi", "models.messages.cases", "temporalio"},
    # Shapes, and nothing that uses them.
    "models.messages": DATABASE | NETWORK | {"temporalio"},
}

ROOMS = {room for floor in FLOORS for room in floor} | BESIDE


def imports_of(room: str) -> Iterator[tuple[str, str, str]]:
    """Every import in a room as (where, importing module, imported module); empty while the room does not exist."""
    path = ROOT / room.replace(".", "/")
    for file in sorted(path.rglob("*.py")) or [path.with_suffix(".py")]:
        if not file.exists():
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
            where = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                yield from ((where, room, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                # `from models import records` imports models.records.
                yield from ((where, room, f"{node.module}.{alias.name}") for alias in node.names)


def room_of(module: str) -> str | None:
    """The room that a module belongs to, or None when it is not ours."""
    parts = module.split(".")
    return next((name for name in (".".join(parts[:2]), parts[0]) if name in ROOMS), None)


def floor_of(room: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if room in floor)


def broken(room: str, imported: str) -> str | None:
    """Why `room` may not import the room `imported`, or None when it may."""
    if imported == room:
        return None
    if room in ALONE:
        return f"{room} imports nothing of ours"
    if imported == "models.records":
        return None if room in OF_RECORDS else f"tables are known to {', '.join(sorted(OF_RECORDS))} alone"
    if imported == "settings":
        return None if room in OF_SETTINGS else f"settings are read by {', '.join(sorted(OF_SETTINGS))} alone"
    if room == "models.records":
        return None if imported == "models.messages" else "tables know messages at most"
    if room in SERVED and imported in ("workflows", "activities"):
        return "whoever serves people reaches workflows by their names, not by their code"
    if (room, imported) in BESIDE_EACH_OTHER:
        return None
    if floor_of(imported) <= floor_of(room):
        return "imports go downward only"
    return None


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    faults = [
        f"{where}: {room} imports {module}: {reason}"
        for where, _, module in imports_of(room)
        if (imported := room_of(module)) and (reason := broken(room, imported))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("room", sorted(FORBIDDEN_MODULES))
def test_a_room_imports_nothing_made_for_another_floor(room: str) -> None:
    faults = [
        f"{where}: {room} imports {module}"
        for where, _, module in imports_of(room)
        if any(f"{module}.".startswith(f"{forbidden}.") for forbidden in FORBIDDEN_MODULES[room])
    ]
    assert not faults, "\n".join(faults)


def test_everything_at_the_root_has_a_floor() -> None:
    beside_the_house = {"dev", "docs", "examples", "models", "tests"}
    found = {path.parent.name for path in ROOT.glob("*/*.py")} | {path.stem for path in ROOT.glob("*.py")}
    assert found - beside_the_house <= ROOMS, f"without a floor: {sorted(found - beside_the_house - ROOMS)}"


@pytest.mark.parametrize(
    ("room", "module", "allowed"),
    [
        ("desk", "storage.cases", True),
        ("storage", "desk.cases", False),
        ("storage", "mail.parse", False),
        ("servers", "models.messages.names", False),
        ("workflows", "models.records", False),
        ("cases", "models.records.cases", True),
        ("activities", "models.records.cases", False),
        ("desk", "activities.case", False),
        ("api", "workflows.case", False),
        ("cases", "mailroom.placing", False),
        ("faults", "starting.stack", True),
        ("starting", "faults.plan", False),
        ("bootstrap", "settings", True),
        ("policies", "models.messages.slas", True),
        ("api", "console", False),
    ],
)
def test_the_rules_say_what_the_picture_says(room: str, module: str, allowed: bool) -> None:
    imported = room_of(module)
    assert imported is not None
    assert (broken(room, imported) is None) is allowed


def modules() -> dict[str, set[str]]:
    """Every module of the house, and which of the others it imports, wherever in the file the import stands."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for room in sorted(ROOMS)
        for path in [*(ROOT / room.replace(".", "/")).rglob("*.py"), (ROOT / room).with_suffix(".py")]
        if path.exists()
    }
    found: dict[str, set[str]] = {name: set() for name in files}
    for name, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            named: list[str] = []
            if isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                # A package that is only imported from counts by the module that is taken from it.
                taken = [f"{node.module}.{alias.name}" for alias in node.names]
                named = [each if each in files else node.module for each in taken]
            found[name] |= {each for each in named if each in files and each != name}
    return found


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """One circle of the graph, first module first; empty if it has none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return []
        for each in sorted(graph[name]):
            if circle := walk(each, [*path, name]):
                return circle
        done.add(name)
        return []

    return next((circle for name in sorted(graph) if (circle := walk(name, []))), [])


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle_in(modules()) == []


def test_a_circle_would_be_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}
    assert circle_in(graph) == ["b", "c"]
