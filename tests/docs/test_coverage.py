"""docs/coverage.md: every capability of the checklist has its row, and every test that it names is there."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")


def test_each_capability_has_one_row() -> None:
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == list(range(1, 41))


def test_each_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[^`:]+)(?:::(\w+))?`", PAGE)
    assert len(named) >= 40
    for file, name in named:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"def {name or 'test_'}", text), f"{file} has no {name}"
