"""Replies of the common programs, apart from what they quote; and time that stays linear."""

import pytest

from mail.quotes import strip_quote

OUTLOOK = "From: Support <s@example.com>\nSent: Monday, November 16, 2026 10:30 AM\nTo: Greta\nSubject: x\n\nTry this."
AUSBLICK = "Von: Support <s@example.com>\nGesendet: Montag, 16. November 2026 10:30\nAn: Greta\nBetreff: x\n\nText"
GMAIL = "On Mon, Nov 16, 2026 at 10:30 AM Support <s@example.com> wrote:\n\n> Try this.\n>\n> S.\n"
WRAPPED = "On Mon, Nov 16, 2026 at 10:30 AM Support of the Example\nCompany <s@example.com>\nwrote:\n\n> x\n"

REPLIES = {
    "no quote": ("Thanks!\n\nBye", "Thanks!\n\nBye"),
    "gmail": (f"Works now.\n\n{GMAIL}", "Works now."),
    "gmail, wrapped": (f"Yes\n\n{WRAPPED}", "Yes"),
    "gmail, german": ("Ja\n\nAm Mo., 16. Nov. 2026 um 10:30 Uhr schrieb Support <s@example.com>:\n\n> x\n", "Ja"),
    "thunderbird": ("Ja\n\nAm 16.11.26 um 10:30 schrieb Support:\n> x\n> y\n", "Ja"),
    "apple": ("ok\n\n> On 16. Nov 2026, at 10:30, Support <s@example.com> wrote:\n> \n> x\n", "ok"),
    "html, unmarked": ("ok\n\nOn Monday, 16 November 2026, Support wrote:\n\nTry this.\n", "ok"),
    "outlook": (f"Fine.\n\n________________________________\n{OUTLOOK}", "Fine."),
    "outlook, german": (f"Gut.\n\n{AUSBLICK}", "Gut."),
    "outlook, original message": ("Gut.\n\n-----Original Message-----\nFrom: x\n\nText", "Gut."),
    "outlook, ursprüngliche": ("Gut.\n\n-----Ursprüngliche Nachricht-----\nVon: x\n\nText", "Gut."),
    "our marker": ("Here it is.\n\n##- Please write above this line -##\n\nearlier", "Here it is."),
    "signature": ("Hello\n\n-- \nGreta\nGold Inc.", "Hello"),
    "phone": ("Hello\n\nSent from my iPhone\n\nOn 16.11.2026 10:30, S wrote:\n> x", "Hello"),
    "phone, german": ("Hallo\n\nVon meinem iPhone gesendet", "Hallo"),
    "answer between the lines": ("On 16.11.2026 10:30, S wrote:\n> colour?\nblue\n> size?\nten", None),
    "text after the quote": ("> is it on?\n\nYes it is.", None),
    "only a quote": ("> nothing of my own", None),
    "a sentence that begins with On": ("On Monday I wrote:\nplease help\nnow", None),
    "two headers are no block": ("From: me\nTo: you\nhello", None),
}


@pytest.mark.parametrize("name", REPLIES)
def test_what_is_visible(name: str) -> None:
    text, visible = REPLIES[name]
    assert strip_quote(text)[0] == (text if visible is None else visible)


@pytest.mark.parametrize("name", REPLIES)
def test_nothing_is_lost(name: str) -> None:
    text, _ = REPLIES[name]
    visible, tail = strip_quote(text)
    kept = [line for line in f"{visible}\n{tail}".split("\n") if line.strip()]
    assert kept == [line for line in text.split("\n") if line.strip()]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "On " + "a " * 50_000,
        "On 16.11.2026 wrote wrote wrote\n" * 20_000,
        "On 1.1. wrote:\n" * 20_000 + "> x\nwords",
        "> x\n" * 20_000 + "words",
        "From: x\n" * 2 + "\n" * 100_000,
        "From: x\ny\n" * 20_000,
        "-" * 200_000,
        "-- \n" * 20_000,
        "\n" * 100_000,
        "##-" * 50_000,
        "On " + "wrote " * 70 + "\n" + ("On " + "wrote " * 70 + "\n") * 2000,
        "Sent from my " * 20_000,
        "von meinem " * 40 + "\n" + ("von meinem " * 30 + "\n") * 2000,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    visible, tail = strip_quote(text)
    assert len(visible) + len(tail) <= len(text)
