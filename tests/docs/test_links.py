"""Every link between pages leads somewhere, and every file or folder that a page names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, pages, read, without_blocks

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
"""A scheme, such as `https:`; those addresses are not asked for."""
MODULE = re.compile(r"(?<![\w./<-])(?:[\w-]+/)+[\w-]+\.py\b")
"""`cases/unit.py`, also in a block of code; a link's `../` is looked at by `LINK`."""
SHORT_CODE = re.compile(r"`([^`\n]+)`")
MADE = {"build", "dist", "node_modules"}
"""Folders that tools make beside the code."""
NAME = re.compile(r"[\w.-]+(?:/[\w.-]+)+/?")


def links(page: Path, text: str) -> Iterator[tuple[int, str, str]]:
    """Each link to a place in the repository that is not there: line, target, and what is missing."""
    text = without_blocks(text)
    for match in LINK.finditer(text):
        target = match[1]
        if ELSEWHERE.match(target):
            continue
        line = text.count("\n", 0, match.start()) + 1
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        if not place.is_relative_to(ROOT) or not place.exists():
            yield line, target, "there is no such file"
        elif anchor and (place.suffix != ".md" or anchor not in anchors(read(place))):
            yield line, target, "there is no such heading"


def names(text: str) -> Iterator[tuple[int, str]]:
    """Each module and each path in a room of ours that is named: `cases/unit.py`, `tests/scenarios`, `api/cases/`."""
    for match in MODULE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[0]
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir()} - MADE
    plain = without_blocks(text)
    for match in SHORT_CODE.finditer(plain):
        if NAME.fullmatch(match[1]) and match[1].split("/")[0] in rooms and not match[1].endswith(".py"):
            yield plain.count("\n", 0, match.start()) + 1, match[1]


def is_there(name: str) -> bool:
    return (ROOT / name).exists() or (ROOT / f"{name}.py").exists()


def test_every_link_leads_somewhere() -> None:
    faults = [
        f"{page.relative_to(ROOT)}:{line}: {target}: {missing}"
        for page in pages()
        for line, target, missing in links(page, read(page))
    ]
    assert not faults, "\n".join(faults)


def test_every_named_path_is_there() -> None:
    faults = [
        f"{page.relative_to(ROOT)}:{line}: names {name}, which is not there"
        for page in pages()
        for line, name in names(read(page))
        if not is_there(name)
    ]
    assert not faults, "\n".join(faults)


def test_the_house_names_every_room() -> None:
    """The list in README.md is the repository as it is: no room that is gone, none that is left out."""
    house = read(ROOT / "README.md").partition("## The house")[2].partition("```")[2].partition("```")[0]
    named = {line.split()[0].rstrip("/") for line in house.splitlines() if line and not line.startswith(" ")}
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))} - MADE
    assert named == rooms | {path.name for path in ROOT.glob("*.py")}


def test_there_is_something_to_follow() -> None:
    found = [match for page in pages() for match in LINK.findall(without_blocks(read(page)))]
    assert len([target for target in found if not ELSEWHERE.match(target)]) > 50
    assert {"docs/rules/domain.md", "README.md"} <= {str(page.relative_to(ROOT)) for page in pages()}
    assert len([name for page in pages() for _, name in names(read(page))]) > 50


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("[a](nothing.md)", "there is no such file"),
        ("[a](../../outside.md)", "there is no such file"),
        ("[a](docs/concepts.md#no-such-thing)", "there is no such heading"),
        ("[a](#no-such-thing)", "there is no such heading"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(text: str, missing: str) -> None:
    assert [(line, why) for line, _, why in links(ROOT / "README.md", f"\n{text}\n")] == [(2, missing)]


@pytest.mark.parametrize(
    "text", ["[a](docs/concepts.md#queues-owners-agents)", "[a](https://example.com/x)", "```\n[a](nothing.md)\n```"]
)
def test_a_link_that_leads_somewhere_is_left_alone(text: str) -> None:
    assert list(links(ROOT / "README.md", text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see `cases/gone.py`", ["cases/gone.py"]),
        ("```\npython cases/gone.py\n```", ["cases/gone.py"]),
        ("`tests/gone`, `api/cases/`, `cases/unit`", ["tests/gone", "api/cases/", "cases/unit"]),
        ("`/cases/{number}`, `text/plain`, `tests/<version>`, `POST /cases`", []),
    ],
)
def test_a_path_is_found(text: str, found: list[str]) -> None:
    assert [name for _, name in names(text)] == found
