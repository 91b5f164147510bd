"""`--fail-on-skip`: where everything is installed, a skipped test has tested nothing, so CI counts it as failed."""

from __future__ import annotations

from collections.abc import Generator

import pytest

OPTION = "--fail-on-skip"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, action="store_true", help="count a skipped test as a failed one (CI does)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # An expected failure is reported as skipped as well, and is none.
    if report.skipped and not hasattr(report, "wasxfail"):
        _refuse(item.config, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _refuse(collector.config, report)
    return report


def _refuse(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    if config.getoption(OPTION):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{reason}\n{OPTION}: a skipped test counts as failed here"
