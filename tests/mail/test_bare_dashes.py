"""Dashes above a signature that have lost their blank, or never had one: what stands below them is folded where it can be nothing
but a signature, and shown wherever it may be a word of the writer's."""

import pytest

from mail.quotes import strip_quote

ASKED = "On Tue, 17 Nov 2026 at 10:30, Desk <desk@acme.example> wrote:\n> Did it work?\n> Greta\n"
SIGNATURES = [
    "Ann Bell\nACME",
    "Ann Bell",
    "Ann",
    "Ann Bell\nHead of Sales\nACME Ltd, 12 High Street, London\nTel. +44 20 1234567\nwww.acme.example",
    "Mit freundlichen Grüßen\nAnn Bell",
    "Dr. Ann Bell | Chief Engineer | ACME",
    "Cordialement,\nAnn Bell",
    "Анна Белл\nООО «Ромашка»\nтел. 123-45-67",
    "安娜\n销售部",
    "Ann Bell\nann@b.example\n\nACME GmbH, Sitz Bonn, HRB 1234",
]


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("dashes", ["--", "--\u00a0", "---", "—", "__", "- -", "_____________", "*--*", "–"])
@pytest.mark.parametrize("gap", ["", "\n"])
def test_below_a_quote_whatever_line_is_drawn(signature: str, dashes: str, gap: str) -> None:
    text = f"It works.\n\n{ASKED}{gap}{dashes}\n{signature}\n"
    assert strip_quote(text, "Re: x", "p@acme.example")[0] == "It works."


@pytest.mark.parametrize("signature", SIGNATURES)
def test_below_own_words_and_a_blank_line(signature: str) -> None:
    assert strip_quote(f"It works.\n\n--\n{signature}\n")[0] == "It works."


SAID = [
    "Yes, it did.",
    "It did not, and the lamp is still red.",
    "Done",
    "ja danke",
    "And what about the second one?",
    "My other question: when do you come?",
    "Part two is long and tells of the matter. It has words.",
    "Wir haben noch ein zweites Gerät, das auch nicht geht.",
    "Ann Bell\n\nThe number of the device is 4711 and it is new.",
    "et le deuxième appareil ne marche pas non plus",
    "P.S. The lamp is red.",
    "а второй прибор тоже не работает",
]


@pytest.mark.parametrize("words", SAID)
@pytest.mark.parametrize("dashes", ["--", "---", "—", "_____"])
def test_what_may_be_said_below_a_line_is_shown(words: str, dashes: str) -> None:
    for text in (f"It works.\n\n{dashes}\n{words}", f"It works.\n\n{dashes}\n\n{words}"):
        assert strip_quote(text) == (text, "")
    for gap in ("", "\n"):
        quoted = f"It works.\n\n{ASKED}{gap}{dashes}\n{words}"
        assert words in strip_quote(quoted, "Re: x", "p@acme.example")[0]


def test_with_its_blank_it_is_a_signature_whatever_it_says() -> None:
    assert strip_quote("It works.\n\n-- \nThis mail is for its reader alone. Please delete it.")[0] == "It works."
