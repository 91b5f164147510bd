"""One mail per oddity (tests/fixtures/mail): beside each `.eml` a `.yaml` says what is to be read from it.

    sender, subject, text, attachments (name, type, kind, bytes), class ("person", or why no person wrote it)
    unanswerable    why nothing automatic may answer it, where a person may have written it
    visible         where the display folds a quote or a signature away
    bounce          (recipient, outcome, status, hard), and `original`, the Message-ID of the mail that failed
    defects         what was made do with
    anything else   a field of ParsedMail

All mails are written for this project. A mail without its expectation fails, and so does one that is expected in vain.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mail.bounces import bounce
from mail.message import ParsedMail
from mail.parse import content_hash, parse
from mail.quotes import strip_quote

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mail"
OWN = frozenset({"support@example.com", "support@desk.example"})
MAILS = {file.stem: file.read_bytes() for file in sorted(FIXTURES.glob("*.eml"))}
EXPECTED: dict[str, dict[str, Any]] = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(FIXTURES.glob("*.yaml"))
}
ALWAYS = ("sender", "subject", "text", "attachments", "class")


def told(mail: ParsedMail) -> dict[str, Any]:
    """Everything that an expectation may name."""
    report = bounce(mail)
    return {
        **mail.model_dump(mode="json"),
        "sender": mail.from_
        and (f"{mail.from_.name} <{mail.from_.address}>" if mail.from_.name else mail.from_.address),
        "visible": strip_quote(mail.text)[0].rstrip(),
        "attachments": [[each.filename, each.content_type, each.kind, each.size] for each in mail.attachments],
        "class": mail.automatic_reason or "person",
        "unanswerable": next(iter(mail.unanswerable_reasons), None),
        "bounce": report and [[each.address, each.outcome, each.status, each.hard] for each in report.recipients],
        "original": report and report.original_message_id,
        "defects": list(mail.defects),
    }


def test_every_mail_is_expected_and_every_expectation_has_its_mail() -> None:
    assert set(MAILS) == set(EXPECTED)
    assert len(MAILS) >= 180
    incomplete = {name for name, expected in EXPECTED.items() if not set(expected).issuperset(ALWAYS)}
    assert not incomplete


@pytest.mark.parametrize("name", MAILS)
def test_what_is_read(name: str) -> None:
    expected = {"bounce": None, "defects": [], "unanswerable": None, **EXPECTED[name]}
    expected["visible"] = expected.get("visible", expected["text"]).rstrip()
    mail = parse(MAILS[name], OWN)
    found = told(mail)
    assert {field: found[field] for field in expected} == expected


@pytest.mark.parametrize("name", MAILS)
def test_what_is_folded_is_not_lost(name: str) -> None:
    text = parse(MAILS[name], OWN).text
    visible, tail = strip_quote(text)
    lines = [line for line in f"{visible}\n{tail}".split("\n") if line.strip()]
    assert lines == [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("name", MAILS)
def test_read_twice_it_is_the_same(name: str) -> None:
    copy = b"Received: from elsewhere\r\n" + MAILS[name]
    assert content_hash(parse(copy, OWN)) == content_hash(parse(MAILS[name], OWN))


@pytest.mark.parametrize("name", MAILS)
def test_json_brings_it_back(name: str) -> None:
    mail = parse(MAILS[name], OWN)
    assert ParsedMail.model_validate_json(mail.model_dump_json()) == mail
