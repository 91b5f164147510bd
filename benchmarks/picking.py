"""A pick through the API, beside an empty update: in turn, one at a time, so that both meet the same moments."""

from __future__ import annotations

import statistics

from benchmarks.baselines import empty_updates, resting, touch
from benchmarks.contest import Contest, Round
from benchmarks.figures import Line, Ratio, Spending, median_ratio, milliseconds, quantile, rate
from benchmarks.load import inserted, opened, timed

BUDGET = 2.0


class Picking(Contest):
    name = "pick"

    def __init__(self) -> None:
        self.picks: list[float] = []
        self.updates: list[float] = []
        self.all_picks: list[float] = []
        self.all_updates: list[float] = []
        self.update_rates: list[float] = []
        self.pick_spent, self.update_spent = Spending(), Spending()

    async def play(self, round: Round) -> None:
        count = max(round.cases // 3, 5)
        cases = await inserted(round.site, count)
        await opened(round.site, cases)
        handles = await resting(round.site.house.client, count)
        picks, updates = [], []
        for (_, number, _), handle in zip(cases, handles, strict=True):
            with round.spending(self.pick_spent, 1):
                picks.append(await timed(self._pick(round, number)))
            with round.spending(self.update_spent, 1):
                updates.append(await timed(touch(handle)))
        self.picks.append(statistics.median(picks))
        self.updates.append(statistics.median(updates))
        self.all_picks += picks
        self.all_updates += updates
        self.update_rates.append(await empty_updates(handles))
        round.say(f"pick: p50 {milliseconds(self.picks[-1])}, empty update {milliseconds(self.updates[-1])}")

    async def _pick(self, round: Round, number: str) -> None:
        answer = await round.api.post(f"/cases/{number}/pick")
        answer.raise_for_status()

    def ratios(self, starts: list[float]) -> list[Ratio]:
        what = "pick, API call to durable answer, p50, of an empty update"
        return [median_ratio(self.name, what, self.picks, self.updates, BUDGET, at_least=False)]

    def lines(self) -> list[Line]:
        def spread(values: list[float]) -> str:
            return ", ".join(f"p{share * 100:.0f} {milliseconds(quantile(values, share))}" for share in (0.5, 0.95))

        return [
            Line("empty update", spread(self.all_updates)),
            Line("empty updates, 24 at once", rate(self.update_rates)),
            self.update_spent.line("an empty update"),
            Line("pick through the API", spread(self.all_picks)),
            self.pick_spent.line("a pick"),
        ]
