"""No pattern takes more than linear time, whatever long run of signs a mail holds.

Who writes a mail chooses what is searched: 50,000 blanks in a subject must not take a minute. The times of a text and of
one four times as long are compared, measured in the same run.
"""

import re
import time
from typing import Any

import pytest

from tests.support.beginnings import beginnings
from tests.support.patterns import Asked, patterns

UNITS = (
    "\n", " ", "\t", "\u3000", "a", "a ", "1", "1 ", "-", "- ", "=", "<", "<a", "@", "a@b.", "a@", ">", "*", "\"", "'", ",", ", ",
    "(", ")", "[", "]", ":", ": ", "a: b\n", "on a, ", "_", "é", "=?", "=?a?b?", "--a\n", "re: ", "1.", ".", "/", "\\", ";",
    "sent ", "550 ", "\n>", "\\\"",
)  # fmt: skip
BEHIND = "!x"
"""So that nothing that must reach the end finds it."""
LENGTHS = ((20, 24), (400, 1_600), (1_600, 6_400))
"""Signs, of which the longer take no more than so many times as long. The first pair is for what
doubles with each sign, and would never end at the others."""
WORSE_THAN_LINEAR = 8.0
"""Times as long, of four times as many signs: 4 is linear, 16 is quadratic."""
REPEATED = 5
LONG_ENOUGH = 2
"""Times the floor, at which a shorter text tells as much as a longer one."""


@pytest.mark.parametrize("room", ["mail", "mailroom", "letters", "policies", "models", "api", "desk", "cases"])
def test_no_pattern_takes_more_than_linear_time(room: str) -> None:
    slow = [
        f"{each.name} ({each.method}) on {text!r}" for each in patterns(room) if (text := slow_on(each)) is not None
    ]

    assert not slow, "\n".join(slow)


def slow_on(asked: Asked) -> str | None:
    """The beginning of the text that takes the pattern more than linear time; None if there is none."""
    ask = getattr(asked.pattern, asked.method)
    for before in sorted(beginnings(asked.pattern)):
        for unit in UNITS:
            for pair in LENGTHS:
                short, long = (
                    _text(asked.pattern, before + unit * (length // len(unit) or 1) + BEHIND) for length in pair
                )
                if _grows(ask, short, long):
                    return before + 3 * unit
                if _time(ask, short) > LONG_ENOUGH * FLOOR:
                    break
    return None


def _grows(ask: Any, short: Any, long: Any) -> bool:
    """Measured again as long as it seems so: only what is slow each time is slow."""
    return all(_time(ask, long) > WORSE_THAN_LINEAR * max(_time(ask, short), FLOOR) for _ in range(REPEATED))


def _time(ask: Any, text: Any) -> float:
    """Of work: what else the machine does is none of it."""
    begun = time.thread_time()
    ask(text)
    return time.thread_time() - begun


def _text(pattern: re.Pattern[Any], text: str) -> Any:
    return text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text


def _floor() -> float:
    """What this machine needs to look at a thousand signs one by one: below it, nothing is told from noise, or matters."""
    return min(_time(re.compile("(?:[a-y]z)+|x").search, "a" * 1_000) for _ in range(20))


FLOOR = _floor()


def test_the_measure_tells_a_slow_pattern_from_a_quick_one() -> None:
    assert slow_on(Asked("trailing blanks", re.compile(r"\s+$"), "search")) is not None
    assert slow_on(Asked("doubling", re.compile(r"(?:a+)+$"), "match")) is not None
    assert slow_on(Asked("the same, from the beginning", re.compile(r"\s+$"), "match")) is None
