"""Key figures as pages: every number leads to what it counts, and chart, table and CSV say the same."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import StringIO

from models.messages.figures import FigureName
from tests.console.managing.conftest import WEEK
from tests.support.desks import Desk
from tests.support.signed import Reader, signed_in

LINKED = re.compile(r'<a href="(/figures/[^"]*/cases\?[^"]*)">([^<]*)</a>')
NUMBER = re.compile(r"[\d,]+")
BY = ("queue", "agent", "channel", "priority", "customer", "kind", "stage", "day")


async def counted(reader: Reader, address: str) -> int:
    """How many lines the list behind a number has, on all its pages."""
    lines, following = 0, address
    while following:
        page = await reader.page(following)
        lines += page.count('<tr class="fact">')
        more = re.search(r'rel="next" href="([^"]*)"', page)
        following = unescape(more[1]) if more else ""
    return lines


async def as_many_as_said(reader: Reader, html: str) -> int:
    """Follow each link that is a number: of `33 of 40`, forty."""
    followed = 0
    for address, words in dict(LINKED.findall(html)).items():
        numbers = [int(found.replace(",", "")) for found in NUMBER.findall(words)]
        if numbers:
            assert await counted(reader, unescape(address)) == numbers[-1], (address, words)
            followed += 1
    return followed


async def test_each_tile_and_bar_opens_as_many_cases_as_it_says(told_desk: Desk) -> None:
    async with signed_in(told_desk, "mona") as mona:
        home = await mona.page(f"/figures?{WEEK}")
        assert await as_many_as_said(mona, home) > 12
        followed = 0
        for place, name in enumerate(FigureName):
            page = await mona.page(f"/figures/{name}?{WEEK}&by={BY[place % len(BY)]}")
            followed += await as_many_as_said(mona, page)
        assert followed > 40
        anew = await mona.page(f"/figures/first-response-time/why?{WEEK}")
        assert "The figure is what the rows of its cases say." in anew
        assert await as_many_as_said(mona, anew) == 1
        ages = await mona.page("/figures/backlog-by-age")
        assert await as_many_as_said(mona, ages) == 1
        surveys = await mona.page(f"/figures/surveys?{WEEK}")
        assert surveys.count('<a href="/cases/CAS-') == 9
        assert (await mona.page(f"/figures/surveys?{WEEK}&kind=nps")).count('<a href="/cases/CAS-') == 4
        assert "Nobody has answered" in await mona.page(f"/figures/surveys?{WEEK}&kind=nps&commented=yes")
        assert "boss@house.example" in await mona.page("/figures/reports")
        assert "No article was read" in await mona.page(f"/figures/articles?{WEEK}")
    async with signed_in(told_desk, "carl") as carl:
        assert (await carl.get("/figures/reports")).status_code == 403
        page = await carl.page(f"/figures/incoming?{WEEK}&by=queue")
        assert "Gold" not in page
        assert await as_many_as_said(carl, page) > 1


async def test_chart_table_and_csv_agree(told_desk: Desk) -> None:
    async with signed_in(told_desk, "mona") as mona:
        for name, by, drawing in (
            ("incoming", "day", r'<text class="tip"[^>]*>([^<]*): ([^<]*)</text>'),
            ("sla-compliance", "kind", r'<bdi>([^<]*)</bdi></span><svg.*?bar-value">([^<]*)<'),
            ("resolved", "queue", r'<bdi>([^<]*)</bdi></span><svg.*?bar-value">([^<]*)<'),
            ("csat", "day", r'<text class="tip"[^>]*>(?:[^,]*), ([^<:]*): ([^<]*)</text>'),
        ):
            page = await mona.page(f"/figures/{name}?{WEEK}&by={by}")
            drawn = {unescape(label): unescape(value) for label, value in re.findall(drawing, page, re.DOTALL)}
            assert drawn, name
            rows = re.findall(
                r'<tr>\s*<th scope="row"><bdi>(.*?)</bdi></th>\s*<td class="number"[^>]*>(.*?)</td>', page, re.DOTALL
            )
            table = {unescape(label): unescape(re.sub("<[^>]*>", "", value)) for label, value in rows}
            assert {label: value for label, value in table.items() if label in drawn} == drawn
            assert all(value == "\N{EN DASH}" for label, value in table.items() if label not in drawn)
            answer = await mona.get(f"/figures/{name}/table.csv?{WEEK}&by={by}")
            assert answer.headers["content-type"].startswith("text/csv")
            lines = [line for line in csv.DictReader(StringIO(answer.text)) if line["key"] and line["name"] != "apart"]
            said = [line["value"] for line in lines]
            shown = [value.rstrip("%").replace("\N{EN DASH}", "") for value in table.values()]
            assert [round(float(value or -1), 1) for value in said] == [
                round(float(value or -1), 1) for value in shown
            ], name


async def test_what_a_case_adds_is_said_in_the_figures_unit(told_desk: Desk) -> None:
    async with signed_in(told_desk, "mona") as mona:
        for name, shape in (
            ("first-response-time", r"(\d+ (d|h|min|s) ?)+"),
            ("resolution-business-time", r"([\d,]+ (h|min|s) ?)+"),
            ("sla-compliance", r"\d / \d"),
            ("incoming", r"\d"),
        ):
            page = await mona.page(f"/figures/{name}/cases?{WEEK}&part=denominator")
            adds = re.findall(r'data-label="Adds">([^<]*)<', page)
            assert adds, name
            assert [each for each in adds if not re.fullmatch(shape, each)] == [], name


async def test_what_a_figure_is_of_and_its_cases_are_told_by_names(told_desk: Desk) -> None:
    of = f"{WEEK}&queue=support&customer=ito&outcome=noncompliant"
    async with signed_in(told_desk, "mona") as mona:
        for address in ("sla-compliance", "sla-compliance/cases", "sla-compliance/why"):
            page = await mona.page(f"/figures/{address}?{of}")
            badges = re.findall(r'<span class="badge"><bdi>([^<]*)</bdi>', page)
            assert badges == ["Queue: Support", "Customer: Ito &amp; Söhne", "What became of it: broken"], address
        page = await mona.page(f"/figures/incoming/cases?{WEEK}&without=agent")
        assert "<bdi>Of nobody</bdi>" in page
        queues = set(re.findall(r'data-label="Queue"><bdi>([^<]*)<', page))
        assert {"Support", "Gold"} <= queues <= {"Support", "Gold", "Billing", "–"}
        agents = set(
            re.findall(r'data-label="Agent"><bdi>([^<]*)<', await mona.page(f"/figures/resolved/cases?{WEEK}"))
        )
        assert {"Berta", "Carl"} <= agents <= {"Berta", "Carl", "Mona", "–"}
