"""A short run of the fuzzer, and that it would find something; a long one: python -m tests.fuzz --seconds 600."""

from pathlib import Path

import pytest

from tests.fuzz import hostile
from tests.fuzz.inputs import Inputs
from tests.fuzz.invariants import Broken, check
from tests.fuzz.run import run, save
from tests.fuzz.worker import examine

SEED = 3


def test_a_short_run() -> None:
    inputs = Inputs(SEED)
    problems = [
        f"#{number}: {problem}" for number in range(1, 400) if (problem := examine(number, inputs.make(number)).problem)
    ]
    assert problems == []


def test_a_run_in_processes_counts_all_inputs(tmp_path: Path) -> None:
    report = run(SEED, seconds=60, jobs=2, most=30)
    assert report.inputs == 30
    assert save(report, tmp_path) == []


def test_an_input_follows_from_seed_and_number() -> None:
    assert [Inputs(SEED).make(number) for number in range(20)] == [Inputs(SEED).make(number) for number in range(20)]
    assert Inputs(SEED).make(7) != Inputs(SEED + 1).make(7)


def test_it_finds_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.invariants.strip_quote", lambda text: (text[:-1].strip(), ""))
    with pytest.raises(Broken, match="text lost"):
        check(b"Subject: x\r\n\r\nhello\nworld")


def test_a_problem_is_saved_with_its_bytes(tmp_path: Path) -> None:
    report = run(SEED, seconds=60, most=1)
    report.problems.append((5, "it hurts"))
    (file,) = save(report, tmp_path)
    assert file.read_bytes() == Inputs(SEED).make(5)
    assert file.with_suffix(".txt").read_text() == "it hurts"


@pytest.mark.parametrize("name", hostile.BY_NAME)
def test_hostile_mails_in_small(name: str) -> None:
    check(hostile.BY_NAME[name](0.01))
