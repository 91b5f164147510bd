"""Forty cases told by hand, and their figures reckoned by hand: the same on both databases (checklist row 40).

The week from Monday, 3 March 2031 is looked at; the week before it is what it is compared with.
"""

from __future__ import annotations

from typing import Any

import pytest

from models.messages.figures import FigureBy, FigureView
from storage.definitions import Definitions
from storage.figures.counting import basis
from storage.figures.registry import BY_NAME, FIGURES
from storage.figures.sweep import FigureSweep
from storage.figures.viewing import Period, view
from tests.storage.figures.telling import World, day

THIS_WEEK = Period(day(3), day(10))

WEEK_BEFORE = (
    # Six cases, four of them resolved in that week; the first one is still open, the sixth was cancelled before any pick.
    "-4 09:00 email normal ito support | pick 60 carl | answer 90 carl",
    "-4 10:00 email normal ito support | pick 10 carl | answer 20 carl | resolve 60 carl | csat 300 2",
    "-3 09:00 phone normal aurora support | pick 30 carl | answer 40 carl | resolve 60 carl",
    "-3 10:00 email high aurora gold | pick 20 berta | answer 60 berta | mail 70 | resolve 120 berta",
    "-2 09:00 email normal ito support | pick 40 carl | answer 50 carl | mail 60 | resolve 240 carl | csat 300 5",
    "-2 10:00 web low - support | cancel 120",
)
# Twelve on Monday, from one customer by mail, to the queue of gold: berta picks each after 5 minutes, answers 10 minutes after it
# was opened and resolves after 60. Nothing else happens, so that each is solved on first contact. Nine customers answer to a
# survey: 5, 4 and 2 of 5; 10, 9, 7 and 3 of 10; efforts of 6 and 3.
ASKED = (
    "csat 100 5",
    "csat 100 4",
    "csat 100 2",
    "nps 90 10",
    "nps 90 9",
    "nps 90 7",
    "nps 90 3",
    "ces 80 6",
    "ces 80 3",
)
SOLVED = "3 09:00 email high ito gold | pick 5 berta | answer 10 berta | resolve 60 berta"
MONDAY = (*(f"{SOLVED} | {answer}" for answer in ASKED), *(SOLVED,) * 3)
PHONED = "4 10:00 phone normal aurora support | pick 15 carl | answer 20 carl | did 25 carl phone-call 12"
PHONED += " | did 30 carl task 3 | resolve 120 carl"
TUESDAY = (
    # Four by phone: carl picks after 15 minutes, answers after 20, spends 12 minutes on a call and 3 on the work after it,
    # and resolves after 120.
    *(PHONED,) * 4,
    # Four by mail with a second mail of the customer's, and a machine's that does not count; resolved by carl after 1440.
    *("4 11:00 email normal aurora support | pick 30 carl | answer 45 carl | mail 60 | machine 61 | resolve 1440 carl",)
    * 4,
)
WEDNESDAY = (
    # Two that are reactivated: the first within a day, the second after 14 days, which is later than `first_contact_days`.
    "5 09:00 email normal ito support | pick 20 carl | answer 30 carl | resolve 60 carl | reopen 600",
    "5 10:00 email normal ito support | pick 20 carl | answer 30 carl | resolve 60 carl | reopen 20220",
    # Two that are cancelled before anybody picked them, after 120 minutes, and one that went up in another case.
    "5 11:00 web low - support | cancel 120",
    "5 11:00 web low - support | cancel 120",
    "5 12:00 email low - support | merge 30 CAS-00040-AAAAAA",
    # Two that carl picks after 10 minutes and passes on to billing after 30, where mona picks them after 20 more.
    "5 13:00 email normal aurora support | pick 10 carl | move 30 billing | pick 50 mona | answer 60 mona | resolve 90 mona",
    "5 13:00 email normal aurora support | pick 10 carl | move 30 billing | pick 50 mona | answer 60 mona | resolve 90 mona",
    # One that moves before anybody picks it, is answered, and answered again because the first answer was taken back.
    "5 14:00 phone high aurora support | move 10 billing | pick 30 mona | answer 40 mona | unanswer 41 | answer 70 mona",
    # One that waits since, and is escalated; one whose customer calls once more.
    "5 15:00 web high - support | escalate 30",
    "5 16:00 phone high aurora gold | call 30 | pick 40 berta | answer 50 berta | escalate 60",
)
FRIDAY = (
    # Promises: three kept, one broken, one cancelled, one paused, one that still runs; all fall due on Friday.
    "7 09:00 web low ito gold | kpi 60 first-response succeeded | kpi 240 resolution succeeded",
    "7 09:00 web low ito gold | kpi 60 first-response succeeded | kpi 240 resolution noncompliant",
    "7 09:00 web low ito gold | kpi 60 first-response cancelled | kpi 240 resolution paused",
    "7 10:00 web low ito gold | kpi 60 first-response in-progress",
)
FORTY = (*WEEK_BEFORE, *MONDAY, *TUESDAY, *WEDNESDAY, *FRIDAY)
assert len(FORTY) == 40

