"""Reports of mail servers: who failed, how hard, and which mail of ours it was; and mails that only look like one."""

from pathlib import Path

import pytest

from mail.bounce_words import MOST_ADDRESSES, read_words
from mail.bounces import FailedRecipient, answered_dead, bounce, is_dead
from mail.dead import NAMED
from mail.parse import parse
from tests.mail import (
    further_reports,
    no_reports,
    no_service_reports,
    old_reports,
    program_reports,
    reports,
    said_reports,
    service_reports,
)

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


ALL = (
    *reports.ALL,
    *old_reports.ALL,
    *service_reports.ALL,
    *program_reports.ALL,
    *further_reports.ALL,
    *said_reports.ALL,
)
NO_REPORTS = {**no_reports.ALL, **no_service_reports.ALL}


@pytest.mark.parametrize("report", [pytest.param(each, id=each.name) for each in ALL])
def test_a_report_tells_each_recipient_their_outcome_and_whether_the_address_is_dead(report: reports.Report) -> None:
    mail = parse(report.raw)
    found = bounce(mail)
    assert found is not None
    assert tuple((each.address, each.outcome, each.hard) for each in found.recipients) == report.told
    assert found.original_message_id == report.original
    assert mail.automatic, "a report opens no case"


def test_the_reports_are_many_and_of_many_servers() -> None:
    assert len(reports.ALL) >= 250
    assert len(reports.FORMS["fields"]) + len(reports.FORMS["words"]) >= 60
    assert len({each.raw for each in reports.ALL}) == len(reports.ALL)
    assert len(ALL) >= 600


@pytest.mark.parametrize("name", NO_REPORTS)
def test_what_looks_like_a_report_and_is_none_is_not_taken_for_one(name: str) -> None:
    assert bounce(parse(NO_REPORTS[name])) is None


def test_the_mails_that_look_like_a_report_are_many() -> None:
    assert len(NO_REPORTS) >= 100


def test_by_a_servers_words_alone_an_address_is_dead_or_may_live() -> None:
    dead, living = reports.FORMS["said_of_the_dead"], reports.FORMS["said_of_the_living"]
    assert [words for words in dead if not is_dead("5.0.0", words)] == []
    assert [words for words in living if is_dead("5.0.0", words)] == []
    assert min(len(dead), len(living)) >= 50


def test_beside_a_dead_code_a_server_may_say_nothing_else_in_any_language() -> None:
    dead, living = reports.FORMS["said_beside_a_dead_code"], reports.FORMS["said_against_a_dead_code"]
    assert [words for words in dead if not is_dead("5.1.1", f"smtp; 550 5.1.1 {words}", of=reports.ANN)] == []
    assert [words for words in living if is_dead("5.1.1", f"smtp; 550 5.1.1 {words}", of=reports.ANN)] == []
    assert [words for words in living if is_dead("5.0.0", words, of=reports.ANN)] == []


def test_a_transcript_below_more_recipients_than_are_read_is_read() -> None:
    listed = "".join(f"<ann{number}@b.example>:\n\n" for number in range(MOST_ADDRESSES + 20))
    text = f"The following addresses had permanent fatal errors\n\n{listed}----- Transcript -----\n550 5.1.1 User unknown\n"
    told = read_words("Returned mail", text, [], sure=True, wary=False, ours=frozenset())
    assert len(told) == MOST_ADDRESSES


@pytest.mark.parametrize(
    "name", [each for each in no_reports.ALL if each.startswith(("a postmaster tells", "a postmaster who"))]
)
def test_a_postmaster_who_writes_is_a_person(name: str) -> None:
    assert not parse(no_reports.ALL[name]).automatic


def test_where_the_mail_went_on_to_somebody_else_the_report_names_both() -> None:
    aliased = next(each for each in reports.ALL if each.name == "who we wrote to")
    found = bounce(parse(aliased.raw))
    assert found is not None
    assert [(each.address, each.final) for each in found.recipients] == [(reports.ANN, "other@g.example")]


