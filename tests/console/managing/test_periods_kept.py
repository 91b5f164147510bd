"""What a figure is narrowed to stays while its days are changed, and numbers of the period before lead to their cases."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from tests.console.managing.conftest import WEEK
from tests.console.managing.test_figures import counted
from tests.support.desks import Desk
from tests.support.signed import signed_in


def chips(page: str) -> list[dict[str, list[str]]]:
    """What each of the periods that are offered asks."""
    found = re.findall(r'<a class="chip[^"]*"[^>]* href="([^"]*)"', page)
    return [parse_qs(urlsplit(unescape(each)).query) for each in found]


async def test_other_days_ask_of_the_same_cases(told_desk: Desk) -> None:
    async with signed_in(told_desk, "mona") as mona:
        for address, kept in (
            (f"/figures/incoming?{WEEK}&by=agent&queue=support&customer=ito", ("by", "queue", "customer")),
            (f"/figures/surveys?{WEEK}&kind=csat&commented=yes", ("kind", "commented")),
        ):
            asked = parse_qs(urlsplit(address).query)
            offered = chips(await mona.page(address))
            assert len(offered) > 5
            for each in offered:
                assert {name: each.get(name) for name in kept} == {name: asked[name] for name in kept}, address
        # Days that are wrong take nothing else along, whatever stands in the address.
        wrong = await mona.get("/figures/incoming?from=2031-03-09&to=2031-03-03&queue=support&self=1")
        assert wrong.status_code == 422
        assert all(each["queue"] == ["support"] for each in chips(wrong.text))
        # Days, weeks or months are chosen anew.
        assert all("by" not in each for each in chips(await mona.page(f"/figures/incoming?{WEEK}&by=day")))

        earlier = re.findall(
            r'data-label="Before"><a href="([^"]*)">(\d+)<', await mona.page(f"/figures/incoming?{WEEK}&by=queue")
        )
        assert len(earlier) >= 2
        for address, number in earlier:
            assert await counted(mona, unescape(address)) == int(number), address


async def test_the_table_opens_in_a_spreadsheet_of_the_readers_language(told_desk: Desk) -> None:
    address = f"/figures/incoming/table.csv?{WEEK}&by=customer"
    async with signed_in(told_desk, "mona", **{"Accept-Language": "de"}) as mona:
        table = (await mona.get(address)).text
        head, whole, *_ = table.splitlines()
        assert head.startswith("\ufefffigure;from;to;")
        assert whole.split(";")[-1] == "466,67"
    async with signed_in(told_desk, "mona") as mona:
        assert (await mona.get(address)).text.splitlines()[1].endswith(",466.67")