MINUTE = 60
EXPECTED: dict[str, tuple[float | None, int, int | None, float | None]] = {
    # name: value, numerator, denominator, value of the week before
    "incoming": (34, 34, None, 6),  # 12 + 8 + 10 + 4
    # 12 + 8 (Wednesday noon at the latest) + 2 reactivated ones + 2 passed on
    "resolved": (24, 24, None, 4),
    # One of the week before; of this week those of Wednesday: 1 reactivated within it, 14:00, 15:00, 16:00, and Friday's 4.
    # The other reactivated one is not open again before the 19th.
    "backlog": (9, 9, None, 1),
    # 34 openings less the merged one, whose mail is its survivor's; 4 second mails, 1 call. Before: 6 and 2 mails.
    "contacts": (38, 38, None, 8),
    # All 24 but the 4 with a second mail and the one that came back within a day. Before: 2 of 4.
    "first-contact-resolution": (79.1667, 19, 24, 50),
    "reopen-rate": (8.3333, 2, 24, 0),
    "escalation-rate": (5.8824, 2, 34, 0),  # 2 of 34
    # Stays: 34 of new cases, 2 and 1 in billing = 37; less the 5 that wait: 15:00 and Friday's 4 = 32.
    # 12 x 5 + 4 x 15 + 4 x 30 + 20 + 20 + 120 + 120 + 30 + 2 x 10 + 2 x 20 + 10 + 20 + 40 = 680 minutes
    "wait-time": (1275, 680 * MINUTE, 32, 2800),  # before: 60 + 10 + 30 + 20 + 40 + 120 = 280 minutes, of 6
    # Without those cancelled, merged and moved before any pick: 680 - 120 - 120 - 30 - 10 = 400 minutes, of 28
    "speed-to-answer": (857.1429, 400 * MINUTE, 28, 1920),  # before: 160 minutes, of 5
    "abandonment-rate": (5.4054, 2, 37, 16.6667),  # 2 of 37; before: 1 of 6
    "transfer-rate": (7.1429, 2, 28, 0),  # 2 of 28 that were picked
    # 12 x 10 + 4 x 20 + 4 x 45 + 30 + 30 + 2 x 60 + 70 + 50 = 680 minutes, of 26
    "first-response-time": (1569.2308, 680 * MINUTE, 26, 3120),  # before: 90 + 20 + 40 + 60 + 50 = 260 minutes, of 5
    # The organisation names no calendar: every hour is a working hour.
    "first-response-business-time": (1569.2308, 680 * MINUTE, 26, 3120),
    # 12 x 60 + 4 x 120 + 4 x 1440 + 2 x 60 + 2 x 90 = 7260 minutes, of 24; before: 60 + 60 + 120 + 240 = 480, of 4
    "resolution-time": (18150, 7260 * MINUTE, 24, 7200),
    "resolution-business-time": (18150, 7260 * MINUTE, 24, 7200),
    "handle-time": (15, 60, 4, None),  # 4 calls of 12 minutes, each with 3 after it
    "handle-time-per-case": (2.5, 60, 24, 0),
    # Mails cost 2.50 and calls 6, web forms nothing that is known. By mail: 12 + 4 + 2 + 2 = 20 openings and 4 mails;
    # by phone: 4 + 2 openings and 1 call. (24 x 2.5 + 7 x 6) / 31. Before: (4 + 2) mails and 1 call = 21 of 7.
    "cost-per-contact": (3.2903, 1_020_000, 31, 3),
    "sla-compliance": (75, 3, 4, None),
    "csat": (66.6667, 2, 3, 50),
    "csat-score": (3.6667, 11, 3, 3.5),
    "nps": (25, 1, 4, None),  # 2 promoters less 1 detractor, of 4
    "ces": (4.5, 9, 2, None),
}
RANKS: dict[str, tuple[float, float]] = {
    # Of 32 waits the 16th and the 29th: 12 x 5, 4 x 10 and so on; 10 (3 of them), 15 (4), 20 (5), 30 (5), 40, 120, 120
    "wait-time": (15 * MINUTE, 30 * MINUTE),
    # Of 28: 12 x 5, 2 x 10, 4 x 15, 5 x 20, 4 x 30, 40: the 14th and the 26th
    "speed-to-answer": (10 * MINUTE, 30 * MINUTE),
    # Of 26: 12 x 10, 4 x 20, 30, 30, 4 x 45, 50, 60, 60, 70: the 13th and the 24th
    "first-response-time": (20 * MINUTE, 60 * MINUTE),
    # Of 24: 14 x 60, 90, 90, 4 x 120, 4 x 1440: the 12th and the 22nd
    "resolution-time": (60 * MINUTE, 1440 * MINUTE),
}


