from __future__ import annotations

from collections import Counter

from tests.faults import report
from tests.faults.checks import Fault, Verdict
from tests.faults.plan import make_plan
from tests.faults.supervisor import Story

PLAN = make_plan(3, 100, 20)


def _story(without: str | None = None) -> Story:
    return Story(Counter(kill.place for kill in PLAN.kills if kill.place != without), lives=21)


def test_all_kills_and_no_fault_are_good() -> None:
    assert report.is_good(PLAN, _story(), Verdict())
    assert list(report.lines(100, PLAN, _story(), Verdict()))[-5:] == [
        f"{fault:<24}0" for fault in ("lost", "doubled", "half-written", "unflagged", "stuck")
    ]


def test_a_place_that_was_never_reached_is_not_good() -> None:
    story = _story(without="outbox.sent")
    assert not report.is_good(PLAN, story, Verdict())
    assert "no worker died at outbox.sent, which the plan wanted" in list(report.lines(100, PLAN, story, Verdict()))


def test_faults_are_counted_and_the_first_are_told() -> None:
    verdict = Verdict()
    for n in range(7):
        verdict.add(Fault.LOST, f"mail {n}")
    lines = list(report.lines(100, PLAN, _story(), verdict))
    assert not report.is_good(PLAN, _story(), verdict)
    start = lines.index(f"{'lost':<24}7")
    assert lines[start + 1 : start + 7] == [*(f"    mail {n}" for n in range(5)), "    and 2 more"]
    assert report.as_json(3, "sqlite", 100, PLAN, _story(), verdict)["faults"]["lost"] == [
        f"mail {n}" for n in range(7)
    ]


def test_what_was_sent_again_is_said_in_words() -> None:
    assert report.sent_again(Verdict()) == "none"
    words = "sent twice: 8, sent three times: 1, sent 4 times: 2, each with the same Message-ID"
    assert report.sent_again(Verdict(sent_again={2: 8, 3: 1, 4: 2})) == words
