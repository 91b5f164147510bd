"""What a report looks like, and what `--check` makes of it."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from benchmarks import table
from benchmarks.__main__ import exit_code, parser
from benchmarks.figures import BenchReport, Line, Ratio, Step
from benchmarks.measuring import NAMES

GOOD = Ratio("opening", "opening alone, of empty starts", 0.61, 0.5, samples=(0.6, 0.61, 0.63))
BAD = Ratio("pick", "pick, of an empty update", 2.3, 2.0, at_least=False, samples=(2.3,))
EVENTS = Ratio("events", "history events", 60, 70, at_least=False)
SLOW = Line("mails", "3.1 a second", "40 to 50")


def report(*ratios: Ratio) -> BenchReport:
    return BenchReport("2 cores", "3 rounds", list(ratios), [SLOW], [Step("opening", 10), Step("pick", 7)])


@pytest.mark.parametrize(
    ("ratios", "check", "code"),
    [((GOOD, EVENTS), True, 0), ((GOOD, BAD), True, 1), ((GOOD, BAD), False, 0), ((), True, 0)],
)
def test_only_ratios_are_checked(ratios: tuple[Ratio, ...], check: bool, code: int) -> None:
    assert exit_code(report(*ratios), check=check) == code


def test_the_table_names_figure_budget_and_verdict() -> None:
    out = io.StringIO()
    table.show(report(GOOD, BAD, EVENTS), Console(file=out, width=160))
    lines = out.getvalue().splitlines()
    assert any("opening alone" in line and ">= 0.5" in line and " met " in line for line in lines)
    assert any("pick, of an empty update" in line and "<= 2" in line and "MISSED" in line for line in lines)
    assert any("history events" in line and " 60 " in line for line in lines)
    assert any("3.1 a second" in line and "40 to 50" in line for line in lines)


def test_the_markdown_is_what_the_docs_hold() -> None:
    text = table.markdown(report(GOOD, BAD))
    assert "| opening alone, of empty starts | 0.61 | >= 0.5 | met | 0.60, 0.61, 0.63 |" in text
    assert "| pick, of an empty update | 2.30 | <= 2 | MISSED | 2.30 |" in text
    assert "| pick | 7 |" in text
    assert "| mails | 3.1 a second | 40 to 50 |" in text


def test_the_json_holds_all_of_it() -> None:
    found = json.loads(table.as_json(report(GOOD, BAD)))
    assert [(ratio["name"], ratio["met"]) for ratio in found["ratios"]] == [("opening", True), ("pick", False)]
    assert found["steps"][0] == {"name": "opening", "events": 10}


def test_only_takes_known_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert parser().parse_args(["--only", "pick", "--only", "events"]).only == ["pick", "events"]
    with pytest.raises(SystemExit) as end:
        parser().parse_args(["--only", "everything"])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert all(name in said for name in NAMES)


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--cases", "-1"], ["--cases", "many"]])
def test_counts_are_positive(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args(words)
    assert end.value.code == 2
    assert words[0] in capsys.readouterr().err
