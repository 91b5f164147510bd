from __future__ import annotations

from collections import Counter

from faults import report
from faults.letters import Letter, LetterKind
from faults.plan import Deed, make_plan
from faults.supervisor import Story
from faults.verdict import Harm, RunVerdict

PLAN = make_plan(3, 200)
LETTERS = [Letter(LetterKind.NEW, "a@b.example", "one", "1@b.example", b"")]


def _story(without: str | None = None) -> Story:
    return Story(Counter((blow.place, blow.deed) for blow in PLAN.blows if str(blow) != without), lives=21)


def test_all_blows_and_no_fault_are_good() -> None:
    assert report.is_good(PLAN, _story(), RunVerdict())
    said = list(report.lines(LETTERS, PLAN, _story(), RunVerdict()))
    assert said[-5:] == [f"{fault:<26}0" for fault in ("lost", "doubled", "half-written", "unflagged", "stuck")]
    together = next(line for line in said if line.startswith("together"))
    assert together.split()[1:] == [*(str(_story().of(deed)) for deed in Deed), "200"]


def test_a_blow_that_was_never_dealt_is_not_good() -> None:
    story = _story(without="mail at outbox.sent")
    assert not report.is_good(PLAN, story, RunVerdict())
    assert "not done: mail at outbox.sent" in list(report.lines(LETTERS, PLAN, story, RunVerdict()))


def test_faults_are_counted_and_the_first_are_told() -> None:
    verdict = RunVerdict()
    for n in range(7):
        verdict.add(Harm.LOST, f"mail {n}")
    lines = list(report.lines(LETTERS, PLAN, _story(), verdict))
    assert not report.is_good(PLAN, _story(), verdict)
    start = lines.index(f"{'lost':<26}7")
    assert lines[start + 1 : start + 7] == [*(f"    mail {n}" for n in range(5)), "    and 2 more"]
    assert report.as_json(3, "sqlite", LETTERS, PLAN, _story(), verdict)["faults"]["lost"] == [
        f"mail {n}" for n in range(7)
    ]


def test_what_was_sent_again_is_said_in_words() -> None:
    assert report.sent_again(RunVerdict()) == "none"
    words = "sent twice: 8, sent three times: 1, sent 4 times: 2, each with the same Message-ID"
    assert report.sent_again(RunVerdict(sent_again={2: 8, 3: 1, 4: 2})) == words
