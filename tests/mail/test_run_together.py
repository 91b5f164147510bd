"""The headers of a quoted mail on one line, or broken elsewhere than between them: known in every language, and never a line of
the writer's own that looks like them."""

import pytest

from mail.quotes import strip_quote
from tests.mail.test_header_blocks import LANGUAGES, VALUES

BODY = "Try this.\nS.\n"


def together(language: str, between: str = " ", form: str = "{}: {}", values: tuple[str, ...] = VALUES) -> str:
    return between.join(form.format(*each) for each in zip(LANGUAGES[language].split("|"), values, strict=True))


def shown(text: str, subject: str = "Re: broken", parent: str | None = "p@example.com") -> str:
    return strip_quote(text, subject, parent)[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("between", "form"), [(" ", "{}: {}"), ("  ", "*{}:* {}"), ("; ", "{} : {}"), (" | ", "{}: {}"), (" ", "{}：{}")]
)
def test_on_one_line_it_is_folded(language: str, between: str, form: str) -> None:
    for gap in ("\n", "\n\n"):
        assert shown(f"Fine.\n\n{together(language, between, form)}{gap}{BODY}") == "Fine."


@pytest.mark.parametrize(
    "head",
    [
        "From: Support <s@example.com> Sent: Monday, November 16, 2026 10:30\nAM To: Greta Gold Subject: broken",
        "From: Support <s@example.com> Sent: Monday,\nNovember 16, 2026 10:30 AM To: Greta\nGold Subject: broken",
        "> From: Support <s@example.com> Sent: Monday, November 16, 2026 10:30 AM To: Greta Subject: broken",
        "-----Original Message----- From: Support Sent: Monday, November 16, 2026 10:30 AM To: Greta Subject: broken",
        "-----Ursprüngliche Nachricht-----Von: Support Gesendet: Montag, 16. November 2026 10:30 An: G Betreff: broken",
        "From: Support Sent: 16 November 2026 10:30 To: Greta Subject: broken",
        "From: Support <s@example.com> Date: 2026-11-16 10:30 Subject: something else",
        "From: Support <s@example.com> Sent: Mon, 16 Nov 2026 10:30 +0100 To: Greta Cc: Bob <b@example.com> Subject: RE: broken",
        "________________________________\nFrom: Support Sent: Monday, 16 November 2026 10:30 To: Greta Subject: broken",
    ],
)
def test_wherever_it_is_broken(head: str) -> None:
    assert shown(f"Fine.\n\n{head}\n\n{BODY}") == "Fine."


@pytest.mark.parametrize(
    "line",
    [
        "From: Hamburg Sent: Monday 9:00 To: Berlin Subject: to change",
        "From: 16 November 2026 10:30 To: 18 November 2026 12:00 Subject: my leave",
        "From: the shop Date: 16 November 2026 To: my flat",
        "Von: Bonn An: Köln Datum: 16. November 2026 Betreff: Umzug",
        "I got this: From: Support <s@example.com> Sent: Monday, November 16, 2026 10:30 AM To: Greta Subject: broken",
        "It says From: Ann Sent: Monday, November 16, 2026 10:30 AM To: Bob Subject: broken, and that is all.",
        "Name: Ann From: Bonn Sent: 16 November 2026 10:30 To: Köln",
        "From: Bonn Sent: Monday, November 16, 2026 10:30 AM To: Köln",
    ],
)
def test_a_line_of_ones_own_that_looks_like_it_stays(line: str) -> None:
    text = f"Please look at this.\n\n{line}\n\nIt is what I mean."
    assert shown(text) == text
    assert shown(text, "Removal", None) == text


def test_announced_or_about_something_else_it_stays() -> None:
    head = together("english")
    announced = f"This is what I got:\n\n{head}\n\n{BODY}".rstrip()
    assert shown(announced).rstrip() == announced
    values = (VALUES[0], "16 November 2026 10:30", *VALUES[2:])
    asked = f"Is this from you?\n\n{together('english', values=values)}\n\nPay now.".rstrip()
    assert shown(asked, "A strange mail", None) == asked


def test_answers_between_the_lines_are_shown() -> None:
    text = f"Hello,\n\n> {together('english')}\n> Is it warm?\nNo.\n> Since when?\nSunday."
    assert shown(text) == text
