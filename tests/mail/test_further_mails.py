"""Mails of programs, servers and languages beside those of the other tables, each with what must be made of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mail.bounces import bounce
from mail.message import ParsedMail, UnanswerableReason
from mail.parse import parse
from mail.quotes import strip_quote

MAILS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "fixtures" / "further_mails.yaml").read_text("utf-8")
)
OWN = "It does not help."


def read(text: str, subject: str = "Re: Printer", sender: str = "ann@b.example", path: str = "") -> ParsedMail:
    head = f"{path}From: {sender}\nTo: support@desk.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return parse((head + text).encode())


@pytest.mark.parametrize("name", MAILS["quotes"])
def test_only_own_words_are_shown(name: str) -> None:
    mail = read(f"{OWN}\n\n{MAILS['quotes'][name]}")

    visible, quoted = strip_quote(mail.text, mail.subject)

    assert visible.strip() == OWN
    assert "Try this." in quoted


@pytest.mark.parametrize("name", MAILS["reports"])
def test_a_report_tells_what_became_of_whom(name: str) -> None:
    given = MAILS["reports"][name]
    mail = read(given["text"], given["subject"], given["from"], "Return-Path: <>\n")

    told = bounce(mail)

    assert mail.automatic
    assert told is not None
    first = told.recipients[0]
    assert (first.address, first.outcome, first.hard) == (given["recipient"], given["outcome"], given["hard"])


@pytest.mark.parametrize("name", MAILS["away"])
def test_who_is_away_is_not_answered(name: str) -> None:
    mail = read(MAILS["away"][name]["text"], MAILS["away"][name]["subject"])

    assert UnanswerableReason.AWAY in mail.unanswerable_reasons


@pytest.mark.parametrize("name", MAILS["receipts"])
def test_what_a_desk_confirms_is_not_answered(name: str) -> None:
    mail = read(MAILS["receipts"][name]["text"], MAILS["receipts"][name]["subject"])

    assert UnanswerableReason.RECEIPT in mail.unanswerable_reasons


@pytest.mark.parametrize("name", MAILS["people"])
def test_a_person_is_no_machine(name: str) -> None:
    mail = read(MAILS["people"][name]["text"], MAILS["people"][name]["subject"])

    assert (mail.automatic_reasons, mail.unanswerable_reasons, bounce(mail)) == ((), (), None)


def test_a_reaction_has_its_words_and_no_file() -> None:
    kinds = {
        "plain": "\U0001f44d\n\nAnn reacted via Gmail",
        "vnd.google.email-reaction+json": '{"emoji": "+"}',
        "html": "<p>+</p>",
    }
    parts = "".join(f"--q\nContent-Type: text/{kind}; charset=utf-8\n\n{text}\n" for kind, text in kinds.items())
    mail = parse(f"From: ann@b.example\nContent-Type: multipart/alternative; boundary=q\n\n{parts}--q--\n".encode())

    assert (mail.text.split("\n")[-1], mail.attachments) == ("Ann reacted via Gmail", ())
