"""A report for people, for docs/performance.md, and for machines."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from benchmarks.figures import BenchReport, Ratio


def verdict(ratio: Ratio) -> str:
    return "met" if ratio.met else "MISSED"


def value(ratio: Ratio) -> str:
    return f"{ratio.value:.0f}" if ratio.value == int(ratio.value) and not ratio.samples else f"{ratio.value:.2f}"


def samples(ratio: Ratio) -> str:
    return ", ".join(f"{sample:.2f}" for sample in ratio.samples)


def show(report: BenchReport, console: Console) -> None:
    console.print(f"\n{report.machine}\n{report.conditions}\n", soft_wrap=True)
    ratios = Table("figure", "value", "budget", "verdict", "by round", title="Ratios", title_justify="left")
    for ratio in report.ratios:
        colour = "green" if ratio.met else "bold red"
        ratios.add_row(ratio.what, value(ratio), ratio.limit, f"[{colour}]{verdict(ratio)}[/]", samples(ratio))
    console.print(ratios)
    if report.steps:
        steps = Table("step", "events", title="History events of the scenario", title_justify="left")
        for step in report.steps:
            steps.add_row(step.name, str(step.events))
        console.print(steps)
    lines = Table("figure", "measured", "aim", title="Absolute figures of this machine, not checked")
    for line in report.lines:
        lines.add_row(line.what, line.value, line.aim)
    console.print(lines)


def markdown(report: BenchReport) -> str:
    """The tables of docs/performance.md."""
    parts = [f"{report.machine}  \n{report.conditions}"]
    parts.append(
        _rows(
            ("ratio", "value", "budget", "verdict", "by round"),
            [(ratio.what, value(ratio), ratio.limit, verdict(ratio), samples(ratio)) for ratio in report.ratios],
        )
    )
    if report.steps:
        parts.append(_rows(("step", "events"), [(step.name, str(step.events)) for step in report.steps]))
    parts.append(
        _rows(("absolute figure", "measured", "aim"), [(line.what, line.value, line.aim) for line in report.lines])
    )
    return "\n\n".join(parts) + "\n"


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def as_json(report: BenchReport) -> str:
    ratios = [{**asdict(ratio), "met": ratio.met} for ratio in report.ratios]
    return json.dumps({**asdict(report), "ratios": ratios}, indent=2) + "\n"