async def views(world: World, definitions: Definitions, by: FigureBy | None = None) -> dict[str, FigureView]:
    async with world.database.read() as session:
        organisation = (await basis(session, definitions)).organisation
        return {each.name: await view(session, each, organisation, THIS_WEEK, by) for each in FIGURES}


@pytest.fixture
async def definitions(world: World) -> Definitions:
    """The forty cases are counted."""
    made = Definitions()
    await world.tell(FORTY)
    sweep = FigureSweep(world.database, made, every=0)
    while await sweep.sweep():
        pass
    return made


async def test_row_40_every_figure_is_what_was_reckoned_by_hand(world: World, definitions: Definitions) -> None:
    found = await views(world, definitions)
    shown = {name: (each.value, each.numerator, each.denominator, each.before) for name, each in found.items()}
    assert shown == EXPECTED
    assert set(shown) == set(BY_NAME)
    assert {name: (found[name].median, found[name].p90) for name in RANKS} == RANKS
    assert found["sla-compliance"].apart == {
        "cancelled": 1,
        "paused": 1,
        "in-progress": 1,
        "nearing-noncompliance": 0,
    }
    assert (found["resolved"].change, found["resolved"].change_percent) == (20, 500)
    await by_groups(world, definitions)
    for by in FigureBy:
        for name, grouped in (await views(world, definitions, by)).items():
            assert grouped.model_copy(update={"by": None, "groups": None}) == found[name], "groups change no total"


async def test_what_stands_apart_is_of_the_total_and_makes_no_group(world: World, definitions: Definitions) -> None:
    await world.tell(("7 11:00 phone high aurora gold | kpi 60 first-response paused",))
    sweep = FigureSweep(world.database, definitions, every=0)
    while await sweep.sweep():
        pass
    alone = (await views(world, definitions))["sla-compliance"]
    assert (alone.numerator, alone.denominator, alone.apart["paused"]) == (3, 4, 2)
    for by, keys in ((FigureBy.CUSTOMER, ["ito"]), (FigureBy.PRIORITY, ["low"]), (FigureBy.MONTH, ["2031-03-01"])):
        grouped = (await views(world, definitions, by))["sla-compliance"]
        assert (grouped.numerator, grouped.denominator, grouped.apart) == (3, 4, alone.apart), by
        assert [group.key for group in grouped.groups or ()] == keys, by


async def by_groups(world: World, definitions: Definitions) -> None:
    def shown(each: FigureView) -> dict[str | None, Any]:
        assert each.groups is not None
        return {group.key: group.value for group in each.groups}

    queues = await views(world, definitions, FigureBy.QUEUE)
    # 12 + 1 + 4 to gold, 17 to support: to billing nothing came at first, but two were resolved there last, and one is there.
    assert shown(queues["incoming"]) == {"gold": 17, "support": 14, "billing": 3}
    assert shown(queues["transfer-rate"]) == {"gold": 0, "support": 16.6667, "billing": 0}
    assert shown(queues["backlog"]) == {"gold": 5, "support": 3, "billing": 1}
    agents = await views(world, definitions, FigureBy.AGENT)
    assert shown(agents["resolved"]) == {"berta": 12, "carl": 10, "mona": 2}
    channels = await views(world, definitions, FigureBy.CHANNEL)
    assert shown(channels["cost-per-contact"]) == {"email": 2.5, "phone": 6, "phone-call": 6}
    customers = await views(world, definitions, FigureBy.CUSTOMER)
    assert shown(customers["incoming"]) == {"ito": 18, "aurora": 12, None: 4}
    days = await views(world, definitions, FigureBy.DAY)
    assert list(shown(days["incoming"]).values()) == [12, 8, 10, 0, 4, 0, 0]
    # On Tuesday evening 4 wait for the next day; the one of the week before is open throughout.
    assert list(shown(days["backlog"]).values()) == [1, 5, 5, 5, 9, 9, 9]
    months = await views(world, definitions, FigureBy.MONTH)
    assert shown(months["resolved"]) == {"2031-03-01": 24}
    weeks = await views(world, definitions, FigureBy.WEEK)
    assert shown(weeks["nps"]) == {"2031-03-03": 25}
    kinds = await views(world, definitions, FigureBy.KIND)
    assert shown(kinds["sla-compliance"]) == {"first-response": 100, "resolution": 50}