def test_rfc_3464() -> None:
    assert of("bounce-rfc-3464") == [
        ("gone@example.net", "failed", "5.1.1", True),
        ("full@example.net", "failed", "5.2.2", False),
        ("slow@example.net", "delayed", "4.4.1", False),
        ("fine@example.net", "delivered", "2.0.0", False),
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
        ("failed", "5.2.1", "mailbox temporarily disabled", False),
        ("failed", "5.2.1", "receiving mail at a rate that prevents additional messages", False),
        ("failed", "5.1.0", "", False),
        ("failed", "5.1.0", "sender rejected", False),
        ("failed", "5.1.0", "unknown user", True),
        ("failed", "5.1.1", "552 5.2.2 over quota", False),
        ("failed", "5.1.1", "5.7.1 blacklisted", False),
        ("failed", "5.1.1", "451 no such user yet", False),
        ("failed", "5.1.1", "in reply to MAIL FROM command", False),
        ("failed", "5.1.1", "relay.quota.blocked.example said: 550 5.1.1 <full@rate.example> user unknown", True),
        ("failed", "5.1.2", "Host not found, try again", False),
        ("failed", "5.1.2", "Host not found", True),
        ("failed", "5.1.5", "", False),
        ("failed", "5.0.0", "This user doesn't have a yahoo.example account", True),
        ("failed", "5.0.0", "User ada (ada@x.example) not listed in Domino Directory", True),
        ("failed", "5.0.0", "address not present in directory", True),
        ("failed", "5.0.0", "there is no one at this address", True),
        ("failed", "5.0.0", "Address rejected", False),
        ("failed", "5.0.0", "Domain of sender address does not exist", False),
        ("failed", "5.0.0", "mailbox unavailable", False),
        ("failed", "5.0.0", "user unknown; certificate has expired", False),
        ("failed", "5.0.0", "Benutzer unbekannt", True),
        ("failed", "5.0.0", "l'adresse n'existe pas", True),
        ("failed", "5.0.0", "usuario desconocido", True),
        ("failed", "5.0.0", "Postfach voll, Empfänger unbekannt verzogen", False),
        ("failed", "5.4.4", "", True),
        ("failed", "5.1.7", "bad sender address", False),
        ("failed", "5.2.1", "The user is receiving mail too quickly", False),
        ("failed", "5.0.0", "Recipient not accepted. Your domain is unknown to us", False),
        ("failed", "5.1.1", "verification failed for that user: unknown user", False),
        ("failed", "5.0.0", "550 Callout verification: unknown user", False),
        ("failed", "5.0.0", "550 Backscatter protection: invalid BATV, user unknown", False),
        ("failed", "5.0.0", "550 Unknown host: your IP has no name, your server is unknown", False),
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
    named = NAMED.search(words)
    address = named[0] if named else "a@example.net"
    given = {"address": address, "outcome": outcome, "status": status, "diagnostic": words}
    assert FailedRecipient.model_validate(given).hard is hard


OURS, OF = "support@desk.example", "ann@b.example"
NAMING = {
    f"550 5.1.1 <{OF}>: user unknown": True,
    "550 5.1.1 <ANN@B.EXAMPLE>... User unknown": True,
    "550 5.1.1 <ann@mail.b.example>: no such user": True,
    "550 5.1.1 <ann+spring@b.example>: no such user": True,
    f"550 5.1.1 <{OF}>: user unknown, see postmaster@b.example": True,
    f"550 5.1.1 RCPT TO:<{OF}>: user unknown": True,
    "550 5.1.1 user unknown": True,
    # Our own address is the bad one.
    f"550 5.1.1 envelope <{OURS}> user unknown": False,
    f"550 5.1.1 <{OURS}>: user unknown": False,
    f"550 5.1.1 unknown user {OURS}": False,
    f"550 5.1.1 mailbox {OURS.upper()} does not exist": False,
    f"550 5.1.1 <{OF}>: envelope <{OURS}> unknown user": False,
    f"550 5.1.1 <{OF}> refused: unknown user <{OURS}>": False,
    f"550 5.1.2 prvs=0123abcdef={OURS}: domain not found": False,
    "550 5.1.1 envelope address does not exist": False,
    # Somebody else's is: whom the mail went on to.
    "550 5.1.1 <ann.bell@new.example>: user unknown": False,
    "550 5.1.1 <bob@b.example>: user unknown": False,
    "550 5.1.1 unknown user ann@b.example.evil.example": False,
}  # fmt: skip


@pytest.mark.parametrize("words", NAMING)
def test_an_answer_that_names_another_address_as_the_bad_one_says_nothing_of_the_recipient(words: str) -> None:
    assert answered_dead(550, words.removeprefix("550 "), of=OF, ours={OURS}) is NAMING[words]
    failed = FailedRecipient(address=OF, outcome="failed", status="5.1.1", diagnostic=f"smtp; {words}")
    assert failed.dead({OURS}) is NAMING[words]
    if OF not in words:  # nor does it need to know which address is ours
        assert failed.hard is NAMING[words]


@pytest.mark.parametrize(
    ("code", "words", "dead"),
    [
        (550, "5.1.1 <ada@x.example> no such user here", True),
        (550, "No such user", True),
        (550, "5.7.1 relaying denied", False),
        (550, "5.1.1 <ada@x.example>: Sender address rejected", False),
        (550, "5.1.1 relaying denied", False),
        (552, "5.1.1 mailbox full", False),
        (550, "5.1.2 domain not found", True),
        (552, "5.3.4 message too big", False),
        (450, "4.1.1 no such user yet", False),
        (None, "no such user", False),
    ],
)
def test_an_answer_to_rcpt_tells_a_dead_address_from_a_disliked_mail(code: int | None, words: str, dead: bool) -> None:
    assert answered_dead(code, words) is dead


@pytest.mark.parametrize(
    "kind",
    ["message/delivery-status", "message/delivery_status", "message/deliverystatus", "text/rfc822-status",
     "text/plain; name=x.txt",     "application/octet-stream; name=details.txt", "message/delivery-status; name=x.dsn"],
)  # fmt: skip
def test_the_status_part_is_known_by_what_it_says(kind: str) -> None:
    raw = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nUndelivered\n"
        f"--x\nContent-Type: {kind}\n\nReporting-MTA: dns; mx\n\n"
        "Final-Recipient: rfc822; ann@b.example\nAction: failed\nStatus: 5.1.1\n--x--\n"
    )
    found = bounce(parse(raw.encode()))
    assert found is not None
    assert [(each.address, each.hard) for each in found.recipients] == [("ann@b.example", True)]
