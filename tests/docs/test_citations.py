"""Every rule that code, tests and pages cite stands in docs/rules, under the number or heading that they cite."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / "docs" / "rules"
SUFFIXES = {".py", ".md", ".yaml", ".toml"}
NOT_OURS = {"build", "dist", "node_modules", "__pycache__"}
"""Folders that are not searched, beside all whose name begins with a dot."""

GAP = r"[\s#]+"
"""Space between two words; in a comment, the next line begins with a `#`."""
NUMBER = r"\d{1,3}(?:\.\d{1,2})?\b"
JOINT = rf"(?:-|,?{GAP}(?:to|and|or){GAP}|,{GAP})"
NUMBERS = rf"{NUMBER}(?:{JOINT}{NUMBER})*"
"""One number, or several: `4.2 to 4.4`, `6.1-6.3`, `8, 9`, `2 and 13`."""

DOMAIN = re.compile(rf"\bdomain{GAP}({NUMBERS})(?:,?{GAP}rows?{GAP}({NUMBERS}))?", re.IGNORECASE)
PROMISE = re.compile(rf"\bpromises?{GAP}({NUMBERS})", re.IGNORECASE)
CHECKLIST = re.compile(rf"\bchecklist,?{GAP}(?:rows?{GAP})?({NUMBERS})", re.IGNORECASE)
PASSAGE = re.compile(rf"\b(design|security),{GAP}\"([^\"]{{1,80}})\"(?:,?{GAP}({NUMBERS}))?", re.IGNORECASE)
UNQUOTED = re.compile(rf"\((design|security),{GAP}([a-z][a-z' ]{{0,60}}?)(?:{GAP}({NUMBERS}))?\)", re.IGNORECASE)
WHOLE_PAGE = re.compile(r"\((design|security)\)|\b(domain|email|design|security)\.md\b")


# ---- what is cited ---------------------------------------------------------------------------------------------------


def cited(text: str) -> Iterator[tuple[int, str]]:
    """Each citation as its line and its rule: `domain 4.2`, `promise 5`, `checklist 9`, `design "api"`, `design.md`."""
    for match in DOMAIN.finditer(text):
        yield from _at(text, match, (f"domain {number}" for number in _each(match[1])))
        yield from _at(text, match, (f"checklist {row}" for row in _each(match[2])))
    for match in PROMISE.finditer(text):
        yield from _at(text, match, (f"promise {number}" for number in _each(match[1])))
    for match in CHECKLIST.finditer(text):
        yield from _at(text, match, (f"checklist {row}" for row in _each(match[1])))
    for match in (*PASSAGE.finditer(text), *UNQUOTED.finditer(text)):
        passage = f'{match[1].lower()} "{_bare(match[2])}"'
        yield from _at(text, match, [f"{passage} {step}" for step in _each(match[3])] or [passage])
    for match in WHOLE_PAGE.finditer(text):
        yield from _at(text, match, [f"{match[1] or match[2]}.md"])


def _at(text: str, match: re.Match[str], rules: Iterator[str] | list[str]) -> Iterator[tuple[int, str]]:
    line = text.count("\n", 0, match.start()) + 1
    yield from ((line, rule) for rule in rules)


def _each(numbers: str | None) -> list[str]:
    """The numbers of a list, with those that its ranges leave out: `4.2 to 4.4, 7` is 4.2, 4.3, 4.4 and 7."""
    found: list[str] = []
    for joint, number in re.findall(rf"({JOINT})?({NUMBER})", numbers or ""):
        if joint == "-" or joint.split() == ["to"]:
            found += _between(found.pop(), number)
        else:
            found.append(number)
    return found


def _between(first: str, last: str) -> list[str]:
    """The numbers from first to last; a range that leads nowhere stays as it is written, and is no rule."""
    section, _, begin = first.rpartition(".")
    other, _, end = last.rpartition(".")
    if section != other or int(begin) >= int(end):
        return [f"{first}-{last}"]
    return [f"{section}.{number}" if section else f"{number}" for number in range(int(begin), int(end) + 1)]


def _bare(heading: str) -> str:
    """A heading without what a citation may leave out: line breaks, letter case, and the article at its beginning."""
    return re.sub(GAP, " ", heading).strip().lower().removeprefix("a ")


# ---- what is stated --------------------------------------------------------------------------------------------------


def stated(page: str, text: str) -> Iterator[str]:
    """Every rule of a page of docs/rules, named as `cited` names it."""
    yield f"{page}.md"
    heading = ""
    for line in text.splitlines():
        if found := re.match(r"#{2,4} (.+)", line):
            heading = found[1]
            number = re.match(NUMBER, heading.removeprefix("Promise "))
            if page == "domain" and number:
                yield f"domain {number[0]}"
            elif page == "email" and number:
                yield f"promise {number[0]}"
            else:
                yield f'{page} "{_bare(heading)}"'
        elif page == "domain" and heading.startswith("13.") and (row := re.match(r"\| (\d+) \|", line)):
            yield f"checklist {row[1]}"
        elif page not in ("domain", "email") and (step := re.match(r"(\d+)\. ", line)):
            yield f'{page} "{_bare(heading)}" {step[1]}'


def all_stated() -> list[str]:
    return [rule for file in sorted(RULES.glob("*.md")) for rule in stated(file.stem, file.read_text(encoding="utf-8"))]


def unresolved(text: str, known: set[str]) -> list[tuple[int, str]]:
    return [(line, rule) for line, rule in cited(text) if rule not in known]


# ---- the repository --------------------------------------------------------------------------------------------------


def searched() -> Iterator[Path]:
    """Every text of ours, but for this file, whose made-up citations are to be found by its own tests alone."""
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(name for name in below if not name.startswith(".") and name not in NOT_OURS)
        for path in (Path(folder, name) for name in sorted(names)):
            if path.suffix in SUFFIXES and path != Path(__file__):
                yield path


def test_every_citation_in_the_repository_resolves() -> None:
    known = set(all_stated())
    faults = [
        f"{path.relative_to(ROOT)}:{line}: cites {rule}, which no page of docs/rules states"
        for path in searched()
        for line, rule in unresolved(path.read_text(encoding="utf-8", errors="replace"), known)
    ]
    assert not faults, "\n".join(faults)


def test_there_is_something_to_resolve() -> None:
    """A search that finds nothing would find no fault either."""
    code = [path for path in searched() if path.suffix == ".py" and "tests" not in path.relative_to(ROOT).parts]
    found = {rule.split()[0] for path in code for _, rule in cited(path.read_text(encoding="utf-8"))}
    assert {"domain", "promise", "checklist", "design"} <= found


def test_no_rule_is_stated_twice() -> None:
    assert [rule for rule, times in Counter(all_stated()).items() if times > 1] == []


# ---- the finder ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("The life of instances (domain 4.2 to 4.4).", ["domain 4.2", "domain 4.3", "domain 4.4"]),
        ("its rule (domain 6.1-6.3)", ["domain 6.1", "domain 6.2", "domain 6.3"]),
        ("version 1 (domain 3.4, 3.5, 7).", ["domain 3.4", "domain 3.5", "domain 7"]),
        ("Domain 1.1 and 1.3; no organisation is without them.", ["domain 1.1", "domain 1.3"]),
        ("Who may see a case (domain 2 and 13, row 16)", ["domain 2", "domain 13", "checklist 16"]),
        ("land on the survivor (domain 13,\n    row 10).", ["domain 13", "checklist 10"]),
        ("# the matrix (domain\n    # 3.4)", ["domain 3.4"]),
        ("forgery (email promises 4, 5 and 11). Both.", ["promise 4", "promise 5", "promise 11"]),
        ("(email promise 3, within seconds)", ["promise 3"]),
        ("stays ended (checklist, row 29).", ["checklist 29"]),
        (
            "(domain 1.2; checklist 1 to 3, 20)",
            ["domain 1.2", "checklist 1", "checklist 2", "checklist 3", "checklist 20"],
        ),
        ('(design, "API")', ['design "api"']),
        ('Design, "A mail\'s\n    way" 6. A deadline', ['design "mail\'s way" 6']),
        ('(design, "A mail\'s way", 1 and 2).', ['design "mail\'s way" 1', 'design "mail\'s way" 2']),
        ("goes on (design, mail's way 4)", ['design "mail\'s way" 4']),
        ("never content (design): every history", ["design.md"]),
        ("The budget of design.md", ["design.md"]),
        ("a domain of its own, RFC 5322 3.6.4, 2 promises, by design, row 7", []),
    ],
)
def test_a_citation_is_found_and_taken_apart(text: str, rules: list[str]) -> None:
    assert [rule for _, rule in cited(text)] == rules


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("There is no such rule (domain 99.9).", 1, "domain 99.9"),
        ("first\n(domain 4.2, 99)", 2, "domain 99"),
        ("(domain 6.4-6.99)", 1, "domain 6.99"),
        ("(domain 3.3-4.2)", 1, "domain 3.3-4.2"),
        ("(email promise 99)", 1, "promise 99"),
        ("(checklist, row 999)", 1, "checklist 999"),
        ('\n\n(design, "How to fly")', 3, 'design "how to fly"'),
        ('(design, "A mail\'s way" 99)', 1, 'design "mail\'s way" 99'),
        ('(security, "How to fly")', 1, 'security "how to fly"'),
    ],
)
def test_a_rule_that_is_not_there_is_reported_with_its_line(text: str, line: int, rule: str) -> None:
    assert (line, rule) in unresolved(text, set(all_stated()))


def test_a_page_states_its_headings_steps_and_rows() -> None:
    page = "# Page\n\n## 13. Checklist\n\n| 4 | both |\n\n### 13.2 More\n\n1. a list, no rule\n"
    assert list(stated("domain", page)) == ["domain.md", "domain 13", "checklist 4", "domain 13.2"]
    assert list(stated("email", "## Promise 5: the thread\n")) == ["email.md", "promise 5"]
    steps = "## A mail's way\n\n1. It comes,\n   and stays.\n2. It goes.\n"
    assert list(stated("design", steps)) == [
        "design.md",
        'design "mail\'s way"',
        'design "mail\'s way" 1',
        'design "mail\'s way" 2',
    ]
