"""Every regular expression that rooms of the house compile, with the methods by which their code asks it."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
METHODS = {"search", "match", "fullmatch", "sub", "split", "findall", "finditer"}
ANYWHERE = METHODS - {"match", "fullmatch"}


class Asked(NamedTuple):
    name: str
    pattern: re.Pattern[Any]
    method: str
    """ "search", "match" or "fullmatch": what begins at every place counts as "search"."""


def patterns(*rooms: str) -> Iterator[Asked]:
    """Of the modules of these packages: those that have names, also in tables, and those that are written where they are used."""
    found: dict[int, tuple[str, re.Pattern[Any]]] = {}
    asked: defaultdict[int, set[str]] = defaultdict(set)
    otherwise: dict[int, set[str]] = {}
    for module in _modules(rooms):
        by_name = set(_asked_by_name(module))
        elsewhere = {method for name, method in by_name if name != "re" and name not in vars(module)}
        for name, value in vars(module).items():
            for each in _within(value):
                found.setdefault(id(each), (f"{module.__name__}.{name}", each))
                otherwise.setdefault(id(each), elsewhere)
        for name, method in by_name:
            for each in _within(vars(module).get(name)):
                asked[id(each)].add(method)
        yield from _written_in_place(module)
    for key, (name, pattern) in found.items():
        # Of a table's patterns, or an argument's, the module tells no name: any of its methods may be meant.
        methods = asked[key] or otherwise[key] or {"search"}
        for method in sorted({"search" if each in ANYWHERE else each for each in methods}):
            yield Asked(name, pattern, method)


def _modules(rooms: tuple[str, ...]) -> Iterator[ModuleType]:
    for room in rooms:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            yield importlib.import_module(found.name)


def _within(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth < 3:
        for each in (*value.keys(), *value.values()):
            yield from _within(each, depth + 1)
    elif isinstance(value, (tuple, list, set, frozenset)) and depth < 3:
        for each in value:
            yield from _within(each, depth + 1)


def _calls(module: ModuleType) -> Iterator[tuple[ast.Call, str]]:
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            yield node, node.func.attr


def _asked_by_name(module: ModuleType) -> Iterator[tuple[str, str]]:
    for call, method in _calls(module):
        of = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(of, ast.Name):
            yield of.id, method


def _written_in_place(module: ModuleType) -> Iterator[Asked]:
    """`re.sub(r"...", ...)`, where the pattern is a constant."""
    for call, method in _calls(module):
        of = call.func.value if isinstance(call.func, ast.Attribute) else None
        if not (isinstance(of, ast.Name) and of.id == "re" and call.args):
            continue
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, (str, bytes)):
            options = re.NOFLAG
            for each in call.keywords:
                if each.arg == "flags":
                    options = eval(ast.unparse(each.value), {"re": re})  # noqa: S307 our own code
            yield Asked(
                f"{module.__name__}:{call.lineno}",
                re.compile(call.args[0].value, options),
                "search" if method in ANYWHERE else method,
            )
