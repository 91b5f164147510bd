"""Opening alone: from the delivery of an inserted case until its rows say that it is routed and its clocks run."""

from __future__ import annotations

from benchmarks.contest import Contest, Round
from benchmarks.figures import Line, Ratio, Spending, median_ratio, rate
from benchmarks.load import inserted, opened

BUDGET = 0.8


class Opening(Contest):
    name = "opening"

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.spent = Spending()

    async def play(self, round: Round) -> None:
        cases = await inserted(round.site, round.cases)
        with round.spending(self.spent, len(cases)):
            self.rates.append(len(cases) / await opened(round.site, cases))
        round.say(f"opening: {self.rates[-1]:.1f} cases a second")

    def ratios(self, starts: list[float]) -> list[Ratio]:
        return [median_ratio(self.name, "opening alone, of empty starts", self.rates, starts, BUDGET)]

    def lines(self) -> list[Line]:
        return [Line("cases opened", rate(self.rates)), self.spent.line("a case opened")]
