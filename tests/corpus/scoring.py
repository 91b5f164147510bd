"""A folder of mails scored: each check of each mail is right or wrong, counted by kind of mail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.corpus.reading import completed, draft, told_of

LONGEST = 120


class NotACorpus(Exception):
    """Why a folder cannot be scored, as a sentence."""


@dataclass(frozen=True, slots=True)
class Wrong:
    mail: str
    check: str
    expected: Any
    found: Any

    @property
    def line(self) -> str:
        return f"{self.mail}: {self.check}: expected {_short(self.expected)}, found {_short(self.found)}"


@dataclass
class Score:
    """Right answers and answers, by kind and check; `without`: mails of which nothing is expected."""

    right: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    asked: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    mails: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: list[Wrong] = field(default_factory=list)
    without: list[Path] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.wrong and not self.without and bool(self.mails)

    def table(self) -> list[str]:
        """A line a kind: its mails, and `right/asked` for each check; then one of all."""
        checks = sorted({check for _, check in self.asked})
        rows = [
            ["kind", "mails", *checks],
            *([kind, str(count), *self._ratios([kind], checks)] for kind, count in sorted(self.mails.items())),
            ["all", str(sum(self.mails.values())), *self._ratios(self.mails, checks)],
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]

    def _ratios(self, kinds: Iterable[str], checks: Iterable[str]) -> list[str]:
        return [self._ratio(list(kinds), check) for check in checks]

    def _ratio(self, kinds: list[str], check: str) -> str:
        asked = sum(self.asked[kind, check] for kind in kinds)
        return f"{sum(self.right[kind, check] for kind in kinds)}/{asked}" if asked else "-"


def score(folder: Path, own_addresses: frozenset[str] = frozenset(), *, write: bool = False) -> Score:
    """Every `.eml` of the folder and of those within it. `write` makes a draft of what is expected where there is none."""
    if not folder.is_dir():
        raise NotACorpus(f"{folder} is no folder.")
    mails = sorted(folder.rglob("*.eml"))
    if not mails:
        raise NotACorpus(f"{folder} has no mail: each is a file whose name ends in .eml.")
    made = Score()
    for file in mails:
        found = told_of(file.read_bytes(), own_addresses)
        beside = file.with_suffix(".yaml")
        if not beside.exists():
            made.without.append(file)
            if write:
                text = yaml.safe_dump(draft(found), sort_keys=False, allow_unicode=True, width=120)
                beside.write_text(text, encoding="utf-8")
            continue
        expected = dict(_expectation(beside))
        kind = str(expected.pop("kind", None) or _kind(file, folder))
        made.mails[kind] += 1
        for check, value in completed(expected).items():
            made.asked[kind, check] += 1
            if found.get(check) == value:
                made.right[kind, check] += 1
            else:
                made.wrong.append(Wrong(str(file.relative_to(folder)), check, value, found.get(check)))
    return made


def _expectation(file: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise NotACorpus(f"{file} is not YAML: {str(error).splitlines()[0]}.") from None
    if not isinstance(found, Mapping):
        raise NotACorpus(f"{file} is to be a mapping of checks and what is right.")
    return found


def _kind(file: Path, folder: Path) -> str:
    """The folder that it lies in, or else the first word of its name."""
    inside = file.relative_to(folder).parent.as_posix()
    return inside if inside != "." else file.stem.replace("_", "-").partition("-")[0]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
