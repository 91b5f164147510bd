from __future__ import annotations

import pytest

from letters.words import YOUR_MESSAGE, personal_name, your_message


@pytest.mark.parametrize(
    "given",
    [
        "Casey Rivera",
        "Ann",
        "J. R. Hartley",
        "Jean-Luc O'Neil",
        "Anne-Marie d’Arc",
        "Σωκράτης Παπάς",
        "山田 太郎",
        "Søren Kierkegaard",
    ],
)
def test_a_name_of_letters_is_a_name(given: str) -> None:
    assert personal_name(f" {given}  ") == given


@pytest.mark.parametrize(
    "given",
    [
        "", "www.cheap.example", "http://cheap.example", "casey@customer.example", "Casey 2000", "Win $$$ now", "Casey <b>",
        "Buy it now and win big", "x" * 61, "Call +49 30 123", "cheap.example", "Casey\u200b Rivera", "Casey; Rivera",
    ],
)  # fmt: skip
def test_a_text_that_a_stranger_could_send_by_us_is_no_name(given: str) -> None:
    assert personal_name(given) == ""


def test_the_words_for_a_message_follow_the_language_of_the_template() -> None:
    assert (your_message("de"), your_message("de-AT"), your_message("xx")) == (
        "Ihre Nachricht",
        "Ihre Nachricht",
        "your message",
    )
    assert len(YOUR_MESSAGE) >= 25
