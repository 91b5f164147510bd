"""Attributions that name a day, and neither a date nor an address: above marked lines they are folded with them, in whatever
language; above anything else somebody may have written them."""

import pytest

from mail.quotes import strip_quote

ATTRIBUTIONS = [
    "On Tuesday, Anna wrote:", "On Tue, 17 Nov, Anna Bell wrote:", "Yesterday Anna wrote:", "Am Dienstag schrieb Anna:",
    "Gestern schrieb Anna Bell:", "Anna Bell schrieb am Dienstag:", "Le mardi, Anna a écrit :", "Hier, Anna a écrit :",
    "El martes, Anna escribió:", "Il martedì Anna ha scritto:", "Ieri Anna ha scritto:", "Op dinsdag schreef Anna:",
    "Em terça-feira, Anna escreveu:", "På tisdag skrev Anna:", "Den tisdag skrev Anna:", "Tiistaina Anna kirjoitti:",
    "W dniu wtorek Anna napisała:", "Dnia wtorek, Anna Bell napisała:", "V úterý Anna napsala:", "Dne úterý Anna napsala:",
    "Во вторник Анна написала:", "У вівторок Анна написала:", "Kedden Anna írta:", "Pe marți, Anna a scris:",
    "Salı günü Anna yazdı:", "Την Τρίτη η Άννα έγραψε:", "火曜日、Annaさんは書きました：", "周二，安娜写道：",
]  # fmt: skip
BODY = "The printer is broken.\nGreta"
MARKED = "\n".join(f"> {line}" for line in BODY.split("\n"))


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_above_marked_lines_it_is_folded_with_them(attribution: str, gap: str) -> None:
    assert strip_quote(f"It works.\n\n{attribution}{gap}{MARKED}\n", "Re: x", "p@x.example")[0] == "It works."


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_above_anything_else_it_may_be_somebodys_own_line(attribution: str) -> None:
    for text in (
        f"It is not clear to me.\n\n{attribution}\n\n{BODY}",
        f"It is not clear to me.\n\n{attribution}\n{MARKED}\nSo what?",
    ):
        assert strip_quote(text, "Re: x", "p@x.example")[0] == text


@pytest.mark.parametrize(
    "line",
    [
        "On Tuesday, our technician wrote:",
        "Am Dienstag schrieb mir der Techniker:",
        "Mardi, mon collègue a écrit :",
        "El martes, su compañero escribió:",
        "Во вторник ваш мастер написал:",
        "Martedì il vostro collega ha scritto:",
        "Gestern hat jemand von Ihnen geschrieben:",
    ],
)
def test_words_of_a_sentence_are_shown(line: str) -> None:
    assert line in strip_quote(f"It is not clear to me.\n\n{line}\n{MARKED}", "Re: x", "p@x.example")[0]
