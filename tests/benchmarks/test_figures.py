"""Ratios and their budgets."""

from __future__ import annotations

import pytest

from benchmarks.figures import Ratio, Spending, median_ratio, quantile


@pytest.mark.parametrize(
    ("value", "at_least", "met"),
    [(0.5, True, True), (0.49, True, False), (0.51, True, True), (0.5, False, True), (0.51, False, False)],
)
def test_a_budget_is_a_least_or_a_most(value: float, at_least: bool, met: bool) -> None:
    assert Ratio("name", "what", value, 0.5, at_least).met is met


def test_each_round_is_compared_with_its_own_baseline() -> None:
    # The machine was half as fast in the second round, which is nobody's fault; the third round was ours.
    found = median_ratio("opening", "opening", [50.0, 25.0, 20.0], [100.0, 50.0, 100.0], 0.5)
    assert found.samples == (0.5, 0.5, 0.2)
    assert found.value == 0.5
    assert found.met


def test_rounds_must_match() -> None:
    with pytest.raises(ValueError, match="zip"):
        median_ratio("opening", "opening", [1.0], [1.0, 2.0], 0.5)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2), (0.99, 4), (0.25, 1), (0.0, 1), (1.0, 4)])
def test_a_quantile_is_a_value_that_was_measured(share: float, expected: int) -> None:
    assert quantile([4, 1, 3, 2], share) == expected


def test_processor_time_is_shared_out() -> None:
    spent = Spending()
    spent.add(10, 0.3, 0.1)
    spent.add(10, 0.1, 0.1)
    assert spent.line("a case").value == "house 20.0 ms, Temporal 10.0 ms"
