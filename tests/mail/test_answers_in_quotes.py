"""Answers below and between the lines of a quote are shown, with whatever head a program sets above the quote."""

import pytest

from mail.quotes import strip_quote

HEADERS = "From: Desk <desk@acme.example>\nSent: Tuesday, 17 November 2026 09:15\nTo: Ola\nSubject: Boiler"
KOPF = "Von: Desk <desk@acme.example>\nGesendet: Dienstag, 17. November 2026 09:15\nAn: Ola\nBetreff: Boiler"


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


HEADS = {
    "headers, marked": marked(HEADERS) + "\n>",
    "headers, marked, german": marked(KOPF) + "\n>",
    "headers, marked twice": marked(marked(HEADERS)) + "\n>",
    "headers below a rule, marked": marked("_" * 32 + "\n" + HEADERS) + "\n>",
    "headers": f"{HEADERS}\n",
    "headers, german": f"{KOPF}\n",
    "headers, and the quote right below them": HEADERS,
    "headers below a rule": f"{'_' * 32}\n{HEADERS}\n",
    "headers with a long list": HEADERS.replace("To: Ola", "To: Ola;\n Per;\n Siv") + "\n",
    "original message": f"-----Original Message-----\n{HEADERS}\n",
    "original message, marked": marked(f"-----Original Message-----\n{HEADERS}\n"),
    "original message, german": f"-----Ursprüngliche Nachricht-----\n{KOPF}\n",
    "groupwise": ">>> Desk Acme 17.11.2026 09:15 >>>",
    "groupwise, american": ">>> Desk Acme <desk@acme.example> 11/17/2026 9:15 AM >>>\n",
    "our line": "> ##- Write above this line, please -##",
    "our line below an attribution": "On 17.11.2026 09:15, Desk <desk@acme.example> wrote:\n> ##- Write above this line -##\n>",
    "david": "> Original Message processed by david®\n>",
    "notes": "Desk ---17.11.2026 09:15:12---Is it warm?\n\nFrom: Desk <desk@acme.example>\nTo: Ola\n",
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("above", ["", "Good morning,\n\n"])
def test_answers_below_and_between_are_all_shown(head: str, above: str) -> None:
    for below in ("> Is it warm?\n\nNot yet.", "> Is it warm?\nNot yet.\n> Since when?\nSunday.\n\n-- \nOla"):
        visible, _ = strip_quote(f"{above}{HEADS[head]}\n{below}\n", "Re: Boiler", "<p@acme.example>")
        assert "Not yet." in visible
        assert "Sunday." in visible or "Sunday." not in below


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("below", ["", "\n-- \nOla", "\nSent from my iPad"])
def test_without_answers_the_quote_is_folded(head: str, below: str) -> None:
    text = f"Not yet.\n\n{HEADS[head]}\n> Is it warm?\n> Since when?\n{below}"
    assert strip_quote(text, "Re: Boiler", "<p@acme.example>")[0] == "Not yet."


@pytest.mark.parametrize("head", ["headers", "headers, german", "headers below a rule", "original message"])
def test_what_the_quoted_mail_quotes_itself_is_folded_with_it(head: str) -> None:
    body = "Hello Ola,\nwe have read this:\n\n> It is cold.\n\nSince when?\n\n> And dark.\n\nWhere?"
    for gap in ("", "\n"):
        text = f"Not yet.\n\n{HEADS[head].rstrip()}\n{gap}\n{body}\n"
        assert strip_quote(text, "Re: Boiler", "<p@acme.example>")[0] == "Not yet."
