"""Attributions of programs that write them otherwise: without a colon, with a verb of their own, with the id of the mail."""

import pytest

from mail.quotes import strip_quote

OWN = "It is warm again."
QUOTE = "> Is it warm?\n> The desk"

ONLY_ABOVE_MARKED_LINES = {
    "no colon, day alone": "2026/11/17 Desk <desk@acme.example>",
    "no colon, with dashes": "2026-11-17 Desk <desk@acme.example>",
    "no colon, with a time": "2026-11-17 9:15 Desk of Acme <desk@acme.example>",
    "no colon, with its zone": "2026-11-17 9:15 GMT+01:00 Desk <desk@acme.example>",
    "no colon, torn": "2026/11/17 Desk of Acme, Boilers and more\n<desk@acme.example>",
    "said": "On Tuesday, November 17, 2026, Desk <desk@acme.example> said:",
    "said, without the day of the week": "On 17 Nov 2026, Desk <desk@acme.example> said:",
    "sent": "On 17-Nov-2026, at 9:15 AM, Desk <desk@acme.example> sent:",
    "says": "On 17 Nov 2026 09:15, Desk <desk@acme.example> says:",
    "said, german": "Am 17. November 2026 sagte Desk <desk@acme.example>:",
    "said, french": "Le 17 nov. 2026 à 09:15, Desk <desk@acme.example> nous a dit :",
    "said, spanish": "El 17/11/2026, Desk <desk@acme.example> dijo:",
    "you, german": "Am 17. November 2026 09:15:12 schrieben Sie:",
    "you, german, the day of the week": "Am Dienstag, 17. November 2026, 09:15:12, schrieben Sie:",
    "you, german, familiar": "Am 17.11.2026 um 09:15 schriebst du:",
    "you, dutch": "Op 17 november 2026 09:15 schreef u:",
    "you, at": "At 09:15 AM 11/17/2026, you wrote:",
    "between dashes without blanks": "----On 17/11/2026 09:15, Desk Acme wrote----",
    "between dashes without blanks, german": "---Am 17.11.2026 09:15 schrieb Desk Acme---",
    "with the id": "In message <a1.b2@acme.example> Desk <desk@acme.example> writes:",
    "with the id, article": "In article <a1.b2@acme.example>, Desk <desk@acme.example> wrote:",
    "with the id alone": "In <a1.b2@acme.example>, Desk Acme wrote:",
    "with the id, german": "In Nachricht <a1.b2@acme.example> schrieb Desk <desk@acme.example>:",
    "with the id, french": "Dans l'article <a1.b2@acme.example>, Desk <desk@acme.example> a écrit :",
    "with the id, marked": "> In message <a1.b2@acme.example> Desk <desk@acme.example> writes:",
}


@pytest.mark.parametrize("name", ONLY_ABOVE_MARKED_LINES)
def test_above_marked_lines(name: str) -> None:
    above = ONLY_ABOVE_MARKED_LINES[name]
    assert strip_quote(f"{OWN}\n\n{above}\n\n{QUOTE}\n")[0] == OWN
    assert strip_quote(f"{OWN}\n\n{above}\n{QUOTE}\n")[0] == OWN


@pytest.mark.parametrize("name", ONLY_ABOVE_MARKED_LINES)
@pytest.mark.parametrize("below", ["Yes, it is.", "> Since when?\n\nYes, it is."])
def test_with_answers_all_is_shown(name: str, below: str) -> None:
    visible, _ = strip_quote(f"{OWN}\n\n{ONLY_ABOVE_MARKED_LINES[name]}\n{QUOTE}\n\n{below}\n")
    assert "Is it warm?" in visible
    assert "Yes, it is." in visible


@pytest.mark.parametrize("name", [name for name in ONLY_ABOVE_MARKED_LINES if "with the id" not in name])
def test_above_words_that_are_not_marked_all_is_shown(name: str) -> None:
    text = f"{OWN}\n\n{ONLY_ABOVE_MARKED_LINES[name]}\n\nThe boiler is old.\n\nIt leaks."
    assert strip_quote(text) == (text, "")


BY_THEMSELVES = [
    "On Tue, 17 Nov 2026 09:15:12 +0100 Desk <desk@acme.example> wrote",
    "On Tue, 17 Nov 2026 09:15:12 -0500, Desk Acme <desk@acme.example> wrote",
    "On Tue, 17 Nov 2026 09:15:12 +0100 desk@acme.example wrote",
    "On Tuesday, 17 November 2026 09:15:12 GMT Desk of Acme\n<desk@acme.example> wrote",
    "Le mar., 17 nov. 2026 09:15:12 +0100 Desk <desk@acme.example> a écrit",
    "El mar., 17 nov. 2026 09:15:12 +0100 Desk <desk@acme.example> escribió",
    "2026/11/17 09:15、Desk <desk@acme.example> のメッセージ:",
    "2026年11月17日(火) 09:15、Desk <desk@acme.example> のメッセージ:",
    "*-----Original Message-----*\n*From:* Desk <desk@acme.example>\n*Sent:* Tuesday, 17 Nov 2026 09:15",
    "**----- Original Message -----**\n**From:** Desk <desk@acme.example>",
    "*-----Ursprüngliche Nachricht-----*\n*Von:* Desk <desk@acme.example>",
    "*-----Message d'origine-----*\n*De :* Desk <desk@acme.example>",
    "_-----Mensaje original-----_\nDe: Desk <desk@acme.example>",
    "Original Message processed by david®",
    "Original Message processed by david®<https://david.example/x>\n**Boiler 17. November 2026, 09:15 Uhr",
    "[Original Message processed by david®](https://david.example/x)",
    "> Original Message processed by david®",
    "**Original Message processed by david**",
]


@pytest.mark.parametrize("above", BY_THEMSELVES)
def test_what_only_a_program_writes_is_enough(above: str) -> None:
    assert strip_quote(f"{OWN}\n\n{above}\n\nIs it warm?\n\nThe desk\n")[0] == OWN


@pytest.mark.parametrize(
    "text",
    [
        "On 17 Nov 2026 09:15 your plumber said:\n\nIt leaks.\n\nIt does not.",
        "On 17 Nov 2026 your plumber Kim said:\n> It leaks.\n> It is old.",
        "Am 17. November 2026 sagte Kim Gold <kim@x.example>:\n\nEs tropft.\n\nEs tropft nicht.",
        "On Tuesday, 17 Nov 2026 I met Kim <kim@x.example>\n\nNobody wrote",
        "On Tue, 17 Nov 2026 09:15:12 the boiler stopped, as I wrote\n\nIt leaks.",
        "On Tue, 17 Nov 2026 09:15:12 I saw what your desk <desk@acme.example> wrote\n\nIt is wrong.",
        "2026-11-17 meeting with Kim <kim@x.example>\n\nIt was short.\n\nIt was good.",
        "2026/11/17 Kim <kim@x.example>\n2026/11/18 Siv <siv@x.example>\n\nThese two will come.",
        "In message 7 he writes:\n\nIt leaks.\n\nIt does not.",
        "*-----Original Message-----*\nis what the page says.\n\nWhy?",
        "Your letter says Original Message processed by david\n\nWho is David?",
        "The Original Message processed by david was lost.\n\nPlease send it again.",
    ],
)
def test_what_people_write_is_shown(text: str) -> None:
    assert strip_quote(f"{OWN}\n\n{text}") == (f"{OWN}\n\n{text}", "")
