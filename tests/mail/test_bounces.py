"""Bounces of three servers: who failed, how hard, and which mail of ours it was."""

from pathlib import Path

import pytest

from mail.bounces import FailedRecipient, answered_dead, bounce
from mail.parse import parse

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mail"


def of(name: str) -> list[tuple[str, str, str | None, bool]] | None:
    found = bounce(parse((FIXTURES / f"{name}.eml").read_bytes()))
    if found is None:
        return None
    return [(each.address, each.outcome, each.status, each.hard) for each in found.recipients]


def original(name: str) -> str | None:
    found = bounce(parse((FIXTURES / f"{name}.eml").read_bytes()))
    assert found is not None
    return found.original_message_id


def test_rfc_3464() -> None:
    assert of("bounce-rfc-3464") == [
        ("gone@example.net", "failed", "5.1.1", True),
        ("full@example.net", "failed", "5.2.2", False),
        ("slow@example.net", "delayed", "4.4.1", False),
    ]
    assert original("bounce-rfc-3464") == "ours-1@example.com"


def test_exim() -> None:
    assert of("bounce-of-exim") == [("gone@example.net", "failed", "5.1.1", True)]
    assert original("bounce-of-exim") == "ours-2@example.com"


def test_qmail() -> None:
    assert of("bounce-of-qmail") == [("gone@example.net", "failed", "5.0.0", True)]
    assert original("bounce-of-qmail") == "ours-3@example.com"


@pytest.mark.parametrize("name", ["plain", "out-of-office", "null-sender", "mailing-list", "mailer-daemon"])
def test_what_is_no_bounce(name: str) -> None:
    assert of(name) is None


@pytest.mark.parametrize(
    ("outcome", "status", "words", "hard"),
    [
        ("failed", "5.1.1", "", True),
        ("failed", "5.1.2", "", True),
        ("failed", "5.1.10", "", True),
        ("failed", "5.2.1", "", True),
        ("failed", "5.4.4", "", True),
        ("failed", "5.1.7", "bad sender address", False),
        ("failed", "5.1.8", "sender's domain not found", False),
        ("failed", "5.2.2", "mailbox full", False),
        ("failed", "5.2.3", "", False),
        ("failed", "5.3.4", "", False),
        ("failed", "5.4.6", "", False),
        ("failed", "5.7.1", "user unknown to our policy", False),
        ("failed", "4.4.7", "", False),
        ("failed", "5.0.0", "550 rejected as spam", False),
        ("failed", "5.0.0", "550 User unknown", True),
        ("failed", None, "", False),
        ("failed", None, "The email account does not exist: user ada@x.example does not exist", True),
        ("delayed", "5.1.1", "", False),
    ],
)
def test_only_a_dead_address_is_suppressed(outcome: str, status: str | None, words: str, hard: bool) -> None:
    given = {"address": "a@example.net", "outcome": outcome, "status": status, "diagnostic": words}
    assert FailedRecipient.model_validate(given).hard is hard


@pytest.mark.parametrize(
    ("code", "words", "dead"),
    [
        (550, "5.1.1 <ada@x.example> no such user here", True),
        (550, "No such user", True),
        (550, "5.7.1 relaying denied", False),
        (552, "5.3.4 message too big", False),
        (450, "4.1.1 no such user yet", False),
        (None, "no such user", False),
    ],
)
def test_an_answer_to_rcpt_tells_a_dead_address_from_a_disliked_mail(code: int | None, words: str, dead: bool) -> None:
    assert answered_dead(code, words) is dead
